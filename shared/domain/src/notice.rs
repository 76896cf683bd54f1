//! Notices: mails that say that something waits, never what.
//!
//! One function decides whether somebody is owed a mail, when, and why. Delivery asks it with the message that has just
//! come, to know when to look; whoever looks asks it again with all that waits then.

pub mod due;
pub mod look;
pub mod spread;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::BroadcastId;
use crate::preferences::{DigestMode, Frequency, InstantWhen, Preferences};
use crate::session::Seen;
use due::{Claim, Due, Timer};

/// Instant notices that follow another within this time wait for its end, and go as one.
pub const COALESCING: Duration = Duration::from_mins(1);

/// After how long an urgent message is told of again, when it is not known whether the mail about it was sent. Longer
/// than a failing mail service takes to recover, and shorter than anybody should wait.
pub const RETRY_URGENT: Duration = Duration::from_hours(1);

/// After how long anything else is, where the frequency does not say.
pub const RETRY_OTHER: Duration = Duration::from_hours(4);

/// Which rule makes a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Something mentions them or is important.
    Instant,
    /// Something waits, as often as they want to know.
    Digest,
    /// A broadcast, for whoever wants mail about these and nothing else.
    Broadcast,
}

/// Why a mail goes when it goes, waits, or does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Something urgent: at once.
    Urgent,
    /// Urgent messages in a row make one mail.
    Coalescing,
    /// A short delay, so that messages in a row make one mail.
    ShortDelay,
    /// Mails come at most as often as the frequency says.
    Interval,
    /// Mails come once a day.
    Daily,
    /// They are there, and may read it themselves.
    Online,
    /// They have quiet hours.
    QuietHours,
    /// The institution switched the messenger off.
    MessengerDisabled,
    /// The mail service takes no more at the moment.
    Throttled,
    /// It is not known whether the last mail was sent.
    OutcomeUnknown,
    /// The mail service refused the last mail.
    Refused,
    /// Something changed, and it is to be looked at anew.
    Changed,
    /// All of it was read, taken back or left meanwhile.
    NothingUnread,
    /// A mail told of all of it before.
    AlreadyTold,
    /// They silenced the conversation.
    Muted,
    /// They want no digests.
    FrequencyNone,
    /// No address is known to which mail can go.
    NoAddress,
    /// Mail to their address came back.
    AddressBounced,
    /// The receiver of their address complained about mail.
    AddressComplained,
    /// Their account is disabled.
    AccountDisabled,
}

/// Something that waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Since when.
    pub at: Timestamp,
    /// Whether it mentions them or is important.
    pub urgent: bool,
    /// Whether it is a broadcast, and not a message.
    pub broadcast: bool,
}

impl Item {
    /// A message.
    pub const fn message(at: Timestamp, urgent: bool) -> Self {
        Self { at, urgent, broadcast: false }
    }

    /// Whether somebody wants mail about such things.
    pub const fn is_wanted(&self, preferences: &Preferences) -> bool {
        !self.broadcast || preferences.broadcasts
    }
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The mail service took it.
    Sent,
    /// The mail service refuses it for good.
    Refused,
    /// It took it or not: there was no answer.
    Unknown,
}

/// The last mail to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailed {
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub fate: Fate,
}

/// What was told to somebody by mail, and when it is to be looked whether there is more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// When it is to be looked.
    #[serde(flatten)]
    pub timer: Timer,
    /// The last mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed: Option<Mailed>,
    /// When the last instant notice went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instant_at: Option<Timestamp>,
    /// The broadcasts that mails told of, those that still wait.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<BroadcastId>,
    /// Why nothing is mailed, as it was last written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
    /// How often this was changed: whoever changes it says what they have seen.
    #[serde(default)]
    pub version: u64,
}

/// That something is not mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Why.
    pub reason: Reason,
    /// When that was written down.
    pub at: Timestamp,
}

/// How long it is before the same reason is written down again: who gets no mail needs to be told once a day why.
const SAID_AGAIN: Duration = Duration::from_hours(24);

impl Notices {
    /// Whether it was written down lately that nothing is mailed for this reason.
    pub fn was_skipped(&self, reason: Reason, now: Timestamp) -> bool {
        self.skipped.is_some_and(|last| last.reason == reason && now.since(last.at) < SAID_AGAIN)
    }

    /// The same, with why nothing is mailed; nothing if that was written down lately.
    pub fn skipping(&self, reason: Reason, now: Timestamp) -> Option<Self> {
        let skipped = Some(Skipped { reason, at: now });
        (!self.was_skipped(reason, now)).then(|| Self { skipped, ..self.clone() })
    }

    /// The same, with a look at `due`; nothing if one comes before that, as [`Timer::mark`] says.
    pub fn marked(&self, due: Due) -> Option<Self> {
        Some(Self { timer: self.timer.mark(due)?, ..self.clone() })
    }

    /// The same, with a look at once. Why nothing was mailed is written down anew.
    #[must_use]
    pub fn asked(&self, now: Timestamp) -> Self {
        let timer = self.timer.mark(Due::now(now)).unwrap_or(self.timer);
        Self { timer, skipped: None, ..self.clone() }
    }

    /// When the last mail was to go, if it is not known that it went.
    pub fn failed_at(&self) -> Option<Timestamp> {
        self.mailed.filter(|mailed| mailed.fate != Fate::Sent).map(|mailed| mailed.at)
    }

    /// Whether something that has just come needs no thought: a look is to come that will see it, and nothing ordinary is
    /// due before, unless what is looked at then has to wait because a mail about it failed.
    pub fn covers(&self, urgent: bool, now: Timestamp) -> bool {
        let waits_as_well = !urgent && self.failed_at().is_none();
        self.timer.claim.is_none() && self.timer.due.is_some_and(|due| waits_as_well || due.at <= now)
    }

    /// The same after a look by `claim`, if that still holds: with what was mailed, what comes next, and why nothing does.
    pub fn looked(&self, claim: Claim, outcome: Outcome, now: Timestamp) -> Option<Self> {
        let next = match &outcome {
            Outcome::Mailed { next, .. } => *next,
            Outcome::Held(due) => Some(*due),
            Outcome::Skipped(_) => None,
        };
        let mut is = Self { timer: self.timer.finish(claim, next)?, ..self.clone() };
        match outcome {
            Outcome::Mailed { at, rule, fate, told, .. } => {
                is.mailed = Some(Mailed { at, fate });
                if rule == Rule::Instant {
                    is.instant_at = Some(at);
                }
                if fate == Fate::Sent {
                    is.told = told;
                }
                is.skipped = None;
            }
            Outcome::Held(_) => {}
            Outcome::Skipped(reason) => is.skipped = Some(Skipped { reason, at: now }),
        }
        Some(is)
    }
}

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A mail.
    Mailed {
        /// When.
        at: Timestamp,
        /// By which rule.
        rule: Rule,
        /// What became of it.
        fate: Fate,
        /// The broadcasts it told of.
        told: BTreeSet<BroadcastId>,
        /// When to look again, if what it told of may still have to be told.
        next: Option<Due>,
    },
    /// No mail yet.
    Held(Due),
    /// No mail.
    Skipped(Reason),
}

/// What decides whether somebody is owed a mail, besides what waits for them.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What they want.
    pub preferences: &'a Preferences,
    /// The institution's short delay.
    pub short_delay: Duration,
    /// When they were there.
    pub seen: Option<&'a Seen>,
    /// What was mailed before.
    pub notices: &'a Notices,
}

/// Whether somebody is owed a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Now, by this rule.
    Mail(Rule, Reason),
    /// Not before then.
    Hold(Due),
    /// No.
    Skip(Reason),
}

impl Circumstances<'_> {
    /// Decides, from what is new of what waits: what no mail told of yet.
    pub fn judge(&self, news: &[Item], now: Timestamp) -> Verdict {
        if news.is_empty() {
            return Verdict::Skip(Reason::NothingUnread);
        }
        let owed = [self.instant(news, now), self.digest(news, now), self.broadcast(news, now)];
        // Of two that are due at the same time the more urgent one gives the mail its name.
        match owed.into_iter().flatten().min_by_key(|due| due.at) {
            None => Verdict::Skip(Reason::FrequencyNone),
            Some(due) if due.at <= now => Verdict::Mail(due.rule, due.reason),
            Some(due) => Verdict::Hold(due),
        }
    }

    fn instant(&self, news: &[Item], now: Timestamp) -> Option<Due> {
        if !self.preferences.instant {
            return None;
        }
        let offline = self.preferences.instant_when == InstantWhen::Offline;
        let owed = news.iter().filter(|item| item.urgent).map(|item| {
            let mut due = Due { at: item.at, rule: Rule::Instant, reason: Reason::Urgent };
            if offline {
                due.not_before(self.away_from(item.at), Reason::Online);
            }
            self.after_failure(item, &mut due, RETRY_URGENT);
            due
        });
        let mut due = owed.min_by_key(|due| due.at)?;
        if let Some(last) = self.notices.instant_at {
            due.not_before(last.after(COALESCING), Reason::Coalescing);
        }
        if offline {
            self.while_away(&mut due, now);
        }
        Some(due)
    }

    fn digest(&self, news: &[Item], now: Timestamp) -> Option<Due> {
        let frequency = self.preferences.frequency;
        if frequency == Frequency::None {
            return None;
        }
        let wait = frequency.interval().filter(|long| !long.is_zero()).unwrap_or(RETRY_OTHER);
        let owed = news.iter().map(|item| {
            let mut due = self.digest_of(item);
            self.after_failure(item, &mut due, wait);
            due
        });
        let mut due = owed.min_by_key(|due| due.at)?;
        if let (Some(last), Some(interval)) = (self.notices.mailed, frequency.interval()) {
            due.not_before(last.at.after(interval), Reason::Interval);
        }
        self.while_away(&mut due, now);
        self.outside_quiet_hours(&mut due, now);
        Some(due)
    }

    /// When a digest of this alone would be due, if there had never been a mail.
    fn digest_of(&self, item: &Item) -> Due {
        let Preferences { frequency, digest_mode, daily_at, timezone, .. } = self.preferences;
        let away = self.away_from(item.at);
        let (at, reason) = match (frequency.interval(), digest_mode) {
            (None, _) => (timezone.next(*daily_at, away), Reason::Daily),
            (Some(interval), DigestMode::Trailing) => (away.after(interval.max(self.short_delay)), Reason::Interval),
            (Some(_), DigestMode::Leading) => (away.after(self.short_delay), Reason::ShortDelay),
        };
        let reason = if away > item.at && reason == Reason::ShortDelay { Reason::Online } else { reason };
        Due { at, rule: Rule::Digest, reason }
    }

    /// Broadcasts alone, for whoever wants them and no digests.
    fn broadcast(&self, news: &[Item], now: Timestamp) -> Option<Due> {
        if self.preferences.frequency != Frequency::None {
            return None;
        }
        let owed = news.iter().filter(|item| item.broadcast).map(|item| {
            let at = self.away_from(item.at).after(self.short_delay);
            let mut due = Due { at, rule: Rule::Broadcast, reason: Reason::ShortDelay };
            self.after_failure(item, &mut due, RETRY_OTHER);
            due
        });
        let mut due = owed.min_by_key(|due| due.at)?;
        self.while_away(&mut due, now);
        self.outside_quiet_hours(&mut due, now);
        Some(due)
    }

    fn away_from(&self, said: Timestamp) -> Timestamp {
        self.seen.map_or(said, |seen| seen.away_from(said))
    }

    /// What may have been told, or is refused, is not told again at once. What came later is no part of that.
    fn after_failure(&self, item: &Item, due: &mut Due, wait: Duration) {
        match self.notices.mailed.filter(|mailed| item.at <= mailed.at) {
            Some(Mailed { at, fate: Fate::Unknown }) => due.not_before(at.after(wait), Reason::OutcomeUnknown),
            Some(Mailed { at, fate: Fate::Refused }) => due.not_before(at.after(wait), Reason::Refused),
            Some(Mailed { fate: Fate::Sent, .. }) | None => {}
        }
    }

    /// Nobody is told by mail while they are there.
    fn while_away(&self, due: &mut Due, now: Timestamp) {
        if let Some(until) = self.seen.filter(|seen| seen.is_here(due.at.max(now))).map(Seen::here_until) {
            due.not_before(until, Reason::Online);
        }
    }

    fn outside_quiet_hours(&self, due: &mut Due, now: Timestamp) {
        if let Some(end) = self.preferences.quiet_until(due.at.max(now)) {
            due.not_before(end, Reason::QuietHours);
        }
    }
}

/// A look at what waits for somebody, and what came of it, as they can read it themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// By which rule a mail went or would go.
    pub rule: Rule,
    /// What came of it.
    pub result: DecisionResult,
    /// Why.
    pub reason: Reason,
    /// How many messages waited.
    pub messages: u64,
    /// In how many conversations.
    pub conversations: u64,
    /// How many broadcasts waited.
    #[serde(default)]
    pub broadcasts: u64,
    /// Until when it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Decision {
    /// That what has come for somebody is not mailed: these, or if there are none, something that they silenced.
    pub fn skipped(items: &[Item], reason: Reason, now: Timestamp) -> Self {
        let rule = if items.iter().any(|item| item.urgent) { Rule::Instant } else { Rule::Digest };
        let broadcasts = items.iter().filter(|item| item.broadcast).count() as u64;
        // What they silenced is one message, or some: how many is not counted for them.
        let messages = (items.len() as u64 - broadcasts).max(u64::from(items.is_empty()));
        let conversations = u64::from(messages > 0);
        let result = DecisionResult::Skipped;
        Self { at: now, rule, result, reason, messages, conversations, broadcasts, until: None }
    }
}

/// What came of a look, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionResult {
    /// A mail went.
    Sent,
    /// It is too early.
    Held,
    /// Nothing is to be sent.
    Skipped,
    /// The mail service refused the mail.
    Refused,
    /// A mail went or not: the mail service did not answer, or whoever asked it ended before it did.
    Unknown,
}

impl From<Fate> for DecisionResult {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Sent => Self::Sent,
            Fate::Refused => Self::Refused,
            Fate::Unknown => Self::Unknown,
        }
    }
}

/// How mail to an address fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// It came back for good.
    Bounced,
    /// Its receiver complained, which weighs more.
    Complained,
}

impl From<Suppression> for Reason {
    fn from(suppression: Suppression) -> Self {
        match suppression {
            Suppression::Bounced => Self::AddressBounced,
            Suppression::Complained => Self::AddressComplained,
        }
    }
}

/// What a mail tells: numbers, and yes or no. There is no field for anything that somebody wrote, so that nothing can get
/// into a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DigestFacts {
    /// How many messages wait.
    pub messages: u64,
    /// In how many conversations.
    pub conversations: u64,
    /// Whether one of them is important.
    pub important: bool,
    /// Whether one of them mentions the reader.
    pub mentioned: bool,
    /// How many broadcasts wait.
    pub broadcasts: u64,
}

#[cfg(test)]
mod tests;

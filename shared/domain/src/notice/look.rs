//! A look at all that waits for somebody: whether a mail goes, whether one can, and what comes after it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::due::Due;
use super::{
    Circumstances, Decision, DecisionResult, DigestFacts, Fate, Item, Mailed, Notices, Outcome, Reason, Rule,
    Suppression, Verdict,
};
use crate::clock::Timestamp;
use crate::id::BroadcastId;
use crate::institution::Settings;
use crate::preferences::{Field, Frequency, Preferences};
use crate::session::Seen;
use crate::user::Profile;

/// How long it is until it is looked again whether the messenger is switched on.
const SWITCHED_OFF: Duration = Duration::from_hours(1);

/// How long it is until the mail service is asked again that took no more.
const THROTTLED: Duration = Duration::from_mins(1);

/// What a look finds.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// What the institution decides.
    pub settings: &'a Settings,
    /// What they want, as far as the institution leaves it to them.
    pub preferences: &'a Preferences,
    /// What was mailed before, and why it is looked now.
    pub notices: &'a Notices,
    /// Who they are.
    pub profile: &'a Profile,
    /// When they were there.
    pub seen: Option<&'a Seen>,
    /// Why no mail goes to their address, if none does.
    pub suppressed: Option<Suppression>,
    /// How much waits.
    pub facts: DigestFacts,
    /// What of it no mail told of yet.
    pub news: &'a [Item],
    /// Whether something waits where they silenced it.
    pub silenced: bool,
    /// When it is.
    pub now: Timestamp,
}

impl Look<'_> {
    /// Whether they are owed a mail, to an address that takes one.
    pub fn verdict(&self) -> Verdict {
        if !self.settings.messenger_enabled {
            let at = self.now.after(SWITCHED_OFF);
            return Verdict::Hold(Due { at, rule: Rule::Digest, reason: Reason::MessengerDisabled });
        }
        if !self.profile.active {
            return Verdict::Skip(Reason::AccountDisabled);
        }
        let waiting = self.facts.messages > 0 || self.facts.broadcasts > 0;
        match (self.news.is_empty(), waiting, self.silenced) {
            (true, true, _) => return Verdict::Skip(Reason::AlreadyTold),
            (true, false, true) => return Verdict::Skip(Reason::Muted),
            (true, false, false) | (false, ..) => {}
        }
        match (self.circumstances(self.notices).judge(self.news, self.now), self.suppressed) {
            (Verdict::Mail(..), Some(suppression)) => Verdict::Skip(suppression.into()),
            (Verdict::Mail(..), None) if self.profile.email.is_none() => Verdict::Skip(Reason::NoAddress),
            (Verdict::Mail(rule, reason), None) => Verdict::Mail(rule, self.waited_for(rule).unwrap_or(reason)),
            (verdict, _) => verdict,
        }
    }

    /// What a mail by this rule had waited for: that is why it goes now.
    fn waited_for(&self, rule: Rule) -> Option<Reason> {
        let waited = self.notices.timer.due.filter(|due| due.rule == rule && due.reason != Reason::Changed);
        waited.map(|due| due.reason)
    }

    /// Whether a verdict was written down already: whoever is there all day is not told each time that they are, and
    /// whoever gets no mail is told once a day why.
    pub fn was_noted(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Mail(..) | Verdict::Skip(Reason::NothingUnread) => false,
            Verdict::Hold(due) => self.notices.timer.due.is_some_and(|was| was.reason == due.reason),
            Verdict::Skip(reason) => self.notices.was_skipped(reason, self.now),
        }
    }

    /// Whether the mail says how to get fewer: not if there are none to get fewer of, or it is not theirs to say.
    pub fn may_ask_for_less(&self) -> bool {
        self.preferences.frequency != Frequency::None && !self.settings.mail.locked.contains(&Field::Frequency)
    }

    /// When the mail service is asked again that takes no more at the moment.
    pub fn throttled(&self, rule: Rule) -> Due {
        self.once_more(rule, Reason::Throttled)
    }

    /// What a mail by this rule comes to, that told of these broadcasts.
    pub fn mailed(&self, rule: Rule, fate: Fate, told: BTreeSet<BroadcastId>) -> Outcome {
        let next = if fate == Fate::Sent { None } else { self.after_mail(self.now, fate) };
        Outcome::Mailed { at: self.now, rule, fate, told, next }
    }

    /// What a look comes to whose mail somebody began to send who did not come back, as far as that was written down.
    pub fn after(&self, begun: &Decision) -> Outcome {
        let Decision { at, rule, .. } = *begun;
        let fate = match begun.result {
            DecisionResult::Sent => Fate::Sent,
            DecisionResult::Refused => Fate::Refused,
            DecisionResult::Unknown => Fate::Unknown,
            // It was not sent, and is to be: in a window of its own.
            DecisionResult::Held | DecisionResult::Skipped => return Outcome::Held(self.once_more(rule, begun.reason)),
        };
        Outcome::Mailed { at, rule, fate, told: self.notices.told.clone(), next: self.after_mail(at, fate) }
    }

    fn once_more(&self, rule: Rule, reason: Reason) -> Due {
        Due { at: self.now.after(THROTTLED), rule, reason }
    }

    /// When to look again after a mail, for what it did not tell of, or may not have.
    fn after_mail(&self, at: Timestamp, fate: Fate) -> Option<Due> {
        let notices = Notices { mailed: Some(Mailed { at, fate }), ..self.notices.clone() };
        match self.circumstances(&notices).judge(self.news, self.now) {
            Verdict::Hold(due) => Some(due),
            Verdict::Mail(rule, reason) => Some(Due { at: self.now, rule, reason }),
            Verdict::Skip(_) => None,
        }
    }

    fn circumstances<'a>(&'a self, notices: &'a Notices) -> Circumstances<'a> {
        let short_delay = self.settings.mail.short_delay();
        Circumstances { preferences: self.preferences, short_delay, seen: self.seen, notices }
    }

    /// What is written down of the look.
    pub const fn decision(&self, rule: Rule, result: DecisionResult, reason: Reason) -> Decision {
        let DigestFacts { messages, conversations, broadcasts, .. } = self.facts;
        Decision { at: self.now, rule, result, reason, messages, conversations, broadcasts, until: None }
    }

    /// The same, of something that is held.
    pub const fn held(&self, due: Due) -> Decision {
        Decision { until: Some(due.at), ..self.decision(due.rule, DecisionResult::Held, due.reason) }
    }
}

#[cfg(test)]
mod tests;

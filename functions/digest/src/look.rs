//! One look at what waits for somebody, and the mail that may come of it.
//!
//! Claim, read, decide, write down, send, write down: whoever ends between any two of these leaves something that the next
//! look understands.

use std::time::Duration;

use domain::clock::Timestamp;
use domain::institution::Settings;
use domain::notice::due::{Claim, Due};
use domain::notice::{Circumstances, Decision, DecisionResult, Fate, Mailed, Notices, Outcome, Reason, Rule, Verdict};
use domain::preferences::{Field, Frequency, Preferences};
use domain::text::Username;
use store::{Beginning, Claimed, Error, Purpose, Waits};

use crate::App;
use crate::mail::{self, UnsubscribeUrl};
use crate::mailer::{Answer, Letter};
use crate::sweep::Looked;

/// How long it is until it is looked again whether the messenger is switched on.
const SWITCHED_OFF: Duration = Duration::from_hours(1);

/// How long it is until the mail service is asked again that took no more.
const THROTTLED: Duration = Duration::from_mins(1);

/// A look under way.
struct Look<'a> {
    name: &'a Username,
    notices: Notices,
    claim: Claim,
    settings: &'a Settings,
    preferences: Preferences,
    waits: Waits,
    now: Timestamp,
}

impl App {
    /// Looks at what waits for somebody, and mails that something does if they are owed a mail.
    pub(crate) async fn look(&self, name: &Username, due_at: Timestamp, now: Timestamp) -> Result<Looked, Error> {
        let by = self.timing.ids.mint();
        let Some(Claimed { notices, claim, begun }) = self.store.claim_look(name, due_at, by, now).await? else {
            return Ok(Looked::Not);
        };
        let settings = self.store.current_settings(now).await?;
        let waits = Box::pin(self.store.waits(name, &notices, &settings, now)).await?;
        let preferences = settings.mail.effective(waits.preferences.as_ref());
        let look = Look { name, notices, claim, settings: &settings, preferences, waits, now };
        if let Some(begun) = begun {
            return self.give_up(&look, &begun).await;
        }
        match look.verdict() {
            Verdict::Mail(rule, reason) => {
                // Why it goes now is what it had waited for.
                let waited = look.notices.timer.due.filter(|due| due.rule == rule && due.reason != Reason::Changed);
                self.mail(&look, rule, waited.map_or(reason, |due| due.reason)).await
            }
            Verdict::Hold(due) => {
                // Whoever is there all day is not told each time that they are.
                let known = look.notices.timer.due.is_some_and(|was| was.reason == due.reason);
                let decision =
                    Decision { until: Some(due.at), ..look.decision(due.rule, DecisionResult::Held, due.reason) };
                self.end(&look, &Outcome::Held(due), Some(&decision).filter(|_| !known)).await
            }
            Verdict::Skip(reason) => {
                let rule = look.notices.timer.due.map_or(Rule::Digest, |due| due.rule);
                let decision = look.decision(rule, DecisionResult::Skipped, reason);
                let known = look.notices.was_skipped(reason, now) && reason != Reason::NothingUnread;
                self.end(&look, &Outcome::Skipped(reason), Some(&decision).filter(|_| !known)).await
            }
        }
    }

    async fn mail(&self, look: &Look<'_>, rule: Rule, reason: Reason) -> Result<Looked, Error> {
        let Some(to) = &look.waits.profile.email else {
            return Err(Error::Unavailable(None));
        };
        let unsubscribe = if look.may_ask_for_less() {
            let token = self.store.seal(Purpose::Unsubscribe, look.name).await?;
            Some(UnsubscribeUrl::new(&self.api, &token))
        } else {
            None
        };
        let mail = mail::render(&look.waits.facts, &look.preferences, look.now, &self.panel, unsubscribe.as_ref());
        let mail = mail.map_err(|error| Error::Misused(error.into()))?;
        // Until it is known that it was sent, it may have been.
        let decision = look.decision(rule, DecisionResult::Unknown, reason);
        let answer = match self.store.begin_mail(look.name, look.claim, &decision).await? {
            Beginning::Ours => self.mailer.send(Letter { to, mail: &mail, unsubscribe: unsubscribe.as_ref() }).await,
            Beginning::Anothers => Answer::Unknown,
        };
        let (fate, message_id) = match &answer {
            Answer::Taken(id) => (Fate::Sent, Some(id.as_str())),
            Answer::NotNow => {
                let due = Due { at: look.now.after(THROTTLED), rule, reason: Reason::Throttled };
                let held = look.decision(rule, DecisionResult::Held, Reason::Throttled);
                let held = Decision { until: Some(due.at), ..held };
                self.store.end_mail(look.name, look.claim, &held, None).await?;
                return self.end(look, &Outcome::Held(due), None).await;
            }
            Answer::Refused => (Fate::Refused, None),
            Answer::Unknown => (Fate::Unknown, None),
        };
        // What was told is noted before it is noted that it was told: in between it is told once more, not never.
        if fate == Fate::Sent {
            self.store.cover(look.name, &look.waits).await?;
        }
        self.store.end_mail(look.name, look.claim, &Decision { result: fate.into(), ..decision }, message_id).await?;
        let told = look.waits.broadcasts.clone();
        let next = if fate == Fate::Sent { None } else { look.after_mail(look.now, fate) };
        let outcome = Outcome::Mailed { at: look.now, rule, fate, told, next };
        self.end(look, &outcome, None).await?;
        Ok(if fate == Fate::Sent { Looked::Sent } else { Looked::Quiet })
    }

    /// Ends a look whose mail somebody began to send who did not come back, as far as that was written down.
    async fn give_up(&self, look: &Look<'_>, begun: &Decision) -> Result<Looked, Error> {
        let fate = match begun.result {
            DecisionResult::Sent => Fate::Sent,
            DecisionResult::Refused => Fate::Refused,
            DecisionResult::Unknown => Fate::Unknown,
            // It was not sent, and is to be: in a window of its own.
            DecisionResult::Held | DecisionResult::Skipped => {
                let due = Due { at: look.now.after(THROTTLED), rule: begun.rule, reason: begun.reason };
                return self.end(look, &Outcome::Held(due), None).await;
            }
        };
        let next = look.after_mail(begun.at, fate);
        let told = look.notices.told.clone();
        self.end(look, &Outcome::Mailed { at: begun.at, rule: begun.rule, fate, told, next }, None).await
    }

    async fn end(&self, look: &Look<'_>, outcome: &Outcome, decision: Option<&Decision>) -> Result<Looked, Error> {
        self.store.end_look(look.name, &look.notices, look.claim, outcome, decision, look.now).await?;
        Ok(Looked::Quiet)
    }
}

impl Look<'_> {
    /// Whether they are owed a mail, to an address that takes one.
    fn verdict(&self) -> Verdict {
        if !self.settings.messenger_enabled {
            let at = self.now.after(SWITCHED_OFF);
            return Verdict::Hold(Due { at, rule: Rule::Digest, reason: Reason::MessengerDisabled });
        }
        if !self.waits.profile.active {
            return Verdict::Skip(Reason::AccountDisabled);
        }
        let waiting = self.waits.facts.messages > 0 || self.waits.facts.broadcasts > 0;
        match (self.waits.news.is_empty(), waiting, self.waits.silenced) {
            (true, true, _) => return Verdict::Skip(Reason::AlreadyTold),
            (true, false, true) => return Verdict::Skip(Reason::Muted),
            (true, false, false) | (false, ..) => {}
        }
        let verdict = self.circumstances(&self.notices).judge(&self.waits.news, self.now);
        match (&verdict, self.waits.suppressed) {
            (Verdict::Mail(..), Some(suppression)) => Verdict::Skip(suppression.into()),
            (Verdict::Mail(..), None) if self.waits.profile.email.is_none() => Verdict::Skip(Reason::NoAddress),
            _ => verdict,
        }
    }

    fn circumstances<'a>(&'a self, notices: &'a Notices) -> Circumstances<'a> {
        let short_delay = self.settings.mail.short_delay();
        Circumstances { preferences: &self.preferences, short_delay, seen: self.waits.seen.as_ref(), notices }
    }

    /// When to look again after a mail, for what it did not tell of, or may not have.
    fn after_mail(&self, at: Timestamp, fate: Fate) -> Option<Due> {
        let notices = Notices { mailed: Some(Mailed { at, fate }), ..self.notices.clone() };
        match self.circumstances(&notices).judge(&self.waits.news, self.now) {
            Verdict::Hold(due) => Some(due),
            Verdict::Mail(rule, reason) => Some(Due { at: self.now, rule, reason }),
            Verdict::Skip(_) => None,
        }
    }

    /// Whether the mail says how to get fewer: not if there are none to get fewer of, or it is not theirs to say.
    fn may_ask_for_less(&self) -> bool {
        self.preferences.frequency != Frequency::None && !self.settings.mail.locked.contains(&Field::Frequency)
    }

    fn decision(&self, rule: Rule, result: DecisionResult, reason: Reason) -> Decision {
        let facts = &self.waits.facts;
        Decision {
            at: self.now,
            rule,
            result,
            reason,
            messages: facts.messages,
            conversations: facts.conversations,
            broadcasts: facts.broadcasts,
            until: None,
        }
    }
}

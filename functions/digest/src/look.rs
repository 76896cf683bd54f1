//! One look at what waits for somebody, and the mail that may come of it.
//!
//! Claim, read, decide, write down, send, write down: whoever ends between any two of these leaves something that the next
//! look understands.

use std::sync::Arc;

use domain::clock::Timestamp;
use domain::institution::Settings;
use domain::notice::due::Claim;
use domain::notice::look::Look;
use domain::notice::{Decision, DecisionResult, Fate, Notices, Outcome, Reason, Rule, Verdict};
use domain::preferences::Preferences;
use domain::text::Username;
use store::{Beginning, Claimed, Error, Purpose, Waits};

use crate::App;
use crate::mail::{self, UnsubscribeUrl};
use crate::mailer::{Answer, Letter};
use crate::sweep::Looked;

/// A look under way, and what it found.
struct Found<'a> {
    name: &'a Username,
    notices: Notices,
    claim: Claim,
    settings: Arc<Settings>,
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
        let found = Found { name, notices, claim, settings, preferences, waits, now };
        let look = found.look();
        if let Some(begun) = begun {
            return self.end(&found, &look.after(&begun), None).await;
        }
        let verdict = look.verdict();
        let (outcome, decision) = match verdict {
            Verdict::Mail(rule, reason) => return self.mail(&found, rule, reason).await,
            Verdict::Hold(due) => (Outcome::Held(due), look.held(due)),
            Verdict::Skip(reason) => {
                let rule = found.notices.timer.due.map_or(Rule::Digest, |due| due.rule);
                (Outcome::Skipped(reason), look.decision(rule, DecisionResult::Skipped, reason))
            }
        };
        self.end(&found, &outcome, Some(&decision).filter(|_| !look.was_noted(verdict))).await
    }

    async fn mail(&self, found: &Found<'_>, rule: Rule, reason: Reason) -> Result<Looked, Error> {
        let Found { name, claim, waits, .. } = found;
        let Some(to) = &waits.profile.email else {
            return Err(Error::Unavailable(None));
        };
        let look = found.look();
        let unsubscribe = if look.may_ask_for_less() {
            let token = self.store.seal(Purpose::Unsubscribe, name).await?;
            Some(UnsubscribeUrl::new(&self.api, &token))
        } else {
            None
        };
        let mail = mail::render(&waits.facts, &found.preferences, found.now, &self.panel, unsubscribe.as_ref());
        let mail = mail.map_err(|error| Error::Misused(error.into()))?;
        // First its turn: whoever is stopped while it waits has begun nothing.
        self.mailer.turn().await;
        // Until it is known that it was sent, it may have been.
        let decision = look.decision(rule, DecisionResult::Unknown, reason);
        let answer = match self.store.begin_mail(name, *claim, &decision).await? {
            Beginning::Ours => self.mailer.send(Letter { to, mail: &mail, unsubscribe: unsubscribe.as_ref() }).await,
            Beginning::Anothers => Answer::Unknown,
        };
        let (fate, message_id) = match &answer {
            Answer::Taken(id) => (Fate::Sent, Some(id.as_str())),
            Answer::NotNow => {
                let due = look.throttled(rule);
                self.store.end_mail(name, *claim, &look.held(due), None).await?;
                return self.end(found, &Outcome::Held(due), None).await;
            }
            Answer::Refused => (Fate::Refused, None),
            Answer::Unknown => (Fate::Unknown, None),
        };
        // What was told is noted before it is noted that it was told: in between it is told once more, not never.
        if fate == Fate::Sent {
            self.store.cover(name, waits).await?;
        }
        self.store.end_mail(name, *claim, &Decision { result: fate.into(), ..decision }, message_id).await?;
        self.end(found, &look.mailed(rule, fate, waits.broadcasts.clone()), None).await?;
        Ok(if fate == Fate::Sent { Looked::Sent } else { Looked::Quiet })
    }

    async fn end(&self, found: &Found<'_>, outcome: &Outcome, decision: Option<&Decision>) -> Result<Looked, Error> {
        self.store.end_look(found.name, &found.notices, found.claim, outcome, decision, found.now).await?;
        Ok(Looked::Quiet)
    }
}

impl Found<'_> {
    fn look(&self) -> Look<'_> {
        let Waits { profile, seen, suppressed, facts, news, silenced, .. } = &self.waits;
        Look {
            settings: &self.settings,
            preferences: &self.preferences,
            notices: &self.notices,
            profile,
            seen: seen.as_ref(),
            suppressed: *suppressed,
            facts: *facts,
            news,
            silenced: *silenced,
            now: self.now,
        }
    }
}

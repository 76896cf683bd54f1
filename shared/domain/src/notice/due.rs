//! When something is to be looked at, and by whom.
//!
//! A look may take a while, may end half-way, and may be asked for twice. So whoever looks claims it first; what comes up
//! meanwhile is noted for the next look; and a claim that nobody ends is worth nothing after a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Reason, Rule};
use crate::clock::Timestamp;
use crate::id::LookId;

/// How long a claim holds: longer than a look takes. Whoever takes longer may find that another one looked too; that
/// there is one mail all the same does not depend on it.
pub const CLAIM_HOLDS: Duration = Duration::from_mins(2);

/// That something is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Not before then.
    pub at: Timestamp,
    /// By which rule a mail would go.
    pub rule: Rule,
    /// Why not before.
    pub reason: Reason,
}

impl Due {
    /// At once, because something changed.
    pub const fn now(now: Timestamp) -> Self {
        Self { at: now, rule: Rule::Digest, reason: Reason::Changed }
    }

    /// Puts it off, if it is earlier.
    pub fn not_before(&mut self, at: Timestamp, reason: Reason) {
        if at > self.at {
            (self.at, self.reason) = (at, reason);
        }
    }

    fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        [one, other].into_iter().flatten().min_by_key(|due| due.at)
    }
}

/// That somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The name of the window: when it was due, or if another window has that name, just after. At most one mail goes for
    /// it.
    pub window: Timestamp,
    /// When the look began.
    pub at: Timestamp,
    /// Which look it is: whoever is not sure whether they have claimed it sees it by that.
    pub by: LookId,
}

/// When something is to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// The next look. It stays until the look is over, so that one that ends half-way is found again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// The look that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// What came up during it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Due>,
    /// The window of the last look that was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

impl Timer {
    /// The timer with a look at `due`; nothing if one comes before that and will see what there is to see now.
    ///
    /// A look that is under way may have looked already.
    pub fn mark(&self, due: Due) -> Option<Self> {
        let sooner = |than: Option<Due>| than.is_none_or(|than| due.at < than.at);
        match self.claim {
            Some(_) => sooner(self.again).then_some(Self { again: Some(due), ..*self }),
            None => sooner(self.due).then_some(Self { due: Some(due), ..*self }),
        }
    }

    /// The timer with a claim on the look that is due then; nothing if that is not what is due, or another one's claim
    /// still holds.
    pub fn claim(&self, due_at: Timestamp, by: LookId, now: Timestamp) -> Option<(Self, Claim)> {
        let due = self.due.is_some_and(|due| due.at == due_at);
        let free = self.claim.is_none_or(|claim| now.since(claim.at) > CLAIM_HOLDS);
        let after = |last: Timestamp| due_at.max(last.after(Duration::from_millis(1)));
        let claim = Claim { window: self.last.map_or(due_at, after), at: now, by };
        (due && free).then_some((Self { claim: Some(claim), ..*self }, claim))
    }

    /// The timer after a look, with the next one; nothing if the claim does not hold any more.
    pub fn finish(&self, claim: Claim, next: Option<Due>) -> Option<Self> {
        let due = Due::earlier(next, self.again);
        (self.claim == Some(claim)).then_some(Self { due, claim: None, again: None, last: Some(claim.window) })
    }
}

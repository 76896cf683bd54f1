//! Telling very many people that something has come.
//!
//! A message in a very large conversation, and a broadcast, concern more people than one can think of while delivering
//! it. They are gone through afterwards, page by page, so that whoever is interrupted goes on where they were.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::due::{Claim, Due, Timer};
use crate::clock::Timestamp;
use crate::text::Username;

/// How often the members of a very large conversation are gone through at most. Whoever wants mails more often than that
/// gets them for smaller conversations only, and for what is urgent.
pub const SPREAD_EVERY: Duration = Duration::from_hours(1);

/// How far something has been spread, and when it is to be spread again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// When.
    #[serde(flatten)]
    pub timer: Timer,
    /// Since when there is something to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whom it has reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
    /// When it had last reached everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
    /// How often this was changed: whoever changes it says what they have seen.
    #[serde(default)]
    pub version: u64,
}

/// A place in the order in which people are gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Which part of them.
    pub part: u8,
    /// Who was the last one of it.
    pub name: Username,
}

impl Spread {
    /// The same with something that has come at that time; nothing if it is to be spread anyway.
    #[must_use]
    pub fn with(&self, at: Timestamp) -> Option<Self> {
        let mut due = Due::now(at);
        if let Some(done) = self.done {
            due.at = due.at.max(done.after(SPREAD_EVERY));
        }
        let timer = self.timer.mark(due)?;
        Some(Self { timer, since: self.since.or(Some(at)), ..self.clone() })
    }

    /// The same, having got that far.
    #[must_use]
    pub fn having(&self, claim: Claim, reached: Reached) -> Option<Self> {
        (self.timer.claim == Some(claim)).then(|| Self { reached: Some(reached), ..self.clone() })
    }

    /// The same after the claim has ended: everybody was reached, or it is to go on at once.
    #[must_use]
    pub fn ended(&self, claim: Claim, all: bool, now: Timestamp) -> Option<Self> {
        if !all {
            let timer = self.timer.finish(claim, self.timer.due)?;
            return Some(Self { timer, ..self.clone() });
        }
        let mut timer = self.timer.finish(claim, None)?;
        // What came meanwhile is spread with the next round, as is whatever comes after.
        if let Some(due) = &mut timer.due {
            due.at = due.at.max(now.after(SPREAD_EVERY));
        }
        let since = timer.due.map(|_| now);
        Some(Self { timer, since, reached: None, done: Some(now), ..self.clone() })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::LookId;

    fn at(minute: u64) -> Timestamp {
        "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minute))
    }

    fn look(n: u128) -> LookId {
        uuid::Uuid::from_u128(n).into()
    }

    /// Something that came in the first minute, and that somebody spreads.
    fn claimed() -> (Spread, Claim) {
        let first = Spread::default().with(at(0)).unwrap();
        let (timer, claim) = first.timer.claim(at(0), look(1), at(0)).unwrap();
        (Spread { timer, ..first }, claim)
    }

    #[test]
    fn what_comes_is_spread_at_once_and_after_that_once_an_hour() {
        let first = Spread::default().with(at(0)).unwrap();
        assert_eq!((first.timer.due, first.since), (Some(Due::now(at(0))), Some(at(0))));
        assert_eq!(first.with(at(1)), None, "it is spread anyway");
        let done = Spread { done: Some(at(3)), ..Spread::default() };
        for (came, spread) in [(4, 63), (63, 63), (64, 64)] {
            let is = done.with(at(came)).unwrap();
            assert_eq!((is.timer.due, is.since), (Some(Due::now(at(spread))), Some(at(came))), "{came}");
        }
    }

    #[test]
    fn whoever_is_interrupted_goes_on_where_they_were() {
        let (spread, claim) = claimed();
        let reached = Reached { part: 1, name: "ann".parse().unwrap() };
        let having = spread.having(claim, reached.clone()).unwrap();
        assert_eq!(having, Spread { reached: Some(reached.clone()), ..spread.clone() });
        let on = having.ended(claim, false, at(3)).unwrap();
        assert_eq!((on.timer.due, on.timer.claim), (spread.timer.due, None));
        assert_eq!((on.since, on.reached, on.done), (Some(at(0)), Some(reached.clone()), None));

        let lost = Claim { by: look(2), ..claim };
        assert_eq!(spread.having(lost, reached), None);
        assert_eq!((having.ended(lost, false, at(3)), having.ended(lost, true, at(3))), (None, None));
    }

    #[test]
    fn what_comes_meanwhile_is_spread_with_the_next_round() {
        let (spread, claim) = claimed();
        let having = spread.having(claim, Reached { part: 1, name: "ann".parse().unwrap() }).unwrap();
        let timer = Timer { last: Some(at(0)), ..Timer::default() };
        let done = Spread { timer, done: Some(at(3)), ..Spread::default() };
        assert_eq!(having.ended(claim, true, at(3)), Some(done.clone()));
        let again = having.with(at(2)).unwrap();
        assert_eq!(again.since, Some(at(0)));
        let timer = Timer { due: Some(Due::now(at(63))), ..timer };
        assert_eq!(again.ended(claim, true, at(3)), Some(Spread { timer, since: Some(at(3)), ..done }));
    }
}

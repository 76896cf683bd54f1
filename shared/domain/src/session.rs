//! When somebody is there, and when they must sign in again (45 CFR 164.312(a)(2)(iii), automatic logoff).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// For how long somebody is taken to be there after they last did something.
pub const PRESENCE_TIMEOUT: Duration = Duration::from_mins(5);

/// When somebody last did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When, to the minute.
    pub at: Timestamp,
    /// Since when they were there without a break; nothing in what was noted before this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When they last said that they go. Tokens from before are worth nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_out: Option<Timestamp>,
}

impl Seen {
    /// What is noted of somebody who does something now.
    #[must_use]
    pub fn noted(was: Option<&Self>, now: Timestamp) -> Self {
        match was {
            Some(was) => {
                let since = if was.is_here(now) { was.since } else { None };
                Self { at: was.at.max(now), since: since.or(Some(now)), ..*was }
            }
            None => Self { at: now, since: Some(now), signed_out: None },
        }
    }

    /// What is noted of somebody who goes now.
    #[must_use]
    pub fn leaving(was: Option<&Self>, now: Timestamp) -> Self {
        let was = was.copied().unwrap_or(Self { at: now, since: None, signed_out: None });
        Self { signed_out: Some(was.signed_out.map_or(now, |before| before.max(now))), ..was }
    }

    /// Whether a token that was issued then is over, because nobody did anything with it for longer than `limit`, or
    /// because they signed out. One that was issued since is a new beginning.
    ///
    /// Tokens tell their time in whole seconds: one of the same second is taken to be from before.
    pub fn ends(&self, issued: Timestamp, limit: Option<Duration>, now: Timestamp) -> bool {
        let left = self.signed_out.is_some_and(|left| issued.as_seconds() <= left.as_seconds());
        left || limit.is_some_and(|limit| issued <= self.at && now.since(self.at) > limit)
    }

    /// Until when they are there, as far as is known.
    pub fn here_until(&self) -> Timestamp {
        let timeout = self.at.after(PRESENCE_TIMEOUT);
        self.signed_out.filter(|left| *left >= self.at).map_or(timeout, |left| left.min(timeout))
    }

    /// Whether they are there.
    pub fn is_here(&self, now: Timestamp) -> bool {
        now < self.here_until()
    }

    /// From when on somebody may be told by mail of something that was said then: at once if they were not there, else
    /// as soon as they go.
    pub fn away_from(&self, said: Timestamp) -> Timestamp {
        let until = self.here_until();
        if (self.since.unwrap_or(self.at)..until).contains(&said) { until } else { said }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> Timestamp {
        "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minute))
    }

    #[test]
    fn whoever_was_idle_for_too_long_needs_a_token_that_was_issued_since() {
        let seen = Seen::noted(None, at(10));
        let limit = Some(Duration::from_mins(30));
        for (issued, now, over) in [(0, 11, false), (0, 40, false), (0, 41, true), (10, 41, true), (11, 41, false)] {
            assert_eq!(seen.ends(at(issued), limit, at(now)), over, "issued {issued}, now {now}");
        }
        assert!(!seen.ends(at(0), None, at(1_000)));
    }

    #[test]
    fn whoever_signed_out_needs_a_token_that_was_issued_since() {
        let seen = Seen::leaving(Some(&Seen::noted(None, at(10))), at(12));
        for (issued, over) in [(0, true), (12, true), (13, false)] {
            assert_eq!(seen.ends(at(issued), None, at(20)), over, "issued {issued}");
        }
        let back = Seen::noted(Some(&seen), at(20));
        assert!(back.is_here(at(21)) && back.ends(at(12), None, at(21)));
        assert_eq!(back.since, Some(at(20)));
    }

    #[test]
    fn presence_lasts_from_the_first_act_until_five_minutes_after_the_last() {
        let first = Seen::noted(None, at(10));
        let second = Seen::noted(Some(&first), at(14));
        let later = Seen::noted(Some(&second), at(19));
        assert_eq!((second.since, later.since), (Some(at(10)), Some(at(19))));
        for (minute, here) in [(14, true), (18, true), (19, false)] {
            assert_eq!(second.is_here(at(minute)), here, "{minute}");
        }
        for (said, told) in [(9, 9), (10, 19), (18, 19), (19, 19), (30, 30)] {
            assert_eq!(second.away_from(at(said)), at(told), "{said}");
        }
        let gone = Seen::leaving(Some(&second), at(15));
        assert!(!gone.is_here(at(15)));
        assert_eq!(gone.away_from(at(14)), at(15));
        assert_eq!(Seen::leaving(Some(&second), at(50)).here_until(), at(19));
    }
}

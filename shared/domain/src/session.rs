//! When somebody who was idle must sign in again (45 CFR 164.312(a)(2)(iii), automatic logoff).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// When somebody last did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When, to the minute.
    pub at: Timestamp,
}

impl Seen {
    /// Whether a token that was issued then is over, because nobody did anything with it for longer than `limit`. One
    /// that was issued since is a new beginning.
    pub fn ends(&self, issued: Timestamp, limit: Duration, now: Timestamp) -> bool {
        issued <= self.at && now.since(self.at) > limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_idle_for_too_long_needs_a_token_that_was_issued_since() {
        let at = |minute: u64| "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minute));
        let seen = Seen { at: at(10) };
        let limit = Duration::from_mins(30);
        for (issued, now, over) in [(0, 11, false), (0, 40, false), (0, 41, true), (10, 41, true), (11, 41, false)] {
            assert_eq!(seen.ends(at(issued), limit, at(now)), over, "issued {issued}, now {now}");
        }
    }
}

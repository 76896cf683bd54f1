//! When somebody is there.

use std::time::Duration;

use domain::clock::Timestamp;

/// For how long somebody is taken to be there after what was last noted of them.
const TIMEOUT: Duration = Duration::from_mins(5);

/// How often it is noted.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// Somebody who was there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    /// Since when without a break.
    since: Timestamp,
    /// When that was last noted.
    at: Timestamp,
    signed_out: Option<Timestamp>,
}

impl Default for Presence {
    /// Somebody who never was.
    fn default() -> Self {
        let long_ago = Timestamp::from_millis(0);
        Self { since: long_ago, at: long_ago, signed_out: None }
    }
}

impl Presence {
    /// It is noted that they are there.
    pub(super) fn noted(was: Option<Self>, now: Timestamp) -> Self {
        match was {
            Some(was) if now < was.until() => Self { at: now, ..was },
            Some(was) => Self { since: now, at: now, ..was },
            None => Self { since: now, at: now, signed_out: None },
        }
    }

    pub(super) fn signed_out(self, now: Timestamp) -> Self {
        Self { signed_out: Some(now), ..self }
    }

    /// Whether it is noted so lately that it is not noted again.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        let left = self.signed_out.is_some_and(|left| left >= self.at);
        !left && now.since(self.at) < NOTED_EVERY
    }

    fn until(&self) -> Timestamp {
        let timeout = self.at.after(TIMEOUT);
        self.signed_out.filter(|left| *left >= self.at).map_or(timeout, |left| left.min(timeout))
    }

    /// From when on they may be told of what was said at `said`.
    pub(super) fn away_from(&self, said: Timestamp) -> Timestamp {
        if self.since <= said && said < self.until() { self.until() } else { said }
    }

    /// What is due, or when they go if they are there when it would be sent.
    pub(super) fn gone(&self, due: Timestamp, now: Timestamp) -> Timestamp {
        if due.max(now) < self.until() { self.until() } else { due }
    }
}

//! Time, handed in.
//!
//! Every rule that depends on time takes a [`Timestamp`] as an argument, and whoever needs the present asks a
//! [`Clock`] it was given, so that tests and the local stack can move time as they like.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time, in UTC, to the millisecond.
///
/// On the wire and in the table it is RFC 3339 with exactly three decimals, so that text order is time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// The text is not a time as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct TimestampError;

impl Timestamp {
    /// The beginning of the year 0: RFC 3339 writes none before it, and as text those would come after it.
    const FIRST: Self = Self(-62_167_219_200_000);

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, as tokens and time-to-live attributes count them.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The point that lies this many milliseconds after 1970-01-01T00:00:00Z.
    ///
    /// Values outside the years 0 to 9999 become the nearest one inside.
    pub fn from_millis(millis: i64) -> Self {
        // To the second, because of the last one not every millisecond can be written.
        let last = jiff::Timestamp::MAX.as_second() * 1_000;
        Self(millis.clamp(Self::FIRST.0, last))
    }

    /// The point `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is from `earlier` to here; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{time:.3}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        let millis = time.as_millisecond();
        if millis < Self::FIRST.0 { Err(TimestampError) } else { Ok(Self::from_millis(millis)) }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

/// Tells the time. Cheap to clone; all clones tell the same.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The machine's clock.
    pub fn system() -> Self {
        Self::new(machine_time)
    }

    /// A clock that stands still until its [`Hand`] moves it.
    pub fn stopped_at(start: Timestamp) -> (Self, Hand) {
        let hand = Hand(Arc::new(AtomicI64::new(start.as_millis())));
        let moved = hand.clone();
        (Self::new(move || Timestamp::from_millis(moved.0.load(Ordering::SeqCst))), hand)
    }

    /// A clock that runs with the machine's and can be set forward by its [`Hand`].
    pub fn running() -> (Self, Hand) {
        let hand = Hand(Arc::new(AtomicI64::new(0)));
        let moved = hand.clone();
        (
            Self::new(move || {
                Timestamp::from_millis(machine_time().as_millis().saturating_add(moved.0.load(Ordering::SeqCst)))
            }),
            hand,
        )
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Whether less than this is left before a deadline, if there is one: whoever is stopped at it begins nothing that
    /// may take longer.
    pub fn has_less_than(&self, spare: Duration, deadline: Option<Timestamp>) -> bool {
        deadline.is_some_and(|deadline| self.now().after(spare) > deadline)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
fn machine_time() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

/// Moves a clock forward, never back.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stopped_clock_moves_only_by_its_hand() {
        let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        let (clock, hand) = Clock::stopped_at(start);
        assert_eq!(clock.now(), start);
        hand.advance(Duration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-03-01T09:01:30.000Z");
        assert_eq!(clock.now().since(start), Duration::from_secs(90));
    }

    #[test]
    fn there_is_no_time_before_the_first_that_text_can_say() {
        let first = Timestamp::from_millis(i64::MIN);
        assert_eq!(first.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(first.to_string().parse(), Ok(first));
        for before in ["-000001-12-31T23:59:59.999Z", "0000-01-01T00:00:00+00:01", "-009999-06-01T00:00:00Z"] {
            assert_eq!(before.parse::<Timestamp>(), Err(TimestampError), "{before}");
        }
    }

    #[test]
    fn what_is_left_before_a_deadline_is_counted_to_the_millisecond() {
        let start: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        let (clock, hand) = Clock::stopped_at(start);
        let (spare, deadline) = (Duration::from_secs(20), start.after(Duration::from_secs(30)));
        assert!(!clock.has_less_than(spare, None));
        hand.advance(Duration::from_secs(10));
        assert!(!clock.has_less_than(spare, Some(deadline)));
        hand.advance(Duration::from_millis(1));
        assert!(clock.has_less_than(spare, Some(deadline)));
    }

    #[test]
    fn a_running_clock_goes_with_the_machine_and_is_set_forward_by_its_hand() {
        let (clock, hand) = Clock::running();
        let machine = Clock::system().now();
        let hour = Duration::from_hours(1);
        assert!(clock.now() >= machine && clock.now().since(machine) < hour);
        hand.advance(hour);
        assert!(clock.now().since(machine) >= hour);
    }

    #[test]
    fn seconds_are_whole_and_begin_where_they_do_before_1970_too() {
        for (millis, seconds) in [(1_999, 1), (1_000, 1), (0, 0), (-1, -1), (-1_000, -1), (-1_001, -2)] {
            assert_eq!(Timestamp::from_millis(millis).as_seconds(), seconds, "{millis}");
        }
    }

    #[test]
    fn no_time_lies_outside_of_what_can_be_written() {
        let (first, last) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
        assert_eq!(last.after(Duration::MAX), last);
        assert_eq!(last.to_string().parse::<Timestamp>(), Ok(last));
        assert_eq!(first.to_string().parse::<Timestamp>(), Ok(first));
        assert_eq!("9999-12-30T22:00:00.999Z".parse::<Timestamp>(), Ok(last));
        assert_eq!(first.since(last), Duration::ZERO, "what is not earlier is no time ago");
    }

    proptest! {
        #[test]
        fn text_order_is_time_order(a in 0_i64..4_000_000_000_000, b in 0_i64..4_000_000_000_000) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.to_string().parse::<Timestamp>().unwrap(), a);
        }
    }
}

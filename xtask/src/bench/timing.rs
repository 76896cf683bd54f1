//! How long things took.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Returns what a request was answered, and after how long.
pub(crate) async fn timed<T>(request: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(T, Duration)> {
    let asked = Instant::now();
    let answer = request.await?;
    Ok((answer, asked.elapsed()))
}

/// Durations of one kind of thing, sorted.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    /// Returns the smallest duration that `percent` of all do not exceed, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).map_or(f64::NAN, |&duration| milliseconds(duration))
    }
}

/// How long most take, and how long nearly all.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Spread {
    pub(crate) fn of(durations: Vec<Duration>) -> Self {
        let latencies = Latencies::new(durations);
        Self { p50_ms: latencies.percentile(50), p99_ms: latencies.percentile(99) }
    }
}

impl Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}, {:.1} ms", self.p50_ms, self.p99_ms)
    }
}

/// Returns the middle of some durations, in milliseconds.
pub(crate) fn middle(durations: Vec<Duration>) -> f64 {
    Latencies::new(durations).percentile(50)
}

/// Converts to milliseconds, to the hundredth: what lies below is noise, and would only make records differ.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let latencies = Latencies::new((1..=200).rev().map(Duration::from_millis).collect());
        let percentiles = [1, 50, 99, 100].map(|percent| latencies.percentile(percent));
        assert_eq!(percentiles.map(|milliseconds| format!("{milliseconds}")), ["2", "100", "198", "200"]);
        assert!(Latencies::new(vec![]).percentile(50).is_nan());
    }
}

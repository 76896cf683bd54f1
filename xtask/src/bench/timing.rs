//! How long things took.

use std::time::Duration;

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

/// Converts to milliseconds, to the hundredth: what lies below is noise, and would only make records differ.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Converts kilobytes to megabytes, to the tenth.
pub(crate) fn megabytes(kilobytes: u32) -> f64 {
    (f64::from(kilobytes) / 102.4).round() / 10.0
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

    #[test]
    fn memory_is_in_megabytes() {
        assert_eq!(megabytes(1024 * 3 + 512).to_string(), "3.5");
    }
}

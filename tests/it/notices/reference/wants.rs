//! What somebody wants to be mailed about, and when.

use std::time::Duration;

use domain::clock::Timestamp;
use serde_json::{Value, json};

use super::wall;

/// What somebody wants to be mailed about, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wants {
    pub(crate) frequency: &'static str,
    pub(crate) trailing: bool,
    pub(crate) instant: bool,
    /// Also while they are there.
    pub(crate) always: bool,
    pub(crate) daily_at: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) language: &'static str,
    /// From one time of the day to another.
    pub(crate) quiet: Option<(&'static str, &'static str)>,
}

impl Default for Wants {
    /// What holds for whoever never said anything.
    fn default() -> Self {
        Self {
            frequency: "4h",
            trailing: false,
            instant: true,
            always: false,
            daily_at: "08:00",
            zone: "UTC",
            language: "en",
            quiet: None,
        }
    }
}

impl Wants {
    /// How long it is from one digest to the next.
    pub(super) fn interval(&self) -> Duration {
        let hours = self.frequency.strip_suffix('h').map_or(0, |hours| hours.parse().unwrap());
        Duration::from_hours(hours)
    }

    /// When the quiet hours end, if they last at this moment: at the first minute at which the clock on the wall shows
    /// a time that is not quiet.
    pub(super) fn quiet_end(&self, at: Timestamp) -> Option<Timestamp> {
        let (from, to) = self.quiet?;
        // Written in this way, the order of times is the order of texts.
        let quiet = |at: Timestamp| {
            let shown = wall::shows(self.zone, at);
            let shown = shown.as_str();
            if from <= to { (from..to).contains(&shown) } else { !(to..from).contains(&shown) }
        };
        if !quiet(at) {
            return None;
        }
        super::ticks(at, at.after(Duration::from_hours(48))).find(|minute| !quiet(*minute))
    }

    /// As the API takes it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "frequency": self.frequency,
            "digest_mode": if self.trailing { "trailing" } else { "leading" },
            "instant": self.instant,
            "instant_when": if self.always { "always" } else { "offline" },
            "broadcasts": false,
            "daily_at": self.daily_at,
            "timezone": self.zone,
            "language": self.language,
            "quiet_hours": self.quiet.map(|(from, to)| json!({ "from": from, "to": to })),
        })
    }
}

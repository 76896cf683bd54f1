//! The figures about back-ups, and how they are shown.

use serde::{Deserialize, Serialize};

use crate::bench::curve::{Curve, time};
use crate::bench::met;
use crate::bench::size::{megabytes, megabytes_held};
use crate::markdown::thousands;
use crate::record;

/// How much more memory than an idle function one may hold that makes a back-up, in megabytes.
const MEMORY_GOAL: f64 = 64.0;

/// Everything, from the smallest size to the largest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Backups {
    pub(crate) backed: Vec<Backed>,
    pub(crate) killed: Killed,
}

/// A back-up of so many messages, with attachments of so many bytes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Backed {
    pub(crate) messages: u32,
    pub(crate) attached: u64,
    /// How large the file is.
    pub(crate) size: u64,
    pub(crate) took_ms: f64,
    pub(crate) idle_kilobytes: u32,
    pub(crate) peak_kilobytes: u32,
}

/// The largest once more, killed so often with signal 9.
#[derive(Serialize, Deserialize)]
pub(crate) struct Killed {
    pub(crate) kills: u32,
    pub(crate) size: u64,
}

impl Backed {
    pub(crate) fn above_idle(&self) -> f64 {
        megabytes_held(self.peak_kilobytes.saturating_sub(self.idle_kilobytes))
    }
}

impl record::Figures for Backups {
    fn headlines(&self) -> Vec<(String, String)> {
        let Some(last) = self.backed.last() else { return Vec::new() };
        let figure = format!("{}, {:.0} MB of memory above an idle function", time(last.took_ms), last.above_idle());
        vec![(format!("a back-up of {:.0} MB", megabytes(last.size)), figure)]
    }

    const NAME: &'static str = "backups";
    const COMMAND: &'static str = "cargo run --release --package xtask -- bench backups --record";

    fn markdown(&self) -> String {
        let whole = |figure: f64| format!("{figure:.0} MB");
        let size =
            |at: &Backed| format!("{} messages, {:.0} MB attached", thousands(at.messages), megabytes(at.attached));
        let mut curve = Curve::new("a back-up of", &self.backed, size);
        curve.line("takes", |at| at.took_ms, time);
        curve.line("has", |at| megabytes(at.size), whole);
        curve.line("memory above the idle function", Backed::above_idle, whole);
        let most = self.backed.iter().map(Backed::above_idle).fold(0.0, f64::max);
        format!(
            "{}\n- At most {most:.0} MB more than an idle function are held; goal, {MEMORY_GOAL:.0}, {}.\n- Killed {} times with signal 9 and gone on with by others, the largest is whole, and verified by a stranger's means like the rest.\n",
            curve.markdown(),
            met(most <= MEMORY_GOAL),
            self.killed.kills,
        )
    }
}

//! The figures about being killed, and how they are shown.

use std::fmt::{self, Display};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::verdict::Fault;
use crate::bench::timing::milliseconds;
use crate::markdown::{self, thousands};
use crate::record;

/// What all runs together showed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kills {
    runs: u32,
    #[serde(flatten)]
    tally: Tally,
}

/// A sum over runs.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    acknowledged: u32,
    unanswered: u32,
    lost: u32,
    doubled: u32,
    changed: u32,
    gaps: u32,
    longest_restart_ms: f64,
}

impl Tally {
    pub(crate) fn add(&mut self, attempts: &[Attempt], faults: &[Fault]) {
        for attempt in attempts {
            let counter = if attempt.acknowledged.is_some() { &mut self.acknowledged } else { &mut self.unanswered };
            *counter += 1;
        }
        for fault in faults {
            let counter = match fault {
                Fault::Lost(_) => &mut self.lost,
                Fault::Doubled(_) => &mut self.doubled,
                Fault::Changed { .. } => &mut self.changed,
                Fault::Gap { .. } => &mut self.gaps,
            };
            *counter += 1;
        }
    }

    pub(crate) fn restarted_in(&mut self, time: Duration) {
        self.longest_restart_ms = self.longest_restart_ms.max(milliseconds(time));
    }

    pub(crate) fn faults(&self) -> u32 {
        self.lost + self.doubled + self.changed + self.gaps
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, unanswered, .. } = self;
        write!(f, "so far {acknowledged} acknowledged, {unanswered} unanswered, {} faults", self.faults())
    }
}

impl Kills {
    pub(crate) fn new(runs: u32, tally: Tally) -> Self {
        Self { runs, tally }
    }
}

impl record::Figures for Kills {
    const NAME: &'static str = "kill";
    const COMMAND: &'static str = "cargo xtask bench kill --runs 200 --record";

    fn headlines(&self) -> Vec<(String, String)> {
        let Self { runs, tally } = self;
        let Tally { acknowledged, lost, doubled, .. } = tally;
        let figure = format!("of {} acknowledged messages {lost} lost, {doubled} doubled", thousands(*acknowledged));
        vec![(format!("killed with signal 9 while people write, {runs} times"), figure)]
    }

    fn markdown(&self) -> String {
        let Self { runs, tally } = self;
        let rows = [
            ("killed with signal 9 while people wrote, times", *runs),
            ("messages acknowledged before", tally.acknowledged),
            ("messages cut off without an answer", tally.unanswered),
            ("acknowledged messages lost", tally.lost),
            ("messages doubled", tally.doubled),
            ("gaps in the order", tally.gaps),
            ("retries answered differently than before", tally.changed),
        ];
        let rows: Vec<_> = rows.iter().map(|&(what, count)| vec![what.to_owned(), thousands(count)]).collect();
        let table = markdown::table(&["pulling the plug", "count"], &rows);
        format!(
            "{table}\nEvery message was sent again with its key after the restart; the slowest restart took {:.0} ms.\n",
            tally.longest_restart_ms
        )
    }
}

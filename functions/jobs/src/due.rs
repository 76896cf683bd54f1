//! Back-ups with which something is to be done: those that a run left behind without a word, and those whose time is
//! over.

use domain::clock::Timestamp;
use serde::Serialize;
use store::Store;

use crate::App;
use crate::backup::{Looked, SPARE};

/// How many back-ups of a shard are looked at in one go.
const PAGE: usize = 50;

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Back-ups that became ready, or were handed on.
    made: usize,
    /// Back-ups that were given up or removed.
    removed: usize,
    /// Back-ups with which something failed, and shards that could not be read. They stay due.
    failed: usize,
}

impl App {
    /// Looks at the back-ups with which something is to be done at `until`, one after the other.
    pub(crate) async fn look_at_backups(&self, until: Timestamp, deadline: Option<Timestamp>) -> Report {
        let mut report = Report::default();
        for shard in 0..Store::SHARDS {
            let due = match self.store.due_backups(shard, until, PAGE).await {
                Ok(due) => due,
                Err(error) => {
                    let cause: &(dyn std::error::Error + 'static) = &error;
                    tracing::error!(shard, cause, "Could not read which back-ups are due");
                    report.failed += 1;
                    continue;
                }
            };
            for (of, id) in due {
                // The next tick finds the others.
                if self.clock.has_less_than(SPARE, deadline) {
                    return report;
                }
                match self.look_at_backup(of, id, deadline).await {
                    Ok(Looked::Nothing) => {}
                    Ok(Looked::Ready | Looked::HandedOn) => report.made += 1,
                    Ok(Looked::GivenUp | Looked::Removed) => report.removed += 1,
                    Err(error) => {
                        let cause: &(dyn std::error::Error + 'static) = &*error;
                        tracing::error!(backup.id = %id, cause, "Could not look at a back-up");
                        report.failed += 1;
                    }
                }
            }
        }
        report
    }
}

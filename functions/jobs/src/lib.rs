//! What is done by the hour, because nobody asks for it: what was uploaded and never sent is cleaned up.
//!
//! A schedule invokes it, perhaps twice, late or at the same moment as somebody sends what is to be removed: the table
//! decides who was first.

mod bucket;
mod clean_up;

pub use bucket::Bucket;
use domain::clock::{Clock, Timestamp};
use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Store;

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Where attachments are.
    pub bucket: Bucket,
}

/// The schedule's hour, as the schedule says it.
#[derive(Deserialize)]
struct Tick {
    scheduled_at: Timestamp,
}

impl App {
    /// Does what is due at a tick of the schedule, until shortly before the deadline: what is left over stays due.
    pub async fn handle(&self, event: Value, deadline: Option<Timestamp>) -> Result<Value, lambda_runtime::Error> {
        let Tick { scheduled_at } = serde_json::from_value(event)?;
        // What is removed is gone: nothing goes before its time, whoever says so.
        let until = scheduled_at.min(self.clock.now());
        let report = self.clean_up(until, deadline).boxed().await;
        // What failed stays due, and the next tick comes to it. A failure that lasts shows in the alarms.
        Ok(json!(report))
    }
}

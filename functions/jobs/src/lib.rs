//! What is done for nobody who waits: by the hour, what was uploaded and never sent is cleaned up; and back-ups are made.
//!
//! A schedule and events invoke it, perhaps twice, late or at the same moment as somebody sends what is to be removed: the
//! table decides who was first.

mod backup;
mod clean_up;
mod due;

use backup::BackupDue;
use bucket::Bucket;
use domain::clock::{Clock, Timestamp};
use domain::id::Ids;
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
    /// Makes ids.
    pub ids: Ids,
    /// Where attachments are.
    pub bucket: Bucket,
}

/// What it is invoked with.
#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    /// The schedule's hour, as the schedule says it.
    Tick { scheduled_at: Timestamp },
    /// A back-up that waits, as the event bus says it.
    BackupDue { detail: BackupDue },
}

impl App {
    /// Does what is due at a tick of the schedule, or makes a back-up, until shortly before the deadline: what is left over
    /// stays due.
    pub async fn handle(&self, event: Value, deadline: Option<Timestamp>) -> Result<Value, lambda_runtime::Error> {
        match api::event::read(event)? {
            Event::Tick { scheduled_at } => {
                // What is removed is gone: nothing goes before its time, whoever says so.
                let until = scheduled_at.min(self.clock.now());
                let cleaned_up = self.clean_up(until, deadline).boxed().await;
                let backups = self.look_at_backups(until, deadline).boxed().await;
                // What failed stays due, and the next tick comes to it. A failure that lasts shows in the alarms.
                Ok(json!({ "attachments": cleaned_up, "backups": backups }))
            }
            Event::BackupDue { detail: BackupDue { conversation_id, backup_id } } => {
                let looked = self.look_at_backup(conversation_id, backup_id, deadline).boxed().await?;
                Ok(json!({ "outcome": looked }))
            }
        }
    }
}

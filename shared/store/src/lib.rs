//! The one table.
//!
//! **Invariant:** every public method of [`Store`] that asks the table something is a row of [`pattern::all`]; every
//! write is conditional, and a retry of it changes nothing, but for counts that bound how often something is done; nothing scans. Authorisation is inside: what a person
//! may not see is [`Error::NotFound`], exactly like what does not exist.

mod accounts;
mod act;
mod admission;
mod attachments;
mod audit;
mod backoff;
mod backups;
mod broadcasts;
mod client;
mod commit;
mod conversations;
mod deliver;
mod due;
mod error;
mod heads;
mod holds;
mod inbox;
mod institution;
mod item;
mod keys;
mod log;
mod manage;
mod members;
mod news;
mod notices;
mod open;
pub mod pattern;
mod people;
mod preferences;
mod projects;
mod put;
mod query;
mod rate;
mod read;
mod retention;
mod revise;
mod row;
mod seal;
mod send;
mod settings;
mod spread;
mod succession;
mod suppressions;
pub mod table;
mod trail;

use std::sync::Arc;

pub use accounts::Upsert;
pub use act::{Acted, Acting};
pub use admission::Admission;
pub use attachments::{Judged, lacks_preview};
pub use audit::{Opening, Verified};
pub use backups::{Asking, BackupPart, Recorded, waits_for_run};
pub use broadcasts::{Announcing, Seen};
pub use client::{Cloud, Settings, connect, credentials, http_client};
pub use conversations::{Created, Starting};
pub use deliver::{Change, Delivery, changed};
pub use due::{Overdue, Timing};
pub use error::{Answered, BoxError, Error};
pub use inbox::{InboxRow, Preference, Waiting};
pub use item::Suppressed;
pub use keys::Subject;
pub use members::Addition;
pub use notices::{Beginning, Claimed, NoticeLog, Waits};
pub use open::{Element, Opened, Window};
pub use projects::ProjectPlan;
pub use rate::Quota;
pub use read::Reading;
pub use retention::{Looked, Unrecorded};
pub use revise::Edit;
pub use seal::Purpose;
pub use send::{Sending, Sent};
pub use trail::traced;

/// The table. Cheap to clone; clones share what they remember.
///
/// What is remembered between requests is a hint that saves a trip, never an authority.
#[derive(Clone, Debug)]
pub struct Store {
    client: aws_sdk_dynamodb::Client,
    table: Arc<str>,
    heads: Arc<heads::Heads>,
    admitted: Arc<admission::Admitted>,
    rates: Option<Arc<rate::Rates>>,
    seal: Arc<seal::Seal>,
}

impl Store {
    /// The table of this name, reached by this client.
    pub fn new(client: aws_sdk_dynamodb::Client, table: &str) -> Self {
        Self {
            client,
            table: table.into(),
            heads: Arc::default(),
            admitted: Arc::default(),
            rates: Some(Arc::default()),
            seal: Arc::default(),
        }
    }

    /// In how many shards lies what is due.
    pub const SHARDS: u8 = keys::SHARDS;

    /// The same table without quotas, for benchmarks.
    #[must_use]
    pub fn unlimited(self) -> Self {
        Self { rates: None, ..self }
    }
}

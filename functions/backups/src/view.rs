//! What clients see of back-ups.

use api::schema;
use api::view::Download;
use domain::backup::{Backup, State};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::id::BackupId;
use serde::Serialize;
use utoipa::ToSchema;

/// A back-up of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Backup)]
pub(crate) struct BackupView {
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: BackupId,
    /// `running`, `ready` or `failed`: what failed can be asked for again.
    #[schema(value_type = String, pattern = "^(running|ready|failed)$")]
    state: &'static str,
    /// When it was asked for.
    #[schema(value_type = schema::Timestamp)]
    requested_at: Timestamp,
    /// The place of the first entry that is in it.
    #[schema(value_type = schema::Seq)]
    from: Seq,
    /// The place of the last one, which says that it was asked for.
    #[schema(value_type = schema::Seq)]
    to: Seq,
    /// The hash of that entry: the file is the log up to there if it ends with this.
    #[schema(value_type = schema::Sha256)]
    hash: Digest,
    /// How far it is.
    progress: Progress,
    /// How many bytes it has, when it is ready.
    size: Option<u64>,
    /// Until when it is kept, when it is ready.
    #[schema(value_type = Option<schema::Timestamp>)]
    expires_at: Option<Timestamp>,
    /// Where it is fetched, when it is ready.
    download: Option<Download>,
}

/// How far something is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// How many entries are done.
    done: u64,
    /// How many there are.
    of: u64,
}

impl BackupView {
    pub(crate) fn new(backup: &Backup, download: Option<Download>) -> Self {
        let (done, of) = backup.progress();
        let (state, size) = match &backup.state {
            State::Running(_) => ("running", None),
            State::Ready { size, .. } => ("ready", Some(*size)),
            State::Failed { .. } => ("failed", None),
        };
        let expires_at = backup.expires_at();
        let Backup { id, at, from, to, hash, .. } = *backup;
        let progress = Progress { done, of };
        Self { id, state, requested_at: at, from, to, hash, progress, size, expires_at, download }
    }
}

//! Attachments that no message has in time: given up first, then their objects go, and last what is known of them. Those
//! of messages that were kept long enough are gone when they come here, and end in the same way.
//!
//! Whoever ends between any two of these leaves an attachment that nobody can have, and that is still in the index,
//! where the next run finds it.

use std::collections::HashSet;
use std::time::Duration;

use domain::attachment::{Attachment, Preview};
use domain::clock::Timestamp;
use domain::id::AttachmentId;
use futures_util::{FutureExt as _, StreamExt as _, future, stream};
use serde::Serialize;
use store::{BoxError, Store};

use crate::App;

/// How many attachments of a shard are removed at once.
const AT_ONCE: usize = 4;

/// How much of a shard is read at a time.
const PAGE: usize = 200;

/// How long before its deadline a run begins with no more attachments: longer than one takes when nothing answers.
const SPARE: Duration = Duration::from_secs(20);

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Attachments that were removed.
    removed: usize,
    /// Attachments that could not be, and shards that could not be read. They stay due.
    failed: usize,
    /// Whether the run ended before all was looked at.
    unfinished: bool,
}

impl Report {
    /// Counts an attachment that was removed, or that a message has after all.
    fn count(&mut self, removed: Result<bool, BoxError>) {
        match removed {
            Ok(removed) => self.removed += usize::from(removed),
            Err(error) => {
                let cause: &(dyn std::error::Error + 'static) = &*error;
                tracing::error!(cause, "Could not remove an attachment");
                self.failed += 1;
            }
        }
    }
}

impl App {
    /// Removes the attachments of which nothing is to be left at `until`.
    pub(crate) async fn clean_up(&self, until: Timestamp, deadline: Option<Timestamp>) -> Report {
        let mut report = Report::default();
        let shards: Vec<_> = (0..Store::SHARDS).map(|shard| self.clean_up_shard(shard, until, deadline)).collect();
        for part in future::join_all(shards).await {
            report.removed += part.removed;
            report.failed += part.failed;
            report.unfinished |= part.unfinished;
        }
        if report != Report::default() {
            let Report { removed, failed, unfinished } = report;
            tracing::info!(removed, failed, unfinished, "Cleaned up");
        }
        report
    }

    async fn clean_up_shard(&self, shard: u8, until: Timestamp, deadline: Option<Timestamp>) -> Report {
        let mut report = Report::default();
        let mut known = HashSet::new();
        while !report.unfinished {
            // What could not be removed, or is in the index a moment longer than in the table, is the next run's.
            let found = match self.store.abandoned_attachments(shard, until, PAGE + known.len()).await {
                Ok(found) => found,
                Err(error) => {
                    report.count(Err(error.into()));
                    break;
                }
            };
            let fresh: Vec<AttachmentId> = found.into_iter().filter(|id| known.insert(*id)).collect();
            if fresh.is_empty() {
                break;
            }
            let removals: Vec<_> = fresh.into_iter().map(|id| self.remove_in_time(id, deadline)).collect();
            let mut removals = stream::iter(removals).buffer_unordered(AT_ONCE);
            while let Some(removed) = removals.next().await {
                match removed {
                    Some(removed) => report.count(removed),
                    None => report.unfinished = true,
                }
            }
        }
        report
    }

    /// A removal, unless there is no time for it.
    async fn remove_in_time(&self, id: AttachmentId, deadline: Option<Timestamp>) -> Option<Result<bool, BoxError>> {
        if self.clock.has_less_than(SPARE, deadline) {
            return None;
        }
        Some(self.remove(id).boxed().await)
    }

    /// Removes an attachment, unless a message has it; says whether there was something to remove.
    async fn remove(&self, id: AttachmentId) -> Result<bool, BoxError> {
        let Some(attachment) = self.store.give_up_attachment(id).await? else { return Ok(false) };
        for version in versions(&attachment) {
            self.bucket.remove(&attachment.object, version).await?;
        }
        if let Some(Preview::Made { .. }) = attachment.preview {
            self.bucket.remove_preview(&attachment.object).await?;
        }
        self.store.forget_attachment(id).await?;
        Ok(true)
    }
}

/// Which versions of its object there may be: the one that was found to be what was declared; else those that the
/// scanner told of, and whatever is there besides, because who uploads need not say so.
fn versions(attachment: &Attachment) -> Vec<Option<&str>> {
    match attachment.version.as_deref() {
        Some(version) => vec![Some(version)],
        None => attachment.early.iter().map(|early| Some(early.version.as_str())).chain([None]).collect(),
    }
}

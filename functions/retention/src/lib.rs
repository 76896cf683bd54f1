//! Removes what was kept as long as it was to be, and records that it did.
//!
//! A schedule invokes it, perhaps twice, late, or at the moment at which somebody places a legal hold: the table decides
//! who was first. Whoever ends between what goes and its record leaves a conversation that is still in the index, with
//! what went and is to be recorded.

use std::collections::HashSet;
use std::time::Duration;

use domain::clock::{Clock, Timestamp};
use domain::conversation::Signature;
use domain::id::{ConversationId, Ids};
use domain::text::Username;
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{BoxError, Looked, Store, Unrecorded};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
}

/// What it is invoked with: the schedule's time, as the schedule says it.
#[derive(Deserialize)]
struct Tick {
    scheduled_at: Timestamp,
}

/// How much of a shard is read at a time.
const PAGE: usize = 200;

/// Of how many conversations one line of the institution's log records what went: as many as a transaction has room for.
const LINE: usize = 48;

/// How long before its deadline a run looks at no more conversations: longer than one step and its record take when nothing
/// answers.
const SPARE: Duration = Duration::from_secs(30);

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Report {
    /// Conversations that were looked at.
    looked: usize,
    /// Those of which nothing went because of a legal hold.
    held: usize,
    /// Messages that went.
    messages: u64,
    /// Attachments that went with them.
    attachments: u64,
    /// Conversations with which something failed, shards that could not be read, and lines that could not be written. They
    /// stay due.
    failed: usize,
    /// Whether the run ended before all was looked at.
    unfinished: bool,
}

impl Report {
    fn failed(&mut self, error: &BoxError) {
        let cause: &(dyn std::error::Error + 'static) = &**error;
        tracing::error!(cause, "Could not remove what was kept long enough");
        self.failed += 1;
    }
}

impl App {
    /// Removes what is due at a tick of the schedule, until shortly before the deadline: what is left over stays due.
    pub async fn handle(&self, event: Value, deadline: Option<Timestamp>) -> Result<Value, lambda_runtime::Error> {
        let Tick { scheduled_at } = api::event::read(event)?;
        // What is removed is gone: nothing goes before its time, whoever says so.
        let until = scheduled_at.min(self.clock.now());
        let mut sweep = Sweep { app: self, until, deadline, report: Report::default(), unrecorded: Vec::new() };
        for shard in 0..Store::SHARDS {
            sweep.shard(shard).boxed().await;
        }
        sweep.record().boxed().await;
        sweep.announcements().boxed().await;
        let report = sweep.report;
        if report != Report::default() {
            let Report { looked, held, messages, attachments, failed, unfinished } = report;
            tracing::info!(
                looked,
                held,
                messages,
                attachments,
                failed,
                unfinished,
                "Looked for what was kept long enough"
            );
        }
        Ok(json!(report))
    }
}

/// A run.
struct Sweep<'a> {
    app: &'a App,
    until: Timestamp,
    deadline: Option<Timestamp>,
    report: Report,
    /// What went and is to be recorded.
    unrecorded: Vec<Unrecorded>,
}

impl Sweep<'_> {
    async fn shard(&mut self, shard: u8) {
        let mut known = HashSet::new();
        while !self.report.unfinished {
            // What could not be removed, or is in the index a moment longer than in the table, is the next run's.
            let found = match self.app.store.due_retention(shard, self.until, PAGE + known.len()).await {
                Ok(found) => found,
                Err(error) => return self.report.failed(&error.into()),
            };
            let fresh: Vec<ConversationId> = found.into_iter().filter(|id| known.insert(*id)).collect();
            if fresh.is_empty() {
                return;
            }
            for id in fresh {
                if let Err(error) = self.conversation(id).boxed().await {
                    self.report.failed(&error);
                }
                if self.report.unfinished {
                    return;
                }
            }
        }
    }

    /// Removes step by step what is to go of a conversation.
    async fn conversation(&mut self, id: ConversationId) -> Result<(), BoxError> {
        self.report.looked += 1;
        loop {
            if self.is_late() {
                return Ok(());
            }
            match self.app.store.purge(id, self.until).await? {
                Looked::More => {}
                Looked::Nothing | Looked::Done => return Ok(()),
                Looked::Held => {
                    self.report.held += 1;
                    return Ok(());
                }
                Looked::Purged(unrecorded) => {
                    self.report.messages += unrecorded.purge.messages;
                    self.report.attachments += unrecorded.purge.attachments;
                    self.unrecorded.push(unrecorded);
                    if self.unrecorded.len() == LINE {
                        self.record().await;
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Whether there is no time left to begin with something, which is noted.
    fn is_late(&mut self) -> bool {
        self.report.unfinished |= self.app.clock.has_less_than(SPARE, self.deadline);
        self.report.unfinished
    }

    /// Removes step by step what was announced and is to go.
    async fn announcements(&mut self) {
        while !self.is_late() {
            let signature = Signature { id: self.app.ids.mint(), by: Username::system(), at: self.until };
            match self.app.store.purge_announcements(&signature).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return self.report.failed(&error.into()),
            }
        }
    }

    async fn record(&mut self) {
        let went = std::mem::take(&mut self.unrecorded);
        if went.is_empty() {
            return;
        }
        let signature = Signature { id: self.app.ids.mint(), by: Username::system(), at: self.app.clock.now() };
        if let Err(error) = self.app.store.record_purges(&signature, &went).await {
            self.report.failed(&error.into());
        }
    }
}

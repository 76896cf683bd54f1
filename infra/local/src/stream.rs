//! The table's stream, read as Lambda's event source mapping reads it, and what it invokes.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use dynoxide::Database;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::functions::TABLE;

/// The most records of one invocation.
const BATCH: usize = 100;

/// How often a batch is delivered before it is given up.
const TRIES: usize = 5;

/// The table's stream, and how far it was read.
pub struct Stream {
    database: Database,
    /// Where it is remembered how far, so that a restart goes on there.
    checkpoint: Option<PathBuf>,
    place: Mutex<Option<String>>,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("checkpoint", &self.checkpoint).finish_non_exhaustive()
    }
}

impl Stream {
    /// The stream of the table in `database`, from where `checkpoint` says; from its beginning if that does not say.
    pub fn new(database: Database, checkpoint: Option<PathBuf>) -> Self {
        let place = checkpoint.as_ref().and_then(|file| fs::read_to_string(file).ok());
        Self { database, checkpoint, place: Mutex::new(place) }
    }

    /// Delivers everything there is, and keeps its trail, if somebody does.
    pub async fn drain(&self, delivery: &delivery::App, trail: Option<&trail::App>) -> Result<()> {
        let mut place = self.place.lock().await;
        loop {
            let from = match place.clone() {
                Some(from) => from,
                None => self.beginning().await?,
            };
            let batch = self.read(from).await?;
            if !batch.records.is_empty() {
                let event = json!({ "Records": batch.records });
                invoke(|| delivery.handle(event.clone())).await;
                if let Some(trail) = trail {
                    invoke(|| trail.handle(event.clone())).await;
                }
            }
            let end = batch.records.len() < BATCH;
            let next = batch.next_shard_iterator.context("a stream that goes on")?;
            if place.as_ref() != Some(&next) {
                if let Some(file) = &self.checkpoint {
                    fs::write(file, &next).with_context(|| format!("{} cannot be written", file.display()))?;
                }
                *place = Some(next);
            }
            if end {
                return Ok(());
            }
        }
    }

    async fn beginning(&self) -> Result<String> {
        let database = self.database.clone();
        let found = tokio::task::spawn_blocking(move || {
            let table = DescribeTableRequest { table_name: TABLE.to_owned() };
            let stream_arn = database.describe_table(table)?.table.latest_stream_arn.unwrap_or_default();
            database.get_shard_iterator(GetShardIteratorRequest {
                stream_arn,
                shard_id: format!("shardId-00000001-{TABLE}"),
                shard_iterator_type: "TRIM_HORIZON".to_owned(),
                sequence_number: None,
            })
        });
        found.await??.shard_iterator.context("the table has a stream")
    }

    async fn read(&self, from: String) -> Result<GetRecordsResponse> {
        let database = self.database.clone();
        let request = GetRecordsRequest { shard_iterator: from, limit: Some(BATCH) };
        Ok(tokio::task::spawn_blocking(move || database.get_records(request)).await??)
    }
}

/// Invokes the function with a batch, again as long as it says that something failed.
///
/// In the cloud what cannot be delivered ends in a dead-letter queue; here it is an error in the log.
async fn invoke<F>(function: impl Fn() -> F)
where
    F: Future<Output = Result<Value, store::BoxError>>,
{
    for attempt in 1..=TRIES {
        match function().await {
            Ok(answer) if answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty) => return,
            Ok(_) => {}
            Err(error) => tracing::error!(error, attempt, "A batch of the stream failed"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tracing::error!("Gave up a batch of the stream");
}

//! Keeps the hashes of every log where nobody can change them.
//!
//! The table's stream invokes it, at least once for every entry that is put. It has no rights on the table, and may only add
//! to the bucket: whoever gets hold of it can change nothing that is there.

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bucket::Bucket;
use domain::clock::Timestamp;
use domain::trail::{Line, TrailKey};
use serde_json::Value;
use store::{BoxError, traced};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// Where the trail is.
    pub bucket: Bucket,
}

impl App {
    /// Keeps what a batch of the stream shows of logs, and says from which record on the stream must come again, if it must.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        let Event { records, .. } = api::event::read(event)?;
        let (lines, unreadable) = lines(&records);
        let failed = match self.keep(&lines).await {
            Ok(()) => unreadable,
            Err(error) => {
                let cause: &(dyn std::error::Error + 'static) = &*error;
                tracing::error!(lines = lines.len(), cause, "Could not keep what a batch shows of logs");
                lines.first().map(|(record, _)| *record)
            }
        };
        let failure = failed.map(|record| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier.clone_from(&record.change.sequence_number);
            failure
        });
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures = failure.into_iter().collect();
        Ok(serde_json::to_value(response)?)
    }

    async fn keep(&self, lines: &[(&EventRecord, Line)]) -> Result<(), BoxError> {
        let (Some((first, _)), Some((last, _))) = (lines.first(), lines.last()) else { return Ok(()) };
        let at = Timestamp::from_millis(first.change.approximate_creation_date_time.timestamp_millis());
        let [first, last] = [first, last].map(|record| record.change.sequence_number.as_deref().unwrap_or_default());
        let key = TrailKey::new(at, first, last)?;
        let mut written = Vec::new();
        for (_, line) in lines {
            serde_json::to_writer(&mut written, line)?;
            written.push(b'\n');
        }
        self.bucket.put_trail(&key, written).await?;
        tracing::info!(lines = lines.len(), "Kept");
        Ok(())
    }
}

/// What a batch shows of logs, up to the first entry that cannot be read; and that one.
fn lines(records: &[EventRecord]) -> (Vec<(&EventRecord, Line)>, Option<&EventRecord>) {
    let mut lines = Vec::new();
    // Only what was put: what retention leaves of an entry says the same.
    for record in records.iter().filter(|record| record.event_name == "INSERT") {
        let key = |name: &str| match record.change.keys.get(name) {
            Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
            _ => None,
        };
        let Some((pk, sk)) = key("pk").zip(key("sk")) else { continue };
        match traced(pk, sk, record.change.new_image.clone()) {
            Ok(line) => lines.extend(line.map(|line| (record, line))),
            Err(error) => {
                let cause: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(cause, "An entry cannot be read");
                return (lines, Some(record));
            }
        }
    }
    (lines, None)
}

//! The table's stream.

use std::collections::BTreeMap;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::chain::Seq;
use domain::event::DomainEvent;
use domain::id::ConversationId;
use store::{Delivery, appended};

use crate::App;

/// Some entries of one log.
#[derive(Debug)]
struct Appended {
    first: Seq,
    last: Seq,
    /// Where the first of them stands in the batch.
    place: usize,
}

/// Delivers the entries of a batch, and says from which record on the stream must come again, if it must.
pub(crate) async fn deliver(app: &App, batch: Event) -> DynamoDbEventResponse {
    let mut failed: Option<usize> = None;
    for (id, appended) in by_conversation(&batch.records) {
        let Appended { first, last, place } = appended;
        match app.deliver(id, first, last).await {
            Ok(rows) => {
                tracing::info!(
                    conversation.id = %id,
                    first.seq = first.get(),
                    last.seq = last.get(),
                    rows,
                    "Delivered"
                );
            }
            Err(cause) => {
                tracing::error!(conversation.id = %id, first.seq = first.get(), cause = &*cause, "Could not deliver");
                failed = Some(failed.map_or(place, |other| other.min(place)));
            }
        }
    }
    let failure = failed.map(|place| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier.clone_from(&batch.records[place].change.sequence_number);
        failure
    });
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures = failure.into_iter().collect();
    response
}

impl App {
    /// Brings some entries to the inboxes of the members, and then tells of them: who hears of it and looks sees it.
    async fn deliver(
        &self,
        id: ConversationId,
        first: Seq,
        last: Seq,
    ) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
        let Delivery { rows, entries } = self.store.deliver(id, first, last).await?;
        let events: Vec<DomainEvent> = entries.iter().map(|entry| DomainEvent::of(id, entry)).collect();
        self.bus.tell(&events).await?;
        Ok(rows)
    }
}

/// The entries that a batch tells of. Nothing else in the table is of interest: whatever happens is an entry.
fn by_conversation(records: &[EventRecord]) -> BTreeMap<ConversationId, Appended> {
    let mut found: BTreeMap<ConversationId, Appended> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        let key = |name: &str| match record.change.keys.get(name) {
            Some(serde_dynamo::AttributeValue::S(text)) => Some(text.clone()),
            _ => None,
        };
        let Some((id, seq)) = key("pk").zip(key("sk")).and_then(|(pk, sk)| appended(&pk, &sk)) else { continue };
        let appended = found.entry(id).or_insert(Appended { first: seq, last: seq, place });
        appended.first = appended.first.min(seq);
        appended.last = appended.last.max(seq);
    }
    found
}

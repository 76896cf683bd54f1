//! The table's stream.

use std::collections::BTreeMap;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::chain::Seq;
use domain::event::DomainEvent;
use domain::id::{AttachmentId, BackupId, BroadcastId, ConversationId};
use domain::text::Username;
use store::{Change, Delivery, Purpose, changed, lacks_preview, waits_for_run};

use crate::App;
use crate::bus::Untold;

/// Some entries of one log.
#[derive(Debug)]
struct Appended {
    first: Seq,
    last: Seq,
    /// Where the first of them stands in the batch.
    place: usize,
}

/// How many people are looked at one by one at once. Of more the digest sees by itself that they are due: a word that there
/// is much to do is enough.
const ONE_BY_ONE: usize = 20;

/// Delivers the entries of a batch, and says from which record on the stream must come again, if it must.
pub(crate) async fn deliver(app: &App, batch: Event) -> DynamoDbEventResponse {
    let mut failed: Option<usize> = None;
    let Changes { appended, announced, waiting } = changes(&batch.records);
    for (work, place) in waiting {
        if let Err(error) = app.call_for_work(work).await {
            let cause: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(work = ?work, cause, "Could not tell that something waits to be made");
            failed = Some(failed.map_or(place, |other| other.min(place)));
        }
    }
    for (id, place) in announced {
        if let Err(error) = app.store.spread_broadcast(id).await {
            let cause: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(broadcast.id = %id, cause, "Could not note that a broadcast is to be told of");
            failed = Some(failed.map_or(place, |other| other.min(place)));
        }
    }
    for (id, appended) in appended {
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
        let Delivery { rows, entries, due } = self.store.deliver(id, first, last, &self.timing).await?;
        let events: Vec<DomainEvent> = entries.iter().map(|entry| DomainEvent::of(id, entry)).collect();
        self.bus.tell(&events).await?;
        self.call_for_looks(&due).await?;
        Ok(rows)
    }

    /// Has something made that waits for it. If that is lost, `jobs` comes to a back-up by the hour; a picture without a
    /// preview is a file like others.
    async fn call_for_work(&self, work: Work) -> Result<(), Untold> {
        match work {
            Work::Backup(of, id, run) => self.bus.backup_due(of, id, run).await,
            Work::Preview(id) => self.bus.preview_due(id).await,
        }
    }

    /// Has it looked at once whether people are to be told by mail. If that is lost, the next sweep looks.
    async fn call_for_looks(&self, due: &[Username]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if due.is_empty() {
            return Ok(());
        }
        let mut references = Vec::new();
        if due.len() <= ONE_BY_ONE {
            for name in due {
                references.push(self.store.seal(Purpose::Notice, name).await?);
            }
        }
        Ok(self.bus.notices_due(&references).await?)
    }
}

/// What of a batch is of interest.
#[derive(Debug, Default)]
struct Changes {
    appended: BTreeMap<ConversationId, Appended>,
    /// The broadcasts, and where in the batch each first stands.
    announced: BTreeMap<BroadcastId, usize>,
    /// What waits to be made, and where in the batch each stands.
    waiting: Vec<(Work, usize)>,
}

/// Something that waits to be made by another function.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// A back-up of a conversation, in this run of its making.
    Backup(ConversationId, BackupId, u32),
    /// The preview of a picture.
    Preview(AttachmentId),
}

/// What a batch tells of. Nothing else in the table is of interest: whatever happens is an entry, is announced, or waits to
/// be made.
fn changes(records: &[EventRecord]) -> Changes {
    let mut found = Changes::default();
    for (place, record) in records.iter().enumerate() {
        let key = |name: &str| match record.change.keys.get(name) {
            Some(serde_dynamo::AttributeValue::S(text)) => Some(text.clone()),
            _ => None,
        };
        match key("pk").zip(key("sk")).and_then(|(pk, sk)| changed(&pk, &sk)) {
            // That the text of an entry goes after years is no news of it.
            Some(Change::Appended(..)) if record.event_name != "INSERT" => {}
            Some(Change::Appended(id, seq)) => {
                let appended = found.appended.entry(id).or_insert(Appended { first: seq, last: seq, place });
                appended.first = appended.first.min(seq);
                appended.last = appended.last.max(seq);
            }
            Some(Change::Announced(id)) => {
                found.announced.entry(id).or_insert(place);
            }
            Some(Change::BackedUp(of, id)) => {
                let run = waits_for_run(record.change.new_image.clone());
                found.waiting.extend(run.map(|run| (Work::Backup(of, id, run), place)));
            }
            Some(Change::Attached(id)) if lacks_preview(record.change.new_image.clone()) => {
                found.waiting.push((Work::Preview(id), place));
            }
            Some(Change::Attached(_)) | None => {}
        }
    }
    found
}

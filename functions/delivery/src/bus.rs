//! The event bus of the institution's account, on which other systems hear that something happened.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::timeout::TimeoutConfig;
use aws_sdk_eventbridge::config::{BehaviorVersion, Region};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::event::DomainEvent;
use domain::id::{AttachmentId, BackupId, ConversationId};
use serde::Serialize;
use serde_json::json;
use store::Cloud;

/// As which application events are told.
const SOURCE: &str = "confer";

/// As what it is told that it is to be looked at once whether people are to be told by mail.
const NOTICE_DUE: &str = "NoticeDue";

/// As what it is told that a back-up waits for a run.
const BACKUP_DUE: &str = "BackupDue";

/// As what it is told that a picture lacks its preview.
const PREVIEW_DUE: &str = "PreviewDue";

/// The most entries of one request (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
const AT_ONCE: usize = 10;

/// How often what the bus does not take is told, before the stream is asked to come again.
const TRIES: usize = 3;

/// The event bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: Arc<str>,
}

/// The bus did not take everything.
#[derive(Debug, thiserror::Error)]
pub enum Untold {
    /// It did not answer, or refuses the request as such.
    #[error("the bus does not take events")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Again and again it took some and not others.
    #[error("the bus did not take {0} events")]
    Left(usize),
}

impl Bus {
    /// The bus of this name.
    pub fn new(cloud: &Cloud, name: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .build();
        let mut config = aws_sdk_eventbridge::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(cloud.settings.region.clone()))
            .credentials_provider(cloud.settings.credentials.clone())
            .http_client(cloud.http.clone())
            .timeout_config(timeouts);
        config.set_endpoint_url(cloud.settings.endpoint.clone());
        Self { client: Client::from_conf(config.build()), name: name.into() }
    }

    /// Tells what happened. What was told may be told again, when another part of it was not taken.
    pub(crate) async fn tell(&self, events: &[DomainEvent]) -> Result<(), Untold> {
        let entries = events.iter().map(|event| self.entry(event.name, event));
        self.put(entries.collect::<Result<Vec<_>, _>>()?).await
    }

    /// Tells that it is to be looked now whether these people are to be told by mail; whether very many are, without their
    /// names, if none is given.
    pub(crate) async fn notices_due(&self, references: &[String]) -> Result<(), Untold> {
        let entries = if references.is_empty() {
            vec![self.entry(NOTICE_DUE, &json!({}))?]
        } else {
            let entry = |reference: &String| self.entry(NOTICE_DUE, &json!({ "reference": reference }));
            references.iter().map(entry).collect::<Result<Vec<_>, _>>()?
        };
        self.put(entries).await
    }

    /// Tells that a back-up waits for this run of its making.
    pub(crate) async fn backup_due(&self, of: ConversationId, backup: BackupId, run: u32) -> Result<(), Untold> {
        let waits = json!({ "conversation_id": of, "backup_id": backup, "run": run });
        self.put(vec![self.entry(BACKUP_DUE, &waits)?]).await
    }

    /// Tells that a picture lacks its preview.
    pub(crate) async fn preview_due(&self, attachment: AttachmentId) -> Result<(), Untold> {
        self.put(vec![self.entry(PREVIEW_DUE, &json!({ "attachment_id": attachment }))?]).await
    }

    async fn put(&self, entries: Vec<PutEventsRequestEntry>) -> Result<(), Untold> {
        for some in entries.chunks(AT_ONCE) {
            let mut left = some.to_vec();
            for _ in 0..TRIES {
                let told = self.client.put_events().set_entries(Some(left.clone())).send().await;
                let answers = told.map_err(|error| Untold::Refused(error.into()))?.entries.unwrap_or_default();
                let taken = |n: usize| answers.get(n).is_some_and(|answer| answer.error_code.is_none());
                let mut place = 0..;
                left.retain(|_| !place.next().is_some_and(taken));
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                return Err(Untold::Left(left.len()));
            }
        }
        Ok(())
    }

    fn entry(&self, name: &str, detail: &impl Serialize) -> Result<PutEventsRequestEntry, Untold> {
        let detail = serde_json::to_string(detail).map_err(|error| Untold::Refused(error.into()))?;
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(&*self.name)
            .source(SOURCE)
            .detail_type(name)
            .detail(detail)
            .build())
    }
}

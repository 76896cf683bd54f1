//! EventBridge: takes events and keeps the newest, in the shape in which a rule's target gets them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use domain::clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::AwsError;
use super::{ACCOUNT, Aws, REGION, parse};
use crate::issuer::random_id;

/// How many events are kept.
const KEPT: usize = 1_000;

/// Most entries of one request.
const MAX_ENTRIES: usize = 10;

/// Most bytes of one request.
const MAX_BYTES: usize = 256 * 1024;

/// The event bus: the stack's own, and the account's, on which AWS itself tells what happened.
#[derive(Debug, Default)]
pub struct Bus(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    newest: VecDeque<Event>,
    /// What no rule was asked about yet.
    unrouted: Vec<Event>,
}

/// An event as a rule's target gets it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Of this shape; always 0.
    pub version: &'static str,
    /// Unique.
    pub id: String,
    /// What happened.
    pub detail_type: String,
    /// Which application says so.
    pub source: String,
    /// Whose it is.
    pub account: &'static str,
    /// When, by the stack's clock.
    pub time: Timestamp,
    /// Where.
    pub region: &'static str,
    /// What it concerns.
    pub resources: Vec<String>,
    /// The facts.
    pub detail: Value,
}

impl Bus {
    /// The newest events, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.state().newest.iter().cloned().collect()
    }

    /// What came since this was last asked, for whoever routes it.
    pub fn take_unrouted(&self) -> Vec<Event> {
        std::mem::take(&mut self.state().unrouted)
    }

    pub(super) fn push(&self, event: Event) {
        let mut state = self.state();
        if state.newest.len() == KEPT {
            state.newest.pop_front();
        }
        state.newest.push_back(event.clone());
        state.unrouted.push(event);
    }

    fn state(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
}

/// `PutEvents`: each entry stands or falls alone.
pub(super) async fn put(State(aws): State<Aws>, body: Bytes) -> Result<Json<Value>, AwsError> {
    let request: PutEvents = parse(&body, "ValidationException")?;
    if request.entries.is_empty() || request.entries.len() > MAX_ENTRIES {
        return Err(AwsError::refused("ValidationException", format!("Entries must have 1 to {MAX_ENTRIES} members.")));
    }
    if body.len() > MAX_BYTES {
        return Err(AwsError::refused(
            "ValidationException",
            "Total size of the entries in the request is over the limit.",
        ));
    }
    let mut failed = 0;
    let mut results = Vec::new();
    for entry in request.entries {
        match event(entry, random_id()?, aws.clock.now()) {
            Ok(event) => {
                results.push(json!({ "EventId": event.id }));
                aws.events.push(event);
            }
            Err((code, message)) => {
                failed += 1;
                results.push(json!({ "ErrorCode": code, "ErrorMessage": message }));
            }
        }
    }
    Ok(Json(json!({ "FailedEntryCount": failed, "Entries": results })))
}

fn event(entry: Entry, id: String, time: Timestamp) -> Result<Event, (&'static str, &'static str)> {
    const MISSING: &str = "InvalidArgument";
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    Ok(Event {
        version: "0",
        id,
        source: given(entry.source)
            .ok_or((MISSING, "Parameter Source is not valid. Reason: Source is a required argument."))?,
        detail_type: given(entry.detail_type)
            .ok_or((MISSING, "Parameter DetailType is not valid. Reason: DetailType is a required argument."))?,
        account: ACCOUNT,
        time,
        region: REGION,
        resources: entry.resources,
        detail: given(entry.detail)
            .ok_or((MISSING, "Parameter Detail is not valid. Reason: Detail is a required argument."))
            .and_then(|detail| {
                let value = serde_json::from_str(&detail).ok().filter(Value::is_object);
                value.ok_or(("MalformedDetail", "Detail is malformed."))
            })?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Running, start};

    async fn put(running: &Running, entries: Value) -> (u16, Value) {
        let answer = reqwest::Client::new()
            .post(&running.url)
            .header("x-amz-target", "AWSEvents.PutEvents")
            .header("content-type", "application/x-amz-json-1.1")
            .body(json!({ "Entries": entries }).to_string())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn entry(detail: &str) -> Value {
        json!({ "Source": "confer.delivery", "DetailType": "NoticeDue", "Detail": detail })
    }

    #[tokio::test]
    async fn each_entry_stands_or_falls_alone() {
        let running = start().await;
        let (status, answer) =
            put(&running, json!([entry(r#"{"notice":1}"#), entry("{"), { "Source": "confer" }])).await;
        assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(2)));
        assert_eq!(answer["Entries"][1]["ErrorCode"], "MalformedDetail");
        assert_eq!(answer["Entries"][2]["ErrorCode"], "InvalidArgument");

        let [event] = &running.aws.events.events()[..] else { panic!("one event") };
        let event = json!(event);
        assert_eq!(event["id"], answer["Entries"][0]["EventId"]);
        assert_eq!(event["detail-type"], "NoticeDue");
        assert_eq!(event["detail"], json!({ "notice": 1 }));
        assert_eq!(json!(running.aws.events.take_unrouted()), json!([event]));
        assert!(running.aws.events.take_unrouted().is_empty());
    }

    #[tokio::test]
    async fn a_request_has_one_to_ten_entries() {
        let running = start().await;
        for count in [0, 11] {
            let (status, answer) = put(&running, json!(vec![entry("{}"); count])).await;
            assert_eq!((status, &answer["__type"]), (400, &json!("ValidationException")));
        }
    }

    #[test]
    fn only_the_newest_are_kept() {
        let bus = Bus::default();
        let parsed: Entry = serde_json::from_value(entry("{}")).unwrap();
        let first = event(parsed, "first".into(), Timestamp::from_millis(0)).unwrap();
        bus.push(first.clone());
        for _ in 0..KEPT {
            bus.push(Event { id: "later".into(), ..first.clone() });
        }
        let kept = bus.events();
        assert_eq!((kept.len(), kept[0].id.as_str()), (KEPT, "later"));
    }
}

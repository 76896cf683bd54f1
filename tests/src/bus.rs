//! The event bus of a world: takes what the SDK sends, remembers it, and refuses some of it when a test wants that.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// The event bus of a world. Clones are the same bus.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    told: Vec<Told>,
    /// What was told to nobody but ourselves, as the bus hands it on.
    own: Vec<Value>,
    /// How many of the next entries are refused.
    refusing: usize,
}

/// Something that was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What kind of thing: the `detail-type`.
    pub name: String,
    /// The facts.
    pub detail: Value,
}

impl Bus {
    fn with<T>(&self, see: impl FnOnce(&mut State) -> T) -> T {
        see(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What other systems were told since this was last asked.
    pub fn take(&self) -> Vec<Told> {
        self.with(|state| std::mem::take(&mut state.told))
    }

    /// Refuses the next entries, each once.
    pub fn refuse(&self, entries: usize) {
        self.with(|state| state.refusing = entries);
    }

    /// What our own functions are to hear that nobody has heard yet. Whoever takes it invokes them by hand, or does not.
    pub fn take_own(&self) -> Vec<Value> {
        self.with(|state| std::mem::take(&mut state.own))
    }

    /// The client to give to the SDK.
    pub(crate) fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    fn put(&self, request: &HttpRequest) -> Value {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let entries = body["Entries"].as_array().cloned().unwrap_or_default();
        self.with(|state| {
            let mut failed = 0;
            let mut answers = Vec::new();
            for entry in entries {
                assert_eq!((&entry["EventBusName"], &entry["Source"]), (&json!("confer"), &json!("confer")));
                if state.refusing > 0 {
                    state.refusing -= 1;
                    failed += 1;
                    answers.push(json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "made by a test" }));
                    continue;
                }
                let name = entry["DetailType"].as_str().unwrap_or_default().to_owned();
                let detail: Value =
                    serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).unwrap_or_default();
                if ["NoticeDue", "BackupDue", "PreviewDue"].contains(&name.as_str()) {
                    let event = json!({ "version": "0", "source": "confer", "detail-type": name, "detail": detail });
                    state.own.push(event);
                } else {
                    state.told.push(Told { name, detail });
                }
                answers.push(json!({ "EventId": (state.told.len() + state.own.len()).to_string() }));
            }
            json!({ "FailedEntryCount": failed, "Entries": answers })
        })
    }
}

impl HttpClient for Bus {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Bus {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.put(&request).to_string();
        let mut response = HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(answer));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}

//! The services besides the table, played: an event bus that takes everything, and a mail service that takes its time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use local::functions;
use serde_json::{Value, json};
use store::Cloud;

/// How long the mail service takes for a mail.
pub(super) const ORDINARY: Duration = Duration::from_millis(50);

/// A mail service that takes every mail, each after a while. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Mails {
    takes: Duration,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Mails {
    pub(super) fn taking(takes: Duration) -> Self {
        Self { takes, taken: Arc::default() }
    }

    /// Returns to whom mails were taken since this was last asked, once for each mail.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn cloud(&self) -> Cloud {
        cloud(SharedHttpClient::new(self.clone()))
    }

    async fn send(&self, request: Value) -> Result<HttpResponse, ConnectorError> {
        let to = request["Destination"]["ToAddresses"][0].as_str().ok_or_else(unreadable)?;
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(to.to_owned());
        answer(&json!({ "MessageId": "0100" }))
    }
}

impl HttpConnector for Mails {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (mails, request) = (self.clone(), body(&request));
        HttpConnectorFuture::new(async move { mails.send(request).await })
    }
}

/// An event bus to which nobody listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bus;

impl Bus {
    pub(super) fn cloud(self) -> Cloud {
        cloud(SharedHttpClient::new(self))
    }
}

impl HttpConnector for Bus {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let entries = body(&request)["Entries"].as_array().map_or(0, Vec::len);
        let taken = vec![json!({ "EventId": "1" }); entries];
        HttpConnectorFuture::ready(answer(&json!({ "FailedEntryCount": 0, "Entries": taken })))
    }
}

impl HttpClient for Mails {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpClient for Bus {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

/// A way to a service that is played: its address is never asked.
fn cloud(http: SharedHttpClient) -> Cloud {
    Cloud { settings: functions::settings("http://127.0.0.1"), http }
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default()
}

fn answer(answer: &Value) -> Result<HttpResponse, ConnectorError> {
    let ok = StatusCode::try_from(200).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(ok, SdkBody::from(answer.to_string()));
    response.headers_mut().insert("content-type", "application/json");
    Ok(response)
}

fn unreadable() -> ConnectorError {
    ConnectorError::other("it has no receiver".into(), None)
}

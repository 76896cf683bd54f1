//! Where tests stand between the SDK and the table: under the SDK, above the socket.
//!
//! Every attempt of every request passes here, so that a test can count it, spoil it, lose its answer after the table
//! has done it, or hold it until it is its turn.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::faults::{Fault, Faults};
use crate::meter::Meter;
use crate::turnstile::Turnstile;

/// The wire of one world.
#[derive(Clone, Debug)]
pub struct Wire {
    inner: SharedHttpClient,
    /// Counts what passes.
    pub meter: Meter,
    /// Spoils what passes.
    pub faults: Faults,
    turnstile: Arc<Mutex<Option<Turnstile>>>,
}

impl Wire {
    /// A wire over a real HTTP client, without faults.
    pub fn over(inner: SharedHttpClient) -> Self {
        Self { inner, meter: Meter::default(), faults: Faults::default(), turnstile: Arc::default() }
    }

    /// From now on every request waits at the turnstile until it is let through.
    pub fn hold(&self, turnstile: Turnstile) {
        *self.turnstile.lock().unwrap_or_else(PoisonError::into_inner) = Some(turnstile);
    }

    /// The client to give to the SDK.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    fn turnstile(&self) -> Option<Turnstile> {
        self.turnstile.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, wire: self.clone() })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    wire: Wire,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, wire) = (self.inner.clone(), self.wire.clone());
        HttpConnectorFuture::new(async move {
            let operation = operation(&request);
            if let Some(turnstile) = wire.turnstile() {
                turnstile.pass(&operation).await;
            }
            let request = Meter::asking_for_capacity(request);
            let step = wire.meter.begin();
            match wire.faults.next(&operation) {
                None => wire.meter.read(&operation, step, inner.call(request).await?).await,
                Some(Fault::Drop) => Err(ConnectorError::io("the request was dropped".into())),
                Some(Fault::LoseTheAnswer) => {
                    inner.call(request).await?;
                    Err(ConnectorError::timeout("the answer was lost".into()))
                }
                Some(Fault::ServerError) => Ok(error(500, "InternalServerError")),
                Some(Fault::Throttle) => Ok(error(400, "ProvisionedThroughputExceededException")),
                Some(Fault::Conflict) => Ok(conflict(&operation)),
                Some(Fault::Delay(time)) => {
                    tokio::time::sleep(time).await;
                    wire.meter.read(&operation, step, inner.call(request).await?).await
                }
            }
        })
    }
}

/// The DynamoDB operation a request is, such as `TransactWriteItems`.
fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

fn error(status: u16, code: &str) -> HttpResponse {
    answer(status, &format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"made by a test"}}"#))
}

/// The emulator does one thing after another; in the cloud two transactions can meet.
fn conflict(operation: &str) -> HttpResponse {
    if operation.starts_with("Transact") {
        answer(
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"made by a test","CancellationReasons":[{"Code":"TransactionConflict"}]}"#,
        )
    } else {
        error(400, "TransactionConflictException")
    }
}

fn answer(status: u16, body: &str) -> HttpResponse {
    let status = status.try_into().expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

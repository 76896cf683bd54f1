//! What requests cost: trips to the table and the capacity it says it consumed.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// Counts trips and consumed capacity.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Vec<Trip>>>);

/// How far along one had come when a request went out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step(usize);

/// One request to the table and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// What was asked, such as `Query`.
    pub operation: String,
    /// Which of a chain of trips it was, counted from one: requests that were under way together are one step.
    pub step: usize,
    /// Write request units.
    pub wru: f64,
    /// Read request units.
    pub rru: f64,
}

impl Meter {
    /// The trips since the last time this was asked.
    pub fn take(&self) -> Vec<Trip> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many trips of `trips` had to wait for each other: what a client feels, however many requests there were.
    pub fn in_sequence(trips: &[Trip]) -> usize {
        trips.iter().map(|trip| trip.step).max().unwrap_or(0)
    }

    /// A request goes out: it comes after everything that was answered before.
    pub(crate) fn begin(&self) -> Step {
        let trips = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Step(Self::in_sequence(&trips) + 1)
    }

    /// The request, asking the table to say what it consumed.
    pub(crate) fn asking_for_capacity(mut request: HttpRequest) -> HttpRequest {
        let body = request.body().bytes().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        if let Some(Value::Object(mut body)) = body {
            body.insert("ReturnConsumedCapacity".to_owned(), "TOTAL".into());
            let body = Value::Object(body).to_string();
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body);
        }
        request
    }

    /// Notes what an answer says of its cost, and hands the answer on.
    pub(crate) async fn read(
        &self,
        operation: &str,
        Step(step): Step,
        response: HttpResponse,
    ) -> Result<HttpResponse, ConnectorError> {
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.into_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        let units = serde_json::from_slice::<Value>(&body).map_or(0.0, |answer| units(&answer));
        let writes = operation.contains("Write") || matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
        let (wru, rru) = if writes { (units, 0.0) } else { (0.0, units) };
        let trip = Trip { operation: operation.to_owned(), step, wru, rru };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(trip);
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// What the table says it consumed.
///
/// It charges for a transaction that it refuses as well, without saying how much: the full price of items of up to 1 KB
/// is counted, which is the most it can be.
fn units(answer: &Value) -> f64 {
    let refused = answer["CancellationReasons"].as_array().map_or(0, Vec::len);
    consumed(&answer["ConsumedCapacity"]) + (0..refused).map(|_| 2.0).sum::<f64>()
}

fn consumed(capacity: &Value) -> f64 {
    match capacity {
        Value::Array(tables) => tables.iter().map(consumed).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    }
}

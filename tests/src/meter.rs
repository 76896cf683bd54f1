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

/// One request to the table and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// What was asked, such as `Query`.
    pub operation: String,
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
    pub(crate) async fn read(&self, operation: &str, response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.into_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        let units = serde_json::from_slice::<Value>(&body).map_or(0.0, |answer| units(&answer["ConsumedCapacity"]));
        let writes = operation.contains("Write") || matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
        let (wru, rru) = if writes { (units, 0.0) } else { (0.0, units) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Trip { operation: operation.to_owned(), wru, rru });
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn units(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    }
}

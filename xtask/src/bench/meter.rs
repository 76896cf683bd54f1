//! What requests to the table cost: read and write units, as the table says itself, and trips that wait for each other.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// Stands between the SDK and the table, and counts. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    inner: SharedHttpClient,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    trips: Vec<Trip>,
    /// The greatest step that was answered.
    answered: u32,
}

/// One request and its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trip {
    /// Whether an index was asked.
    pub(crate) of_index: bool,
    /// Its place in a chain of trips: requests that are under way together have the same.
    step: u32,
    units: Units,
}

/// What was consumed.
#[derive(Clone, Copy, Debug)]
enum Units {
    Read(f64),
    Write(f64),
}

/// What some trips came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bill {
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// How many of them waited for each other.
    pub(crate) in_sequence: u32,
}

impl Meter {
    pub(crate) fn over(inner: SharedHttpClient) -> Self {
        Self { inner, counts: Arc::default() }
    }

    /// The client to give to the SDK.
    pub(crate) fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// Returns the trips since the last time this was asked.
    pub(crate) fn take(&self) -> Vec<Trip> {
        std::mem::take(&mut *self.counts()).trips
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, table: SharedHttpConnector, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let (request, of_index) = asking_for_capacity(request);
        // It comes after everything that was answered before.
        let step = self.counts().answered + 1;
        let response = table.call(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let trip = Trip { of_index, step, units: Units::of(&operation, consumed(&answer["ConsumedCapacity"])) };
        {
            let mut counts = self.counts();
            counts.answered = counts.answered.max(step);
            counts.trips.push(trip);
        }
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl Units {
    fn of(operation: &str, consumed: f64) -> Self {
        let writes = operation.contains("Write") || matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
        if writes { Self::Write(consumed) } else { Self::Read(consumed) }
    }
}

impl Bill {
    pub(crate) fn of<'a>(trips: impl IntoIterator<Item = &'a Trip>) -> Self {
        let mut bill = Self::default();
        let mut steps = BTreeSet::new();
        for trip in trips {
            match trip.units {
                Units::Read(units) => bill.read_units += units,
                Units::Write(units) => bill.write_units += units,
            }
            if steps.insert(trip.step) {
                bill.in_sequence += 1;
            }
        }
        bill
    }
}

/// The request, asking the table to say what it consumed; and whether it asks an index.
fn asking_for_capacity(mut request: HttpRequest) -> (HttpRequest, bool) {
    let body = request.body().bytes().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let Some(Value::Object(mut body)) = body else { return (request, false) };
    let of_index = body.contains_key("IndexName");
    body.insert("ReturnConsumedCapacity".to_owned(), "TOTAL".into());
    let body = Value::Object(body).to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
    (request, of_index)
}

/// Requests that may concern more than one table say it for each.
fn consumed(capacity: &Value) -> f64 {
    match capacity {
        Value::Array(tables) => tables.iter().map(consumed).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    }
}

impl HttpClient for Meter {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let table = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { table, meter: self.clone() })
    }
}

#[derive(Debug)]
struct Connector {
    table: SharedHttpConnector,
    meter: Meter,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (table, meter) = (self.table.clone(), self.meter.clone());
        HttpConnectorFuture::new(async move { meter.call(table, request).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bill_adds_units_and_counts_the_trips_that_wait_for_each_other() {
        let trip = |step, units| Trip { of_index: false, step, units };
        let trips = [
            trip(1, Units::of("GetItem", 1.0)),
            trip(2, Units::of("Query", 0.5)),
            trip(2, Units::of("BatchGetItem", 3.0)),
            trip(4, Units::of("UpdateItem", 2.0)),
            trip(5, Units::of("TransactGetItems", 4.0)),
            trip(5, Units::of("TransactWriteItems", 8.0)),
        ];
        assert_eq!(Bill::of(&trips), Bill { read_units: 8.5, write_units: 10.0, in_sequence: 4 });
    }

    #[test]
    fn capacity_is_read_for_one_table_and_for_each_of_many() {
        assert_eq!(consumed(&json!({ "CapacityUnits": 1.5 })).to_string(), "1.5");
        assert_eq!(consumed(&json!([{ "CapacityUnits": 1.5 }, { "CapacityUnits": 2.0 }])).to_string(), "3.5");
        assert_eq!(consumed(&Value::Null).to_string(), "0");
    }
}

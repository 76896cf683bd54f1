//! A table in which there is nothing: it answers as AWS does of an empty one, takes what may be written there, and remembers
//! nothing but how much.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use store::{Settings, Store, connect, credentials};

/// What stands under the SDK.
#[derive(Clone, Debug, Default)]
pub struct Empty {
    written: Arc<AtomicUsize>,
}

impl Empty {
    /// How many items were written since this was last asked.
    pub fn written(&self) -> usize {
        self.written.swap(0, Ordering::Relaxed)
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let body: Value =
            request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        match target.rsplit('.').next().unwrap_or_default() {
            "GetItem" => of_table(200, &json!({})),
            "BatchGetItem" => of_table(200, &json!({ "Responses": {}, "UnprocessedKeys": {} })),
            "Query" => of_table(200, &json!({ "Items": [], "Count": 0, "ScannedCount": 0 })),
            "TransactGetItems" => {
                let count = body["TransactItems"].as_array().map_or(0, Vec::len);
                of_table(200, &json!({ "Responses": vec![json!({}); count] }))
            }
            "TransactWriteItems" => self.transaction(&body),
            _ if holds_of_nothing(&body) => {
                self.written.fetch_add(1, Ordering::Relaxed);
                of_table(200, &json!({}))
            }
            _ => refusal("ConditionalCheckFailedException", &Value::Null),
        }
    }

    fn transaction(&self, body: &Value) -> HttpResponse {
        let parts = body["TransactItems"].as_array().cloned().unwrap_or_default();
        let hold: Vec<bool> =
            parts.iter().map(|part| part.as_object().is_some_and(|part| part.values().all(holds_of_nothing))).collect();
        if hold.iter().all(|holds| *holds) {
            self.written.fetch_add(parts.len(), Ordering::Relaxed);
            return of_table(200, &json!({}));
        }
        let reason = |holds: &bool| json!({ "Code": if *holds { "None" } else { "ConditionalCheckFailed" } });
        refusal("TransactionCanceledException", &hold.iter().map(reason).collect())
    }
}

/// Whether a write's condition holds where there is nothing.
fn holds_of_nothing(write: &Value) -> bool {
    write["ConditionExpression"].as_str().is_none_or(|condition| condition.contains("attribute_not_exists"))
}

fn refusal(code: &str, reasons: &Value) -> HttpResponse {
    let said = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "it is empty", "CancellationReasons": reasons,
    });
    of_table(400, &said)
}

fn of_table(status: u16, said: &Value) -> HttpResponse {
    let status = status.try_into().expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(said.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}

impl HttpClient for Empty {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Empty {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(self.answer(&request)))
    }
}

/// An empty table without quotas, and what stands under it.
pub fn stand_in() -> (Empty, Store) {
    let empty = Empty::default();
    let settings = Settings {
        region: "us-east-1".to_owned(),
        endpoint: Some("http://127.0.0.1:9".to_owned()),
        credentials: credentials("none", "none", None),
    };
    let client = connect(settings, SharedHttpClient::new(empty.clone()));
    (empty, Store::new(client, "confer").unlimited())
}

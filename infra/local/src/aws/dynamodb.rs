//! DynamoDB and its streams, by an embedded engine on SQLite.

mod tokenless;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use dynoxide::Database;

use crate::server::{Server, listen, url};

pub use tokenless::http_client;

/// The largest request that DynamoDB takes.
const MAX_REQUEST: usize = 16 * 1024 * 1024;

/// How often what has expired is swept.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Opens the database in the file `path`.
///
/// With SQLite's `synchronous=NORMAL`: what was acknowledged survives the end of the process however it comes, `kill -9`
/// included, but perhaps not a power cut. That is three times as fast as surviving both, and this is a developer's tool.
pub fn open(path: &Path) -> Result<Database> {
    let cannot_open = || format!("the database {} cannot be opened", path.display());
    let database = Database::new(path.to_str().with_context(cannot_open)?).with_context(cannot_open)?;
    // Named after its first use, this sets `synchronous` and nothing that matters here besides.
    database.disable_bulk_loading().with_context(cannot_open)?;
    index_stream(path).with_context(cannot_open)?;
    Ok(database)
}

/// Each write asks for the largest number in the stream. Without an index the engine reads the whole stream for that,
/// and is soon slower than a person types.
fn index_stream(path: &Path) -> rusqlite::Result<()> {
    rusqlite::Connection::open(path)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS _stream_order ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
    )
}

/// Serves `database` on a loopback port of its own, and returns its address. What has expired stays: who keeps another time
/// than the machine's must not lose what has not.
pub async fn serve(database: Database) -> Result<(String, Server)> {
    start(database, None).await
}

/// The same, and sweeps what has expired.
pub async fn serve_and_sweep(database: Database) -> Result<(String, Server)> {
    start(database.clone(), Some(database)).await
}

async fn start(database: Database, swept: Option<Database>) -> Result<(String, Server)> {
    let listener = listen(0, "").await?;
    let address = url(listener.local_addr()?);
    let server = Server::run(async move |stopped| {
        let sweeper = swept.map(|swept| tokio::spawn(sweep(swept)));
        let stopped = async {
            let _ = stopped.await;
        };
        if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await {
            tracing::error!(error, "The embedded DynamoDB failed");
        }
        if let Some(sweeper) = sweeper {
            sweeper.abort();
        }
    });
    Ok((address, server))
}

/// Deletes what has expired, as DynamoDB does sooner or later. By the machine's time: it is a broom, not a clock.
async fn sweep(database: Database) {
    let mut every = tokio::time::interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(0)) | Err(_) => {}
            Ok(Ok(items)) => tracing::debug!(items, "Swept what had expired"),
            Ok(Err(error)) => tracing::warn!(%error, "Sweeping what has expired failed"),
        }
    }
}

/// The way from the one port to DynamoDB's own.
#[derive(Clone, Debug)]
pub struct Upstream {
    url: String,
    client: reqwest::Client,
}

impl Upstream {
    /// Forwards to `url`.
    pub fn new(url: &str) -> Result<Self> {
        // A proxy of the environment is for the world outside, not for this machine.
        Ok(Self { url: url.to_owned(), client: reqwest::Client::builder().no_proxy().build()? })
    }

    /// Passes a request on, and its answer back.
    pub async fn forward(&self, request: Request) -> Response<Body> {
        match self.try_forward(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "DynamoDB could not be reached");
                StatusCode::BAD_GATEWAY.into_response()
            }
        }
    }

    async fn try_forward(&self, request: Request) -> Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, MAX_REQUEST).await else {
            return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        };
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let answer = self
            .client
            .request(parts.method, format!("{}{path}", self.url))
            .headers(end_to_end(parts.headers))
            .body(body)
            .send()
            .await?;
        let mut response = Response::builder().status(answer.status());
        let headers = response.headers_mut().ok_or_else(|| anyhow!("no status"))?;
        headers.extend(end_to_end(answer.headers().clone()));
        Ok(response.body(Body::from(answer.bytes().await?))?)
    }
}

/// Without the headers that belong to one connection.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in [CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::start;
    use crate::folder::Folder;
    use serde_json::{Value, json};

    async fn call(url: &str, operation: &str, body: Value) -> (u16, Value) {
        let answer = reqwest::Client::new()
            .post(url)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260301T090000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20260301/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=00",
            )
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn table() -> Value {
        json!({
            "TableName": "notes",
            "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        })
    }

    #[tokio::test]
    async fn the_one_port_answers_for_dynamodb() {
        let running = start().await;
        assert_eq!(call(&running.url, "ListTables", json!({})).await, (200, json!({ "TableNames": [] })));
        assert_eq!(call(&running.url, "CreateTable", table()).await.0, 200);
        assert_eq!(call(&running.url, "ListTables", json!({})).await.1, json!({ "TableNames": ["notes"] }));
        let (status, error) = call(&running.url, "DescribeTable", json!({ "TableName": "nothing" })).await;
        assert_eq!(status, 400);
        assert!(error["__type"].as_str().unwrap().ends_with("ResourceNotFoundException"));
    }

    #[test]
    fn the_next_number_of_the_stream_is_found_without_reading_the_stream() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().join("db.sqlite");
        let _database = open(&path).unwrap();
        // As the engine asks it; should a new version ask otherwise, this test has to be brought up to date by hand.
        let plan: String = rusqlite::Connection::open(&path)
            .unwrap()
            .query_row(
                "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
                 FROM _stream_records WHERE table_name = 'confer'",
                [],
                |row| row.get("detail"),
            )
            .unwrap();
        assert!(plan.contains("_stream_order"), "{plan}");
    }

    #[tokio::test]
    async fn a_kept_database_survives_a_restart() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().join("db.sqlite");
        let (url, server) = serve(open(&path).unwrap()).await.unwrap();
        assert_eq!(call(&url, "CreateTable", table()).await.0, 200);
        server.stop().await;
        let (url, _server) = serve(open(&path).unwrap()).await.unwrap();
        assert_eq!(call(&url, "ListTables", json!({})).await.1, json!({ "TableNames": ["notes"] }));
    }
}

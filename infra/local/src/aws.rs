//! AWS on one port, told apart as an emulator does: by `X-Amz-Target`, then by path, and what is left is S3.

pub mod dynamodb;
pub mod error;
pub mod events;
pub mod mail;
pub mod s3;
pub mod scanner;
pub mod sms;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCESS_CONTROL_REQUEST_HEADERS, HOST, HeaderName, ORIGIN};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::clock::Clock;
use serde::de::DeserializeOwned;
use serde_json::json;
use tower::ServiceExt;

use crate::outbox::Outbox;
use error::AwsError;

/// The region that everything is in.
pub const REGION: &str = "us-east-1";

/// The account that everything belongs to.
pub const ACCOUNT: &str = "000000000000";

/// The access key that S3 knows.
pub const ACCESS_KEY: &str = "local";

/// The secret of [`ACCESS_KEY`]. It protects nothing: the port answers this machine only.
pub const SECRET_KEY: &str = "local-secret";

/// What the embedded AWS is made of. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws {
    /// Where DynamoDB itself answers.
    pub dynamodb: dynamodb::Upstream,
    /// Buckets, as folders.
    pub s3: s3::Buckets,
    /// Takes mails and text messages.
    pub outbox: Arc<Outbox>,
    /// Takes events.
    pub events: Arc<events::Bus>,
    /// Who may send mail.
    pub identities: Arc<mail::Identities>,
    /// The stack's clock.
    pub clock: Clock,
}

impl Aws {
    /// Everything on one port.
    pub fn router(self) -> Router {
        let by_path = Router::new()
            .route("/_localstack/health", get(health))
            .route("/v2/email/outbound-emails", post(mail::send))
            .route("/v2/email/identities", post(mail::verify))
            .fallback_service(s3::router(self.s3.clone()))
            .with_state(self.clone());
        let by_target = Router::new()
            .route("/PinpointSMSVoiceV2.SendTextMessage", post(sms::send))
            .route("/AWSEvents.PutEvents", post(events::put))
            .fallback(async || AwsError::unknown_operation())
            .with_state(self.clone());
        Router::new().fallback(dispatch).with_state(Doors { dynamodb: self.dynamodb, by_path, by_target })
    }
}

#[derive(Clone)]
struct Doors {
    dynamodb: dynamodb::Upstream,
    by_path: Router,
    by_target: Router,
}

async fn dispatch(State(doors): State<Doors>, mut request: Request) -> Response {
    if is_of_a_page(request.headers()) {
        return AwsError::unknown_operation().into_response();
    }
    let Some(target) = request.headers().get("x-amz-target") else {
        return doors.by_path.oneshot(request).await.into_response();
    };
    let target = target.to_str().unwrap_or_default();
    if target.starts_with("DynamoDB_") || target.starts_with("DynamoDBStreams_") {
        return doors.dynamodb.forward(request).await;
    }
    match format!("/{target}").parse() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return AwsError::unknown_operation().into_response(),
    }
    doors.by_target.oneshot(request).await.into_response()
}

/// Whether a page in a browser asks for something else than S3, or under a name that only looks like this machine's: no
/// page somewhere in the world shall read or write what is here.
fn is_of_a_page(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asks_for_a_target = text(&ACCESS_CONTROL_REQUEST_HEADERS).to_ascii_lowercase().contains("x-amz-target");
    let has_a_target = headers.contains_key("x-amz-target") && headers.contains_key(ORIGIN);
    let host = text(&HOST).rsplit_once(':').map_or_else(|| text(&HOST), |(host, _)| host);
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "") || host.ends_with(".localhost");
    asks_for_a_target || has_a_target || !is_here
}

async fn health() -> impl IntoResponse {
    let running = ["dynamodb", "dynamodbstreams", "events", "pinpoint-sms-voice-v2", "s3", "sesv2"]
        .map(|service| (service.to_owned(), json!("running")));
    axum::Json(json!({
        "services": serde_json::Map::from_iter(running),
        "edition": "confer",
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

/// Reads a request, which is JSON under many content types.
fn parse<T: DeserializeOwned>(body: &[u8], kind: &'static str) -> Result<T, AwsError> {
    serde_json::from_slice(body).map_err(|_| AwsError::refused(kind, "The request could not be read."))
}

#[cfg(test)]
pub(crate) mod testing {
    //! The embedded AWS on a port of its own, for the tests of its parts.

    use super::*;
    use crate::folder::Folder;
    use crate::server::{Server, listen, url};

    pub(crate) struct Running {
        pub(crate) url: String,
        pub(crate) aws: Aws,
        _folder: Folder,
        _servers: [Server; 2],
    }

    pub(crate) async fn start() -> Running {
        let folder = Folder::temporary().unwrap();
        let database = dynamodb::open(&folder.path().join("db.sqlite")).unwrap();
        let (dynamodb, dynamodb_server) = dynamodb::serve(database).await.unwrap();
        let (events, clock) = (Arc::<events::Bus>::default(), Clock::running().0);
        let aws = Aws {
            dynamodb: dynamodb::Upstream::new(&dynamodb).unwrap(),
            s3: s3::Buckets::open(&folder.path().join("s3"), events.clone(), clock.clone()).unwrap(),
            outbox: Arc::new(Outbox::in_memory()),
            events,
            identities: Arc::default(),
            clock,
        };
        let listener = listen(0, "--aws-port").await.unwrap();
        let url = url(listener.local_addr().unwrap());
        let server = Server::start(listener, aws.clone().router());
        Running { url, aws, _folder: folder, _servers: [dynamodb_server, server] }
    }

    #[tokio::test]
    async fn it_is_healthy_as_an_emulator_is() {
        let running = start().await;
        let health: serde_json::Value =
            reqwest::get(format!("{}/_localstack/health", running.url)).await.unwrap().json().await.unwrap();
        assert_eq!(health["services"]["dynamodb"], "running");
    }

    #[tokio::test]
    async fn what_it_does_not_play_is_refused_as_aws_refuses_it() {
        let running = start().await;
        let answer = reqwest::Client::new()
            .post(&running.url)
            .header("x-amz-target", "Kinesis_20131202.PutRecord")
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["x-amzn-errortype"], "UnknownOperationException");
    }

    #[tokio::test]
    async fn no_page_in_a_browser_reads_or_writes_what_is_here() {
        let running = start().await;
        let refused = |headers: &'static [(&'static str, &'static str)]| {
            let ask = reqwest::Client::new().post(&running.url).header("x-amz-target", "AWSEvents.PutEvents");
            let ask = headers
                .iter()
                .fold(ask, |ask, (name, value)| ask.header(*name, *value))
                .body(r#"{"Entries":[]}"#)
                .send();
            async { ask.await.unwrap().text().await.unwrap().contains("UnknownOperationException") }
        };
        assert!(!refused(&[]).await);
        assert!(!refused(&[("host", "localhost:4566")]).await);
        assert!(!refused(&[("host", "bucket.localhost")]).await);
        assert!(refused(&[("origin", "https://elsewhere.example")]).await);
        // A name that a page's own server lets point at this machine.
        assert!(refused(&[("host", "elsewhere.example")]).await);
        assert!(refused(&[("host", "notlocalhost:4566")]).await);
        // A browser asks first whether it may say what shall be done; S3 says yes to whoever has a signed link.
        let may = |headers: &'static str| {
            let ask = reqwest::Client::new().request(reqwest::Method::OPTIONS, format!("{}/bucket/key", running.url));
            let ask = ask.header("origin", "https://elsewhere.example").header("access-control-request-method", "PUT");
            let ask = ask.header("access-control-request-headers", headers).send();
            async { ask.await.unwrap().headers().contains_key("access-control-allow-origin") }
        };
        assert!(may("content-type").await);
        assert!(!may("content-type, X-Amz-Target").await);
    }
}

//! New versions are tried before anybody is served by them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use api::Identity;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use local::functions::rules;
use serde_json::{Value, json};
use store::{Cloud, Settings, credentials};
use tests::world::World;
use tower::ServiceExt as _;

const FUNCTIONS: [&str; 7] = ["attachments", "audit", "backups", "broadcasts", "conversations", "messages", "people"];

/// What a version does with what it is asked.
#[derive(Clone, Debug)]
enum Version {
    /// It answers.
    Serves(Router),
    /// It ends in an error, as one does that has a bug.
    Panics,
    /// It answers like no function behind a gateway.
    Babbles,
}

/// Lambda with some versions, and CodeDeploy.
#[derive(Clone, Debug)]
struct Aws {
    versions: BTreeMap<String, Version>,
    /// What CodeDeploy was told.
    told: Arc<Mutex<Vec<Value>>>,
    /// How many invocations are refused because there are too many.
    throttled: Arc<AtomicUsize>,
}

/// What AWS answers, with one header more.
fn response(status: u16, header: Option<(&'static str, &'static str)>, body: &Value) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, value);
    }
    response
}

impl Aws {
    async fn answer(self, request: HttpRequest) -> HttpResponse {
        let body = request.body().bytes().unwrap_or_default();
        if request.headers().get("x-amz-target").is_some_and(|target| target.starts_with("CodeDeploy_20141006.Put")) {
            self.told.lock().unwrap().push(serde_json::from_slice(body).unwrap());
            return response(200, None, &json!({ "lifecycleEventHookExecutionId": "1" }));
        }
        let fails = |status, error, said: &str| {
            response(status, Some(("x-amzn-errortype", error)), &json!({ "message": said }))
        };
        if self.throttled.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return fails(429, "TooManyRequestsException", "later");
        }
        let name = request.uri().split("/functions/").nth(1).unwrap().split('/').next().unwrap().replace("%3A", ":");
        match self.versions.get(name.trim_end_matches(":7")) {
            None => fails(404, "ResourceNotFoundException", "no such function"),
            Some(Version::Panics) => {
                response(200, Some(("x-amz-function-error", "Unhandled")), &json!({ "errorType": "panic" }))
            }
            Some(Version::Babbles) => response(200, None, &json!(["hello"])),
            Some(Version::Serves(router)) => {
                let request = lambda_http::request::from_str(std::str::from_utf8(body).unwrap()).unwrap();
                let answer = router.clone().oneshot(request).await.unwrap();
                let status = answer.status().as_u16();
                let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                let body = String::from_utf8(bytes.to_vec()).unwrap();
                let said = json!({ "statusCode": status, "headers": {}, "body": body, "isBase64Encoded": false });
                response(200, None, &said)
            }
        }
    }
}

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let aws = self.clone();
        HttpConnectorFuture::new(async move { Ok(aws.answer(request).await) })
    }
}

/// Versions that serve a world, but for those that do something else.
fn aws(world: &World, others: &[(&str, Option<Version>)]) -> Aws {
    let router = world.router(Identity::Gateway(rules(world.issuer().url())));
    let mut versions: BTreeMap<String, Version> =
        FUNCTIONS.map(|name| (name.to_owned(), Version::Serves(router.clone()))).into();
    for (name, version) in others {
        match version {
            Some(version) => drop(versions.insert((*name).to_owned(), version.clone())),
            None => drop(versions.remove(*name)),
        }
    }
    Aws { versions, told: Arc::default(), throttled: Arc::default() }
}

fn app(world: &World, aws: &Aws) -> smoke::App {
    let settings = Settings {
        region: "us-east-1".to_owned(),
        endpoint: Some("https://aws.test".to_owned()),
        credentials: credentials("test", "test", None),
    };
    let cloud = Cloud { settings, http: SharedHttpClient::new(aws.clone()) };
    let versions = FUNCTIONS.map(|name| format!("{name}={name}:7")).join(",");
    smoke::App::new(&cloud, versions.parse().unwrap(), rules(world.issuer().url()), world.clock().clone())
}

/// What CodeDeploy is told, and how much was wrong.
async fn tries(world: &World, aws: &Aws) -> (Value, Value) {
    let event = json!({ "DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1" });
    let done = app(world, aws).handle(event).await.unwrap();
    let told = aws.told.lock().unwrap().pop().unwrap();
    assert_eq!((&told["deploymentId"], &told["lifecycleEventHookExecutionId"]), (&json!("d-1"), &json!("e-1")));
    assert_eq!(told["status"], done["status"]);
    (told["status"].clone(), done["troubles"].clone())
}

#[tokio::test]
async fn versions_that_serve_are_good_however_often_they_are_tried_and_leave_one_conversation() {
    let world = World::new().await;
    let good = aws(&world, &[]);
    for _ in 0..3 {
        assert_eq!(tries(&world, &good).await, (json!("Succeeded"), json!(0)));
        // Too many at once is nothing that is wrong with them.
        good.throttled.store(2, Ordering::SeqCst);
    }
    let heads = world.table().await.iter().filter(|item| item.contains("\"entity\":\"head\"")).count();
    let messages = world.table().await.iter().filter(|item| item.contains("\"kind\":\"message\"")).count();
    assert_eq!((heads, messages), (1, 1));
    // Whoever has them in a conversation of their own finds nothing written there.
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[&world.person("confer.smoke").await]).await;
    assert_eq!(tries(&world, &good).await, (json!("Succeeded"), json!(0)));
    assert_eq!(ann.get(&ward.path()).await.expect(200)["seq"], 1);
    for wrong in [json!({}), json!(null), json!({ "DeploymentId": "d-1" })] {
        app(&world, &good).handle(wrong).await.unwrap_err();
    }
    // While the institution has closed the messenger, versions are as good as before.
    let office = world.office().await;
    let closed = json!({ "messenger_enabled": false, "protect_admins": false, "break_glass": false });
    office.put("/v1/admin/settings", closed).await.expect(200);
    assert_eq!(tries(&world, &aws(&world, &[])).await, (json!("Succeeded"), json!(0)));
}

#[tokio::test]
async fn a_version_that_does_something_else_is_found_out() {
    let (world, other) = (World::new().await, World::new().await);
    let elsewhere = Version::Serves(other.router(Identity::Gateway(rules(other.issuer().url()))));
    let empty = Version::Serves(Router::new());
    // Nobody is let in as somebody.
    let open = Version::Serves(Router::new().fallback(async || axum::Json(json!({ "items": [{ "id": "x" }] }))));
    for name in FUNCTIONS {
        for (what, version) in [
            ("missing", None),
            ("panics", Some(Version::Panics)),
            ("babbles", Some(Version::Babbles)),
            ("serves nothing", Some(empty.clone())),
            ("open", Some(open.clone())),
        ] {
            let (status, troubles) = tries(&world, &aws(&world, &[(name, version)])).await;
            assert_eq!(status, "Failed", "{name} {what}");
            assert!(troubles.as_u64().unwrap() > 0, "{name} {what}");
        }
    }
    // One that writes where nobody reads.
    assert_eq!(tries(&world, &aws(&world, &[("messages", Some(elsewhere))])).await.0, "Failed");
}

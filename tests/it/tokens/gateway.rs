//! Behind API Gateway: its claims are checked once more, and without them nobody is anybody.

use api::Identity;
use axum::Router;
use local::functions::rules;
use serde_json::{Value, json};
use tests::actor::Answer;
use tests::world::World;
use tower::ServiceExt as _;

/// Claims as API Gateway hands them on: every value as text.
fn claims(world: &World) -> Value {
    let now = world.clock().now().as_seconds();
    json!({
        "iss": world.issuer().url(),
        "aud": "confer",
        "scope": "openid confer",
        "username": "ann",
        "name": "Ann Lee",
        "roles": "[auditor system_administrator]",
        "iat": now.to_string(),
        "exp": (now + 3_600).to_string(),
    })
}

/// What the authorizer puts beside a request with these claims.
fn authorizer(claims: &Value) -> Value {
    json!({ "jwt": { "claims": claims, "scopes": null } })
}

/// A request as Lambda gets it from an HTTP API.
fn event(authorizer: &Value, headers: &Value) -> String {
    json!({
        "version": "2.0",
        "routeKey": "GET /v1/me",
        "rawPath": "/v1/me",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "authorizer": authorizer,
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": "GET", "path": "/v1/me", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /v1/me",
            "stage": "$default",
            "time": "01/Mar/2026:09:00:00 +0000",
            "timeEpoch": 1_772_355_600_000_u64
        },
        "isBase64Encoded": false
    })
    .to_string()
}

async fn ask(router: &Router, event: &str) -> Answer {
    let request = lambda_http::request::from_str(event).unwrap();
    Answer::of(router.clone().oneshot(request).await.unwrap()).await
}

/// What is deployed behind a gateway.
fn deployed(world: &World) -> Router {
    world.router(Identity::Gateway(rules(world.issuer().url())))
}

#[tokio::test]
async fn the_gateways_claims_say_who_calls() {
    let world = World::new().await;
    let router = deployed(&world);
    let me = ask(&router, &event(&authorizer(&claims(&world)), &json!({}))).await.expect(200);
    assert_eq!((&me["username"], &me["name"]), (&json!("ann"), &json!("Ann Lee")));
    assert_eq!(me["roles"], json!(["auditor", "system_administrator"]));
    let now = world.clock().now().as_seconds();
    for (claim, text) in [
        ("aud", "[confer]".to_owned()),
        ("aud", "[other confer]".to_owned()),
        ("aud", "[confer, other]".to_owned()),
        ("scope", "confer".to_owned()),
        ("scope", "[other confer]".to_owned()),
        ("exp", (now - 59).to_string()),
        ("exp", "1.9e9".to_owned()),
        ("iat", (now + 59).to_string()),
    ] {
        let mut claims = claims(&world);
        claims[claim] = text.clone().into();
        let answer = ask(&router, &event(&authorizer(&claims), &json!({}))).await;
        assert_eq!(answer.status, 200, "{claim} {text}");
    }
}

#[tokio::test]
async fn claims_are_checked_once_more() {
    let world = World::new().await;
    let router = deployed(&world);
    let now = world.clock().now().as_seconds();
    let first = ask(&router, &event(&Value::Null, &json!({}))).await;
    first.expect_problem(401, "unauthenticated");
    for (claim, text) in [
        ("iss", Some("https://evil.test".to_owned())),
        ("iss", None),
        ("aud", Some("other".to_owned())),
        ("aud", Some("other confer".to_owned())),
        ("aud", Some("[other]".to_owned())),
        ("aud", Some("[]".to_owned())),
        ("aud", None),
        ("exp", Some((now - 61).to_string())),
        ("exp", Some("never".to_owned())),
        ("exp", Some("99999999999999999999".to_owned())),
        ("exp", Some(String::new())),
        ("exp", None),
        ("iat", Some((now + 61).to_string())),
        ("nbf", Some((now + 61).to_string())),
        ("nonce", Some("n-0S6".to_owned())),
        ("token_use", Some("id".to_owned())),
        ("username", Some("ann#x".to_owned())),
        ("username", None),
    ] {
        let mut claims = claims(&world);
        match &text {
            Some(text) => claims[claim] = text.clone().into(),
            None => super::remove(&mut claims, claim),
        }
        let answer = ask(&router, &event(&authorizer(&claims), &json!({}))).await;
        assert_eq!(answer.status, 401, "{claim} {text:?}");
        assert_eq!(answer.without_request_id(), first.without_request_id(), "{claim} {text:?}");
    }
    for scope in ["", "openid", "confer.read", "[other]"] {
        let mut claims = claims(&world);
        claims["scope"] = scope.into();
        let answer = ask(&router, &event(&authorizer(&claims), &json!({}))).await;
        answer.expect_problem(403, "insufficient-scope");
    }
    assert_eq!(world.table().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_the_gateways_claims_a_good_token_is_worth_nothing() {
    let world = World::new().await;
    let router = deployed(&world);
    let bearer = format!("Bearer {}", world.newcomer("ann").await.token());
    let context = json!({ "authorizer": authorizer(&claims(&world)) }).to_string();
    let headers = json!({
        "authorization": bearer,
        "x-amzn-request-context": context,
        "x-amzn-lambda-context": context,
        "x-forwarded-user": "ann",
    });
    for authorizer in [
        Value::Null,
        json!({}),
        json!({ "jwt": { "claims": {}, "scopes": null } }),
        json!({ "lambda": claims(&world) }),
        json!({ "lambda": { "jwt": { "claims": claims(&world) } } }),
        json!({ "iam": { "userId": "ann" } }),
    ] {
        ask(&router, &event(&authorizer, &headers)).await.expect_problem(401, "unauthenticated");
    }
    // Nor if the function is reached without any gateway.
    let mut request = http::Request::get("/v1/me");
    for (name, value) in headers.as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    Answer::of(router.oneshot(request).await.unwrap()).await.expect_problem(401, "unauthenticated");
    assert_eq!(world.table().await, Vec::<String>::new());
}

//! The running stack, from outside.

use super::*;
use crate::outbox::Sent;
use crate::person::Person;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

fn options(data: Data) -> Options {
    Options { api_port: 0, aws_port: 0, data, rate_limits: true, demonstration: false }
}

async fn start(data: Data) -> Stack {
    Stack::start(options(data), &|_| ()).await.unwrap()
}

#[tokio::test]
async fn anyone_gets_a_token_and_the_issuer_says_how_to_verify_it() {
    let stack = start(Data::Memory).await;
    let client = Client::new();
    let post = |body: Value| client.post(format!("{}/_local/token", stack.api)).json(&body).send();
    let token: Value = post(json!({ "username": "jane.roe" })).await.unwrap().json().await.unwrap();
    assert_eq!(token["access_token"].as_str().unwrap().split('.').count(), 3);
    assert!(token["expires_at"].as_str().unwrap().ends_with('Z'));

    let configuration: Value = client
        .get(format!("{}/.well-known/openid-configuration", stack.issuer))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(configuration["issuer"], stack.issuer);
    let jwks: Value =
        client.get(configuration["jwks_uri"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    assert_eq!(jwks, stack.tokens().jwks());

    for body in [json!({}), json!({ "username": " " }), json!({ "username": "a", "roles": ["king"] }), json!(7)] {
        let answer = post(body).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    stack.stop().await;
}

#[tokio::test]
async fn the_clock_moves_forward_and_tokens_stay_good() {
    let stack = start(Data::Memory).await;
    let post = |body: Value| Client::new().post(format!("{}/_local/clock", stack.api)).json(&body).send();
    let before = stack.tokens().mint(&Person::named("jane.roe")).unwrap();
    let answer: Value = post(json!({ "advance": "2d" })).await.unwrap().json().await.unwrap();
    let now: domain::clock::Timestamp = answer["now"].as_str().unwrap().parse().unwrap();
    assert!(now.since(Clock::system().now()) > Duration::from_hours(47));
    assert!(before.expires_at > now);
    assert_eq!(post(json!({ "advance": "-1h" })).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let settled = Client::new().post(format!("{}/_local/settle", stack.api)).send().await.unwrap();
    assert_eq!(settled.status(), StatusCode::NO_CONTENT);
}

/// Calls the API as somebody.
async fn call(stack: &Stack, who: &str, method: Method, path: &str, body: Value) -> Value {
    let token = stack.tokens().mint(&Person::named(who)).unwrap().access_token;
    let mut request = Client::new().request(method, format!("{}{path}", stack.api)).bearer_auth(token);
    if !body.is_null() {
        request = request.header("idempotency-key", crate::issuer::random_id().unwrap()).json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{path} {answer}");
    answer
}

#[tokio::test]
async fn mails_go_at_their_minute_however_far_the_clock_moves() {
    let stack = start(Data::Memory).await;
    let from = stack.background().clock().now();
    for who in ["jane.roe", "ines.castelo", "bounce"] {
        call(&stack, who, Method::GET, "/v1/me", Value::Null).await;
    }
    let begun = json!({
        "title": "Ward 4", "members": ["ines.castelo", "bounce"], "message": { "body": "Who is on call?" },
    });
    let begun = call(&stack, "jane.roe", Method::POST, "/v1/conversations", begun).await;
    stack.background().advance(Duration::from_hours(1)).await;
    let mut receivers: Vec<String> = stack.outbox().items().into_iter().map(|sent| sent.to).collect();
    receivers.sort();
    assert_eq!(receivers, ["bounce@hospital.example", "ines.castelo@hospital.example"]);

    let messages = format!("/v1/conversations/{}/messages", begun["id"].as_str().unwrap());
    call(&stack, "jane.roe", Method::POST, &messages, json!({ "body": "And tomorrow?" })).await;
    let years = stack.background().advance(Duration::from_hours(10 * 365 * 24));
    tokio::time::timeout(Duration::from_mins(1), years).await.expect("idle time takes none");

    let sent = stack.outbox().items();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[2].to, "ines.castelo@hospital.example", "what came back once is not sent again");
    let (first, second) = (sent[0].at.since(from), sent[2].at.since(sent[0].at));
    assert!(first < Duration::from_mins(15), "not when the clock stood still again: {first:?}");
    // Windows are counted from tick to tick, mails from the moment that each was taken a little after its own.
    assert!((Duration::from_secs(4 * 3_600 - 1)..Duration::from_mins(241)).contains(&second), "{second:?}");
    for Sent { at, .. } in sent {
        // The stack's clock runs while a tick does.
        assert!(at.as_millis().rem_euclid(60_000) < 30_000, "{at}");
    }
    stack.stop().await;
}

#[tokio::test]
async fn what_was_mailed_is_shown_to_programs_and_people_and_survives_a_restart() {
    let folder = Folder::temporary().unwrap();
    let data = Data::Folder(folder.path().join("data"));
    let stack = start(data.clone()).await;
    let mail = json!({
        "FromEmailAddress": "notices@confer.example",
        "Destination": { "ToAddresses": ["jane.roe@hospital.example"] },
        "Content": { "Simple": {
            "Subject": { "Data": "Two <messages> wait" },
            "Body": { "Html": { "Data": "<p style=\"color:red\">Read \"them\".</p>" } },
        }},
    });
    let client = Client::new();
    let sent = client.post(format!("{}/v2/email/outbound-emails", stack.aws)).json(&mail).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK);
    stack.stop().await;

    let stack = start(data).await;
    let outbox = format!("{}/_local/outbox", stack.api);
    let shown: Value = client.get(&outbox).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["items"][0]["to"], "jane.roe@hospital.example");
    assert_eq!(shown["items"][0]["channel"], "email");

    let page = client.get(&outbox).header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains("Two &#60;messages&#62; wait"), "escaped");
    assert!(page.contains(r#"sandbox="" srcdoc="&#60;p style="#), "in a frame that can do nothing");

    let first = client.get(&stack.api).send().await.unwrap();
    assert_eq!((first.status(), first.url().path()), (StatusCode::OK, "/_local/"), "where people look first");

    client.delete(&outbox).send().await.unwrap();
    let shown: Value = client.get(&outbox).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown, json!({ "items": [] }));
    stack.stop().await;
}

#[tokio::test]
async fn a_page_of_the_web_cannot_use_the_controls() {
    let stack = start(Data::Memory).await;
    let url = format!("{}/_local/token", stack.api);
    let rebound = Client::new().get(format!("{}/_local/", stack.api)).header("host", "evil.example").send();
    assert_eq!(rebound.await.unwrap().status(), StatusCode::FORBIDDEN);
    let simple = Client::new().post(url).header("content-type", "text/plain").body(r#"{"username":"a"}"#).send();
    assert_eq!(simple.await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_taken_port_or_folder_is_said_plainly() {
    let folder = Folder::temporary().unwrap();
    let first = start(Data::Folder(folder.path().join("data"))).await;
    let port: u16 = first.api.rsplit(':').next().unwrap().parse().unwrap();
    let taken = Options { api_port: port, ..options(Data::Memory) };
    let refusal = Stack::start(taken, &|_| ()).await.unwrap_err().to_string();
    assert!(refusal.contains(&format!("port {port} is taken")) && refusal.contains("--port 0"), "{refusal}");
    let refusal =
        Stack::start(options(Data::Folder(folder.path().join("data"))), &|_| ()).await.unwrap_err().to_string();
    assert!(refusal.contains("in use by another Confer"), "{refusal}");
    first.stop().await;
}

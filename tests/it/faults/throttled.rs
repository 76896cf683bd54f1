//! A table that refuses everything for now, and reads while things go wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Method;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation, key};
use tests::beside::declared;
use tests::contract::{self, template};
use tests::faults::{Fault, OPERATIONS};
use tests::world::World;

/// Every request there is that asks the table something: at least one for each operation of the contract.
fn requests(Scene { conversation, attachment, backup, token, .. }: &Scene) -> Vec<(Method, String, Option<Value>)> {
    let messages = conversation.messages();
    let mut all = own_requests(token);
    all.extend(official_requests(conversation));
    let path = conversation.attachment(attachment);
    all.extend([
        (Method::POST, conversation.attachments(), Some(declared("scan.txt", "text/plain", b"hello"))),
        (Method::POST, format!("{path}/complete"), None),
        (Method::GET, path, None),
        (Method::POST, messages.clone(), Some(json!({ "attachments": [attachment] }))),
        (Method::POST, conversation.backups(), Some(json!({}))),
        (Method::GET, format!("{}/{backup}", conversation.backups()), None),
    ]);
    all.extend(vec![
        (Method::GET, "/v1/me".to_owned(), None),
        (Method::GET, "/v1/unread".to_owned(), None),
        (Method::GET, "/v1/conversations".to_owned(), None),
        (Method::GET, conversation.path(), None),
        (Method::GET, messages.clone(), None),
        (Method::GET, format!("{messages}?before=3"), None),
        (Method::GET, format!("{messages}?after=1"), None),
        (Method::PUT, conversation.read(), Some(json!({ "seq": 2 }))),
        (Method::POST, "/v1/users/search".to_owned(), Some(json!({ "query": "ben" }))),
        (Method::POST, messages.clone(), Some(json!({ "body": "hello" }))),
        (Method::POST, messages, Some(json!({ "body": "hello @ben" }))),
        (Method::POST, "/v1/conversations".to_owned(), Some(json!({ "title": "Ward 5", "members": ["ben"] }))),
        (Method::POST, "/v1/conversations".to_owned(), Some(json!({ "title": "Notes", "members": [] }))),
        (Method::PATCH, conversation.path(), Some(json!({ "title": "Ward 6" }))),
        (Method::PATCH, conversation.message(3), Some(json!({ "body": "three" }))),
        (Method::DELETE, conversation.message(3), None),
        (Method::PATCH, format!("{}/settings", conversation.path()), Some(json!({ "pinned": true }))),
        (Method::GET, conversation.members(), None),
        (Method::POST, conversation.members(), Some(json!({ "usernames": ["cleo"] }))),
        (Method::PATCH, format!("{}/ben", conversation.members()), Some(json!({ "role": "administrator" }))),
        (Method::DELETE, format!("{}/ben", conversation.members()), None),
        (Method::PUT, "/v1/direct/ben".to_owned(), Some(json!({}))),
        (Method::POST, format!("{}/archive", conversation.path()), Some(json!({}))),
        (Method::POST, format!("{}/unarchive", conversation.path()), Some(json!({}))),
        (Method::POST, format!("{}/delete", conversation.path()), Some(json!({ "title": "Ward 4" }))),
        (Method::GET, "/v1/users/suggested".to_owned(), None),
        (Method::GET, "/v1/projects".to_owned(), None),
        (Method::GET, "/v1/broadcasts".to_owned(), None),
    ]);
    all
}

/// What officials ask.
fn official_requests(conversation: &Conversation) -> Vec<(Method, String, Option<Value>)> {
    let settings = json!({ "messenger_enabled": true, "protect_admins": true, "break_glass": true });
    let broadcast = format!("/v1/admin/broadcasts/{}", conversation.id);
    let hold = json!({ "conversation_id": conversation.id, "reason": "a claim" });
    let imported = json!({ "users": [{ "username": "kim", "name": "Kim", "active": true }] });
    vec![
        (Method::PUT, "/v1/admin/users/ben".to_owned(), Some(json!({ "name": "Ben", "active": false }))),
        (Method::PUT, "/v1/admin/projects/heart".to_owned(), Some(json!({ "title": "Heart", "members": ["ben"] }))),
        (Method::POST, "/v1/admin/import".to_owned(), Some(imported)),
        (Method::GET, "/v1/admin/settings".to_owned(), None),
        (Method::PUT, "/v1/admin/settings".to_owned(), Some(settings)),
        (Method::POST, "/v1/admin/broadcasts".to_owned(), Some(json!({ "kind": "general", "body": "news" }))),
        (Method::GET, "/v1/admin/broadcasts".to_owned(), None),
        (Method::PATCH, broadcast.clone(), Some(json!({ "body": "other news" }))),
        (Method::POST, format!("{broadcast}/withdraw"), Some(json!({}))),
        (Method::PUT, format!("/v1/broadcasts/{}/read", conversation.id), Some(json!({}))),
        (Method::GET, "/v1/admin/holds".to_owned(), None),
        (Method::PUT, "/v1/admin/holds".to_owned(), Some(hold.clone())),
        (Method::POST, "/v1/admin/holds/lift".to_owned(), Some(hold)),
        (Method::GET, "/v1/audit/institution".to_owned(), None),
        (Method::GET, "/v1/audit/institution/verify".to_owned(), None),
        (Method::GET, format!("{}/audit", conversation.path()), None),
        (Method::GET, format!("{}/audit/verify", conversation.path()), None),
        (Method::POST, format!("{}/break-glass", conversation.path()), Some(json!({ "reason": "a complaint" }))),
    ]
}

/// What is about oneself and one's mails.
fn own_requests(token: &str) -> Vec<(Method, String, Option<Value>)> {
    let preferences = json!({
        "frequency": "2h", "digest_mode": "leading", "instant": true, "instant_when": "offline", "broadcasts": true,
        "daily_at": "08:00", "timezone": "Europe/Madrid", "language": "en",
    });
    let address = json!({ "email": "ben@hospital.example" });
    vec![
        (Method::GET, "/v1/me/preferences".to_owned(), None),
        (Method::PUT, "/v1/me/preferences".to_owned(), Some(preferences)),
        (Method::POST, "/v1/me/presence".to_owned(), Some(json!({ "visible": true }))),
        (Method::POST, "/v1/me/logout".to_owned(), Some(json!({}))),
        (Method::GET, "/v1/me/notifications".to_owned(), None),
        (Method::GET, format!("/v1/unsubscribe/{token}"), None),
        (Method::POST, format!("/v1/unsubscribe/{token}"), Some(json!({}))),
        (Method::GET, "/v1/admin/suppressions".to_owned(), None),
        (Method::POST, "/v1/admin/suppressions/lift".to_owned(), Some(address)),
    ]
}

/// A conversation, and an official who is in it.
struct Scene {
    ann: Actor,
    conversation: Conversation,
    /// What the official uploaded.
    attachment: String,
    /// What they backed up.
    backup: String,
    /// From a mail to the official.
    token: String,
}

async fn scene(world: &World) -> Scene {
    let ann = world.official("ann", &[Role::SystemAdministrator, Role::Auditor]).await;
    let (ben, _) = (world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    for text in ["one", "two"] {
        ben.sends(&conversation, text).await.expect(201);
    }
    world.bounces("ben@hospital.example").await;
    let attachment = world.attachment(&ann, &conversation, "scan.txt").await;
    let backup = world.backup(&ann, &conversation).await;
    // By its id the broadcast is the conversation.
    world.broadcast(&conversation.id).await;
    let settings = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": true });
    ann.put("/v1/admin/settings", settings).await.expect(200);
    let token = world.unsubscribe_token(&ann).await;
    Scene { ann, conversation, attachment, backup, token }
}

async fn ask(who: &Actor, request: &(Method, String, Option<Value>)) -> tests::actor::Answer {
    let (method, path, body) = request.clone();
    let key = key();
    let headers = [("idempotency-key", key.as_str())];
    let headers = if method == Method::POST && !path.ends_with("search") { &headers[..] } else { &[] };
    who.call(method, &path, headers, body).await
}

#[tokio::test]
async fn a_table_that_refuses_everything_for_now_changes_nothing_and_everybody_is_told_when_to_try_again() {
    let world = World::new().await;
    let scene = scene(&world).await;
    let operations = contract::operations();
    let name =
        |(method, path, _): &(Method, String, Option<Value>)| format!("{method} {}", template(path, &operations));
    let mut asked: BTreeSet<String> = requests(&scene).iter().map(name).collect();
    // The one that asks the table nothing.
    asked.insert("GET /v1/health".to_owned());
    contract::assert_covered(asked);
    let before = world.table().await;
    // One that remembers the heads and the people, and one that remembers nothing.
    for process in [&world, &world.another_process()] {
        let who = process.bearer(scene.ann.token());
        for request in requests(&scene) {
            // So that who calls is asked for again.
            process.hand().advance(Duration::from_mins(1));
            for operation in OPERATIONS {
                process.wire().faults.plan(operation, [Some(Fault::Throttle)].repeat(100));
            }
            let answer = ask(&who, &request).await;
            process.wire().faults.stop();
            assert_eq!(answer.status, 503, "{request:?} {answer:?}");
            assert!(["temporarily-unavailable", "conversation-busy"].contains(&answer.problem()), "{answer:?}");
            assert!(answer.headers.contains_key("retry-after"), "{request:?}");
        }
        assert_eq!(world.table().await, before);
    }
}

#[tokio::test]
async fn whoever_reads_while_things_go_wrong_is_answered_or_told_to_try_again() {
    let world = World::new().await;
    let scene = scene(&world).await;
    let process = world.another_process();
    let who = process.bearer(scene.ann.token());
    let expected = ask_all(&scene.ann, &scene).await;
    let seed = fastrand::u64(..);
    process.wire().faults.at_random(60, seed);
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..12 {
        for (answer, expected) in ask_all(&who, &scene).await.into_iter().zip(&expected) {
            match answer.status {
                200 => {
                    assert_eq!(without_link(answer.body), without_link(expected.body.clone()), "seed {seed}");
                    answered += 1;
                }
                503 => {
                    assert!(answer.headers.contains_key("retry-after"), "seed {seed}");
                    refused += 1;
                }
                _ => panic!("seed {seed}: {answer:?}"),
            }
        }
    }
    assert!(answered > 0 && refused > 0, "seed {seed}: {answered} answered, {refused} refused");
    eprintln!("reads while 60 of 100 requests go wrong: {answered} answered, {refused} told to try again");
}

/// What was answered, without a link: it is made anew each time.
fn without_link(mut body: Value) -> Value {
    if let Some(link) = body.pointer_mut("/download/url") {
        *link = Value::Null;
    }
    body
}

async fn ask_all(who: &Actor, scene: &Scene) -> Vec<tests::actor::Answer> {
    let mut answers = Vec::new();
    for request in requests(scene).iter().filter(|(method, ..)| method == Method::GET) {
        answers.push(ask(who, request).await);
    }
    answers
}

//! Broadcasts: what the institution tells people.

use std::time::Duration;

use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, key};
use tests::beside::NOTHING;
use tests::world::World;

async fn announces(world: &World, office: &Actor, asked: Value) -> String {
    // So that what was said first has the earlier time.
    world.hand().advance(Duration::from_secs(1));
    let sent = office.post("/v1/admin/broadcasts", asked).await.expect(201);
    sent["id"].as_str().unwrap().to_owned()
}

fn news(body: &str) -> Value {
    json!({ "kind": "general", "body": body })
}

/// What somebody sees: what it says, and whether they have read it.
async fn sees(who: &Actor) -> Vec<(String, bool)> {
    let list = who.get("/v1/broadcasts").await.expect(200);
    let row = |item: &Value| (item["body"].as_str().unwrap().to_owned(), item["read"].as_bool().unwrap());
    list["items"].as_array().unwrap().iter().map(row).collect()
}

async fn badge(who: &Actor) -> u64 {
    who.get("/v1/unread").await.expect(200)["broadcasts"].as_u64().unwrap()
}

async fn reads(who: &Actor, id: &str) -> Answer {
    who.put(&format!("/v1/broadcasts/{id}/read"), json!({})).await
}

fn unread(bodies: &[&str]) -> Vec<(String, bool)> {
    bodies.iter().map(|body| ((*body).to_owned(), false)).collect()
}

#[tokio::test]
async fn everybody_sees_it_once_and_reads_it_for_themselves() {
    let world = World::new().await;
    let (office, ann, ben) = (world.office().await, world.person("ann").await, world.person("ben").await);
    let first = announces(&world, &office, news("Down at noon")).await;
    announces(&world, &office, json!({ "kind": "system", "body": "New: pins", "important": true })).await;
    assert_eq!(sees(&ann).await, unread(&["New: pins", "Down at noon"]));
    assert_eq!((badge(&ann).await, badge(&ben).await), (2, 2));
    for _ in 0..2 {
        assert_eq!(reads(&ann, &first).await.status, 204);
    }
    assert_eq!((badge(&ann).await, badge(&ben).await), (1, 2));
    assert_eq!(sees(&ann).await[1], ("Down at noon".to_owned(), true));
    // It is no conversation, and nobody can reply.
    assert_eq!(ann.unread().await, [0, 0, 0, 0]);
    ann.post(&format!("/v1/broadcasts/{first}/messages"), json!({ "body": "why?" }))
        .await
        .expect_problem(404, "not-found");
    ann.sends(&tests::actor::Conversation { id: first }, "why?").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn it_is_seen_from_its_beginning_to_its_end_by_whoever_is_there() {
    let world = World::new().await;
    let (office, ann) = (world.office().await, world.person("ann").await);
    let (from, until) = ("2026-03-01T10:00:00.000Z", "2026-03-01T12:00:00.000Z");
    announces(&world, &office, json!({ "kind": "general", "body": "maintenance", "from": from, "until": until })).await;
    announces(&world, &office, news("welcome")).await;
    assert_eq!(sees(&ann).await, unread(&["welcome"]));
    world.hand().advance(Duration::from_hours(2));
    assert_eq!(sees(&ann).await, unread(&["maintenance", "welcome"]));
    // Who comes later sees what is still current, and nothing that was said before they came.
    let late = world.person("late").await;
    assert_eq!(sees(&late).await, unread(&["maintenance"]));
    world.hand().advance(Duration::from_hours(1));
    assert_eq!((sees(&ann).await, sees(&late).await), (unread(&["welcome"]), unread(&[])));
    assert_eq!((badge(&ann).await, badge(&late).await), (1, 0));
}

#[tokio::test]
async fn whoever_it_is_not_for_sees_nothing_of_it() {
    let world = World::new().await;
    let office = world.office().await;
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    world.project("heart", &[&ben]).await;
    let named = announces(
        &world,
        &office,
        json!({ "kind": "general", "body": "for ann", "audience": { "usernames": ["ANN"] } }),
    )
    .await;
    announces(
        &world,
        &office,
        json!({ "kind": "general", "body": "for auditors", "audience": { "roles": ["auditor"] } }),
    )
    .await;
    announces(
        &world,
        &office,
        json!({ "kind": "general", "body": "for heart", "audience": { "projects": ["heart"] } }),
    )
    .await;
    assert_eq!(sees(&ann).await, unread(&["for ann"]));
    assert_eq!(sees(&ben).await, unread(&["for heart"]));
    assert_eq!(sees(&auditor).await, unread(&["for auditors"]));
    assert_eq!([badge(&ann).await, badge(&ben).await, badge(&auditor).await, badge(&office).await], [1, 1, 1, 0]);
    let nothing = reads(&ben, NOTHING).await;
    assert_eq!(reads(&ben, &named).await.without_request_id(), nothing.without_request_id());
    let all = office.get("/v1/admin/broadcasts").await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    assert_eq!(all["items"][2]["audience"]["usernames"], json!(["ANN"]));
}

#[tokio::test]
async fn a_correction_keeps_what_it_said_before_and_what_is_withdrawn_is_gone() {
    let world = World::new().await;
    let (office, ann) = (world.office().await, world.person("ann").await);
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let id = announces(&world, &office, news("Down at noon")).await;
    reads(&ann, &id).await;
    let path = format!("/v1/admin/broadcasts/{id}");
    for _ in 0..2 {
        let corrected = office.patch(&path, json!({ "body": "Down at one" })).await.expect(200);
        assert_eq!((&corrected["body"], corrected["corrected_at"].is_string()), (&json!("Down at one"), true));
    }
    assert_eq!(sees(&ann).await, [("Down at one".to_owned(), true)]);
    for _ in 0..2 {
        assert_eq!(office.post(&format!("{path}/withdraw"), json!({})).await.expect(200)["withdrawn"], true);
    }
    assert_eq!(sees(&ann).await, []);
    office.patch(&path, json!({ "body": "again" })).await.expect_problem(409, "broadcast-withdrawn");
    let log = auditor.get("/v1/audit/institution").await.expect(200);
    let told = |entry: &Value| (entry["type"].clone(), entry["details"]["content"]["body"].clone());
    let told: Vec<_> = log["items"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(
        told,
        [
            (json!("broadcast_withdrawn"), Value::Null),
            (json!("broadcast_corrected"), json!("Down at one")),
            (json!("broadcast_sent"), json!("Down at noon")),
        ]
    );
}

#[tokio::test]
async fn the_same_key_announces_once_and_stands_for_one_thing() {
    let world = World::new().await;
    let (office, ann) = (world.office().await, world.person("ann").await);
    let key = key();
    let first = office.post_with_key("/v1/admin/broadcasts", news("once"), &key).await.expect(201);
    let again = office.post_with_key("/v1/admin/broadcasts", news("once"), &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201), first);
    assert_eq!(sees(&ann).await, unread(&["once"]));
    let other = office.post_with_key("/v1/admin/broadcasts", news("twice"), &key).await;
    other.expect_problem(409, "idempotency-key-reuse");
    let start = json!({ "title": "Ward 4", "members": [] });
    office.post_with_key("/v1/conversations", start.clone(), &key).await.expect_problem(409, "idempotency-key-reuse");
    let own = tests::actor::key();
    office.post_with_key("/v1/conversations", start, &own).await.expect(201);
    office.post_with_key("/v1/admin/broadcasts", news("x"), &own).await.expect_problem(409, "idempotency-key-reuse");
}

#[tokio::test]
async fn what_nobody_would_see_is_refused() {
    let world = World::new().await;
    let office = world.office().await;
    let before = world.table().await;
    for (field, value, pointer) in [
        ("until", json!("2026-03-01T09:00:00.000Z"), "/until"),
        ("until", json!("noon"), "/until"),
        ("audience", json!({}), "/audience"),
        ("audience", json!({ "roles": ["nurse"] }), "/audience/roles/0"),
        ("audience", json!({ "everybody": true }), "/audience"),
        ("kind", json!("urgent"), "/kind"),
    ] {
        let mut asked = news("news");
        asked[field] = value;
        let refused = office.post("/v1/admin/broadcasts", asked).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", refused.body);
    }
    assert_eq!(world.table().await, before);
}

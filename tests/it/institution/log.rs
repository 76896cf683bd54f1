//! The institution's own log: every act is a line of it, no line is there without its act, and a line that is changed,
//! left out or put elsewhere shows.

use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer};
use tests::faults::Fault;
use tests::world::World;

use super::{auditor, entries};

/// An address to which no mail goes, until somebody says otherwise.
const SUPPRESSED: &str = "jo@hospital.example";

/// Everything system administrators do, and the type of the line it makes.
fn acts() -> Vec<(Method, &'static str, Value, &'static str)> {
    let settings = json!({ "messenger_enabled": true, "protect_admins": true, "break_glass": false });
    let user = json!({ "username": "kim", "name": "Kim", "active": true });
    vec![
        (Method::PUT, "/v1/admin/users/jroe", json!({ "name": "Jane Roe", "active": true }), "users_changed"),
        (Method::POST, "/v1/admin/import", json!({ "users": [user] }), "users_changed"),
        (Method::PUT, "/v1/admin/projects/heart", json!({ "title": "Heart", "members": ["jroe"] }), "project_changed"),
        (Method::PUT, "/v1/admin/settings", settings, "settings_changed"),
        (Method::POST, "/v1/admin/broadcasts", json!({ "kind": "general", "body": "news" }), "broadcast_sent"),
        (Method::POST, "/v1/admin/suppressions/lift", json!({ "email": SUPPRESSED }), "suppression_lifted"),
    ]
}

async fn act(who: &Actor, method: &Method, path: &str, body: &Value, key: &str) -> Answer {
    who.call(method.clone(), path, &[("idempotency-key", key)], Some(body.clone())).await
}

async fn verified(auditor: &Actor) -> Value {
    auditor.get("/v1/audit/institution/verify").await.expect(200)
}

#[tokio::test]
async fn each_act_is_one_line_that_says_who_and_what_and_when() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    world.bounces(SUPPRESSED).await;
    assert_eq!(entries(&auditor).await, Vec::<Value>::new());
    for (n, (method, path, body, kind)) in acts().into_iter().enumerate() {
        let answer = act(&office, &method, path, &body, &tests::actor::key()).await;
        assert!(answer.status < 300, "{answer:?}");
        let log = entries(&auditor).await;
        assert_eq!(log.len(), n + 1, "{path}");
        let line = &log[n];
        assert_eq!(
            (&line["type"], &line["by"], line["seq"].as_u64()),
            (&json!(kind), &json!("office"), Some(n as u64 + 1))
        );
        assert_eq!(line["at"], world.clock().now().to_string());
    }
    let log = entries(&auditor).await;
    assert_eq!(log[0]["details"]["users"][0]["name"], "Jane Roe");
    assert_eq!(log[3]["details"]["was"]["protect_admins"], false);
    assert_eq!(log[3]["details"]["is"]["protect_admins"], true);
    assert_eq!(log[5]["details"], json!({ "email": SUPPRESSED }));
    assert_eq!(verified(&auditor).await, json!({ "verified_to": 6, "next": null, "broken_at": null }));
}

#[tokio::test]
async fn lifting_what_is_not_suppressed_leaves_no_line() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    world.bounces(SUPPRESSED).await;
    let lift = |address: &str| office.post("/v1/admin/suppressions/lift", json!({ "email": address }));
    let listed = async || office.get("/v1/admin/suppressions").await.expect(200)["items"].clone();
    let before = world.table().await;
    lift("ann@hospital.example").await.expect(204);
    assert_eq!(world.table().await, before);
    let since = world.clock().now().to_string();
    assert_eq!(listed().await, json!([{ "email": SUPPRESSED, "state": "bounced", "at": since }]));
    // However it is written; and it is lifted once.
    for _ in 0..2 {
        lift("Jo@Hospital.example").await.expect(204);
        assert_eq!((listed().await, entries(&auditor).await.len()), (json!([]), 1));
    }
}

#[tokio::test]
async fn whatever_the_table_does_an_act_is_recorded_once_or_not_done() {
    let faults =
        [None, Some(Fault::LoseTheAnswer), Some(Fault::ServerError), Some(Fault::Conflict), Some(Fault::Throttle)];
    for (method, path, body, kind) in acts() {
        for first in faults {
            for second in faults {
                let world = World::new().await;
                let (office, auditor) = (world.office().await, auditor(&world).await);
                if path.contains("projects") {
                    world.person("jroe").await;
                }
                world.bounces(SUPPRESSED).await;
                let key = tests::actor::key();
                world.wire().faults.plan("TransactWriteItems", vec![first, second]);
                let answer = act(&office, &method, path, &body, &key).await;
                world.wire().faults.stop();
                assert!(answer.status < 300, "{path} {first:?} {second:?} {answer:?}");
                let again = act(&office, &method, path, &body, &key).await;
                assert!(again.status < 300, "{path} {first:?} {second:?} {again:?}");
                let lines: Vec<Value> = entries(&auditor).await;
                let own = lines.iter().filter(|line| line["type"] == kind).count();
                assert_eq!((own, lines.len()), (1, 1), "{path} {first:?} {second:?}");
                assert_eq!(verified(&auditor).await["broken_at"], Value::Null);
            }
        }
    }
}

#[tokio::test]
async fn what_is_refused_leaves_no_line() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let before = world.table().await;
    for (method, path, body) in [
        (Method::PUT, "/v1/admin/users/a b", json!({ "name": "A", "active": true })),
        (Method::PUT, "/v1/admin/users/kim", json!({ "name": "", "active": true })),
        (Method::PUT, "/v1/admin/projects/heart", json!({ "title": "Heart", "members": ["nobody"] })),
        (Method::PUT, "/v1/admin/settings", json!({ "messenger_enabled": false })),
        (Method::POST, "/v1/admin/broadcasts", json!({ "kind": "general", "body": "" })),
        (Method::POST, "/v1/admin/broadcasts/019ca8a0-3e80-7707-8707-070707070707/withdraw", json!({})),
        (Method::POST, "/v1/admin/suppressions/lift", json!({ "email": "jo" })),
    ] {
        let path = path.replace(' ', "%20");
        let answer = act(&office, &method, &path, &body, &tests::actor::key()).await;
        assert!((400..500).contains(&answer.status), "{path} {answer:?}");
        // And nobody else may even try.
        let by_auditor = act(&auditor, &method, &path, &body, &tests::actor::key()).await;
        assert!([400, 403].contains(&by_auditor.status), "{path} {by_auditor:?}");
    }
    assert_eq!(world.table().await, before);
}

#[tokio::test]
async fn a_line_that_is_changed_left_out_or_moved_is_named() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    for n in 0..6 {
        let account = json!({ "name": format!("Person {n}"), "active": true });
        office.put(&format!("/v1/admin/users/p{n}"), account).await.expect(201);
    }
    let at = |n: u64| format!("E#{n:012}");
    for place in 1..=6_u64 {
        let line = world.item("I#", &at(place)).await.unwrap();
        let mut forged = line.clone();
        forged["users"][0]["name"] = json!("Somebody Else");
        let mut moved = world.item("I#", &at(7 - place)).await.unwrap();
        moved["sk"] = json!(at(place));
        for item in [Some(forged), Some(moved), None] {
            match &item {
                Some(item) => world.plant(item).await,
                None => world.remove("I#", &at(place)).await,
            }
            let found = verified(&auditor).await;
            assert_eq!(found["broken_at"], place, "{item:?}");
            world.plant(&line).await;
        }
    }
    // The end, too: a log that was cut, or that goes on behind its end.
    let end = world.item("I#", "E~").await.unwrap();
    for (seq, broken) in [(5, 6), (7, 7)] {
        let mut forged = end.clone();
        forged["seq"] = json!(seq);
        world.plant(&forged).await;
        assert_eq!(verified(&auditor).await["broken_at"], broken);
    }
    world.plant(&end).await;
    assert_eq!(verified(&auditor).await, json!({ "verified_to": 6, "next": null, "broken_at": null }));
}

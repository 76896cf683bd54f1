//! The institution's own log: every act is a line of it, no line is there without its act, and a line that is changed,
//! left out or put elsewhere shows.

use std::collections::BTreeSet;

use domain::institution::log::{Act, Entry};
use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::NOTHING;
use tests::faults::Fault;
use tests::world::World;
use tokio::task::JoinSet;

use super::{auditor, entries};

/// An address to which no mail goes, until somebody says otherwise.
const SUPPRESSED: &str = "jo@hospital.example";

/// How many kinds of acts officials have.
const KINDS: usize = 10;

/// Which kind of an official's act one is; none of what the system does by itself. One that is new belongs here, and
/// among the [`acts`].
const fn kind(act: &Act) -> Option<usize> {
    Some(match act {
        Act::UsersChanged { .. } => 0,
        Act::ProjectChanged { .. } => 1,
        Act::SettingsChanged { .. } => 2,
        Act::BroadcastSent { .. } => 3,
        Act::BroadcastCorrected { .. } => 4,
        Act::BroadcastWithdrawn { .. } => 5,
        Act::SuppressionLifted { .. } => 6,
        Act::HoldPlaced { .. } => 7,
        Act::HoldLifted { .. } => 8,
        Act::GlassBroken { .. } => 9,
        Act::Purged { .. } | Act::AnnouncementsPurged { .. } => return None,
    })
}

/// Officials, and what there is for them to act on: a conversation, a broadcast, and an address without mail.
struct Scene {
    world: World,
    office: Actor,
    auditor: Actor,
    ward: Conversation,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (office, auditor, ann) = (world.office().await, auditor(&world).await, world.person("ann").await);
        let ward = ann.starts("Ward 4", &[]).await;
        world.broadcast(NOTHING).await;
        world.bounces(SUPPRESSED).await;
        Self { world, office, auditor, ward }
    }

    async fn does(&self, doing: &Doing, key: &str) -> Answer {
        let who = if doing.by == "auditor" { &self.auditor } else { &self.office };
        act(who, &doing.method, &doing.path, &doing.body, key).await
    }
}

/// Something that an official does, and the type of the line it makes.
struct Doing {
    by: &'static str,
    method: Method,
    path: String,
    body: Value,
    makes: &'static str,
}

/// Everything that officials do, in an order in which each can be done.
fn acts(ward: &Conversation) -> Vec<Doing> {
    let settings = json!({ "messenger_enabled": true, "protect_admins": true, "break_glass": true });
    let user = json!({ "username": "kim", "name": "Kim", "active": true });
    let news = format!("/v1/admin/broadcasts/{NOTHING}");
    let withdraw = format!("{news}/withdraw");
    let hold = |reason: &str| json!({ "conversation_id": ward.id, "reason": reason });
    let project = json!({ "title": "Heart", "members": ["jroe"] });
    let office = [
        (Method::PUT, "/v1/admin/users/jroe", json!({ "name": "Jane Roe", "active": true }), "users_changed"),
        (Method::POST, "/v1/admin/import", json!({ "users": [user] }), "users_changed"),
        (Method::PUT, "/v1/admin/projects/heart", project, "project_changed"),
        (Method::PUT, "/v1/admin/settings", settings, "settings_changed"),
        (Method::POST, "/v1/admin/broadcasts", json!({ "kind": "general", "body": "news" }), "broadcast_sent"),
        (Method::PATCH, news.as_str(), json!({ "body": "other news" }), "broadcast_corrected"),
        (Method::POST, withdraw.as_str(), json!({}), "broadcast_withdrawn"),
        (Method::POST, "/v1/admin/suppressions/lift", json!({ "email": SUPPRESSED }), "suppression_lifted"),
        (Method::PUT, "/v1/admin/holds", hold("a claim"), "hold_placed"),
        (Method::POST, "/v1/admin/holds/lift", hold("settled"), "hold_lifted"),
    ];
    let office =
        office.map(|(method, path, body, makes)| Doing { by: "office", method, path: path.to_owned(), body, makes });
    let opens = Doing {
        by: "auditor",
        method: Method::POST,
        path: format!("{}/break-glass", ward.path()),
        body: json!({ "reason": "a complaint" }),
        makes: "glass_broken",
    };
    office.into_iter().chain([opens]).collect()
}

async fn act(who: &Actor, method: &Method, path: &str, body: &Value, key: &str) -> Answer {
    who.call(method.clone(), path, &[("idempotency-key", key)], Some(body.clone())).await
}

async fn verified(auditor: &Actor) -> Value {
    auditor.get("/v1/audit/institution/verify").await.expect(200)
}

#[tokio::test]
async fn each_act_is_one_line_that_says_who_and_what_and_when() {
    let scene = Scene::new().await;
    let Scene { world, auditor, ward, .. } = &scene;
    assert_eq!(entries(auditor).await, Vec::<Value>::new());
    let (acts, mut kinds) = (acts(ward), BTreeSet::new());
    for (n, doing) in acts.iter().enumerate() {
        let answer = scene.does(doing, &key()).await;
        assert!(answer.status < 300, "{} {answer:?}", doing.makes);
        let log = entries(auditor).await;
        assert_eq!(log.len(), n + 1, "{}", doing.path);
        let line = &log[n];
        assert_eq!(
            (&line["type"], &line["by"], line["seq"].as_u64()),
            (&json!(doing.makes), &json!(doing.by), Some(n as u64 + 1))
        );
        assert_eq!(line["at"], world.clock().now().to_string());
        let entry = world.item("I#", &format!("E#{:012}", n + 1)).await.unwrap();
        kinds.insert(kind(&serde_json::from_value::<Entry>(entry).unwrap().act));
    }
    assert_eq!(kinds, (0..KINDS).map(Some).collect(), "an official can do something that is not among the acts");
    let log = entries(auditor).await;
    assert_eq!(log[0]["details"]["users"][0]["name"], "Jane Roe");
    assert_eq!(log[3]["details"]["was"]["protect_admins"], false);
    assert_eq!(log[3]["details"]["is"]["protect_admins"], true);
    assert_eq!(log[7]["details"], json!({ "email": SUPPRESSED }));
    assert_eq!(verified(auditor).await, json!({ "verified_to": acts.len(), "next": null, "broken_at": null }));
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

/// Everything that officials do, each act under these faults, and once more with the same key.
async fn acts_under(first: Option<Fault>, second: Option<Fault>) {
    let scene = Scene::new().await;
    let Scene { world, auditor, ward, .. } = &scene;
    for (before, doing) in acts(ward).iter().enumerate() {
        let (key, which) = (key(), format!("{} {first:?} {second:?}", doing.makes));
        world.wire().faults.plan("TransactWriteItems", [first, second]);
        let answer = scene.does(doing, &key).await;
        assert!(world.wire().faults.left() < 2, "{which}: it never came to it");
        world.wire().faults.stop();
        assert!(answer.status < 300, "{which} {answer:?}");
        let again = scene.does(doing, &key).await;
        assert!(again.status < 300, "{which} {again:?}");
        let lines = entries(auditor).await;
        assert_eq!((lines.len(), &lines[before]["type"]), (before + 1, &json!(doing.makes)), "{which}");
    }
    assert_eq!(verified(auditor).await["broken_at"], Value::Null, "{first:?} {second:?}");
}

#[tokio::test]
async fn whatever_the_table_does_an_act_is_recorded_once_or_not_done() {
    let faults = [
        None,
        Some(Fault::Drop),
        Some(Fault::LoseTheAnswer),
        Some(Fault::ServerError),
        Some(Fault::Conflict),
        Some(Fault::Throttle),
    ];
    // In worlds of their own, all at once: who meets a fault waits before the next attempt.
    let mut worlds = JoinSet::new();
    for first in faults {
        for second in faults {
            worlds.spawn(acts_under(first, second));
        }
    }
    assert_eq!(worlds.join_all().await.len(), 36);
}

#[tokio::test]
async fn what_is_refused_leaves_no_line() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let before = world.table().await;
    let nobodys = format!("/v1/admin/broadcasts/{NOTHING}/withdraw");
    for (method, path, body) in [
        (Method::PUT, "/v1/admin/users/a b", json!({ "name": "A", "active": true })),
        (Method::PUT, "/v1/admin/users/kim", json!({ "name": "", "active": true })),
        (Method::PUT, "/v1/admin/projects/heart", json!({ "title": "Heart", "members": ["nobody"] })),
        (Method::PUT, "/v1/admin/settings", json!({ "messenger_enabled": false })),
        (Method::POST, "/v1/admin/broadcasts", json!({ "kind": "general", "body": "" })),
        (Method::POST, nobodys.as_str(), json!({})),
        (Method::POST, "/v1/admin/suppressions/lift", json!({ "email": "jo" })),
    ] {
        let path = path.replace(' ', "%20");
        let answer = act(&office, &method, &path, &body, &key()).await;
        assert!((400..500).contains(&answer.status), "{path} {answer:?}");
        // And nobody else may even try.
        let by_auditor = act(&auditor, &method, &path, &body, &key()).await;
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

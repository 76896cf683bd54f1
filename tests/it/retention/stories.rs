//! What goes, when, and what of it stays.

use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::key;

use super::{DAY, Scene, report};
use crate::attachments::{clean, fetches, objects};

#[tokio::test]
async fn what_was_kept_long_enough_goes_with_all_that_belongs_to_it_and_leaves_who_and_when() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward, auditor, .. } = &scene;
    let scan = clean(world, ann, ward, "marker-name.pdf").await;
    let asked = key();
    let body = json!({ "body": "marker-first", "attachments": [scan] });
    let sent = ann.post_with_key(&ward.messages(), body.clone(), &asked).await.expect(201);
    ann.patch(&ward.message(2), json!({ "body": "marker-second" })).await.expect(200);
    ann.sends(ward, "marker-withdrawn").await.expect(201);
    ann.delete(&ward.message(4)).await.expect(204);
    let before = scene.log().await;
    world.passes(29 * DAY).await;
    ben.sends(ward, "younger").await.expect(201);
    assert_eq!(ben.reads(ward).await, ["marker-second", "younger"]);
    assert_eq!(objects(world).len(), 1);
    assert!(!scene.words("marker").await.is_empty());

    // The day after the thirtieth, and the hour in which the bytes are removed. Nobody is told anything of it.
    world.settles().await;
    world.bus().take();
    world.passes(DAY + Duration::from_hours(1)).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    assert_eq!(scene.words(&asked).await, Vec::<String>::new(), "nor what is known of the request");
    assert_eq!(world.bus().take(), Vec::new());
    assert_eq!(objects(world), Vec::<std::path::PathBuf>::new());
    fetches(ben, ward, &scan).await.expect_problem(404, "not-found");
    let mut expected = before;
    for (place, item) in expected.iter_mut().enumerate() {
        let message = if place == 2 || place == 4 { &mut item["message"] } else { item };
        if message["kind"] == "message" && message["withdrawn"] == false {
            (message["body"], message["purged"]) = (Value::Null, true.into());
            (message["attachments"][0]["name"], message["attachments"][0]["state"]) = (Value::Null, "removed".into());
        }
    }
    let mut log = scene.log().await;
    let younger = log.pop().unwrap();
    assert_eq!((&younger["body"], &younger["purged"]), (&json!("younger"), &json!(false)));
    assert_eq!(log, expected);
    // What was withdrawn had a text of its own.
    let certificate = json!({ "conversation": ward.id, "from": 2, "to": 4, "messages": 2, "attachments": 1 });
    assert_eq!(scene.certificates().await, [certificate]);
    scene.verifies().await;
    // An auditor who may read everything reads who and when.
    auditor.post(&format!("{}/break-glass", ward.path()), json!({ "reason": "A complaint" })).await.expect(201);
    let opened = auditor.get(&format!("{}/audit", ward.path())).await.expect(200);
    assert!(opened.to_string().contains("younger") && !opened.to_string().contains("marker"));
    // Nothing is left of the attachment but which request asked for it, and that goes by itself.
    assert_eq!(scene.words("\"entity\":\"attachment\"").await, Vec::<String>::new());
    let requests = scene.words("\"entity\":\"attachment request\"").await;
    assert!(requests.len() == 1 && requests[0].contains("\"expires\":"), "{requests:?}");
    // A repetition years later is a new message: nothing is known of the first.
    let again = ann.post_with_key(&ward.messages(), json!({ "body": "again" }), &asked).await.expect(201);
    assert_ne!(again["id"], sent["id"]);
}

#[tokio::test]
async fn nothing_goes_before_its_time_whoever_says_so_and_nothing_goes_twice() {
    let scene = Scene::new().await;
    scene.ann.sends(&scene.ward, "old").await.expect(201);
    let before = (30 * DAY).saturating_sub(Duration::from_millis(1));
    scene.world.hand().advance(before);
    let far = json!({ "scheduled_at": "2099-01-01T00:00:00Z" });
    for tick in [scene.tick(), far.clone()] {
        assert_eq!(scene.world.retention().handle(tick, None).await.unwrap(), report(0, 0, 0, 0));
    }
    assert_eq!(scene.sweeps_after(Duration::from_millis(1)).await, report(1, 0, 1, 0));
    for tick in [scene.tick(), far, json!({ "scheduled_at": "2026-03-01T00:00:00Z" })] {
        assert_eq!(scene.world.retention().handle(tick, None).await.unwrap(), report(0, 0, 0, 0));
    }
    assert_eq!(scene.certificates().await.len(), 1);
    for wrong in [json!({}), json!({ "scheduled_at": "now" }), json!(null)] {
        scene.world.retention().handle(wrong, None).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_run_ends_before_its_deadline_and_leaves_the_rest_to_the_next() {
    let scene = Scene::new().await;
    scene.ann.sends(&scene.ward, "old").await.expect(201);
    scene.world.hand().advance(30 * DAY);
    let now = scene.world.clock().now();
    let retention = scene.world.retention();
    let soon = retention.handle(scene.tick(), Some(now.after(Duration::from_secs(10)))).await.unwrap();
    assert_eq!((&soon["unfinished"], &soon["messages"]), (&json!(true), &json!(0)));
    let later = retention.handle(scene.tick(), Some(now.after(Duration::from_mins(1)))).await.unwrap();
    assert_eq!(later, report(1, 0, 1, 0));
}

#[tokio::test]
async fn a_project_keeps_its_messages_as_long_as_it_says_and_a_shorter_period_shows_within_a_month() {
    let mut scene = Scene::new().await;
    scene.labelled("STUDY-1").await;
    let set = async |scene: &Scene, days: Value| {
        let plan = json!({ "title": "STUDY-1", "members": ["ann"], "retention_days": days });
        scene.office.put("/v1/admin/projects/STUDY-1", plan).await.expect(200);
    };
    let reads = async |scene: &Scene| scene.ann.reads(&scene.ward).await;
    set(&scene, json!(400)).await;
    scene.ann.sends(&scene.ward, "of the study").await.expect(201);
    scene.passes(399 * DAY).await;
    assert_eq!(reads(&scene).await, ["of the study"]);
    // Whoever says nothing of it changes nothing about it; and null is as long as everybody.
    let silent = json!({ "title": "S", "members": ["ann"] });
    scene.office.put("/v1/admin/projects/STUDY-1", silent).await.expect(200);
    scene.passes(2 * DAY).await;
    assert_eq!(reads(&scene).await, Vec::<String>::new());
    set(&scene, json!(36_525)).await;
    scene.ann.sends(&scene.ward, "of the study, later").await.expect(201);
    scene.passes(60 * DAY).await;
    assert_eq!(reads(&scene).await, ["of the study, later"]);
    set(&scene, Value::Null).await;
    scene.passes(31 * DAY).await;
    assert_eq!(reads(&scene).await, Vec::<String>::new());
    assert_eq!(scene.certificates().await.len(), 2);
    scene.verifies().await;
}

#[tokio::test]
async fn what_is_deleted_is_kept_as_long_as_everything_and_then_nobody_looks_again() {
    let mut scene = Scene::new().await;
    scene.ann.sends(&scene.ward, "marker").await.expect(201);
    scene.deletes("Ward 4").await;
    scene.passes(29 * DAY).await;
    assert_eq!(scene.words("marker").await.len(), 1);
    scene.passes(2 * DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    // Its last entry has no text; once it is passed, it is in no index.
    scene.passes(62 * DAY).await;
    let retention = scene.world.item(&format!("C#{}", scene.ward.id), "R~").await.unwrap();
    assert!(retention.get("dk").is_none() && retention.get("look_at").is_none(), "{retention}");
    scene.verifies().await;
}

#[tokio::test]
async fn of_a_long_conversation_all_goes_step_by_step_and_is_one_line() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    // One message with more edits than a transaction has room for, between others.
    let mut edits = 0;
    for n in 0..130 {
        if n % 20 == 0 {
            world.hand().advance(Duration::from_mins(1));
        }
        ann.sends(ward, &format!("marker {n}")).await.expect(201);
    }
    let last = ann.sends(ward, "marker and more").await.expect(201)["seq"].as_u64().unwrap();
    for n in 0..100 {
        if n % 10 == 0 {
            world.hand().advance(Duration::from_mins(1));
        }
        ann.patch(&ward.message(last), json!({ "body": format!("marker edit {n}") })).await.expect(200);
        edits += 1;
    }
    ann.sends(ward, "marker at the end").await.expect(201);
    let done = scene.sweeps_after(31 * DAY).await;
    assert_eq!(done, report(1, 0, 132, 0));
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    let certificate =
        json!({ "conversation": ward.id, "from": 2, "to": last + edits + 1, "messages": 132, "attachments": 0 });
    assert_eq!(scene.certificates().await, [certificate]);
    scene.verifies().await;
}

#[tokio::test]
async fn messages_with_as_many_attachments_as_they_may_have_go_with_all_of_them() {
    let mut scene = Scene::new().await;
    for message in 0..9 {
        let mut ten = Vec::new();
        for n in 0..10 {
            ten.push(clean(&scene.world, &scene.ann, &scene.ward, &format!("marker {message} {n}.pdf")).await);
        }
        scene.ann.post(&scene.ward.messages(), json!({ "attachments": ten })).await.expect(201);
        // So that nobody meets a limit on how often.
        scene.world.hand().advance(Duration::from_mins(1));
    }
    assert_eq!(objects(&scene.world).len(), 90);
    // All at once: more than one transaction has room for.
    assert_eq!(scene.sweeps_after(31 * DAY).await, report(1, 0, 9, 90));
    scene.passes(DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    assert_eq!(objects(&scene.world), Vec::<std::path::PathBuf>::new());
    let [certificate] = &scene.certificates().await[..] else { panic!("one line") };
    assert_eq!((&certificate["messages"], &certificate["attachments"]), (&json!(9), &json!(90)));
    assert!(scene.log().await.iter().skip(1).all(|item| item["purged"] == true));
    scene.verifies().await;
}

#[tokio::test]
async fn of_many_conversations_each_is_told_once() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, .. } = &scene;
    for n in 0..60 {
        if n % 10 == 0 {
            world.hand().advance(Duration::from_mins(1));
        }
        let ward = ann.starts(&format!("Ward {n}"), &[ben]).await;
        ann.sends(&ward, "marker").await.expect(201);
    }
    assert_eq!(scene.sweeps_after(31 * DAY).await, report(61, 0, 60, 0));
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    let certificates = scene.certificates().await;
    let told: std::collections::BTreeSet<_> = certificates.iter().map(|one| one["conversation"].to_string()).collect();
    assert_eq!((certificates.len(), told.len()), (60, 60));
    scene.verifies().await;
}

#[tokio::test]
async fn the_first_message_goes_with_what_is_known_of_the_request_that_started_it_all() {
    let scene = Scene::new().await;
    let asked = key();
    let start = json!({ "title": "Ward 5", "members": ["ben"], "message": { "body": "marker" } });
    scene.ann.post_with_key("/v1/conversations", start.clone(), &asked).await.expect(201);
    assert_eq!(scene.words(&asked).await.len(), 2, "the request, and the entry that tells of it");
    scene.world.passes(31 * DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    let left = scene.words(&asked).await;
    assert!(left.iter().all(|item| item.contains("\"entity\":\"entry\"")) && left.len() == 1, "{left:?}");
}

#[tokio::test]
async fn what_was_announced_goes_version_by_version_and_is_recorded() {
    let mut scene = Scene::new().await;
    let announces = async |scene: &Scene, body: &str| {
        let news = json!({ "kind": "general", "body": body });
        let sent = scene.office.post("/v1/admin/broadcasts", news).await.expect(201);
        format!("/v1/admin/broadcasts/{}", sent["id"].as_str().unwrap())
    };
    let corrected = announces(&scene, "marker-first").await;
    let withdrawn = announces(&scene, "marker-withdrawn").await;
    scene.office.post(&format!("{withdrawn}/withdraw"), json!({})).await.expect(200);
    scene.passes(20 * DAY).await;
    let left = async |scene: &Scene| {
        let table = scene.world.table().await.join(" ");
        ["marker-first", "marker-withdrawn", "marker-second"].map(|marker| table.matches(marker).count())
    };
    assert_eq!(left(&scene).await, [2, 2, 0]);
    scene.office.patch(&corrected, json!({ "body": "marker-second" })).await.expect(200);
    assert_eq!(left(&scene).await, [1, 2, 2]);
    // The first version of what is still shown, and all of what was taken back.
    scene.sweeps_after(10 * DAY).await;
    assert_eq!(left(&scene).await, [0, 0, 2]);
    scene.passes(19 * DAY).await;
    assert_eq!(left(&scene).await, [0, 0, 2]);
    scene.sweeps_after(2 * DAY).await;
    assert_eq!(left(&scene).await, [0, 0, 0]);
    scene.sweeps_after(DAY).await;
    scene.passes(DAY).await;
    scene.verifies().await;
    let page = scene.auditor.get("/v1/audit/institution?limit=100").await.expect(200);
    let lines = page["items"].as_array().unwrap().iter().filter(|line| line["type"] == "announcements_purged");
    let lines: Vec<Value> = lines.map(|line| line["details"]["announcements"].clone()).collect();
    assert_eq!(lines, [1, 2], "the newest first");
    assert_eq!(scene.office.get("/v1/admin/broadcasts").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn what_was_taken_back_later_than_it_was_announced_goes_with_the_withdrawal() {
    let mut scene = Scene::new().await;
    let news = json!({ "kind": "general", "body": "marker" });
    let sent = scene.office.post("/v1/admin/broadcasts", news).await.expect(201);
    scene.passes(5 * DAY).await;
    let path = format!("/v1/admin/broadcasts/{}/withdraw", sent["id"].as_str().unwrap());
    scene.office.post(&path, json!({})).await.expect(200);
    scene.sweeps_after(26 * DAY).await;
    assert_eq!(scene.words("marker").await.len(), 1, "the broadcast itself, whose last version is younger");
    scene.sweeps_after(5 * DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    scene.passes(DAY).await;
    scene.verifies().await;
}

#[tokio::test]
async fn a_message_that_was_edited_very_often_goes_with_all_its_versions() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    ann.sends(ward, "marker").await.expect(201);
    // More than one transaction changes.
    for n in 0..120 {
        ann.patch(&ward.message(2), json!({ "body": format!("marker {n}") })).await.expect(200);
    }
    world.passes(31 * DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
    scene.verifies().await;
}

#[tokio::test]
async fn nobody_is_let_in_under_the_name_that_removes() {
    let scene = Scene::new().await;
    for name in ["confer", "Confer", "CONFER"] {
        let actor = scene.world.newcomer(name).await;
        actor.get("/v1/me").await.expect_problem(401, "unauthenticated");
    }
    scene.world.newcomer("confer.nurse").await.get("/v1/me").await.expect(200);
}

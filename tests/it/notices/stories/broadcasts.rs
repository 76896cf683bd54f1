//! What the institution announces, for whoever wants mail about that.

use serde_json::{Value, json};
use tests::actor::Actor;

use super::{NOBODY, Story};
use crate::notices::{hours, mails, minutes, told, wants};

async fn announces(office: &Actor, change: Value) -> String {
    let mut asked = json!({ "kind": "general", "body": "Down at noon" });
    let Value::Object(change) = change else { panic!("{change}") };
    for (field, value) in change {
        asked[field] = value;
    }
    let sent = office.post("/v1/admin/broadcasts", asked).await.expect(201);
    sent["id"].as_str().unwrap().to_owned()
}

async fn wanting(change: Value) -> (Story, Actor) {
    let mut all = json!({ "broadcasts": true });
    let Value::Object(change) = change else { panic!("{change}") };
    for (field, value) in change {
        all[field] = value;
    }
    let story = Story::wanting(all).await;
    let office = story.world.office().await;
    (story, office)
}

#[tokio::test]
async fn whoever_wants_it_is_told_with_the_next_digest_and_nobody_else_is() {
    let (story, office) = wanting(json!({})).await;
    announces(&office, json!({})).await;
    story.says("one").await;
    story.world.passes(hours(24)).await;
    let letters = story.world.mails();
    let told: Vec<String> = letters.iter().map(told).collect();
    assert_eq!(told, ["ben 03-01 09:15:00"]);
    let expected = "you had 1 unread message in 1 conversation and 1 unread announcement.";
    assert!(letters[0].text.contains(expected), "{}", letters[0].text);
    assert!(!letters[0].text.contains("noon"));
    assert_eq!(story.latest().await, "digest sent short_delay");
}

#[tokio::test]
async fn whoever_never_asked_for_it_is_not_told() {
    let story = Story::new().await;
    announces(&story.world.office().await, json!({ "important": true })).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
}

#[tokio::test]
async fn it_makes_one_mail_and_is_counted_in_the_next() {
    let (story, office) = wanting(json!({})).await;
    announces(&office, json!({})).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.says_the_mail(), "At 2026-03-01 09:15 (UTC) you had 1 unread announcement.");
    story.says("one").await;
    story.world.passes(hours(24)).await;
    assert!(story.says_the_mail().ends_with("1 unread message in 1 conversation and 1 unread announcement."));
}

#[tokio::test]
async fn whoever_wants_no_digests_gets_it_alone_after_the_short_delay() {
    let (story, office) = wanting(json!({ "frequency": "none" })).await;
    story.says("one").await;
    announces(&office, json!({})).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:15:00"]);
    assert_eq!(story.latest().await, "broadcast sent short_delay");
}

#[tokio::test]
async fn what_is_important_comes_at_once_to_whoever_wants_that() {
    for (instant, within) in [(true, 2), (false, 5)] {
        let (story, office) = wanting(json!({ "instant": instant })).await;
        announces(&office, json!({ "important": true })).await;
        story.world.passes(minutes(within)).await;
        assert_eq!(story.mails().len(), 1, "{instant}");
        let rule = if instant { "instant sent urgent" } else { "digest sent short_delay" };
        assert_eq!(story.latest().await, rule);
        story.world.passes(hours(24)).await;
        assert_eq!(story.mails(), NOBODY, "{instant}");
    }
}

#[tokio::test]
async fn what_was_withdrawn_or_read_before_it_was_due_is_not_mailed() {
    for withdrawn in [true, false] {
        let (story, office) = wanting(json!({})).await;
        let id = announces(&office, json!({})).await;
        story.world.passes(minutes(2)).await;
        if withdrawn {
            office.post(&format!("/v1/admin/broadcasts/{id}/withdraw"), json!({})).await.expect(200);
        } else {
            assert_eq!(story.ben.put(&format!("/v1/broadcasts/{id}/read"), json!({})).await.status, 204);
        }
        story.world.passes(hours(24)).await;
        assert_eq!(story.mails(), NOBODY, "{withdrawn}");
        assert_eq!(story.latest().await, "digest skipped nothing_unread", "{withdrawn}");
    }
}

#[tokio::test]
async fn it_is_told_when_it_begins() {
    let (story, office) = wanting(json!({})).await;
    announces(&office, json!({ "from": "2026-03-01T12:00:00.000Z" })).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 12:05:00"]);
}

#[tokio::test]
async fn whoever_it_is_not_for_is_not_told() {
    let (story, office) = wanting(json!({})).await;
    let world = &story.world;
    let cleo = world.person("cleo").await;
    wants(&cleo, json!({ "broadcasts": true })).await.expect(200);
    world.project("heart", &[&cleo]).await;
    world.passes(minutes(10)).await;
    announces(&office, json!({ "audience": { "projects": ["heart"] } })).await;
    world.passes(hours(24)).await;
    assert_eq!(mails(world), ["cleo 03-01 09:25:00"]);
    announces(&office, json!({ "audience": { "usernames": ["ben"] } })).await;
    world.passes(hours(24)).await;
    assert_eq!(mails(world), ["ben 03-02 09:25:00"]);
    announces(&office, json!({ "audience": { "roles": ["auditor"] } })).await;
    world.passes(hours(24)).await;
    assert_eq!(mails(world), NOBODY);
}

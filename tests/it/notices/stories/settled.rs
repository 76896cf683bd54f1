//! What does not wait any more when it is due is not mailed.

use serde_json::json;

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes};

#[tokio::test]
async fn what_was_read_before_it_was_due_is_not_mailed() {
    let story = Story::new().await;
    let seq = story.says("one").await;
    story.world.passes(minutes(2)).await;
    story.reads(seq).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["digest skipped nothing_unread"]);
}

#[tokio::test]
async fn what_was_taken_back_is_not_mailed() {
    let story = Story::new().await;
    let seq = story.says("one").await;
    assert_eq!(story.ann.delete(&story.ward.message(seq)).await.status, 204);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["digest skipped nothing_unread"]);
}

#[tokio::test]
async fn whoever_was_removed_is_not_told() {
    let story = Story::new().await;
    story.says("one").await;
    assert_eq!(story.ann.removes(&story.ward, &story.ben).await.status, 204);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["digest skipped nothing_unread"]);
}

#[tokio::test]
async fn whoever_joins_is_not_told_of_what_was_said_before() {
    let story = Story::new().await;
    let cleo = story.world.person("cleo").await;
    story.world.passes(minutes(10)).await;
    story.says("one").await;
    story.ann.adds(&story.ward, &[&cleo]).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:25:00"]);
    story.says("two").await;
    story.world.passes(minutes(5)).await;
    let letters = story.world.mails();
    let cleos = letters.iter().find(|letter| letter.to.starts_with("cleo")).unwrap();
    assert!(cleos.text.contains("1 unread message in 1 conversation"), "{}", cleos.text);
}

#[tokio::test]
async fn what_is_archived_is_not_mailed_until_it_is_taken_out() {
    let story = Story::new().await;
    story.says("one").await;
    story.ann.post(&format!("{}/archive", story.ward.path()), json!({})).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    story.ann.post(&format!("{}/unarchive", story.ward.path()), json!({})).await.expect(200);
    story.world.passes(minutes(1)).await;
    assert_eq!(story.mails(), ["ben 03-02 09:11:00"]);
    assert_eq!(log(&story.ben).await, ["digest sent short_delay", "digest skipped nothing_unread"]);
}

#[tokio::test]
async fn whose_account_is_disabled_is_not_told() {
    let story = Story::new().await;
    let office = story.world.office().await;
    let account = |active: bool| json!({ "name": "Ben", "email": "ben@hospital.example", "active": active });
    story.says("one").await;
    office.put("/v1/admin/users/ben", account(false)).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    office.put("/v1/admin/users/ben", account(true)).await.expect(200);
    assert_eq!(log(&story.ben).await, ["digest skipped account_disabled"]);
}

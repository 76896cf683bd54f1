//! Nobody is told by mail while they are there.

use std::time::Duration;

use serde_json::json;

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes, told};

#[tokio::test]
async fn what_came_while_one_was_there_is_mailed_once_one_is_not() {
    let story = Story::new().await;
    story.looks().await;
    story.world.passes(minutes(1)).await;
    story.says("@ben, come").await;
    story.world.passes(minutes(3)).await;
    story.looks().await;
    story.world.passes(minutes(4)).await;
    assert_eq!(story.mails(), NOBODY);
    story.world.passes(minutes(1)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:19:00"]);
    assert_eq!(story.latest().await, "instant sent online");
}

#[tokio::test]
async fn what_was_read_meanwhile_is_not_mailed() {
    let story = Story::new().await;
    story.looks().await;
    let seq = story.says("@ben, come").await;
    story.world.passes(minutes(2)).await;
    story.reads(seq).await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["instant skipped nothing_unread"]);
}

#[tokio::test]
async fn whoever_comes_back_before_it_is_due_is_told_once_they_go() {
    let story = Story::new().await;
    story.says("plain").await;
    story.world.passes(minutes(4)).await;
    story.looks().await;
    story.world.passes(minutes(4)).await;
    assert_eq!(story.mails(), NOBODY);
    story.world.passes(minutes(1)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:19:00"]);
    assert_eq!(log(&story.ben).await, ["digest sent online", "digest held online"]);
}

#[tokio::test]
async fn whoever_signs_out_is_told_at_the_next_tick() {
    let story = Story::new().await;
    story.looks().await;
    story.says("@ben, come").await;
    story.world.passes(Duration::from_secs(150)).await;
    assert_eq!(story.ben.post("/v1/me/logout", json!({})).await.status, 204);
    assert_eq!(story.mails(), NOBODY);
    story.world.passes(minutes(1)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:13:00"]);
}

#[tokio::test]
async fn what_comes_right_after_signing_out_comes_at_once() {
    let story = Story::new().await;
    story.looks().await;
    story.says("plain").await;
    story.world.passes(Duration::from_secs(10)).await;
    assert_eq!(story.ben.post("/v1/me/logout", json!({})).await.status, 204);
    story.world.passes(Duration::from_secs(10)).await;
    story.says("@ben, come").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:20"]);
}

#[tokio::test]
async fn a_page_that_nobody_looks_at_says_nothing() {
    let story = Story::new().await;
    story.ben.get("/v1/unread").await.expect(200);
    story.ben.get("/v1/conversations").await.expect(200);
    assert_eq!(story.ben.post("/v1/me/presence", json!({ "visible": false })).await.status, 204);
    story.says("@ben, come").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
}

#[tokio::test]
async fn any_other_request_shows_that_somebody_is_there() {
    let story = Story::new().await;
    story.ben.get(&story.ward.path()).await.expect(200);
    story.says("@ben, come").await;
    story.world.passes(hours(1)).await;
    let letters: Vec<String> = story.world.mails().iter().map(told).collect();
    assert_eq!(letters, ["ben 03-01 09:15:00"]);
}

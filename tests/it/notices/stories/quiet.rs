//! Quiet hours.

use serde_json::{Value, json};

use super::{NOBODY, Story};
use crate::notices::{hours, minutes, sends_important};

fn night() -> Value {
    json!({ "quiet_hours": { "from": "22:00", "to": "07:00" } })
}

/// Passes from ten past nine to two minutes to ten in the evening.
async fn in_the_evening(change: Value) -> Story {
    let story = Story::wanting(change).await;
    story.world.passes(minutes(12 * 60 + 48)).await;
    story
}

#[tokio::test]
async fn a_digest_that_would_come_in_quiet_hours_comes_at_their_end() {
    let story = in_the_evening(night()).await;
    story.says("plain").await;
    let shown = story.ben.get("/v1/me/notifications").await.expect(200);
    let expected = json!({ "due_at": "2026-03-02T07:00:00.000Z", "rule": "digest", "reason": "quiet_hours" });
    assert_eq!(shown["pending"], expected);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-02 07:00:00"]);
    assert!(story.latest().await.starts_with("digest sent "));
}

#[tokio::test]
async fn what_is_urgent_comes_in_quiet_hours_and_covers_the_rest() {
    let story = in_the_evening(night()).await;
    story.says("plain").await;
    story.world.passes(hours(1)).await;
    sends_important(&story.ann, &story.ward, "fire").await.expect(201);
    story.world.settles().await;
    assert_eq!(story.says_the_mail(), "At 2026-03-01 22:58 (UTC) you had 2 unread messages in 1 conversation.");
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
}

#[tokio::test]
async fn a_message_of_the_night_comes_in_the_morning_by_the_readers_clock() {
    let mut change = night();
    change["timezone"] = json!("America/New_York");
    // In New York it is two minutes to five in the afternoon: the night ends at noon, by the clock of these tests.
    let story = in_the_evening(change).await;
    story.world.passes(hours(10)).await;
    story.says("plain").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-02 12:00:00"]);
}

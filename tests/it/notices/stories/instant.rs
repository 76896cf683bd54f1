//! What mentions somebody or is important.

use std::time::Duration;

use serde_json::json;

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes, sends_important, told};

#[tokio::test]
async fn what_mentions_one_or_is_important_comes_at_once() {
    let story = Story::new().await;
    story.says("@ben, come").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
    story.world.passes(minutes(2)).await;
    sends_important(&story.ann, &story.ward, "fire").await.expect(201);
    story.world.settles().await;
    let letters = story.world.mails();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(told(letter), "ben 03-01 09:12:00");
    let sentences: Vec<&str> = letter.text.lines().take(3).collect();
    assert_eq!(
        sentences,
        [
            "At 2026-03-01 09:12 (UTC) you had 2 unread messages in 1 conversation.",
            "At least one message is important.",
            "At least one message mentions you.",
        ]
    );
    assert_eq!(log(&story.ben).await, ["instant sent urgent", "instant sent urgent"]);
}

#[tokio::test]
async fn it_comes_whatever_the_frequency_is_and_covers_what_else_waits() {
    for frequency in ["none", "daily", "12h"] {
        let story = Story::wanting(json!({ "frequency": frequency })).await;
        story.says("plain").await;
        story.says("@ben, come").await;
        assert!(story.says_the_mail().contains("2 unread messages"), "{frequency}");
        story.world.passes(hours(48)).await;
        assert_eq!(story.mails(), NOBODY, "{frequency}");
    }
}

#[tokio::test]
async fn several_within_a_minute_make_one_mail() {
    let story = Story::new().await;
    story.says("@ben, one").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
    for text in ["@ben, two", "@ben, three"] {
        story.world.passes(Duration::from_secs(20)).await;
        story.says(text).await;
    }
    assert_eq!(story.mails(), NOBODY);
    story.world.passes(minutes(1)).await;
    assert_eq!(story.says_the_mail(), "At 2026-03-01 09:11 (UTC) you had 3 unread messages in 1 conversation.");
    assert_eq!(story.latest().await, "instant sent coalescing");
}

#[tokio::test]
async fn whoever_wants_it_always_gets_it_while_they_are_there() {
    let story = Story::wanting(json!({ "instant_when": "always" })).await;
    story.looks().await;
    story.says("@ben, come").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
    assert_eq!(story.latest().await, "instant sent urgent");
}

#[tokio::test]
async fn whoever_does_not_want_it_is_told_in_the_digest() {
    let story = Story::wanting(json!({ "instant": false })).await;
    story.says("@ben, come").await;
    sends_important(&story.ann, &story.ward, "fire").await.expect(201);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:15:00"]);
    assert_eq!(story.latest().await, "digest sent short_delay");
}

#[tokio::test]
async fn an_edit_tells_whom_it_mentions_for_the_first_time() {
    let story = Story::new().await;
    let seq = story.says("come").await;
    story.world.passes(minutes(2)).await;
    story.ann.patch(&story.ward.message(seq), json!({ "body": "@ben, come" })).await.expect(200);
    story.world.settles().await;
    assert_eq!(story.mails(), ["ben 03-01 09:12:00"]);
    // Who was told is not told again.
    story.ann.patch(&story.ward.message(seq), json!({ "body": "@ben, come now" })).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
}

#[tokio::test]
async fn an_edit_that_takes_the_mention_away_makes_it_an_ordinary_message() {
    let story = Story::new().await;
    story.looks().await;
    let seq = story.says("@ben, come").await;
    story.world.passes(minutes(2)).await;
    story.ann.patch(&story.ward.message(seq), json!({ "body": "come" })).await.expect(200);
    story.world.passes(hours(24)).await;
    // He went at a quarter past.
    assert_eq!(story.mails(), ["ben 03-01 09:20:00"]);
    assert_eq!(story.latest().await, "digest sent online");
}

#[tokio::test]
async fn in_a_silenced_conversation_only_what_is_urgent_is_told_and_counted() {
    for notify in ["mentions", "nothing"] {
        let story = Story::at_nine().await;
        let settings = format!("{}/settings", story.ward.path());
        story.ben.patch(&settings, json!({ "notify": notify })).await.expect(200);
        story.world.passes(minutes(10)).await;
        story.says("plain").await;
        story.world.passes(hours(24)).await;
        assert_eq!(story.mails(), NOBODY, "{notify}");
        story.says("@ben, come").await;
        assert_eq!(story.says_the_mail(), "At 2026-03-02 09:10 (UTC) you had 1 unread message in 1 conversation.");
        assert_eq!(log(&story.ben).await, ["instant sent urgent", "digest skipped muted"], "{notify}");
    }
}

#[tokio::test]
async fn what_is_urgent_is_told_once_though_something_urgent_before_it_was_taken_back() {
    for notify in ["all", "mentions", "nothing"] {
        for delivered in [true, false] {
            let case = format!("{notify}, delivered: {delivered}");
            let story = Story::at_nine().await;
            let settings = format!("{}/settings", story.ward.path());
            story.ben.patch(&settings, json!({ "notify": notify })).await.expect(200);
            story.world.passes(minutes(1)).await;
            let first = story.says("@ben, come").await;
            story.says("@ben, to room 4").await;
            story.world.hand().advance(minutes(6));
            assert_eq!(story.ann.delete(&story.ward.message(first)).await.status, 204);
            if delivered {
                story.world.settles().await;
            }
            // Somebody looks before the stream brings it to his row.
            let tick = json!({ "scheduled_at": story.world.clock().now() });
            story.world.digest().handle(tick, None).await.unwrap();
            story.world.passes(minutes(10)).await;
            let letters = story.world.mails();
            assert_eq!(letters.len(), 1, "{case}: {letters:?}");
            assert!(log(&story.ben).await.contains(&"instant sent online".to_owned()), "{case}");
            story.world.passes(hours(24)).await;
            assert_eq!(story.mails(), NOBODY, "{case}");
        }
    }
}

#[tokio::test]
async fn what_was_silenced_before_it_was_due_is_not_mailed() {
    let story = Story::new().await;
    story.says("plain").await;
    let settings = format!("{}/settings", story.ward.path());
    story.ben.patch(&settings, json!({ "notify": "nothing" })).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(story.latest().await, "digest skipped muted");
    // He was there for that, and is told once he is not.
    story.ben.patch(&settings, json!({ "notify": "all" })).await.expect(200);
    story.world.passes(minutes(10)).await;
    assert_eq!(story.mails(), ["ben 03-02 09:15:00"]);
}

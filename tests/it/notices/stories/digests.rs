//! When digests come, and how often.

use serde_json::json;
use tests::world::World;

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes, told, wants};

#[tokio::test]
async fn the_first_mail_comes_after_the_short_delay_and_says_how_much_waits_and_not_what() {
    let story = Story::new().await;
    story.says("Jane Roe in bed 4").await;
    story.world.passes(minutes(4)).await;
    assert_eq!(story.mails(), NOBODY);
    story.world.passes(minutes(1)).await;
    let letters = story.world.mails();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(told(letter), "ben 03-01 09:15:00");
    assert_eq!(
        letter.text.lines().next(),
        Some("At 2026-03-01 09:15 (UTC) you had 1 unread message in 1 conversation.")
    );
    for part in [&letter.subject, &letter.text, &letter.html] {
        for word in ["Jane", "Roe", "bed", "Ward", "Ann "] {
            assert!(!part.contains(word), "{word}");
        }
    }
    assert_eq!(log(&story.ben).await, ["digest sent short_delay"]);
}

#[tokio::test]
async fn whoever_is_called_what_no_name_folds_to_has_mail_too() {
    let world = World::new().await;
    let (ann, other) = (world.person("ann").await, world.person("\u{130}pek").await);
    let ward = ann.starts("Ward 4", &[&other]).await;
    world.passes(minutes(10)).await;
    ann.sends(&ward, "one").await.expect(201);
    world.passes(minutes(10)).await;
    assert_eq!(world.mails().len(), 1);
}

#[tokio::test]
async fn the_next_mail_comes_after_the_interval() {
    let story = Story::new().await;
    story.says("one").await;
    story.world.passes(minutes(10)).await;
    story.says("two").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:15:00", "ben 03-01 13:15:00"]);
    assert_eq!(story.latest().await, "digest sent interval");
}

#[tokio::test]
async fn after_a_quiet_time_the_short_delay_counts_again() {
    let story = Story::new().await;
    story.says("one").await;
    story.world.passes(hours(5)).await;
    story.says("two").await;
    story.world.passes(hours(1)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:15:00", "ben 03-01 14:15:00"]);
}

#[tokio::test]
async fn every_frequency_says_when_the_second_mail_comes() {
    for (frequency, second) in [
        ("immediate", "09:25:00"),
        ("2h", "11:15:00"),
        ("4h", "13:15:00"),
        ("6h", "15:15:00"),
        ("8h", "17:15:00"),
        ("12h", "21:15:00"),
    ] {
        let story = Story::wanting(json!({ "frequency": frequency })).await;
        story.says("one").await;
        story.world.passes(minutes(10)).await;
        story.says("two").await;
        story.world.passes(hours(24)).await;
        assert_eq!(story.mails(), ["ben 03-01 09:15:00".to_owned(), format!("ben 03-01 {second}")], "{frequency}");
    }
}

#[tokio::test]
async fn whoever_wants_no_digests_gets_none_until_they_want_some() {
    let story = Story::wanting(json!({ "frequency": "none" })).await;
    story.says("one").await;
    story.world.passes(hours(48)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(story.latest().await, "digest skipped frequency_none");
    // He is there for five minutes because of that.
    wants(&story.ben, json!({ "frequency": "4h" })).await.expect(200);
    story.world.passes(hours(1)).await;
    assert_eq!(story.mails(), ["ben 03-03 09:15:00"]);
}

#[tokio::test]
async fn trailing_waits_for_the_whole_interval_and_makes_one_mail() {
    for (frequency, comes) in [("immediate", "09:15:00"), ("4h", "13:10:00"), ("12h", "21:10:00")] {
        let story = Story::wanting(json!({ "frequency": frequency, "digest_mode": "trailing" })).await;
        story.says("one").await;
        story.world.passes(minutes(2)).await;
        story.says("two").await;
        story.world.passes(hours(24)).await;
        let letters = story.world.mails();
        let [letter] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!(told(letter), format!("ben 03-01 {comes}"), "{frequency}");
        assert!(letter.text.contains("2 unread messages in 1 conversation"), "{}", letter.text);
    }
}

#[tokio::test]
async fn the_daily_mail_comes_by_the_clock_on_the_wall_when_clocks_are_changed() {
    let daily = json!({ "frequency": "daily", "daily_at": "08:00", "timezone": "Europe/Madrid" });
    let story = Story::wanting(daily).await;
    story.says("winter").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-02 07:00:00"]);
    story.world.passes(hours(26 * 24)).await;
    // On the morning before the clocks go forward.
    story.says("spring").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-29 06:00:00"]);
    // And on the one before they go back.
    story.world.passes(hours(209 * 24)).await;
    story.says("autumn").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 10-25 07:00:00"]);
    assert_eq!(story.latest().await, "digest sent daily");
}

#[tokio::test]
async fn one_mail_tells_of_all_conversations() {
    let story = Story::new().await;
    let other = story.ann.starts("Ward 5", &[&story.ben]).await;
    for n in 0..3 {
        story.says(&format!("message {n}")).await;
    }
    story.ann.sends(&other, "and here").await.expect(201);
    story.world.passes(hours(1)).await;
    assert_eq!(story.says_the_mail(), "At 2026-03-01 09:15 (UTC) you had 4 unread messages in 2 conversations.");
}

#[tokio::test]
async fn the_mail_is_in_the_readers_language_and_by_the_readers_clock() {
    let story = Story::wanting(json!({ "language": "es", "timezone": "Europe/Madrid" })).await;
    story.says("one").await;
    story.world.passes(minutes(5)).await;
    assert_eq!(
        story.says_the_mail(),
        "A fecha de 2026-03-01 10:15 (Europe/Madrid) tenía 1 mensaje sin leer en 1 conversación."
    );
}

#[tokio::test]
async fn what_was_told_once_makes_no_mail_again_and_is_counted_in_the_next() {
    let story = Story::new().await;
    let one = story.says("one").await;
    story.world.passes(minutes(5)).await;
    assert_eq!(story.mails(), ["ben 03-01 09:15:00"]);
    story.reads(one).await;
    story.ben.put(&story.ward.read(), json!({ "seq": one, "unread": true })).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    story.says("two").await;
    story.world.passes(hours(24)).await;
    assert!(story.says_the_mail().contains("2 unread messages in 1 conversation"));
}

#[tokio::test]
async fn what_was_read_and_marked_as_unread_again_is_no_news() {
    let story = Story::new().await;
    let one = story.says("one").await;
    story.reads(one).await;
    story.ben.put(&story.ward.read(), json!({ "seq": one, "unread": true })).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(story.latest().await, "digest skipped already_told");
}

#[tokio::test]
async fn a_change_of_preferences_brings_a_mail_forward() {
    let story = Story::wanting(json!({ "frequency": "12h", "digest_mode": "trailing" })).await;
    story.says("plain").await;
    story.world.passes(minutes(50)).await;
    // He is there for five minutes because of that.
    wants(&story.ben, json!({ "frequency": "immediate" })).await.expect(200);
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), ["ben 03-01 10:05:00"]);
    assert_eq!(log(&story.ben).await[..2], ["digest sent online", "digest held online"]);
}

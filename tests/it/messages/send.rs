//! `POST /v1/conversations/{id}/messages`

use std::time::Duration;

use serde_json::json;
use tests::actor::{Actor, key};
use tests::world::World;

#[tokio::test]
async fn what_is_sent_is_read_by_everybody_in_the_same_order() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    for (sender, text) in [(&ann, "one"), (&ben, "two"), (&ann, "three")] {
        sender.sends(&conversation, text).await.expect(201);
    }
    assert_eq!(ann.reads(&conversation).await, ["one", "two", "three"]);
    assert_eq!(ben.reads(&conversation).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn sending_again_with_the_same_key_sends_once_and_answers_the_same() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let key = key();
    let first = ann.post_with_key(&conversation.messages(), json!({ "body": "once" }), &key).await;
    ben.sends(&conversation, "in between").await.expect(201);
    let again = ann.post_with_key(&conversation.messages(), json!({ "body": "once", "after": 1 }), &key).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let capitals = ann.post_with_key(&conversation.messages(), json!({ "body": "once" }), &key.to_uppercase()).await;
    assert_eq!(capitals.body, first.body);
    assert_eq!(ben.reads(&conversation).await, ["once", "in between"]);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let world = World::anywhere().await;
    let ann = world.person("ann").await;
    let conversation = ann.starts("Ward 4", &[]).await;
    let key = key();
    ann.post_with_key(&conversation.messages(), json!({ "body": "one" }), &key).await.expect(201);
    for other in [json!({ "body": "two" }), json!({ "body": "one", "important": true })] {
        ann.post_with_key(&conversation.messages(), other, &key).await.expect_problem(409, "idempotency-key-reuse");
    }
    assert_eq!(ann.reads(&conversation).await, ["one"]);
}

#[tokio::test]
async fn a_hundred_retries_at_once_send_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let conversation = ann.starts("Ward 4", &[]).await;
    let (key, elsewhere) = (key(), world.another_process());
    let ann_elsewhere = elsewhere.person("ann").await;
    let mut sends = tokio::task::JoinSet::new();
    for n in 0..100 {
        let (ann, key, path) =
            (if n % 2 == 0 { ann.clone() } else { ann_elsewhere.clone() }, key.clone(), conversation.messages());
        sends.spawn(async move { ann.post_with_key(&path, json!({ "body": "once" }), &key).await });
    }
    let answers = sends.join_all().await;
    let first = answers.iter().find(|answer| !answer.headers.contains_key("idempotency-replayed")).expect("a first");
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == first.body));
    assert_eq!(answers.iter().filter(|answer| !answer.headers.contains_key("idempotency-replayed")).count(), 1);
    assert_eq!(ann.reads(&conversation).await, ["once"]);
}

#[tokio::test]
async fn mentions_name_members_only_and_say_nothing_of_others() {
    let world = World::new().await;
    let (ann, ben, eve) = (world.person("ann").await, world.person("Ben").await, world.person("eve").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let body = format!("@ben, @{} and @nobody: please. `@ann` mail@ben", eve.username());
    let sent = ann.sends(&conversation, &body).await.expect(201);
    assert_eq!(sent["mentions"], json!([{ "username": "Ben", "start": 0, "end": 4 }]));
    assert_eq!(sent["unresolved_mentions"], json!(["@eve", "@nobody"]));
    let read = ben.get(&conversation.messages()).await.expect(200);
    assert_eq!(read["items"][0], sent);
}

#[tokio::test]
async fn a_message_may_be_important_and_is_kept_as_it_was_written() {
    let world = World::anywhere().await;
    let ann = world.person("ann").await;
    let conversation = ann.starts("Ward 4", &[]).await;
    let hostile = "<script>alert(1)</script> javascript:x \u{1b}[31m\r\n{{7*7}} \u{202e}';--";
    let sent = ann.post(&conversation.messages(), json!({ "body": hostile, "important": true })).await.expect(201);
    assert_eq!((&sent["body"], &sent["important"]), (&json!(hostile), &json!(true)));
    assert_eq!(ann.reads(&conversation).await, [hostile]);
}

#[tokio::test]
async fn the_two_hundred_and_first_message_in_a_minute_waits() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let conversation = ann.starts("Ward 4", &[]).await;
    for n in 0..200 {
        ann.sends(&conversation, &format!("message {n}")).await.expect(201);
    }
    let refused = ann.sends(&conversation, "one too many").await;
    refused.expect_problem(429, "rate-limited");
    assert!(refused.headers.contains_key("retry-after"));
    // Another process counts on from what the first one wrote down.
    let ann_elsewhere = world.another_process().person("ann").await;
    let mut sent = 0;
    while ann_elsewhere.sends(&conversation, "from elsewhere").await.status == 201 {
        sent += 1;
    }
    assert!(sent <= 20, "{sent} more");
    world.hand().advance(std::time::Duration::from_mins(1));
    ann.sends(&conversation, "after a while").await.expect(201);
}

#[tokio::test]
async fn whoever_marks_many_messages_as_important_is_warned_and_not_stopped() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let sends = async |who: &Actor, important: bool| {
        let sent = who.post(&conversation.messages(), json!({ "body": "look", "important": important })).await;
        assert_eq!(sent.status, 201);
        sent.headers.get("confer-warning").map(|warning| warning.to_str().unwrap().to_owned())
    };
    for n in 1..=7 {
        let warning = (n > 5).then(|| "many-important-messages".to_owned());
        assert_eq!(sends(&ann, true).await, warning, "{n}");
    }
    assert_eq!((sends(&ann, false).await, sends(&ben, true).await), (None, None));
    world.hand().advance(Duration::from_mins(10));
    assert_eq!(sends(&ann, true).await, None);
}

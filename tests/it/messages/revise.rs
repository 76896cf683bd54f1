//! Editing messages and taking them back.

use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

async fn sent(actor: &Actor, to: &Conversation, body: &str) -> u64 {
    actor.sends(to, body).await.expect(201)["seq"].as_u64().unwrap()
}

async fn items(actor: &Actor, path: &str) -> Vec<Value> {
    actor.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_edit_shows_wherever_the_message_is_read_and_in_what_follows() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let seq = sent(&ann, &conversation, "bed 4").await;
    let last = sent(&ann, &conversation, "later").await;
    let edited = ann.patch(&conversation.message(seq), json!({ "body": "bed 5" })).await.expect(200);
    assert_eq!((&edited["body"], &edited["seq"], &edited["kind"]), (&json!("bed 5"), &json!(seq), &json!("message")));
    assert!(edited["edited_at"].is_string());
    assert_eq!(ben.reads(&conversation).await, ["bed 5", "later"]);
    let page = format!("{}?before={last}", conversation.messages());
    assert_eq!(items(&ben, &page).await[0]["body"], "bed 5");
    // Who follows from the newest message learns of it.
    let followed = items(&ben, &format!("{}?after={last}", conversation.messages())).await;
    assert_eq!(followed.len(), 1);
    let revision = &followed[0];
    assert_eq!((&revision["kind"], &revision["revises"]), (&json!("revision"), &json!(seq)));
    assert_eq!((&revision["message"]["body"], &revision["body"]), (&json!("bed 5"), &Value::Null));
    // A page of the newest has no room for revisions.
    let latest = items(&ben, &format!("{}?limit=2", conversation.messages())).await;
    assert_eq!(latest.iter().map(|item| item["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [last, seq]);
    // To say it once more, as a retry does, is no edit.
    ann.patch(&conversation.message(seq), json!({ "body": "bed 5" })).await.expect(200);
    assert_eq!(items(&ben, &format!("{}?after={last}", conversation.messages())).await.len(), 1);
    // An edit is nothing unread.
    assert_eq!(ben.unread().await[0], 2);
}

#[tokio::test]
async fn only_its_author_changes_a_message_and_only_for_fifteen_minutes() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let seq = sent(&ann, &conversation, "bed 4").await;
    let edit = json!({ "body": "bed 5" });
    ben.patch(&conversation.message(seq), edit.clone()).await.expect_problem(403, "not-the-author");
    ben.delete(&conversation.message(seq)).await.expect_problem(403, "not-the-author");
    ann.patch(&conversation.message(1), edit.clone()).await.expect_problem(404, "not-found");
    ann.patch(&conversation.message(99), edit.clone()).await.expect_problem(404, "not-found");
    world.hand().advance(Duration::from_mins(15));
    ann.patch(&conversation.message(seq), edit).await.expect(200);
    world.hand().advance(Duration::from_secs(1));
    ann.patch(&conversation.message(seq), json!({ "body": "bed 6" })).await.expect_problem(409, "edit-window-closed");
    // Taking back is possible for longer than changing.
    ann.delete(&conversation.message(seq)).await.expect(204);
    ann.delete(&conversation.message(seq)).await.expect(204);
    ann.patch(&conversation.message(seq), json!({ "body": "bed 6" })).await.expect_problem(409, "edit-window-closed");
}

#[tokio::test]
async fn what_was_taken_back_leaves_its_place_and_no_text_and_is_not_unread() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let wrong = sent(&ann, &conversation, &format!("@{} about the wrong patient", ben.username())).await;
    sent(&ann, &conversation, "sorry").await;
    assert_eq!(ben.unread().await, [2, 1, 1, 0]);
    ann.delete(&conversation.message(wrong)).await.expect(204);
    assert_eq!(ben.unread().await, [1, 1, 0, 0]);
    assert_eq!(ben.get(&conversation.path()).await.expect(200)["unread"], 1);
    for path in [conversation.messages(), format!("{}?after=0", conversation.messages())] {
        let answer = ben.get(&path).await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("wrong patient"));
        let tombstone =
            answer.body["items"].as_array().unwrap().iter().find(|item| item["seq"] == wrong).unwrap().clone();
        assert_eq!((&tombstone["withdrawn"], &tombstone["body"]), (&json!(true), &Value::Null));
    }
    // Read up to there and back again, it still does not count.
    ben.put(&conversation.read(), json!({ "seq": wrong })).await.expect(200);
    assert_eq!(ben.unread().await[0], 1);
    ben.put(&conversation.read(), json!({ "seq": wrong, "unread": true })).await.expect(200);
    assert_eq!(ben.unread().await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn an_edit_changes_whom_the_message_mentions_and_whether_it_is_important() {
    let world = World::anywhere().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben, &cleo]).await;
    let seq = sent(&ann, &conversation, &format!("@{} please", ben.username())).await;
    assert_eq!((ben.unread().await, cleo.unread().await), ([1, 1, 1, 0], [1, 1, 0, 0]));
    let body = format!("@{} please", cleo.username());
    let edited = ann.patch(&conversation.message(seq), json!({ "body": body })).await.expect(200);
    assert_eq!(edited["mentions"][0]["username"], cleo.username());
    assert_eq!((ben.unread().await, cleo.unread().await), ([1, 1, 0, 0], [1, 1, 1, 0]));
    let marked = ann.patch(&conversation.message(seq), json!({ "important": true })).await.expect(200);
    assert_eq!((&marked["important"], &marked["body"]), (&json!(true), &json!(body)));
    assert_eq!(ben.unread().await, [1, 1, 0, 1]);
    ann.patch(&conversation.message(seq), json!({ "important": false })).await.expect(200);
    assert_eq!(ben.unread().await, [1, 1, 0, 0]);
}

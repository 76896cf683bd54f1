//! `POST /v1/conversations`, and reading what was started.

use serde_json::json;
use tests::actor::{Conversation, key};
use tests::beside::NOTHING;
use tests::world::World;

#[tokio::test]
async fn the_sixty_first_that_somebody_starts_in_a_minute_waits() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    for _ in 0..60 {
        ann.starts("Ward 4", &[]).await;
    }
    let one_more = json!({ "title": "Ward 4", "members": [] });
    ann.post("/v1/conversations", one_more).await.expect_problem(429, "rate-limited");
    ann.put("/v1/direct/ben", json!({})).await.expect_problem(429, "rate-limited");
    ben.starts("Ward 4", &[]).await;
}

#[tokio::test]
async fn whoever_starts_a_conversation_is_its_administrator() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let asked = json!({ "title": "  Ward 4 ", "members": [ben.username()], "message": { "body": "Good morning" } });
    let started = ann.post("/v1/conversations", asked).await.expect(201);
    assert_eq!(started["title"], "Ward 4");
    assert_eq!(started["role"], "administrator");
    assert_eq!(started["kind"], "direct");
    assert_eq!((&started["members_count"], &started["administrators_count"]), (&json!(2), &json!(1)));
    assert_eq!((&started["seq"], &started["read"], &started["unread"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(started["last_message_by"], ann.username());

    let conversation = Conversation::new(&started);
    let seen = ben.get(&conversation.path()).await.expect(200);
    assert_eq!(seen["role"], "member");
    assert_eq!(seen["unread"], 1);
    assert_eq!(ben.reads(&conversation).await, ["Good morning"]);
}

#[tokio::test]
async fn a_conversation_may_start_without_a_message_and_with_oneself_alone() {
    let world = World::anywhere().await;
    let ann = world.person("ann").await;
    let started = ann.post("/v1/conversations", json!({ "title": "Notes", "members": [] })).await.expect(201);
    assert_eq!(
        (&started["kind"], &started["seq"], &started["last_message_at"]),
        (&json!("group"), &json!(1), &json!(null))
    );
}

#[tokio::test]
async fn naming_somebody_twice_in_any_spelling_or_oneself_changes_nothing() {
    let world = World::new().await;
    let (ann, _ben) = (world.person("ann").await, world.person("Ben").await);
    let asked = json!({ "title": "Ward 4", "members": ["BEN", "ben", "ann", "Ann"] });
    assert_eq!(ann.post("/v1/conversations", asked).await.expect(201)["members_count"], 2);
}

#[tokio::test]
async fn naming_somebody_unknown_starts_nothing() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let before = world.table().await;
    let asked = json!({ "title": "Ward 4", "members": [ben.username(), "nobody.here"] });
    let refused = ann.post("/v1/conversations", asked).await;
    refused.expect_problem(422, "user-not-found");
    assert_eq!(refused.body["errors"][0]["pointer"], "/members/1");
    assert_eq!(world.table().await, before);
}

#[tokio::test]
async fn whoever_has_called_once_whatever_it_was_can_be_added() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for (newcomer, path) in [("ben", "/v1/unread".to_owned()), ("cleo", format!("/v1/conversations/{NOTHING}"))] {
        let newcomer = world.newcomer(newcomer).await;
        newcomer.get(&path).await;
        ann.starts("Ward 4", &[&newcomer]).await;
    }
}

#[tokio::test]
async fn starting_again_with_the_same_key_starts_nothing_new() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let asked = json!({ "title": "Ward 4", "members": [ben.username()], "message": { "body": "Hello @ben" } });
    let key = key();
    let first = ann.post_with_key("/v1/conversations", asked.clone(), &key).await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    ben.sends(&Conversation::new(&first.body), "Hello yourself").await.expect(201);
    let before = world.table().await;
    let again = ann.post_with_key("/v1/conversations", asked, &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!((again.status, &again.body), (201, &first.body));
    let other = ann.post_with_key("/v1/conversations", json!({ "title": "Ward 5", "members": [] }), &key).await;
    other.expect_problem(409, "idempotency-key-reuse");
    assert_eq!(world.table().await, before);
    // The key is the caller's own: somebody else's request with it is another act.
    ben.post_with_key("/v1/conversations", json!({ "title": "Ward 5", "members": [] }), &key).await.expect(201);
}

#[tokio::test]
async fn more_people_than_one_transaction_holds_are_in_it_from_the_start() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut members = Vec::new();
    for n in 0..120 {
        members.push(world.person(&format!("member.{n}")).await);
    }
    let conversation = ann.starts("All staff", &members.iter().collect::<Vec<_>>()).await;
    ann.sends(&conversation, "Welcome").await.expect(201);
    for member in [&members[0], &members[60], &members[119]] {
        assert_eq!(member.reads(&conversation).await, ["Welcome"]);
        assert_eq!(member.get("/v1/unread").await.expect(200)["messages"], 1);
    }
    assert_eq!(ann.get(&conversation.path()).await.expect(200)["members_count"], 121);
}

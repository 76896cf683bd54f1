//! `GET /v1/conversations/{id}/messages`

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

async fn with_messages(world: &World, count: usize) -> (Actor, Conversation) {
    let ann = world.person("ann").await;
    let conversation = ann.starts("Ward 4", &[]).await;
    for n in 2..2 + count {
        ann.sends(&conversation, &format!("message {n}")).await.expect(201);
    }
    (ann, conversation)
}

/// The places shown, following `next` in one direction.
async fn follow(reader: &Actor, conversation: &Conversation, limit: u64, direction: &str, start: &str) -> Vec<u64> {
    let mut seen = Vec::new();
    let mut from = start.to_owned();
    loop {
        let page = reader.get(&format!("{}?limit={limit}{from}", conversation.messages())).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()));
        match page["next"].as_u64() {
            Some(next) => from = format!("&{direction}={next}"),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn paging_both_ways_shows_everything_once_and_in_order() {
    let world = World::anywhere().await;
    let (ann, conversation) = with_messages(&world, 11).await;
    let newest_first: Vec<u64> = (1..=12).rev().collect();
    let oldest_first: Vec<u64> = (1..=12).collect();
    for limit in [1, 3, 4, 12, 100] {
        assert_eq!(follow(&ann, &conversation, limit, "before", "").await, newest_first, "limit {limit}");
        assert_eq!(follow(&ann, &conversation, limit, "after", "&after=0").await, oldest_first, "limit {limit}");
    }
    assert_eq!(follow(&ann, &conversation, 5, "before", "&before=4").await, [3, 2, 1]);
    assert_eq!(follow(&ann, &conversation, 5, "after", "&after=10").await, [11, 12]);
    assert_eq!(follow(&ann, &conversation, 5, "before", "&before=1").await, Vec::<u64>::new());
    assert_eq!(follow(&ann, &conversation, 5, "before", "&before=0").await, Vec::<u64>::new());
    assert_eq!(follow(&ann, &conversation, 5, "after", "&after=12").await, Vec::<u64>::new());
}

#[tokio::test]
async fn whoever_pages_while_others_write_steps_over_nothing() {
    let world = World::anywhere().await;
    let (ann, conversation) = with_messages(&world, 3).await;
    let mut seen: Vec<u64> = Vec::new();
    for n in 0..6 {
        let after = seen.last().copied().unwrap_or(0);
        let page = ann.get(&format!("{}?limit=2&after={after}", conversation.messages())).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()));
        ann.sends(&conversation, &format!("meanwhile {n}")).await.expect(201);
    }
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_shows_the_conversation_and_what_happened_in_it() {
    let world = World::anywhere().await;
    let (ann, conversation) = with_messages(&world, 1).await;
    let page = ann.get(&conversation.messages()).await.expect(200);
    assert_eq!(page["conversation"], ann.get(&conversation.path()).await.expect(200));
    let first = &page["items"][1];
    assert_eq!((&first["kind"], &first["body"]), (&json!("event"), &Value::Null));
    assert_eq!((&first["event"]["type"], &first["event"]["history"]), (&json!("created"), &json!("all")));
    assert_eq!((&first["author"], &first["author_active"]), (&json!(ann.username()), &json!(true)));
}

#[tokio::test]
async fn both_directions_at_once_are_refused() {
    let world = World::anywhere().await;
    let (ann, conversation) = with_messages(&world, 0).await;
    let refused = ann.get(&format!("{}?before=3&after=1", conversation.messages())).await;
    refused.expect_problem(422, "validation");
    assert_eq!(refused.body["errors"][0]["pointer"], "after");
}

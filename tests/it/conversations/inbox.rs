//! `GET /v1/conversations`

use std::time::Duration;

use serde_json::{Value, json};
use tests::world::World;

fn titles(inbox: &Value) -> Vec<&str> {
    inbox["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_conversation_with_the_latest_activity_comes_first() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let mut started = Vec::new();
    for title in ["one", "two", "three"] {
        world.hand().advance(Duration::from_secs(1));
        started.push(ann.starts(title, &[&ben]).await);
    }
    assert_eq!(titles(&ben.get("/v1/conversations").await.expect(200)), ["three", "two", "one"]);
    world.hand().advance(Duration::from_secs(1));
    ann.sends(&started[0], "news").await.expect(201);
    let inbox = ben.get("/v1/conversations").await.expect(200);
    assert_eq!(titles(&inbox), ["one", "three", "two"]);
    assert_eq!((&inbox["items"][0]["unread"], &inbox["next"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn paging_shows_every_conversation_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for n in 0..7 {
        // Some at the same moment: the order is still one.
        world.hand().advance(Duration::from_secs(n % 2));
        ann.starts(&format!("title {n}"), &[]).await;
    }
    let all = ann.get("/v1/conversations").await.expect(200);
    let mut paged: Vec<Value> = Vec::new();
    let mut path = "/v1/conversations?limit=2".to_owned();
    loop {
        let page = ann.get(&path).await.expect(200);
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/conversations?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, *all["items"].as_array().unwrap());
}

#[tokio::test]
async fn a_cursor_is_of_no_use_to_anybody_else() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    for n in 0..3 {
        ann.starts(&format!("title {n}"), &[&ben]).await;
    }
    let page = ann.get("/v1/conversations?limit=1").await.expect(200);
    let next = page["next"].as_str().unwrap();
    ben.get(&format!("/v1/conversations?cursor={next}")).await.expect_problem(400, "invalid-cursor");
    ann.get(&format!("/v1/conversations?cursor={}", &next[..next.len() - 2]))
        .await
        .expect_problem(400, "invalid-cursor");
}

#[tokio::test]
async fn nothing_of_others_is_in_it() {
    let world = World::anywhere().await;
    let (ann, ben, eve) = (world.person("ann").await, world.person("ben").await, world.person("eve").await);
    ann.starts("Ward 4", &[&ben]).await;
    assert_eq!(eve.get("/v1/conversations").await.expect(200)["items"], json!([]));
    assert_eq!(eve.unread().await, [0, 0, 0, 0]);
}

//! Acts on a conversation when the table fails: each is recorded once, whatever its answers say, and saying it again
//! makes it so.

use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation};
use tests::world::World;

use super::{FATES, assert_whole};

/// An act on a fresh conversation of three, whose second entry is a message of the administrator's.
struct Act {
    name: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
    /// What saying it again is answered with, when it was done the first time.
    again: u16,
}

fn acts() -> Vec<Act> {
    let act = |name, method, path, body, again| Act { name, method, path, body, again };
    vec![
        act("rename", Method::PATCH, "", json!({ "title": "Ward 5" }), 200),
        act("archive", Method::POST, "/archive", json!({}), 200),
        act("delete", Method::POST, "/delete", json!({ "title": "Ward 4" }), 404),
        act("add", Method::POST, "/members", json!({ "usernames": ["dora"] }), 200),
        act("remove", Method::DELETE, "/members/ben", Value::Null, 404),
        act("promote", Method::PATCH, "/members/ben", json!({ "role": "administrator" }), 200),
        act("edit", Method::PATCH, "/messages/2", json!({ "body": "changed" }), 200),
        act("withdraw", Method::DELETE, "/messages/2", Value::Null, 204),
    ]
}

async fn does(who: &Actor, act: &Act, conversation: &Conversation) -> Answer {
    let body = Some(act.body.clone()).filter(|body| !body.is_null());
    who.call(act.method.clone(), &format!("{}{}", conversation.path(), act.path), &[], body).await
}

/// How many entries a log has.
async fn entries(world: &World, conversation: &Conversation) -> u64 {
    let head = world.item(&format!("C#{}", conversation.id), "E~").await.unwrap();
    head["seq"].as_u64().unwrap()
}

#[tokio::test]
async fn whatever_meets_an_act_it_is_recorded_once_and_saying_it_again_makes_it_so() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for other in ["ben", "cleo", "dora"] {
        world.person(other).await;
    }
    for act in acts() {
        for first in FATES {
            for second in FATES {
                let asked = json!({ "title": "Ward 4", "members": ["ben", "cleo"] });
                let conversation = Conversation::new(&ann.post("/v1/conversations", asked).await.expect(201));
                ann.sends(&conversation, "hello").await.expect(201);
                world.hand().advance(std::time::Duration::from_mins(1));
                let case = format!("{} after {first:?}, {second:?}", act.name);
                world.wire().faults.plan("TransactWriteItems", [first, second]);
                let answer = does(&ann, &act, &conversation).await;
                world.wire().faults.stop();
                assert!(answer.status < 300, "{case}: {}", answer.body);
                assert_eq!(entries(&world, &conversation).await, 3, "{case}");
                let again = does(&ann, &act, &conversation).await;
                assert_eq!(again.status, act.again, "{case}: {}", again.body);
                assert_eq!(entries(&world, &conversation).await, 3, "{case}");
            }
        }
    }
    let table = world.table().await;
    // The rows of a deleted conversation are gone from the inboxes, and its members stay on record.
    let deleted: Vec<String> = table
        .iter()
        .map(|item| serde_json::from_str::<Value>(item).unwrap())
        .filter(|item| item["entity"] == "head" && item["state"] == "deleted")
        .map(|item| item["pk"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(deleted.len(), FATES.len() * FATES.len());
    let kept: Vec<String> = table.into_iter().filter(|item| !deleted.iter().any(|pk| item.contains(pk))).collect();
    assert_whole(&kept);
}

#[tokio::test]
async fn an_act_whose_every_answer_is_lost_is_said_to_be_unknown_and_was_done_once() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let lost = Some(tests::faults::Fault::LoseTheAnswer);
    // The reads that would show it fail as well.
    world.wire().faults.plan("TransactWriteItems", [lost]);
    world.wire().faults.plan("BatchGetItem", [None]);
    world.wire().faults.plan("BatchGetItem", [Some(tests::faults::Fault::Drop)].repeat(3));
    let answer = ann.patch(&conversation.path(), json!({ "title": "Ward 5" })).await;
    world.wire().faults.stop();
    answer.expect_problem(503, "outcome-unknown");
    assert_eq!(entries(&world, &conversation).await, 2);
    assert_eq!(ben.get(&conversation.path()).await.expect(200)["title"], "Ward 5");
    ann.patch(&conversation.path(), json!({ "title": "Ward 5" })).await.expect(200);
    assert_eq!(entries(&world, &conversation).await, 2);
}

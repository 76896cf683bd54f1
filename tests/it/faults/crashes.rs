//! Functions that die: after any of their requests to the table, with or without its answer.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation, key};
use tests::turnstile::{Last, dies};
use tests::world::World;

use super::{assert_whole, messages};

async fn send(sender: Actor, conversation: Conversation, key: String) -> Value {
    let asked = json!({ "body": "once, @ann" });
    sender.post_with_key(&conversation.messages(), asked, &key).await.expect(201)
}

#[tokio::test]
async fn a_send_that_dies_anywhere_leaves_all_or_nothing_and_a_retry_completes_it() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut deaths = 0;
    for last in [Last::Answered, Last::Unanswered, Last::JustSent] {
        // With a head that is remembered, and without.
        for warm in [true, false] {
            for requests in 0.. {
                let process = world.another_process();
                let sender = process.bearer(ann.token());
                let conversation = ann.starts("Ward 4", &[]).await;
                let before = usize::from(warm);
                if warm {
                    sender.sends(&conversation, "before").await.expect(201);
                }
                let key = key();
                let act = send(sender.clone(), conversation.clone(), key.clone());
                if !dies(&process, requests, last, act).await {
                    break;
                }
                deaths += 1;
                let stored = messages(&ann, &conversation).await;
                assert!(stored.len() - before <= 1, "{requests} {last:?}");
                assert_whole(&world.table().await);
                let sent = send(ann.clone(), conversation.clone(), key).await;
                let finally = messages(&ann, &conversation).await;
                assert_eq!((finally.len(), Some(finally[0].as_str())), (before + 1, sent["id"].as_str()));
                assert!(stored.len() == before || stored == finally, "{requests} {last:?}");
                assert_whole(&world.table().await);
                world.hand().advance(std::time::Duration::from_secs(10));
            }
        }
    }
    assert!(deaths >= 10, "{deaths}");
    eprintln!("{deaths} deaths of a send");
}

#[tokio::test]
async fn a_start_that_dies_anywhere_leaves_all_or_nothing_and_a_retry_completes_it() {
    let world = World::new().await;
    let mut others = Vec::new();
    // Three transactions.
    for n in 0..100 {
        others.push(world.person(&format!("member.{n:02}")).await);
    }
    let asked: Vec<String> = others.iter().map(|other| other.username().to_owned()).collect();
    let asked = Arc::new(json!({ "title": "Ward 4", "members": asked, "message": { "body": "Welcome" } }));
    let mut deaths = 0;
    for last in [Last::Answered, Last::Unanswered, Last::JustSent] {
        for requests in 0.. {
            let ann = world.person(&format!("ann.{last:?}.{requests}").to_lowercase()).await;
            let (process, key) = (world.another_process(), key());
            let (creator, named_key, body) = (process.bearer(ann.token()), key.clone(), asked.clone());
            let act = async move {
                creator.post_with_key("/v1/conversations", (*body).clone(), &named_key).await.expect(201)
            };
            if !dies(&process, requests, last, act).await {
                break;
            }
            deaths += 1;
            let stored = ann.get("/v1/conversations").await.expect(200)["items"].clone();
            assert!(stored.as_array().unwrap().len() <= 1, "{requests} {last:?}");
            // A message cannot do harm to what is only half there.
            if let Some(started) = stored.get(0) {
                ann.sends(&Conversation::new(started), "Is everybody here?").await.expect(201);
            }
            let started = ann.post_with_key("/v1/conversations", (*asked).clone(), &key).await.expect(201);
            let finally = ann.get("/v1/conversations").await.expect(200)["items"].clone();
            assert_eq!((finally.as_array().unwrap().len(), &finally[0]["id"]), (1, &started["id"]));
            assert!(stored.get(0).is_none_or(|stored| stored["id"] == started["id"]), "{requests} {last:?}");
            let conversation = Conversation::new(&started);
            for member in [0, 44, 45, 92, 93, 94, 99] {
                let seen = others[member].get(&conversation.path()).await;
                assert_eq!(seen.expect(200)["members_count"], 101, "{requests} {last:?} {member}");
            }
        }
    }
    let table = world.table().await;
    let rows = table.iter().filter(|item| item.contains("\"sk\":\"P#")).count();
    assert_eq!(rows % 101, 0, "everybody is in every conversation, once");
    assert!(deaths >= 15, "{deaths}");
    eprintln!("{deaths} deaths of a start, {} conversations", rows / 101);
}

#[tokio::test]
async fn a_late_retry_of_a_start_does_not_bring_back_whoever_was_removed() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut members = Vec::new();
    for n in 0..46 {
        members.push(world.person(&format!("member.{n:02}")).await);
    }
    let names: Vec<&str> = members.iter().map(Actor::username).collect();
    let (asked, key) = (json!({ "title": "Ward 4", "members": names }), key());
    let first = ann.post_with_key("/v1/conversations", asked.clone(), &key).await.expect(201);
    let conversation = Conversation::new(&first);
    // The two whom the first transaction had no room for.
    for member in &members[44..] {
        member.get(&conversation.path()).await.expect(200);
        world.remove(&format!("C#{}", conversation.id), &format!("P#{}", member.username())).await;
        world.remove(&format!("U#{}", member.username()), &format!("C#{}", conversation.id)).await;
    }
    let before = world.table().await;
    assert_eq!(ann.post_with_key("/v1/conversations", asked, &key).await.expect(201), first);
    assert_eq!(world.table().await, before);
    members[45].get(&conversation.path()).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_late_retry_of_a_start_is_answered_though_somebody_named_has_left() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let (asked, key) = (json!({ "title": "Ward 4", "members": [ben.username()] }), key());
    let first = ann.post_with_key("/v1/conversations", asked.clone(), &key).await.expect(201);
    world.remove("U#ben", "~PROFILE").await;
    assert_eq!(ann.post_with_key("/v1/conversations", asked.clone(), &key).await.expect(201), first);
    ann.post("/v1/conversations", asked).await.expect_problem(422, "user-not-found");
}

//! Races, in the order that is worst.
//!
//! The requests of a named actor wait at the turnstile; between any two of them the others act.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::turnstile::interrupted;
use tests::world::World;

mod interleavings;

/// What a member can look at, and what shows how new the answer is.
#[derive(Clone, Copy, Debug)]
enum Look {
    Latest,
    Before,
    After,
    Conversation,
    Inbox,
    Unread,
    MarkRead,
}

const LOOKS: [Look; 7] =
    [Look::Latest, Look::Before, Look::After, Look::Conversation, Look::Inbox, Look::Unread, Look::MarkRead];

async fn look(reader: &Actor, conversation: &Conversation, what: Look) -> Answer {
    match what {
        Look::Latest => reader.get(&conversation.messages()).await,
        Look::Before => reader.get(&format!("{}?before=100", conversation.messages())).await,
        Look::After => reader.get(&format!("{}?after=0", conversation.messages())).await,
        Look::Conversation => reader.get(&conversation.path()).await,
        Look::Inbox => reader.get("/v1/conversations").await,
        Look::Unread => reader.get("/v1/unread").await,
        Look::MarkRead => reader.put(&conversation.read(), json!({ "seq": 2 })).await,
    }
}

impl Look {
    /// The request, always the last of its kind, that shows whether the reader is still a member.
    fn decided_by(self) -> &'static str {
        match self {
            Self::Latest | Self::Before | Self::After => "GetItem",
            Self::Conversation => "TransactGetItems",
            Self::Inbox | Self::Unread => "Query",
            Self::MarkRead => "UpdateItem",
        }
    }
}

/// Whether an answer shows nothing of the only conversation there is.
fn shows_nothing(answer: &Answer, what: Look) -> bool {
    match what {
        Look::Inbox => answer.status == 200 && answer.body["items"] == json!([]),
        Look::Unread => answer.status == 200 && answer.body["messages"] == 0,
        _ => answer.problem() == "not-found",
    }
}

/// Whether an answer shows anything of a conversation that has more than two entries, or one unread message.
fn shows_what_came_later(answer: &Answer) -> bool {
    let newer =
        |conversation: &Value| conversation["seq"].as_u64() > Some(2) || conversation["unread"].as_u64() > Some(1);
    let text = String::from_utf8_lossy(&answer.bytes);
    text.contains("after the removal")
        || newer(&answer.body["conversation"])
        || newer(&answer.body)
        || answer.body["messages"].as_u64() > Some(1)
        || answer.body["items"].as_array().is_some_and(|items| items.iter().any(newer))
}

/// Removes a member by another process, which nothing holds up.
async fn remove(world: &World, by: &Actor, member: &Actor, from: &Conversation) {
    world.another_process().bearer(by.token()).removes(from, member).await.expect(204);
}

#[tokio::test]
async fn whoever_is_removed_while_reading_sees_nothing_of_what_comes_later() {
    for what in LOOKS {
        let (mut interruptions, mut hidden) = (0, 0);
        for before in 0.. {
            let world = World::new().await;
            let (ann, ben) = (world.person("ann").await, world.person("ben").await);
            let started = json!({ "title": "Ward 4", "members": ["ben"], "message": { "body": "before" } });
            let conversation = Conversation::new(&ann.post("/v1/conversations", started).await.expect(201));
            let (reader, path) = (ben.clone(), conversation.clone());
            let read = async move { look(&reader, &path, what).await };
            let answer = interrupted(&world, before, read, async {
                remove(&world, &ann, &ben, &conversation).await;
                ann.sends(&conversation, "after the removal").await.expect(201);
            });
            let Some((answer, asked)) = answer.await else { break };
            interruptions += 1;
            assert!(!shows_what_came_later(&answer), "{what:?} after {before} requests: {}", answer.body);
            assert!([200, 404].contains(&answer.status), "{what:?}: {}", answer.body);
            if asked.iter().any(|operation| operation == what.decided_by()) {
                assert!(shows_nothing(&answer, what), "{what:?} after {before} requests: {}", answer.body);
                hidden += 1;
            }
        }
        assert!(0 < hidden && hidden < interruptions, "{what:?}: {hidden} of {interruptions}");
    }
}

#[tokio::test]
async fn whoever_is_removed_while_sending_sends_nothing() {
    let mut refused = 0;
    for before in 0.. {
        let world = World::new().await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let conversation = ann.starts("Ward 4", &[&ben]).await;
        let (sender, path) = (ben.clone(), conversation.messages());
        let send = async move { sender.post(&path, json!({ "body": "too late" })).await };
        let interrupted = interrupted(&world, before, send, remove(&world, &ann, &ben, &conversation)).await;
        let Some((answer, asked)) = interrupted else { break };
        let read = ann.reads(&conversation).await;
        if asked.is_empty() {
            // All its requests had been let through before.
            assert_eq!((answer.status, &read[..]), (201, &["too late".to_owned()][..]));
        } else {
            answer.expect_problem(404, "not-found");
            assert_eq!(read, Vec::<String>::new(), "after {before} requests");
            refused += 1;
        }
    }
    assert!(refused >= 2, "{refused}");
}

#[tokio::test]
async fn two_who_guess_the_same_head_are_both_heard_and_in_one_order() {
    let mut interruptions = 0;
    for before in 0.. {
        let world = World::new().await;
        let elsewhere = world.another_process();
        let (ann, ben) = (world.person("ann").await, elsewhere.person("ben").await);
        let conversation = ann.starts("Ward 4", &[&ben]).await;
        let (sender, path) = (ann.clone(), conversation.messages());
        let send = async move { sender.post(&path, json!({ "body": "from ann" })).await };
        let answer = interrupted(&world, before, send, async {
            ben.sends(&conversation, "from ben").await.expect(201);
        });
        let Some((answer, _)) = answer.await else { break };
        interruptions += 1;
        answer.expect(201);
        let read = ann.reads(&conversation).await;
        assert_eq!(read, ben.reads(&conversation).await);
        assert_eq!(BTreeSet::from_iter(read), BTreeSet::from(["from ann".into(), "from ben".into()]), "after {before}");
    }
    assert!(interruptions >= 3, "{interruptions}");
}

#[tokio::test]
async fn the_same_key_from_two_processes_is_one_message_whoever_is_first() {
    let mut interruptions = 0;
    for before in 0.. {
        let world = World::new().await;
        let elsewhere = world.another_process();
        let (here, there) = (world.person("ann").await, elsewhere.person("ann").await);
        let conversation = here.starts("Ward 4", &[]).await;
        let (sender, path, key) = (here.clone(), conversation.messages(), key());
        let again = key.clone();
        let send = async move { sender.post_with_key(&path, json!({ "body": "once" }), &key).await };
        let mut second = None;
        let first = interrupted(&world, before, send, async {
            second = Some(there.post_with_key(&conversation.messages(), json!({ "body": "once" }), &again).await);
        });
        let Some((first, _)) = first.await else { break };
        interruptions += 1;
        assert_eq!(first.expect(201), second.unwrap().expect(201), "after {before} requests");
        assert_eq!(here.reads(&conversation).await, ["once"]);
    }
    assert!(interruptions >= 3, "{interruptions}");
}

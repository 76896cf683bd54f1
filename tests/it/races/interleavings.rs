//! Two at once, in every order that their requests to the table can have.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::environment::told;
use tests::orders::{NAMES, after, in_order};
use tests::turnstile::Turnstile;
use tests::world::World;

/// How deep the orders of three are tried in every way; what comes after that goes one after another.
fn depth() -> usize {
    told("CONFER_DEPTH").unwrap_or(4)
}

/// Ann's and Ben's conversation, and processes that remember its head, or do not.
struct Scene {
    world: World,
    processes: [World; 3],
    ann: Actor,
    ben: Actor,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let processes = [world.another_process(), world.another_process(), world.another_process()];
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        Self { world, processes, ann, ben }
    }

    /// A conversation of three entries.
    async fn conversation(&self, remembered: bool) -> Conversation {
        let conversation = self.ann.starts("Ward 4", &[&self.ben]).await;
        for process in &self.processes[..2] {
            // So that nobody's messages are counted in the middle of an order, of which there would be two kinds.
            self.world.hand().advance(std::time::Duration::from_secs(30));
            let from = if remembered { process.bearer(self.ann.token()) } else { self.ann.clone() };
            from.sends(&conversation, "before").await.expect(201);
        }
        // Nor is looked up who calls, as it is once a minute.
        for process in &self.processes {
            for who in [&self.ann, &self.ben] {
                process.bearer(who.token()).get("/v1/me").await.expect(200);
            }
        }
        conversation
    }

    fn hold(&self) -> Turnstile {
        let turnstile = Turnstile::default();
        self.processes.iter().for_each(|process| process.wire().hold(turnstile.clone()));
        turnstile
    }

    /// What is new in a conversation, to both of its members.
    async fn news(&self, conversation: &Conversation) -> Vec<String> {
        let news = self.ann.reads(conversation).await;
        assert_eq!(news, self.ben.reads(conversation).await);
        let page = self.ann.get(&conversation.messages()).await.expect(200);
        let seqs: Vec<u64> =
            page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).rev().collect::<Vec<_>>());
        news[2..].to_vec()
    }
}

async fn post(who: Actor, path: String, body: Value, key: String) -> Answer {
    who.post_with_key(&path, body, &key).await
}

#[tokio::test]
async fn the_same_request_to_two_processes_is_one_message_in_every_order() {
    let scene = Scene::new().await;
    let mut orders = 0;
    for remembered in [true, false] {
        let mut next = Some(Vec::new());
        while let Some(choices) = next {
            let (conversation, key) = (scene.conversation(remembered).await, key());
            let turnstile = scene.hold();
            let acts = [0, 1].map(|n| {
                let who = scene.processes[n].bearer(scene.ann.token());
                post(who, conversation.messages(), json!({ "body": "once" }), key.clone())
            });
            let ([one, two], order) = in_order(&turnstile, &choices, acts).await;
            assert_eq!(one.expect(201), two.expect(201), "{order:?}");
            assert_eq!(scene.news(&conversation).await, ["once"], "{order:?}");
            (next, orders) = (after(order), orders + 1);
        }
    }
    assert!(orders >= 8, "{orders}");
    eprintln!("one key, two processes: {orders} orders");
}

#[tokio::test]
async fn two_requests_with_one_key_are_one_message_and_one_refusal_in_every_order() {
    let scene = Scene::new().await;
    let (mut next, mut orders) = (Some(Vec::new()), 0);
    while let Some(choices) = next {
        let (conversation, key) = (scene.conversation(true).await, key());
        let turnstile = scene.hold();
        let acts = [0, 1].map(|n| {
            let who = scene.processes[n].bearer(scene.ann.token());
            post(who, conversation.messages(), json!({ "body": NAMES[n] }), key.clone())
        });
        let (answers, order) = in_order(&turnstile, &choices, acts).await;
        let kept = usize::from(answers[0].status != 201);
        assert_eq!(answers[kept].status, 201, "{order:?}");
        answers[1 - kept].expect_problem(409, "idempotency-key-reuse");
        assert_eq!(scene.news(&conversation).await, [NAMES[kept]], "{order:?}");
        (next, orders) = (after(order), orders + 1);
    }
    assert!(orders >= 3, "{orders}");
}

#[tokio::test]
async fn two_who_send_at_once_are_both_heard_in_every_order() {
    let scene = Scene::new().await;
    let mut orders = 0;
    for remembered in [true, false] {
        let mut next = Some(Vec::new());
        while let Some(choices) = next {
            let conversation = scene.conversation(remembered).await;
            let turnstile = scene.hold();
            let acts = [(&scene.ann, 0), (&scene.ben, 1)].map(|(who, n)| {
                let who = scene.processes[n].bearer(who.token());
                post(who, conversation.messages(), json!({ "body": NAMES[n] }), key())
            });
            let (answers, order) = in_order(&turnstile, &choices, acts).await;
            let places = answers.map(|answer| answer.expect(201)["seq"].as_u64().unwrap());
            assert_eq!(BTreeSet::from(places), BTreeSet::from([4, 5]), "{order:?}");
            let expected = if places[0] < places[1] { [NAMES[0], NAMES[1]] } else { [NAMES[1], NAMES[0]] };
            assert_eq!(scene.news(&conversation).await, expected, "{order:?}");
            (next, orders) = (after(order), orders + 1);
        }
    }
    assert!(orders >= 5, "{orders}");
    eprintln!("two senders, two processes: {orders} orders");
}

#[tokio::test]
async fn two_devices_that_mark_as_read_never_go_back_in_any_order() {
    let scene = Scene::new().await;
    let mut orders = 0;
    for places in [[2, 3], [3, 2], [3, 3]] {
        let mut next = Some(Vec::new());
        while let Some(choices) = next {
            let conversation = scene.conversation(false).await;
            let turnstile = scene.hold();
            let acts = [0, 1].map(|n| {
                let (who, path) = (scene.processes[n].bearer(scene.ben.token()), conversation.read());
                async move { who.put(&path, json!({ "seq": places[n] })).await }
            });
            let (answers, order) = in_order(&turnstile, &choices, acts).await;
            for (answer, place) in answers.into_iter().zip(places) {
                let reading = answer.expect(200);
                assert!(reading["seq"].as_u64() >= Some(place), "{order:?} {reading}");
                assert_eq!(reading["unread"].as_u64(), reading["seq"].as_u64().map(|seq| 3 - seq), "{order:?}");
            }
            let seen = scene.ben.get(&conversation.path()).await.expect(200);
            assert_eq!((&seen["read"], &seen["unread"]), (&json!(3), &json!(0)), "{order:?}");
            (next, orders) = (after(order), orders + 1);
        }
    }
    assert!(orders >= 10, "{orders}");
    eprintln!("two devices: {orders} orders");
}

#[tokio::test]
async fn the_same_start_through_two_processes_starts_one_conversation_in_every_order() {
    let scene = Scene::new().await;
    for process in &scene.processes {
        process.bearer(scene.ann.token()).get("/v1/me").await.expect(200);
    }
    let (mut next, mut orders) = (Some(Vec::new()), 0);
    while let Some(choices) = next {
        let (asked, key) = (json!({ "title": "Ward 4", "members": ["ben"] }), key());
        let before = scene.ben.get("/v1/conversations?limit=100").await.expect(200);
        let turnstile = scene.hold();
        let acts = [0, 1].map(|n| {
            let who = scene.processes[n].bearer(scene.ann.token());
            post(who, "/v1/conversations".to_owned(), asked.clone(), key.clone())
        });
        let ([one, two], order) = in_order(&turnstile, &choices, acts).await;
        assert_eq!(one.expect(201), two.expect(201), "{order:?}");
        let after_it = scene.ben.get("/v1/conversations?limit=100").await.expect(200);
        let count = |inbox: &Value| inbox["items"].as_array().unwrap().len();
        assert_eq!(count(&after_it), count(&before) + 1, "{order:?}");
        (next, orders) = (after(order), orders + 1);
    }
    assert!(orders >= 6, "{orders}");
    eprintln!("one start, two processes: {orders} orders");
}

/// The places of what somebody was shown.
fn shown(answer: &Answer) -> Vec<u64> {
    let items = answer.body["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item["seq"].as_u64().unwrap()).collect()
}

/// Ann removes Ben while somebody sends and Ben reads, in every order that their first requests can have.
async fn removal_in_every_order(ben_sends: bool) -> usize {
    let scene = Scene::new().await;
    let (mut next, mut orders) = (Some(Vec::new()), 0);
    while let Some(choices) = next {
        let conversation = scene.conversation(true).await;
        let turnstile = scene.hold();
        let sender = if ben_sends { &scene.ben } else { &scene.ann };
        let remover = scene.processes[0].bearer(scene.ann.token());
        let sender = scene.processes[1].bearer(sender.token());
        let reader = scene.processes[2].bearer(scene.ben.token());
        let (member, messages) = (conversation.member(&scene.ben), conversation.messages());
        let (to, key) = (messages.clone(), key());
        let acts: [std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>; 3] = [
            Box::pin(async move { remover.delete(&member).await }),
            Box::pin(post(sender, to, json!({ "body": "at that moment" }), key)),
            Box::pin(async move { reader.get(&messages).await }),
        ];
        let ([removal, sent, read], order) = in_order(&turnstile, &choices, acts).await;
        assert_eq!(removal.status, 204, "{order:?}");
        let page = scene.ann.get(&conversation.messages()).await.expect(200);
        let items = page["items"].as_array().unwrap();
        let removal = items.iter().find(|item| item["event"]["type"] == "removed").unwrap()["seq"].as_u64().unwrap();
        let message =
            items.iter().find(|item| item["body"] == "at that moment").map(|item| item["seq"].as_u64().unwrap());
        match sent.status {
            201 => assert_eq!(message, sent.body["seq"].as_u64(), "{order:?}"),
            404 => assert!(ben_sends && message.is_none(), "{order:?}"),
            other => panic!("{other} {order:?}"),
        }
        // What Ben sent was sent before he was removed; what he saw was there before he was.
        assert!(!ben_sends || message.is_none_or(|message| message < removal), "{order:?}");
        match read.status {
            200 => assert!(shown(&read).iter().all(|seq| *seq < removal), "{order:?} {}", read.body),
            404 => {}
            other => panic!("{other} {order:?}"),
        }
        scene.ben.get(&conversation.messages()).await.expect_problem(404, "not-found");
        let mut first = order;
        first.truncate(depth());
        (next, orders) = (after(first), orders + 1);
    }
    orders
}

#[tokio::test]
async fn whoever_is_removed_while_they_send_and_read_sends_before_it_or_not_at_all_in_every_order() {
    let orders = Box::pin(removal_in_every_order(true)).await;
    assert!(orders >= 40, "{orders}");
    eprintln!("removed, sending and reading: {orders} orders");
}

#[tokio::test]
async fn whoever_is_removed_while_others_send_sees_nothing_of_what_comes_after_it_in_any_order() {
    let orders = Box::pin(removal_in_every_order(false)).await;
    assert!(orders >= 40, "{orders}");
    eprintln!("removed and reading while others send: {orders} orders");
}

//! Two at once, in every order that their requests to the table can have.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::turnstile::{Turnstile, named};
use tests::world::World;

const NAMES: [&str; 2] = ["one", "two"];

/// An order: who goes first, next, and so on, and whether there was a choice.
type Order = Vec<(usize, bool)>;

/// Lets two act, their requests one at a time in the order that `choices` begins, and says what was answered and which
/// order it was. Where `choices` says nothing more, the first goes before the second.
async fn in_order<T: Send + 'static>(
    turnstile: &Turnstile,
    choices: &[usize],
    acts: [impl Future<Output = T> + Send + 'static; 2],
) -> ([T; 2], Order) {
    let mut acting = acts.map(Some);
    let mut tasks = NAMES.map(|name| {
        let act = acting[usize::from(name == NAMES[1])].take().unwrap();
        tokio::spawn(named(name, act))
    });
    let (mut answers, mut order) = ([None, None], Order::new());
    loop {
        for n in 0..2 {
            if answers[n].is_none() {
                tokio::select! {
                    _ = turnstile.wait_for(NAMES[n]) => {}
                    answer = &mut tasks[n] => answers[n] = Some(answer.unwrap()),
                }
            }
        }
        let goes = match (answers[0].is_some(), answers[1].is_some()) {
            (true, true) => return (answers.map(Option::unwrap), order),
            (true, false) => (1, false),
            (false, true) => (0, false),
            (false, false) => (choices.get(order.len()).copied().unwrap_or(0), true),
        };
        turnstile.let_through(NAMES[goes.0]).await;
        order.push(goes);
    }
}

/// The next order to try after one that was tried; nothing after the last.
fn after(mut tried: Order) -> Option<Vec<usize>> {
    while let Some((goes, choice)) = tried.pop() {
        if choice && goes == 0 {
            let mut choices: Vec<usize> = tried.into_iter().map(|(goes, _)| goes).collect();
            choices.push(1);
            return Some(choices);
        }
    }
    None
}

/// Ann's and Ben's conversation, each with a process of their own that remembers its head, or does not.
struct Scene {
    world: World,
    processes: [World; 2],
    ann: Actor,
    ben: Actor,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let processes = [world.another_process(), world.another_process()];
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        Self { world, processes, ann, ben }
    }

    /// A conversation of three entries.
    async fn conversation(&self, remembered: bool) -> Conversation {
        let conversation = self.ann.starts("Ward 4", &[&self.ben]).await;
        for process in &self.processes {
            // So that nobody meets a limit on how often.
            self.world.hand().advance(std::time::Duration::from_secs(1));
            let from = if remembered { process.bearer(self.ann.token()) } else { self.ann.clone() };
            from.sends(&conversation, "before").await.expect(201);
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
    let mut next = Some(Vec::new());
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
        next = after(order);
    }
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
            let expected = if places[0] < places[1] { NAMES } else { [NAMES[1], NAMES[0]] };
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
    eprintln!("one start, two processes: {orders} orders");
}

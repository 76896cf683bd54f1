//! An attachment belongs to one message, in whatever order things happen, and nothing that is not clean is served.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tests::actor::{Actor, key};
use tests::beside::declared;
use tests::environment::told;
use tests::world::World;

use super::{Scene, asks, blocked, completes, fetches, finds, follows, id_of, items, verdict};

/// How many histories are tried, by `CONFER_HISTORIES_OF_ATTACHMENTS`.
fn histories() -> u32 {
    told("CONFER_HISTORIES_OF_ATTACHMENTS").unwrap_or(16)
}

/// What is uploaded, each in a place of its own.
const BYTES: [&[u8]; 3] = [b"first", b"the second", b"and the third"];

/// How many keys everybody has for what they send.
const KEYS: usize = 4;

/// What can happen. Ann uploads; Ben tries to send what is hers.
#[derive(Clone, Debug)]
enum Step {
    Request(usize),
    Upload(usize),
    Complete(usize),
    Find(usize, Found),
    Send { by_ben: bool, key: usize, first: usize, second: Option<usize> },
    Withdraw(usize),
    Fetch { by_ben: bool, which: usize },
}

/// What the scanner finds, from what counts least to what counts most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Unscannable,
    Clean,
    Infected,
}

impl Found {
    const fn status(self) -> &'static str {
        match self {
            Self::Unscannable => "UNSUPPORTED",
            Self::Clean => "NO_THREATS_FOUND",
            Self::Infected => "THREATS_FOUND",
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..BYTES.len();
    let by_ben = || prop::bool::weighted(0.2);
    let found = select(vec![Found::Unscannable, Found::Clean, Found::Clean, Found::Clean, Found::Infected]);
    let second = prop::option::weighted(0.3, which());
    prop_oneof![
        5 => which().prop_map(Step::Request),
        5 => which().prop_map(Step::Upload),
        5 => which().prop_map(Step::Complete),
        4 => (which(), found).prop_map(|(which, found)| Step::Find(which, found)),
        6 => (by_ben(), 0..KEYS, which(), second)
            .prop_map(|(by_ben, key, first, second)| Step::Send { by_ben, key, first, second }),
        1 => (0_usize..4).prop_map(Step::Withdraw),
        5 => (prop::bool::ANY, which()).prop_map(|(by_ben, which)| Step::Fetch { by_ben, which }),
    ]
}

/// What there should be of one attachment.
#[derive(Debug)]
struct Expected {
    /// Before it is asked for, an id that nothing has.
    id: String,
    asked: Option<Value>,
    verdict: Option<Value>,
    completed: bool,
    found: Option<Found>,
    bound: Option<u64>,
    withdrawn: bool,
    /// How often members are told that it is blocked: at least, and at most.
    told: (usize, usize),
}

impl Expected {
    fn new() -> Self {
        Self {
            id: key(),
            asked: None,
            verdict: None,
            completed: false,
            found: None,
            bound: None,
            withdrawn: false,
            told: (0, 0),
        }
    }

    const fn state(&self) -> &'static str {
        match (self.completed, self.found) {
            (false, _) => "pending",
            (true, None) => "scanning",
            (true, Some(Found::Clean)) => "clean",
            (true, Some(Found::Infected | Found::Unscannable)) => "blocked",
        }
    }

    fn is_usable(&self) -> bool {
        self.bound.is_none() && ["scanning", "clean"].contains(&self.state())
    }
}

/// A message that was sent.
struct Sent {
    by_ben: bool,
    key: usize,
    which: Vec<usize>,
    answer: Value,
}

/// A world in which people take the steps, beside what should come of it.
struct Stage {
    scene: Scene,
    expected: Vec<Expected>,
    keys: Vec<String>,
    sent: Vec<Sent>,
}

impl Stage {
    async fn new() -> Self {
        let expected = BYTES.iter().map(|_| Expected::new()).collect();
        Self { scene: Scene::new().await, expected, keys: (0..KEYS).map(|_| key()).collect(), sent: Vec::new() }
    }

    fn actor(&self, is_ben: bool) -> &Actor {
        if is_ben { &self.scene.ben } else { &self.scene.ann }
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Request(which) => self.request(*which).await,
            Step::Upload(which) => self.upload(*which).await,
            Step::Complete(which) => self.complete(*which).await,
            Step::Find(which, found) => self.find(*which, *found).await,
            Step::Send { by_ben, key, first, second } => {
                let which = std::iter::once(*first).chain(*second).collect();
                self.send(*by_ben, *key, which).await;
            }
            Step::Withdraw(message) => self.withdraw(*message).await,
            Step::Fetch { by_ben, which } => self.fetch(*by_ben, *which).await,
        }
    }

    async fn request(&mut self, which: usize) {
        if self.expected[which].asked.is_some() {
            return;
        }
        let Scene { ann, ward, .. } = &self.scene;
        let bytes = declared(&format!("{which}.txt"), "text/plain", BYTES[which]);
        let asked = asks(ann, ward, bytes).await.expect(201);
        let expected = &mut self.expected[which];
        expected.id = id_of(&asked["attachment"]);
        expected.asked = Some(asked);
    }

    async fn upload(&mut self, which: usize) {
        let expected = &mut self.expected[which];
        let Some(asked) = &expected.asked else { return };
        let status = self.scene.world.upload(asked, BYTES[which]).await;
        if expected.verdict.is_some() {
            assert_eq!(status, 412);
        } else {
            assert_eq!(status, 200);
            expected.verdict = Some(verdict(&self.scene.world));
        }
    }

    async fn complete(&mut self, which: usize) {
        let expected = &mut self.expected[which];
        let answer = completes(&self.scene.ann, &self.scene.ward, &expected.id).await;
        if expected.asked.is_none() {
            answer.expect_problem(404, "not-found");
        } else if expected.verdict.is_none() {
            answer.expect_problem(409, "attachment-not-uploaded");
        } else {
            expected.completed = true;
            assert_eq!(answer.expect(200)["state"], expected.state());
        }
    }

    async fn find(&mut self, which: usize, found: Found) {
        let expected = &mut self.expected[which];
        let Some(verdict) = &expected.verdict else { return };
        let outcome = finds(&self.scene.world, verdict, found.status()).await;
        assert_eq!(outcome, if Some(found) > expected.found { "noted" } else { "same" });
        expected.found = expected.found.max(Some(found));
        if expected.bound.is_some() && expected.state() == "blocked" {
            // Whether that is worth telling of a message that was taken back is nothing to insist on.
            expected.told.0 = expected.told.0.max(usize::from(!expected.withdrawn));
            expected.told.1 = 1;
        }
    }

    async fn send(&mut self, by_ben: bool, key: usize, which: Vec<usize>) {
        let ids: Vec<&str> = which.iter().map(|which| self.expected[*which].id.as_str()).collect();
        let asked = json!({ "body": "look", "attachments": ids });
        let path = self.scene.ward.messages();
        let answer = self.actor(by_ben).post_with_key(&path, asked, &self.keys[key]).await;
        let before = self.sent.iter().find(|sent| (sent.by_ben, sent.key) == (by_ben, key));
        if which.len() == 2 && which[0] == which[1] {
            answer.expect_problem(422, "too-many-attachments");
        } else if let Some(sent) = before {
            if sent.which == which {
                assert_eq!(answer.headers["idempotency-replayed"], "true");
                let again = answer.expect(201);
                for field in ["id", "seq", "author", "sent_at"] {
                    assert_eq!(again[field], sent.answer[field], "{field}");
                }
            } else {
                answer.expect_problem(409, "idempotency-key-reuse");
            }
        } else if !by_ben && which.iter().all(|which| self.expected[*which].is_usable()) {
            assert!(!answer.headers.contains_key("idempotency-replayed"));
            let answer = answer.expect(201);
            for which in &which {
                self.expected[*which].bound = answer["seq"].as_u64();
            }
            assert_eq!(answer["attachments"].as_array().map(Vec::len), Some(which.len()));
            self.sent.push(Sent { by_ben, key, which, answer });
        } else {
            answer.expect_problem(422, "attachment-not-usable");
        }
    }

    async fn withdraw(&mut self, message: usize) {
        if self.sent.is_empty() {
            return;
        }
        let sent = &self.sent[message % self.sent.len()];
        let path = self.scene.ward.message(sent.answer["seq"].as_u64().unwrap());
        self.scene.ann.delete(&path).await.expect(204);
        for which in &sent.which {
            self.expected[*which].withdrawn = true;
        }
    }

    async fn fetch(&self, by_ben: bool, which: usize) {
        let expected = &self.expected[which];
        let answer = fetches(self.actor(by_ben), &self.scene.ward, &expected.id).await;
        let is_seen = match expected.bound {
            Some(_) => !expected.withdrawn,
            None => expected.asked.is_some() && !by_ben,
        };
        if !is_seen {
            answer.expect_problem(404, "not-found");
            return;
        }
        match expected.state() {
            "pending" => answer.expect_problem(409, "attachment-not-uploaded"),
            "scanning" => answer.expect_problem(409, "attachment-scanning"),
            "blocked" => answer.expect_problem(410, "attachment-quarantined"),
            _ => {
                let fetched = answer.expect(200);
                assert_eq!(follows(&self.scene.world, &fetched).await, (200, BYTES[which].to_vec()));
            }
        }
    }

    /// In the end everybody sees each attachment once, in the message with which it was sent, and what was blocked.
    async fn ends(&self) {
        let Scene { world, ben, ward, .. } = &self.scene;
        for which in 0..BYTES.len() {
            self.fetch(false, which).await;
            self.fetch(true, which).await;
        }
        let mut shown: HashMap<String, (u64, String)> = HashMap::new();
        let messages: Vec<Value> =
            items(ben, ward).await.into_iter().filter(|item| item["kind"] == "message").collect();
        assert_eq!(messages.len(), self.sent.len());
        for message in &messages {
            for attachment in message["attachments"].as_array().unwrap() {
                let state = attachment["state"].as_str().unwrap().to_owned();
                let twice = shown.insert(id_of(attachment), (message["seq"].as_u64().unwrap(), state));
                assert_eq!(twice, None, "{messages:?}");
            }
        }
        let told = blocked(ben, ward).await;
        let stored = stored(world).await;
        for expected in &self.expected {
            let seen = expected.bound.filter(|_| !expected.withdrawn).map(|seq| (seq, expected.state().to_owned()));
            assert_eq!(shown.remove(&expected.id), seen, "{expected:?}");
            assert_eq!(stored.get(&expected.id), expected.asked.is_some().then_some(&expected.bound), "{expected:?}");
            let told = told.iter().filter(|(id, _)| *id == expected.id);
            let of: Vec<u64> = told.map(|(_, message)| *message).collect();
            assert!((expected.told.0..=expected.told.1).contains(&of.len()), "{expected:?}: {of:?}");
            assert!(of.iter().all(|message| Some(*message) == expected.bound), "{expected:?}: {of:?}");
        }
        assert!(shown.is_empty(), "{shown:?}");
    }
}

/// The attachments that are stored, and the places of the messages they belong to.
async fn stored(world: &World) -> HashMap<String, Option<u64>> {
    let items = world.table().await;
    let items = items.iter().map(|item| serde_json::from_str::<Value>(item).unwrap());
    let attachments = items.filter(|item| item["entity"] == "attachment");
    attachments.map(|item| (id_of(&item), item["bound"].as_u64())).collect()
}

#[test]
fn whatever_the_order_each_is_sent_once_and_only_what_is_clean_is_served() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: histories(), max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&prop::collection::vec(step(), 10..60), |steps| {
        runtime.block_on(async {
            let mut stage = Stage::new().await;
            for step in &steps {
                stage.take(step).await;
            }
            stage.ends().await;
        });
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
    eprintln!("{} histories of attachments", histories());
}

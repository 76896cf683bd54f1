//! An attachment is completed, sent and judged while its sender is removed, in every order of their requests to the table
//! in which few are interrupted.

use std::pin::Pin;
use std::time::Duration;

use http::Method;
use local::aws::scanner::eicar;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation, key};
use tests::beside::declared;
use tests::orders::{after_with, in_order, interruptions};
use tests::turnstile::Turnstile;
use tests::world::World;

use super::{asks, blocked_in, completes, fetches, follows, id_of, items, verdict};

/// Who of those who act says that it is complete.
const COMPLETES: usize = 0;

/// What each of them answered: the status and the body.
type Answered = (u16, Value);

type Act = Pin<Box<dyn Future<Output = Answered> + Send>>;

/// Cleo's conversation with Ann, who sends, and Ben, who stays; and a process for each who acts.
struct Scene {
    world: World,
    processes: [World; 4],
    ann: Actor,
    ben: Actor,
    cleo: Actor,
    auditor: Actor,
    bytes: Vec<u8>,
}

/// What is about to happen, and in which order.
struct Attempt<'a> {
    scene: &'a Scene,
    ward: Conversation,
    id: String,
    found: Value,
    key: String,
    /// What was tried, for whoever has to find out why it failed.
    order: String,
}

impl Scene {
    async fn new(infected: bool) -> Self {
        let world = World::new().await;
        let processes = [(); 4].map(|()| world.another_process());
        let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
        let auditor = world.official("auditor", &[Role::Auditor]).await;
        let bytes = if infected { eicar().into_bytes() } else { b"nothing to find".to_vec() };
        Self { world, processes, ann, ben, cleo, auditor, bytes }
    }

    /// The bytes are there, the scanner has looked at them, and nobody has said or heard anything of it.
    async fn attempt(&self, orders: usize) -> Attempt<'_> {
        let Self { world, ann, ben, cleo, .. } = self;
        let ward = cleo.starts("Ward 4", &[ann, ben]).await;
        let notes = declared("notes.txt", "text/plain", &self.bytes);
        let asked = asks(ann, &ward, notes).await.expect(201);
        assert_eq!(world.upload(&asked, &self.bytes).await, 200);
        let found = verdict(world);
        // So that nobody is looked up, and nothing is counted, in the middle of an order, of which there would be two kinds.
        if orders.is_multiple_of(10) {
            world.hand().advance(Duration::from_mins(1));
            for (process, who) in self.processes.iter().zip([ann, ann, ann, cleo]) {
                process.bearer(who.token()).get("/v1/me").await.expect(200);
            }
        }
        let id = id_of(&asked["attachment"]);
        Attempt { scene: self, ward, id, found, key: key(), order: String::new() }
    }
}

impl Attempt<'_> {
    /// Ann says that it is complete and sends it, the scanner tells what it found, and Cleo removes Ann.
    fn acts(&self) -> [Act; 4] {
        let Scene { processes: [first, second, third, fourth], ann, cleo, .. } = self.scene;
        let (sender, remover) = (second.bearer(ann.token()), fourth.bearer(cleo.token()));
        let completer = first.bearer(ann.token());
        let complete = format!("{}/complete", self.ward.attachment(&self.id));
        let hearing = scan_results::App { store: third.metered(), ..self.scene.world.scan_results().clone() };
        let (messages, body, key) = (self.ward.messages(), json!({ "attachments": [self.id] }), self.key.clone());
        let (found, member) = (self.found.clone(), self.ward.member(ann));
        [
            Box::pin(async move {
                let answer = completer.call(Method::POST, &complete, &[], None).await;
                (answer.status, answer.body)
            }),
            Box::pin(async move {
                let answer = sender.post_with_key(&messages, body, &key).await;
                (answer.status, answer.body)
            }),
            Box::pin(async move { (200, hearing.handle(found).await.unwrap()) }),
            Box::pin(async move {
                let answer = remover.delete(&member).await;
                (answer.status, answer.body)
            }),
        ]
    }

    /// What Ben and everybody else can find out afterwards: the log, and where in it the attachment was sent.
    async fn check(&self, [completed, sent, _, removed]: [Answered; 4], infected: bool) -> (Vec<Value>, Option<u64>) {
        let Self { scene: Scene { world, ann, ben, .. }, ward, id, order, .. } = self;
        assert!([200, 404].contains(&completed.0), "{completed:?} {order}");
        assert!([201, 404, 422].contains(&sent.0), "{sent:?} {order}");
        assert_eq!(removed.0, 204, "{order}");
        let log = items(ben, ward).await;
        let removal = log.iter().find(|item| item["event"]["type"] == "removed").expect("a removal");
        let messages: Vec<&Value> = log.iter().filter(|item| item["kind"] == "message").collect();
        let seq = messages.first().map(|message| message["seq"].as_u64().unwrap());
        // It belongs to a message that is there, and that was answered for, or to none.
        assert_eq!(messages.len(), usize::from(sent.0 == 201), "{order}");
        assert_eq!(self.noted().await["bound"].as_u64(), seq, "{order}");
        assert!(seq.is_none_or(|seq| seq < removal["seq"].as_u64().unwrap()), "{order}");
        let state = if infected { "blocked" } else { "clean" };
        for message in &messages {
            let shown = message["attachments"].as_array().unwrap();
            assert_eq!((shown.len(), &shown[0]["id"], &shown[0]["state"]), (1, &json!(id), &json!(state)), "{order}");
        }
        // Who is told that it is blocked, and who can fetch it.
        let told: Vec<(String, u64)> = seq.filter(|_| infected).map(|seq| (id.clone(), seq)).into_iter().collect();
        assert_eq!(blocked_in(&log), told, "{order}");
        let fetched = fetches(ben, ward, id).await;
        match (seq, infected) {
            (None, _) => fetched.expect_problem(404, "not-found"),
            (Some(_), true) => fetched.expect_problem(410, "attachment-quarantined"),
            (Some(_), false) => {
                assert_eq!(follows(world, &fetched.expect(200)).await, (200, self.scene.bytes.clone()), "{order}");
            }
        }
        for answer in [fetches(ann, ward, id).await, completes(ann, ward, id).await] {
            answer.expect_problem(404, "not-found");
        }
        self.verifies(log.len()).await;
        (log, seq)
    }

    /// All of it once more, where it was sent, by those who did it: nothing changes, but that Ann is let in again to
    /// repeat what she did.
    async fn repeats(&self, log: Vec<Value>) {
        let Self { scene: Scene { world, ann, ben, cleo, .. }, ward, id, order, .. } = self;
        let noted = self.noted().await;
        let heard = world.scan_results().handle(self.found.clone()).await.unwrap();
        assert_eq!(heard["outcome"], "same", "{order}");
        cleo.removes(ward, ann).await.expect_problem(404, "not-found");
        let asked = json!({ "attachments": [id] });
        let sends_again = async || ann.post_with_key(&ward.messages(), asked.clone(), &self.key).await;
        sends_again().await.expect_problem(404, "not-found");
        cleo.adds(ward, &[ann]).await.expect(200);
        let again = sends_again().await;
        assert_eq!(again.headers["idempotency-replayed"], "true", "{order}");
        assert_eq!(again.expect(201)["attachments"][0]["id"], json!(id), "{order}");
        completes(ann, ward, id).await.expect(200);
        let mut repeated = items(ben, ward).await;
        assert_eq!(repeated.pop().unwrap()["event"]["type"], "joined", "{order}");
        assert_eq!((repeated, self.noted().await), (log, noted), "{order}");
    }

    /// What is noted of the attachment.
    async fn noted(&self) -> Value {
        self.scene.world.item(&format!("A#{}", self.id), "~").await.expect("an attachment")
    }

    async fn verifies(&self, entries: usize) {
        let verified = self.scene.auditor.get(&format!("{}/audit/verify", self.ward.path())).await.expect(200);
        assert_eq!(verified, json!({ "verified_to": entries, "next": null, "broken_at": null }), "{}", self.order);
    }
}

/// Tries the orders, and says how many there were, and in how many it was sent.
async fn every_order(infected: bool) -> (usize, usize) {
    let scene = Box::pin(Scene::new(infected)).await;
    // If nothing is said, it is once, and whoever says that it is complete begins: little comes of a send that is earlier.
    let told = interruptions();
    let (mut next, mut orders, mut sent) = (Some(Vec::new()), 0, 0);
    while let Some(choices) = next {
        let mut attempt = Box::pin(scene.attempt(orders)).await;
        let turnstile = Turnstile::default();
        scene.processes.iter().for_each(|process| process.wire().hold(turnstile.clone()));
        let (answers, order) = in_order(&turnstile, &choices, attempt.acts()).await;
        attempt.order = format!("{:?}", order.iter().map(|(goes, _)| goes).collect::<Vec<_>>());
        let (log, seq) = Box::pin(attempt.check(answers, infected)).await;
        if seq.is_some() {
            Box::pin(attempt.repeats(log)).await;
            sent += 1;
        }
        orders += 1;
        next = after_with(order, told.unwrap_or(1)).filter(|choices| told.is_some() || choices[0] == COMPLETES);
    }
    (orders, sent)
}

/// Fails if what is noted of an attachment is put back without the condition that it is as it was read: a verdict, or
/// *complete*, that was read before the send then undoes that a message has it.
#[tokio::test]
async fn what_is_clean_is_sent_once_before_its_sender_is_removed_or_never_in_any_order() {
    let (orders, sent) = Box::pin(every_order(false)).await;
    assert!(0 < sent && sent < orders && orders >= 24, "{sent} of {orders}");
    eprintln!("completed, sent, found clean, removed: {orders} orders, in {sent} it is sent");
}

/// Fails if a send does not ask again, when it is written, what the scanner found: a message then has what is blocked, and
/// nobody is told.
#[tokio::test]
async fn what_is_infected_is_fetched_by_nobody_and_told_once_if_it_was_sent_in_any_order() {
    let (orders, sent) = Box::pin(every_order(true)).await;
    assert!(0 < sent && sent < orders && orders >= 24, "{sent} of {orders}");
    eprintln!("completed, sent, found infected, removed: {orders} orders, in {sent} it is sent");
}

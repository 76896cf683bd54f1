//! Random histories: many clients, several processes, any fault, functions that die; and then the history is checked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::environment::told;
use tests::history::{Act, Breach, Entry, Figures, FinalReads, History, Operation, Outcome, Page, Stored, check};
use tests::world::World;
use tokio::task::JoinSet;

use super::{Said, assert_whole, said};

const PEOPLE: [&str; 5] = ["ann", "ben", "cleo", "dan", "eve"];
const PROCESSES: usize = 3;
const CONVERSATIONS: usize = 2;
/// What each client does.
const ACTS: usize = 14;
/// How many histories in a short run.
const HISTORIES: u64 = 24;
/// How many histories run at once.
const AT_ONCE: u64 = 4;

/// How many histories the environment asks for, by `CONFER_HISTORIES`.
pub(super) fn wanted() -> Option<u64> {
    told("CONFER_HISTORIES")
}

/// The first seed, by `CONFER_SEED`, to tell a history again.
fn first_seed() -> u64 {
    told("CONFER_SEED").unwrap_or_else(|| fastrand::u64(..u64::MAX / 2))
}

/// Somebody at work: with a door to each process, and notes of what was asked and answered.
struct Client {
    name: &'static str,
    doors: Vec<Actor>,
    conversations: Vec<Conversation>,
    clock: Arc<AtomicU64>,
    dice: fastrand::Rng,
    notes: Vec<Operation>,
}

impl Client {
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn note(&mut self, began: u64, conversation: &Conversation, act: Act) {
        let (ended, client, conversation) = (self.now(), self.name.to_owned(), conversation.id.clone());
        self.notes.push(Operation { began, ended, client, conversation, act });
    }

    async fn works(mut self) -> Vec<Operation> {
        for _ in 0..ACTS {
            let conversation = self.conversations[self.dice.usize(0..CONVERSATIONS)].clone();
            match self.dice.u8(0..10) {
                0..=5 => self.sends(&conversation).await,
                6 | 7 => self.opens(&conversation).await,
                _ => self.follows(&conversation).await,
            }
        }
        self.notes
    }

    fn door(&mut self) -> Actor {
        self.doors[self.dice.usize(0..PROCESSES)].clone()
    }

    /// Sends a message, and again with the same key, wherever, for as long as patience lasts.
    async fn sends(&mut self, conversation: &Conversation) {
        let (key, mut unsure) = (key(), false);
        for _ in 0..self.dice.usize(1..=6) {
            let (door, began) = (self.door(), self.now());
            // The body names the message, so that the final read does.
            let path = conversation.messages();
            let post = door.post_with_key(&path, json!({ "body": key }), &key);
            let answer = if self.dice.u8(0..8) == 0 {
                // The function dies in the middle of it.
                tokio::time::timeout(Duration::from_micros(self.dice.u64(0..20_000)), post).await.ok()
            } else {
                Some(post.await)
            };
            let outcome = match answer.as_ref().map_or(Said::NotKnown, said) {
                Said::Done => Outcome::Ok(entry(&answer.unwrap().body)),
                // Of a try before, of which nothing is known, it says nothing.
                Said::NotDone if !unsure => Outcome::Refused,
                Said::NotDone | Said::NotKnown => Outcome::Unknown,
            };
            unsure |= outcome == Outcome::Unknown;
            let done = matches!(outcome, Outcome::Ok(_));
            self.note(began, conversation, Act::Send { key: key.clone(), outcome });
            if done && self.dice.u8(0..4) > 0 {
                return;
            }
        }
    }

    async fn opens(&mut self, conversation: &Conversation) {
        let (path, began) = (format!("{}?limit={}", conversation.messages(), self.dice.u8(1..=30)), self.now());
        let answer = self.door().get(&path).await;
        let outcome = page(&answer, true, |_| true);
        self.note(began, conversation, Act::Read { outcome });
    }

    /// Pages from somewhere, forward or back.
    async fn follows(&mut self, conversation: &Conversation) {
        let (forward, mut from) = (self.dice.bool(), self.dice.u8(0..40).into());
        for _ in 0..4 {
            let direction = if forward { "after" } else { "before" };
            let limit = self.dice.u8(1..=9);
            let path = format!("{}?limit={limit}&{direction}={from}", conversation.messages());
            let began = self.now();
            let answer = self.door().get(&path).await;
            let outcome = page(&answer, !forward, |next| forward && next.is_null());
            self.note(began, conversation, Act::Read { outcome });
            match answer.body["next"].as_u64() {
                Some(next) => from = next,
                None => return,
            }
        }
    }
}

fn entry(item: &Value) -> Entry {
    Entry { seq: item["seq"].as_u64().unwrap(), id: item["id"].as_str().unwrap().to_owned() }
}

fn page(answer: &Answer, newest_first: bool, newest: impl Fn(&Value) -> bool) -> Outcome<Page> {
    match answer.status {
        200 => {
            let mut entries: Vec<Entry> = answer.body["items"].as_array().unwrap().iter().map(entry).collect();
            if newest_first {
                entries.reverse();
            }
            Outcome::Ok(Page { entries, newest: newest(&answer.body["next"]) })
        }
        503 => Outcome::Unknown,
        _ => panic!("{answer:?}"),
    }
}

/// Everything in a conversation.
async fn final_read(reader: &Actor, conversation: &Conversation) -> Vec<Stored> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let path = format!("{}?limit=100&after={from}", conversation.messages());
        let page = reader.get(&path).await.expect(200);
        let stored = |item: &Value| Stored { entry: entry(item), key: item["body"].as_str().map(str::to_owned) };
        all.extend(page["items"].as_array().unwrap().iter().map(stored));
        match page["next"].as_u64() {
            Some(next) => from = next,
            None => return all,
        }
    }
}

/// What happens from one seed. The seed decides what clients do and what goes wrong, not who is quicker.
async fn history(seed: u64) -> (History, FinalReads) {
    let world = World::new().await;
    let mut people = Vec::new();
    for name in PEOPLE {
        people.push(world.person(name).await);
    }
    let mut conversations = Vec::new();
    for _ in 0..CONVERSATIONS {
        conversations.push(people[0].starts("Ward 4", &people.iter().collect::<Vec<_>>()).await);
    }
    let mut dice = fastrand::Rng::with_seed(seed);
    let processes: Vec<World> = (0..PROCESSES).map(|_| world.another_process()).collect();
    for process in &processes {
        process.wire().faults.at_random([0, 10, 30, 60][dice.usize(0..4)], dice.u64(..));
    }
    let clock = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for (name, person) in PEOPLE.into_iter().zip(&people) {
        let doors = processes.iter().map(|process| process.bearer(person.token())).collect();
        let (conversations, clock, dice) = (conversations.clone(), clock.clone(), dice.fork());
        clients.spawn(Client { name, doors, conversations, clock, dice, notes: Vec::new() }.works());
    }
    let operations = clients.join_all().await.into_iter().flatten().collect();
    let mut finals = BTreeMap::new();
    for conversation in &conversations {
        finals.insert(conversation.id.clone(), final_read(&people[0], conversation).await);
    }
    assert_whole(&world.table().await);
    (History { operations }, FinalReads { conversations: finals })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_histories_keep_every_rule() {
    let (first, wanted) = (first_seed(), wanted().unwrap_or(HISTORIES));
    let next = Arc::new(AtomicU64::new(0));
    let mut tellers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let next = next.clone();
        tellers.spawn(async move {
            let (mut figures, mut operations) = (Figures::default(), 0);
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= wanted {
                    return (figures, operations);
                }
                let seed = first + n;
                let told = tokio::spawn(history(seed)).await;
                let (history, finals) = told.unwrap_or_else(|error| panic!("CONFER_SEED={seed}: {error}"));
                operations += history.operations.len();
                match check(&history, &finals) {
                    Ok(checked) => figures += checked,
                    Err(violations) => panic!("CONFER_SEED={seed}: {violations:#?}\n{:#?}", history.operations),
                }
            }
        });
    }
    let (mut figures, mut operations) = (Figures::default(), 0);
    for (told, count) in tellers.join_all().await {
        figures += told;
        operations += count;
    }
    assert_eq!(figures.histories, wanted);
    assert!(figures.acknowledged > 0 && figures.reads > 0, "{figures:?}");
    let Figures { histories, acknowledged, unknown, refused, reads } = figures;
    eprintln!(
        "{histories} histories of {operations} operations under faults: {acknowledged} messages acknowledged, 0 lost, \
         0 doubled; {unknown} unknown, {refused} refused, {reads} reads; first seed {first}"
    );
}

#[tokio::test]
async fn a_history_in_which_one_answer_is_changed_breaks_a_rule() {
    let (history, finals) = history(7).await;
    check(&history, &finals).unwrap();
    let acknowledged = |operation: &&mut Operation| matches!(&operation.act, Act::Send { outcome: Outcome::Ok(_), .. });

    let mut displaced = history.clone();
    let operation = displaced.operations.iter_mut().find(acknowledged).unwrap();
    let Act::Send { outcome: Outcome::Ok(entry), .. } = &mut operation.act else { unreachable!() };
    entry.seq += 1;
    let found = check(&displaced, &finals).unwrap_err();
    assert!(matches!(found[..], [ref one] if matches!(one.breach, Breach::Displaced { .. })), "{found:?}");

    let mut smuggled = history.clone();
    let stored: Vec<&str> = finals.conversations.values().flatten().filter_map(|one| one.key.as_deref()).collect();
    for operation in &mut smuggled.operations {
        if let Act::Send { key, outcome } = &mut operation.act
            && *key == stored[0]
        {
            *outcome = Outcome::Refused;
        }
    }
    let found = check(&smuggled, &finals).unwrap_err();
    assert!(found.iter().any(|one| matches!(one.breach, Breach::Smuggled { .. })), "{found:?}");

    let mut lost = finals.clone();
    let log = lost.conversations.values_mut().find(|log| log.len() > 2).unwrap();
    log.remove(1);
    let found = check(&history, &lost).unwrap_err();
    assert!(found.iter().any(|one| matches!(one.breach, Breach::Lost { .. } | Breach::Gap { .. })), "{found:?}");
}

//! Small schedules of faults, all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tests::actor::{Actor, Conversation, key};
use tests::faults::Fault;
use tests::world::World;
use tokio::task::JoinSet;

use super::{FATES, Said, assert_whole, histories, messages, said};

/// How many schedules are tried at once, each worker with a process of its own.
const WORKERS: usize = 16;

/// How many members besides the creator have room in the transaction that starts a conversation, or one more.
const FIRST: usize = 45;

/// How often the store tries a transaction; each try is one request, and would be three if the SDK tried again itself.
const TRIES: usize = 8;

/// A logical read fails when all three attempts of the SDK do.
const ATTEMPTS: usize = 3;

/// What meets one request and its retry.
#[derive(Clone, Debug)]
struct Schedule {
    /// The fates of the first transactions.
    transactions: Vec<Option<Fault>>,
    /// How many of the first reads of single items fail.
    single_reads: usize,
    /// Whether every read of several items fails, but for the first.
    batches: bool,
}

impl Schedule {
    fn of(transactions: Vec<Option<Fault>>, single_reads: usize, batches: bool) -> Self {
        Self { transactions, single_reads, batches }
    }

    fn begins(&self, process: &World) {
        let faults = &process.wire().faults;
        faults.plan("TransactWriteItems", self.transactions.iter().copied());
        faults.plan("GetItem", [Some(Fault::Drop)].repeat(ATTEMPTS * self.single_reads));
        if self.batches {
            faults.plan("BatchGetItem", [None]);
            faults.plan("BatchGetItem", [Some(Fault::Drop)].repeat(ATTEMPTS * 10));
        }
    }
}

/// Every sequence of so many fates.
fn sequences(length: usize) -> Vec<Vec<Option<Fault>>> {
    (0..length).fold(vec![Vec::new()], |shorter, _| {
        let longer = shorter.iter().flat_map(|start| {
            FATES.iter().map(move |fate| {
                let mut sequence = start.clone();
                sequence.push(*fate);
                sequence
            })
        });
        longer.collect()
    })
}

/// What meets a send: all of three transactions, all of two with the reads after them, and those where the last fate
/// meets every try. A long run has all of three with the reads, and all of four.
fn of_a_send() -> Vec<Schedule> {
    let reads = [(0, true), (1, false), (1, true), (2, true)];
    let with_reads = |length| {
        sequences(length)
            .into_iter()
            .flat_map(move |fates| reads.map(|(single, batches)| Schedule::of(fates.clone(), single, batches)))
    };
    let endless = sequences(2).into_iter().filter(|fates| fates[1].is_some()).flat_map(|mut fates| {
        fates.extend([fates[1]].repeat(3 * TRIES));
        [0, 2].map(|single| Schedule::of(fates.clone(), single, false))
    });
    let without = |length| sequences(length).into_iter().map(|fates| Schedule::of(fates, 0, false));
    if histories::wanted().is_some() {
        endless.chain(with_reads(3)).chain(without(4)).collect()
    } else {
        endless.chain(with_reads(2)).chain(without(3)).collect()
    }
}

/// What meets the start of a conversation, and how many others it has: of two sizes, the larger in two transactions.
fn of_a_start() -> Vec<(Schedule, usize)> {
    let (one, two) = (1, FIRST + 1);
    let (small, large) = if histories::wanted().is_some() { (3, 2) } else { (2, 1) };
    let mut all = Vec::new();
    for fates in sequences(small) {
        all.extend([0, 1, 2].map(|single| (Schedule::of(fates.clone(), single, false), one)));
    }
    for fates in sequences(large) {
        all.push((Schedule::of(fates.clone(), 0, false), two));
        // The first transaction is done, and then this.
        all.push((Schedule::of([None].into_iter().chain(fates).collect(), 0, false), two));
    }
    for fate in FATES {
        all.push((Schedule::of([fate].repeat(3 * TRIES), 0, false), one));
        all.push((Schedule::of([None].into_iter().chain([fate].repeat(3 * TRIES)).collect(), 0, false), two));
    }
    all
}

/// What was said how often.
type Tally = Arc<Mutex<BTreeMap<String, usize>>>;

fn count(tally: &Tally, answer: &tests::actor::Answer) {
    *tally.lock().unwrap().entry(format!("{} {}", answer.status, answer.problem())).or_default() += 1;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_meets_a_send_its_answer_is_true_and_a_retry_sends_once() {
    let world = Arc::new(World::new().await);
    let cases = Arc::new(Mutex::new(of_a_send()));
    let (all, tally) = (cases.lock().unwrap().len(), Tally::default());
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (world, cases, tally) = (world.clone(), cases.clone(), tally.clone());
        workers.spawn(async move {
            let process = world.another_process();
            let next = || cases.lock().unwrap().pop();
            let (mut ann, mut tried) = (world.person(&format!("ann.{worker}.0")).await, 0);
            while let Some(schedule) = next() {
                tried += 1;
                if tried % 50 == 0 {
                    // So that nobody meets a limit on how often.
                    ann = world.person(&format!("ann.{worker}.{tried}")).await;
                }
                send_meets(&process, &ann, &schedule, &tally).await;
            }
        });
    }
    workers.join_all().await;
    assert_whole(&world.table().await);
    eprintln!("{all} schedules of a send: {:?}", tally.lock().unwrap());
}

async fn send_meets(process: &World, ann: &Actor, schedule: &Schedule, tally: &Tally) {
    let conversation = ann.starts("Ward 4", &[]).await;
    let (key, spoilt) = (key(), process.bearer(ann.token()));
    let send = async || spoilt.post_with_key(&conversation.messages(), json!({ "body": "once" }), &key).await;
    schedule.begins(process);
    let first = send().await;
    process.wire().faults.stop();
    count(tally, &first);
    let stored = messages(ann, &conversation).await;
    match said(&first) {
        Said::Done => assert_eq!(stored, [first.body["id"].as_str().unwrap()], "{schedule:?}"),
        Said::NotDone => assert_eq!(stored, [""; 0], "{schedule:?} {first:?}"),
        Said::NotKnown => assert!(stored.len() <= 1, "{schedule:?}"),
    }
    let again = send().await;
    assert_eq!(again.status, 201, "{schedule:?} {again:?}");
    let finally = messages(ann, &conversation).await;
    assert_eq!(finally, [again.body["id"].as_str().unwrap()], "{schedule:?}");
    assert!(stored.is_empty() || stored == finally, "{schedule:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_meets_the_start_of_a_conversation_its_answer_is_true_and_a_retry_starts_one() {
    let world = Arc::new(World::new().await);
    // With their rows the first transaction is full, and a second one follows.
    let mut others = Vec::new();
    for n in 0..=FIRST {
        others.push(world.person(&format!("member.{n:02}")).await);
    }
    let others = Arc::new(others);
    let cases = of_a_start();
    let (all, tally, cases) = (cases.len(), Tally::default(), Arc::new(Mutex::new(cases)));
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (world, others, cases, tally) = (world.clone(), others.clone(), cases.clone(), tally.clone());
        workers.spawn(async move {
            let process = world.another_process();
            let next = || cases.lock().unwrap().pop();
            let mut tried = 0;
            while let Some((schedule, size)) = next() {
                tried += 1;
                let ann = world.person(&format!("ann.{worker}.{tried}")).await;
                // So that only what the schedule means to meet is met.
                process.bearer(ann.token()).get("/v1/me").await.expect(200);
                start_meets(&process, &ann, &others[FIRST + 1 - size..], &schedule, &tally).await;
            }
        });
    }
    workers.join_all().await;
    assert_whole(&world.table().await);
    eprintln!("{all} schedules of a start: {:?}", tally.lock().unwrap());
}

async fn started_by(ann: &Actor) -> Vec<String> {
    let inbox = ann.get("/v1/conversations").await.expect(200);
    inbox["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn start_meets(process: &World, ann: &Actor, others: &[Actor], schedule: &Schedule, tally: &Tally) {
    let members: Vec<&str> = others.iter().map(Actor::username).collect();
    let asked = json!({ "title": "Ward 4", "members": members });
    let (key, spoilt) = (key(), process.bearer(ann.token()));
    let start = async || spoilt.post_with_key("/v1/conversations", asked.clone(), &key).await;
    schedule.begins(process);
    let first = start().await;
    process.wire().faults.stop();
    count(tally, &first);
    let stored = started_by(ann).await;
    match said(&first) {
        Said::Done => {
            assert_eq!(stored, [first.body["id"].as_str().unwrap()], "{schedule:?}");
            everybody_is_there(others, &first.body).await;
        }
        Said::NotDone => assert_eq!(stored, [""; 0], "{schedule:?} {first:?}"),
        Said::NotKnown => assert!(stored.len() <= 1, "{schedule:?}"),
    }
    let again = start().await;
    assert_eq!(again.status, 201, "{schedule:?} {again:?}");
    let finally = started_by(ann).await;
    assert_eq!(finally, [again.body["id"].as_str().unwrap()], "{schedule:?}");
    assert!(stored.is_empty() || stored == finally, "{schedule:?}");
    everybody_is_there(others, &again.body).await;
}

/// The first and the last of the members see the conversation.
async fn everybody_is_there(others: &[Actor], started: &serde_json::Value) {
    let conversation = Conversation::new(started);
    for member in [&others[0], &others[others.len() - 1]] {
        assert_eq!(member.get(&conversation.path()).await.expect(200)["members_count"], others.len() + 1);
    }
}

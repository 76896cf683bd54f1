//! Whatever goes wrong between a function and the table: the answer is true, and a retry with the same key completes
//! what was begun, once.

use std::collections::BTreeMap;

use domain::chain::End;
use domain::conversation::Head;
use domain::entry::{Entry, verify};
use serde_json::Value;
use tests::actor::{Actor, Answer, Conversation};
use tests::faults::Fault;

mod acts;
mod contention;
mod crashes;
mod histories;
mod keys;
mod pages;
mod schedules;
mod throttled;

/// What can happen to a request, nothing among it.
const FATES: [Option<Fault>; 6] = [
    None,
    Some(Fault::Drop),
    Some(Fault::LoseTheAnswer),
    Some(Fault::ServerError),
    Some(Fault::Throttle),
    Some(Fault::Conflict),
];

/// What an answer says of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Done,
    NotDone,
    NotKnown,
}

/// What an answer to a POST says; whoever may try again is told when.
#[track_caller]
fn said(answer: &Answer) -> Said {
    assert_eq!(answer.status == 503, answer.headers.contains_key("retry-after"), "{}", answer.body);
    match (answer.status, answer.problem()) {
        (201, _) => Said::Done,
        (503, "outcome-unknown") => Said::NotKnown,
        (503, "conversation-busy" | "temporarily-unavailable") | (400..=499, _) => Said::NotDone,
        _ => panic!("{answer:?}"),
    }
}

/// The ids of the messages in a conversation of fewer than a hundred, newest first.
async fn messages(reader: &Actor, conversation: &Conversation) -> Vec<String> {
    let page = reader.get(&format!("{}?limit=100", conversation.messages())).await.expect(200);
    let items = page["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "message");
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Checks that nothing in a table is half written: every log is whole up to its head and hangs together, every
/// idempotency item names an entry, and everybody in a conversation has it in the inbox.
#[track_caller]
fn assert_whole(table: &[String]) {
    let mut partitions: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for item in table {
        let item: Value = serde_json::from_str(item).unwrap();
        let (pk, sk) = (item["pk"].as_str().unwrap().to_owned(), item["sk"].as_str().unwrap().to_owned());
        partitions.entry(pk).or_default().insert(sk, item);
    }
    for (pk, items) in &partitions {
        let Some(id) = pk.strip_prefix("C#") else { continue };
        let of = |kind: &'static str| items.iter().filter(move |(sk, _)| sk.starts_with(kind)).map(|(_, item)| item);
        let head: Head = serde_json::from_value(items["E~"].clone()).unwrap();
        // What a revision says lies beside what it revises, and is no entry of its own.
        let entries = of("E#").filter(|item| item["entity"] == "entry");
        let log: Vec<Entry> = entries.map(|item| serde_json::from_value(item.clone()).unwrap()).collect();
        assert_eq!(
            verify(id.parse().unwrap(), End::default(), &log),
            Ok(End { seq: head.seq, hash: head.hash }),
            "{pk}"
        );
        assert_eq!((log.len() as u64, log.last().unwrap().messages), (head.seq.get(), head.messages), "{pk}");
        let mut done: Vec<u64> = of("K#").map(|item| item["seq"].as_u64().unwrap()).collect();
        done.sort_unstable();
        done.dedup();
        assert_eq!((done.len(), done.len() as u64), (of("K#").count(), head.messages), "{pk}");
        assert!(done.iter().all(|seq| (2..=head.seq.get()).contains(seq)), "{pk}");
        for member in of("P#") {
            let inbox = format!("U#{}", member["username"].as_str().unwrap());
            assert!(partitions[&inbox].contains_key(pk), "{inbox} {pk}");
        }
    }
    for (pk, items) in partitions.iter().filter(|(pk, _)| pk.starts_with("U#")) {
        for sk in items.keys().filter(|sk| sk.starts_with("C#")) {
            assert!(partitions[sk].contains_key(&pk.replacen('U', "P", 1)), "{pk} {sk}");
        }
    }
}

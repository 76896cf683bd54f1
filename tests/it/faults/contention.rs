//! Many who write at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use tests::actor::key;
use tests::world::World;
use tokio::task::JoinSet;

use super::{Said, assert_whole, said};

const SENDERS: usize = 50;
const PROCESSES: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_who_send_at_once_all_get_through_and_leave_no_gap() {
    let each = if super::histories::wanted().is_some() { 100 } else { 20 };
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut senders = Vec::new();
    for n in 0..SENDERS {
        senders.push(world.person(&format!("sender.{n}")).await);
    }
    let conversation = ann.starts("Ward 4", &senders.iter().collect::<Vec<_>>()).await;
    let processes: Vec<Arc<World>> = (0..PROCESSES).map(|_| Arc::new(world.another_process())).collect();
    let mut sending = JoinSet::new();
    for (n, sender) in senders.iter().enumerate() {
        let process = processes[n % PROCESSES].clone();
        let (sender, path) = (process.bearer(sender.token()), conversation.messages());
        sending.spawn(async move {
            let mut sent = Vec::new();
            for n in 0..each {
                let (key, mut tries) = (key(), 0_usize);
                let seq = loop {
                    tries += 1;
                    let answer = sender.post_with_key(&path, json!({ "body": format!("message {n}") }), &key).await;
                    match said(&answer) {
                        Said::Done => break answer.body["seq"].as_u64().unwrap(),
                        Said::NotDone => answer.expect_problem(503, "conversation-busy"),
                        Said::NotKnown => panic!("{answer:?}"),
                    }
                };
                sent.push((seq, tries));
            }
            sent
        });
    }
    let sent: Vec<(u64, usize)> = sending.join_all().await.into_iter().flatten().collect();
    let places: BTreeSet<u64> = sent.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(places, (2..2 + (SENDERS * each) as u64).collect());
    assert_whole(&world.table().await);

    let transactions = processes.iter().flat_map(|process| process.wire().meter.take());
    let transactions = transactions.filter(|trip| trip.operation == "TransactWriteItems").count();
    let mut tries: Vec<usize> = sent.iter().map(|(_, tries)| *tries).collect();
    tries.sort_unstable();
    let refused = tries.iter().sum::<usize>() - tries.len();
    eprintln!(
        "{} sent by {SENDERS} at once through {PROCESSES} processes: {transactions} transactions, {refused} times busy; \
         requests for one message, p50 {}, p99 {}, most {}",
        sent.len(),
        tries[tries.len() / 2],
        tries[tries.len() * 99 / 100],
        tries[tries.len() - 1],
    );
}

//! Pages, read while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::actor::{Actor, Conversation};
use tests::world::World;
use tokio::task::JoinSet;

use super::{Said, said};

/// The places shown page by page in one direction, from a place on to the end.
async fn pages(reader: &Actor, conversation: &Conversation, dice: &mut fastrand::Rng, on: &str, from: u64) -> Vec<u64> {
    let (mut seen, mut from) = (Vec::new(), from);
    loop {
        let path = format!("{}?limit={}&{on}={from}", conversation.messages(), dice.u8(1..=7));
        let page = reader.get(&path).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()));
        match page["next"].as_u64() {
            Some(next) => from = next,
            None => return seen,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_pages_while_many_write_skips_nothing_and_sees_nothing_twice() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let (elsewhere, writing) = (Arc::new(world.another_process()), Arc::new(AtomicBool::new(true)));
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let mut writers = JoinSet::new();
    for writer in [ann.clone(), ben.clone(), elsewhere.bearer(ann.token()), elsewhere.bearer(ben.token())] {
        let (conversation, writing) = (conversation.clone(), writing.clone());
        writers.spawn(async move {
            let mut sent = 0_u64;
            while writing.load(Ordering::Relaxed) && sent < 90 {
                match said(&writer.sends(&conversation, "text").await) {
                    Said::Done => sent += 1,
                    Said::NotDone => {}
                    Said::NotKnown => panic!("nothing went wrong here"),
                }
            }
            sent
        });
    }
    let seed = fastrand::u64(..);
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut followed, mut pagings) = (Vec::new(), 0);
    while followed.len() < 200 {
        let last = followed.last().copied().unwrap_or(0);
        followed.extend(pages(&ben, &conversation, &mut dice, "after", last).await);
        assert_eq!(followed, (1..=followed.len() as u64).collect::<Vec<_>>(), "seed {seed}");
        let back = dice.u64(1..=followed.len() as u64 + 5);
        let paged = pages(&ann, &conversation, &mut dice, "before", back).await;
        let top = paged.first().copied().unwrap_or(0);
        assert_eq!(paged, (1..=top).rev().collect::<Vec<_>>(), "seed {seed}");
        assert!(top == back - 1 || top >= followed.len() as u64, "seed {seed}");
        pagings += 2;
    }
    writing.store(false, Ordering::Relaxed);
    let sent: u64 = writers.join_all().await.into_iter().sum();
    let all = pages(&ben, &conversation, &mut dice, "after", 0).await;
    assert_eq!(all, (1..=sent + 1).collect::<Vec<_>>());
    eprintln!("{pagings} pagings over {sent} messages while they were written");
}

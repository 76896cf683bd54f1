//! What readers wait for: opening a conversation, the inbox, marking as read, finding a colleague; each asks for one thing
//! after the other, with one request at a time.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use super::figures::{Kept, Reading};
use super::stage::Stage;
use crate::bench::directory::search;
use crate::bench::person::{Person, random_key};
use crate::bench::timing::{middle, timed};

/// How often each reader asks at least.
const LEAST: usize = 10;

/// What one reader waited for.
#[derive(Default)]
struct Waited {
    opens: Vec<Duration>,
    inboxes: Vec<Duration>,
    marks: Vec<Duration>,
    searches: Vec<Duration>,
}

/// How often each of so many readers asks; as often there is news before.
pub(crate) fn rounds(clients: usize, times: usize) -> usize {
    (times / clients).max(LEAST)
}

/// So many readers of a conversation of a size ask about `times` times in all.
pub(crate) async fn run(
    stage: &Stage,
    kept: Kept,
    members: usize,
    clients: usize,
    times: usize,
) -> anyhow::Result<Reading> {
    let [writer, others @ ..] = stage.members(members) else { anyhow::bail!("a conversation needs two") };
    let conversation = stage.conversations(members, 1)?.first().context("no conversation")?;
    let rounds = rounds(clients, times);

    // The mark moves forward only, so there must be news to mark.
    let mut news = Vec::new();
    for _ in 0..rounds {
        let (receipt, _) = writer.send_until_acknowledged(conversation, random_key(), "News").await?;
        news.push(receipt.seq);
    }

    let news: Arc<[u64]> = news.into();
    let mut readers = JoinSet::new();
    for number in 0..clients {
        // Where there are more readers than members, some have several devices.
        let reader = others[number % others.len()].clone();
        let seekers: Vec<Person> =
            (0..rounds).map(|_| stage.people[fastrand::usize(..stage.people.len())].clone()).collect();
        readers.spawn(read(reader, seekers, conversation.clone(), Arc::clone(&news)));
    }
    let mut all = Waited::default();
    while let Some(waited) = readers.join_next().await {
        let Waited { opens, inboxes, marks, searches } = waited??;
        all.opens.extend(opens);
        all.inboxes.extend(inboxes);
        all.marks.extend(marks);
        all.searches.extend(searches);
    }
    Ok(Reading {
        kept,
        members,
        clients,
        open_ms: middle(all.opens),
        inbox_ms: middle(all.inboxes),
        mark_read_ms: middle(all.marks),
        search_ms: middle(all.searches),
    })
}

/// Reads what is new; who searches is somebody else each time, because a minute lets nobody search that often.
async fn read(reader: Person, seekers: Vec<Person>, conversation: String, news: Arc<[u64]>) -> anyhow::Result<Waited> {
    let mut waited = Waited::default();
    for (&seq, seeker) in news.iter().zip(&seekers) {
        waited.opens.push(timed(reader.open(&conversation)).await?.1);
        waited.inboxes.push(timed(reader.inbox()).await?.1);
        waited.marks.push(timed(reader.mark_read(&conversation, seq)).await?.1);
        let (found, took) = timed(search(seeker, "bench000")).await?;
        anyhow::ensure!(!found.is_empty(), "nobody was found");
        waited.searches.push(took);
    }
    Ok(waited)
}

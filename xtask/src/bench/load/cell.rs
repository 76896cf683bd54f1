//! One cell: so many people write into so many conversations, as fast as they get answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::figures::Done;
use super::plan::{Bound, Cell};
use super::stage::Stage;
use crate::bench::person::{Person, random_key};
use crate::bench::timing::{Latencies, milliseconds};

/// What people write: a short message of every day.
const BODY: &str =
    "The samples of cohort B arrived at 9:40 and are in the cold room, shelf 3. Please book them in today.";

/// What one writer did.
#[derive(Default)]
struct Written {
    /// From the first try to the acknowledgement, as the writer waited.
    latencies: Vec<Duration>,
    busy: u32,
}

/// What the writers of a cell share.
struct Shared {
    conversations: Vec<String>,
    tickets: AtomicU32,
    bound: Bound,
    start: Instant,
}

impl Shared {
    /// Takes one of the sends that are left.
    fn ticket(&self) -> bool {
        self.start.elapsed() < self.bound.time && self.tickets.fetch_add(1, Ordering::Relaxed) < self.bound.sends
    }
}

pub(crate) async fn run(stage: &Stage, cell: Cell, bound: Bound) -> anyhow::Result<Done> {
    let shared = Arc::new(Shared {
        conversations: stage.conversations(cell.members, cell.conversations)?.to_vec(),
        tickets: AtomicU32::new(0),
        bound,
        start: Instant::now(),
    });
    let members = stage.members(cell.members);
    let mut writers = JoinSet::new();
    for number in 0..cell.clients {
        let person = members[number % members.len()].clone();
        writers.spawn(write(person, number, Arc::clone(&shared)));
    }

    let mut all = Written::default();
    while let Some(written) = writers.join_next().await {
        let Written { latencies, busy } = written??;
        all.latencies.extend(latencies);
        all.busy += busy;
    }
    let elapsed = shared.start.elapsed();
    let sends = u32::try_from(all.latencies.len())?;
    let latencies = Latencies::new(all.latencies);
    Ok(Done {
        kept: cell.kept,
        members: cell.members,
        conversations: cell.conversations,
        clients: cell.clients,
        sends,
        seconds: milliseconds(elapsed) / 1_000.0,
        p50_ms: latencies.percentile(50),
        p99_ms: latencies.percentile(99),
        busy: all.busy,
    })
}

/// Writes until the bound, into one conversation after the other, starting at a place of its own.
async fn write(person: Person, number: usize, shared: Arc<Shared>) -> anyhow::Result<Written> {
    let mut written = Written::default();
    let mut turns = shared.conversations.iter().cycle().skip(number % shared.conversations.len());
    while shared.ticket()
        && let Some(conversation) = turns.next()
    {
        let asked = Instant::now();
        let (_, busy) = person.send_until_acknowledged(conversation, random_key(), BODY).await?;
        written.latencies.push(asked.elapsed());
        written.busy += busy;
    }
    Ok(written)
}

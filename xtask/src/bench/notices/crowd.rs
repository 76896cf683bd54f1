//! An important message to few and to many: what its sender waits for, and how long it is until everybody has a mail.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context;
use local::aws::dynamodb;

use super::figures::Crowd;
use super::institution::{BODY, Institution};
use super::plan::Plan;
use super::services::{Mails, ORDINARY};
use super::worker::Worker;
use crate::bench::names::Colleague;
use crate::bench::timing::{Spread, middle, timed};

/// Longer than urgent mails are apart.
const APART: Duration = Duration::from_mins(10);

/// A conversation, and how long things took in it.
struct Room {
    id: String,
    members: u32,
    sends: Vec<Duration>,
    deliveries: Vec<Duration>,
    /// From there until all mails were taken, by each mail service.
    mailings: [Vec<Duration>; 2],
    owed: u32,
    twice: u32,
    missing: u32,
}

/// A mail service, and who mails by it.
struct Office {
    mails: Mails,
    worker: Worker,
}

pub(super) async fn run(plan: &Plan) -> anyhow::Result<Vec<Crowd>> {
    let institution = Institution::found().await?;
    let largest = plan.members.last().context("there is no conversation")?;
    let people = institution.import(0..largest - 1).await?;
    let offices = [Office::open(&institution, Duration::ZERO)?, Office::open(&institution, ORDINARY)?];
    let mut rooms = Vec::new();
    for &members in plan.members {
        rooms.push(Room::fill(&institution, others(&people, members)?, members).await?);
    }

    // One turn more than counts: the functions get to know the conversations.
    for turn in 0..=plan.sends {
        for room in &mut rooms {
            let ((), took) = timed(institution.writer.send_important(&room.id, BODY)).await?;
            if turn > 0 {
                room.sends.push(took);
            }
        }
    }
    institution.writer.settle().await?;
    offices[0].worker.sweep().await?;
    offices[0].mails.take();

    for turn in 1..=plan.followed {
        for room in &mut rooms {
            eprint!("\rimportant message {turn} of {} to {} members  ", plan.followed, room.members);
            let others = others(&people, room.members)?;
            for (number, office) in offices.iter().enumerate() {
                room.follow(&institution, number, office, others).await?;
            }
        }
    }
    eprintln!();
    Ok(rooms.into_iter().map(Room::figures).collect())
}

/// The members of a conversation besides who writes.
fn others(people: &[Colleague], members: u32) -> anyhow::Result<&[Colleague]> {
    Ok(&people[..usize::try_from(members)? - 1])
}

impl Office {
    fn open(institution: &Institution, takes: Duration) -> anyhow::Result<Self> {
        let mails = Mails::taking(takes);
        let worker = Worker::start(institution, dynamodb::http_client(), &mails)?;
        Ok(Self { mails, worker })
    }
}

impl Room {
    async fn fill(institution: &Institution, others: &[Colleague], members: u32) -> anyhow::Result<Self> {
        let names: Vec<String> = others.iter().map(|colleague| colleague.username.clone()).collect();
        let id = institution.writer.create("All of the house", &names).await?;
        let (sends, deliveries, mailings) = (Vec::new(), Vec::new(), <[Vec<Duration>; 2]>::default());
        Ok(Self { id, members, sends, deliveries, mailings, owed: 0, twice: 0, missing: 0 })
    }

    /// Sends an important message and follows it until everybody has a mail about it, by one of the mail services.
    async fn follow(
        &mut self,
        institution: &Institution,
        number: usize,
        office: &Office,
        others: &[Colleague],
    ) -> anyhow::Result<()> {
        institution.wait(APART);
        // The stream tells of the mails before, too: that must not be read while something is measured.
        institution.writer.settle().await?;
        institution.writer.send_important(&self.id, BODY).await?;
        let ((), delivered) = timed(institution.writer.settle()).await?;
        office.worker.get_ready().await?;
        let (_, mailed) = timed(office.worker.sweep()).await?;
        self.deliveries.push(delivered);
        self.mailings[number].push(mailed);
        self.count(office.mails.take(), others)
    }

    /// Compares the mails with those that are owed.
    fn count(&mut self, mails: Vec<String>, others: &[Colleague]) -> anyhow::Result<()> {
        let sent = mails.len();
        let mut receivers: HashSet<String> = mails.into_iter().collect();
        self.twice += u32::try_from(sent - receivers.len())?;
        for colleague in others {
            if !receivers.remove(&colleague.email()) {
                self.missing += 1;
            }
        }
        anyhow::ensure!(receivers.is_empty(), "mails went to {} who are no members", receivers.len());
        self.owed += u32::try_from(others.len())?;
        Ok(())
    }

    fn figures(self) -> Crowd {
        let [mailed_at_once, mailed] = self.mailings.map(middle);
        Crowd {
            members: self.members,
            sent: Spread::of(self.sends),
            delivered_ms: middle(self.deliveries),
            mailed_ms: mailed,
            mailed_at_once_ms: mailed_at_once,
            owed: self.owed,
            twice: self.twice,
            missing: self.missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::names::colleague;

    #[test]
    fn mails_that_are_missing_or_go_twice_are_counted_and_strangers_are_an_error() {
        let others: Vec<Colleague> = (0..3).map(colleague).collect();
        let mailings = <[Vec<Duration>; 2]>::default();
        let (id, sends, deliveries) = (String::new(), Vec::new(), Vec::new());
        let mut room = Room { id, members: 4, sends, deliveries, mailings, owed: 0, twice: 0, missing: 0 };
        room.count(vec![others[0].email(), others[2].email(), others[0].email()], &others).unwrap();
        assert_eq!((room.owed, room.twice, room.missing), (3, 1, 1));
        assert!(room.count(vec![colleague(9).email()], &others).is_err());
    }
}

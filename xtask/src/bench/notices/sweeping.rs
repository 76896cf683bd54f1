//! Sweeping larger and larger institutions, to as many of whose people a mail is due.

use std::time::Duration;

use local::aws::dynamodb;

use super::figures::{Sweeping, Swept};
use super::institution::{Institution, Readers};
use super::plan::Plan;
use super::services::Mails;
use super::worker::Worker;
use crate::bench::meter::{Bill, Meter};
use crate::bench::timing::{Spread, timed};

/// An institution of one of the sizes.
struct Site {
    institution: Institution,
    people: u32,
    readers: Readers,
    meter: Meter,
    worker: Worker,
    idle: Sweeps,
    busy: Sweeps,
}

/// Sweeps of one kind, and what the last of them consumed.
#[derive(Default)]
struct Sweeps {
    took: Vec<Duration>,
    bill: Bill,
}

pub(super) async fn run(plan: &Plan) -> anyhow::Result<Vec<Sweeping>> {
    let mut sites = Vec::new();
    for &people in plan.people {
        sites.push(Site::found(people, plan.due).await?);
    }
    // One turn more than counts: connections are made, and pages of the tables read.
    for turn in 0..=plan.idle_sweeps {
        for site in &mut sites {
            let swept = site.sweep(0).await?;
            site.idle.note(turn, swept);
        }
    }
    for turn in 0..=plan.rounds {
        for site in &mut sites {
            eprint!("\rsweep {turn} of {} of {} people  ", plan.rounds, site.people);
            site.institution.news(&site.readers).await?;
            let swept = site.sweep(site.readers.people).await?;
            site.busy.note(turn, swept);
        }
    }
    eprintln!();
    Ok(sites.into_iter().map(Site::figures).collect())
}

impl Site {
    async fn found(people: u32, due: u32) -> anyhow::Result<Self> {
        let institution = Institution::found().await?;
        let readers = institution.gather(0..due, 1).await?;
        institution.plant(people - due).await?;
        let meter = Meter::over(dynamodb::http_client());
        let worker = Worker::start(&institution, meter.client(), &Mails::taking(Duration::ZERO))?;
        let (idle, busy) = (Sweeps::default(), Sweeps::default());
        Ok(Self { institution, people, readers, meter, worker, idle, busy })
    }

    /// Sweeps, which is to send so many mails.
    async fn sweep(&self, due: u32) -> anyhow::Result<(Duration, Bill)> {
        self.worker.get_ready().await?;
        self.meter.take();
        let (sent, took) = timed(self.worker.sweep()).await?;
        anyhow::ensure!(sent == due, "{sent} mails of {due} went, among {} people", self.people);
        Ok((took, Bill::of(&self.meter.take())))
    }

    fn figures(self) -> Sweeping {
        let (idle, busy) = (self.idle.figures(), self.busy.figures());
        Sweeping { people: self.people, due: self.readers.people, idle, busy }
    }
}

impl Sweeps {
    fn note(&mut self, turn: u32, (took, bill): (Duration, Bill)) {
        if turn > 0 {
            self.took.push(took);
        }
        self.bill = bill;
    }

    fn figures(self) -> Swept {
        let Bill { read_units, write_units, .. } = self.bill;
        Swept { took: Spread::of(self.took), read_units, write_units }
    }
}

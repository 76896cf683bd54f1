//! How fast one process mails, with a mail service that takes as long for each mail as they do.

use std::time::Duration;

use local::aws::dynamodb;

use super::figures::Batch;
use super::institution::{Institution, Readers};
use super::plan::Plan;
use super::services::{Mails, ORDINARY};
use super::worker::Worker;
use crate::bench::timing::{middle, timed};

pub(super) async fn run(plan: &Plan) -> anyhow::Result<Vec<Batch>> {
    let institution = Institution::found().await?;
    let worker = Worker::start(&institution, dynamodb::http_client(), &Mails::taking(ORDINARY))?;
    let mut groups: Vec<(Readers, Vec<Duration>)> = Vec::new();
    let mut first = 0;
    for &people in plan.mails {
        groups.push((institution.gather(first..first + people, 1).await?, Vec::new()));
        first += people;
    }
    // One turn more than counts.
    for turn in 0..=plan.rounds {
        for (readers, times) in &mut groups {
            eprint!("\rround {turn} of {}, {} mails  ", plan.rounds, readers.people);
            institution.news(readers).await?;
            worker.get_ready().await?;
            let (sent, took) = timed(worker.sweep()).await?;
            anyhow::ensure!(sent == readers.people, "{sent} of {} mails went", readers.people);
            if turn > 0 {
                times.push(took);
            }
        }
    }
    eprintln!();
    Ok(groups.into_iter().map(|(readers, times)| Batch { mails: readers.people, took_ms: middle(times) }).collect())
}

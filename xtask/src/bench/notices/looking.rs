//! What one mail costs: a look at somebody who has news in one conversation, and in more.

use std::time::Duration;

use local::aws::dynamodb;

use super::figures::Looking;
use super::institution::Institution;
use super::plan::Plan;
use super::services::Mails;
use super::worker::Worker;
use crate::bench::meter::{Bill, Meter};

pub(super) async fn run(plan: &Plan) -> anyhow::Result<Vec<Looking>> {
    let institution = Institution::found().await?;
    let meter = Meter::over(dynamodb::http_client());
    let worker = Worker::start(&institution, meter.client(), &Mails::taking(Duration::ZERO))?;
    // At somebody whose mail does not count a process reads what it reads once.
    look(&institution, &meter, &worker, 0, 1).await?;
    let mut all = Vec::new();
    for (number, &conversations) in (1..).zip(plan.conversations) {
        all.push(look(&institution, &meter, &worker, number, conversations).await?);
    }
    Ok(all)
}

/// Looks at somebody new.
async fn look(
    institution: &Institution,
    meter: &Meter,
    worker: &Worker,
    number: u32,
    conversations: u32,
) -> anyhow::Result<Looking> {
    let reader = institution.gather([number], conversations).await?;
    institution.news(&reader).await?;
    worker.get_ready().await?;
    meter.take();
    let sent = worker.sweep().await?;
    anyhow::ensure!(sent == 1, "{sent} mails about {conversations} conversations");
    let trips = meter.take();
    // The sweep asks the index once for all that is due.
    let Bill { read_units, write_units, in_sequence } = Bill::of(trips.iter().filter(|trip| !trip.of_index));
    Ok(Looking { conversations, read_units, write_units, trips: in_sequence })
}

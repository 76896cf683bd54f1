//! Notices: what it costs to look whom to mail, and how fast mails go.
//!
//! All of it runs in this process, over embedded tables on disk: what passes between the function and the table is
//! counted, and the mail service is played. The clock stands still while something is measured. Sizes that are compared
//! are measured in turns, and meet the same disturbances; it is what grows that matters beyond this machine.

use super::{How, as_shipped, report};
use plan::Plan;

mod crowd;
mod figures;
mod institution;
mod looking;
mod mailing;
mod plan;
mod plant;
mod services;
mod sweeping;
mod worker;

pub(crate) use figures::Notices;

/// Measure whom the sweep looks at, what a mail costs, and how fast mails go, each over three sizes.
///
/// It measures the functions in its own process, so build it as they ship:
/// `cargo run --release --package xtask -- bench notices`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    how: How,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    as_shipped::<Notices>(args.how.record)?;
    let plan = if args.how.quick { Plan::quick() } else { Plan::full() };
    // Boxed, because each is larger than a thread's stack likes to hold.
    let looks = Box::pin(looking::run(&plan)).await?;
    let batches = Box::pin(mailing::run(&plan)).await?;
    let crowds = Box::pin(crowd::run(&plan)).await?;
    let sweeps = Box::pin(sweeping::run(&plan)).await?;
    report(Notices { sweeps, looks, batches, crowds }, args.how.record)
}

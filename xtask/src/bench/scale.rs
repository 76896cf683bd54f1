//! How the product grows: with the people to search among, the members of a conversation, the conversations of an inbox.
//!
//! The product runs as its own process and is spoken to over HTTP, one request at a time, on this machine. Everybody is
//! imported first, so that conversations and inboxes are measured in the largest institution. Sizes that are compared
//! are measured in turns, and meet the same disturbances. What grows is what matters beyond this machine.

use std::path::PathBuf;

use super::product::Storage;
use super::{How, Product, report, scratch};
use plan::Plan;

mod figures;
mod inboxes;
mod plan;
mod searching;
mod sending;

pub(crate) use figures::Scale;

/// Measure search, large conversations and long inboxes, each over three sizes.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    how: How,

    /// Use this binary of the product, instead of building it.
    #[arg(long, value_name = "PATH")]
    product: Option<PathBuf>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let program = Product::build(args.product)?;
    let plan = if args.how.quick { Plan::quick() } else { Plan::full() };
    let folder = tempfile::tempdir_in(scratch()?)?;
    let storage = if args.how.quick { Storage::Memory } else { Storage::Folder(folder.path()) };
    let product = Product::start(&program, storage).await?;

    // The order matters: who signs in is called what the token says, and not any more what the directory said.
    let searches = searching::run(&product, &plan).await?;
    let sends = sending::run(&product, &plan).await?;
    let inboxes = inboxes::run(&product, &plan).await?;
    product.kill().await?;
    report(Scale { searches, sends, inboxes }, args.how.record)
}

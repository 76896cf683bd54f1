//! How fast people can write and read, by the size of the conversation and the number of writers.
//!
//! The product runs as its own process and is spoken to over HTTP, on this machine: the writers share its
//! processors, so the figures are a lower bound. The one that matters beyond this machine is the ratio between a
//! conversation of a thousand and one of two: a send writes the same three items in both, so it should be near one.

use std::path::PathBuf;

use super::{How, Product, report, scratch};
use crate::bench::product::Storage;
use plan::Plan;
use stage::Stage;

mod bare;
mod cell;
mod figures;
mod plan;
mod reading;
mod stage;

pub(crate) use figures::{Kept, Memory, Sends};

/// Measure sends per second, the latency of sending and reading, and memory at rest.
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
    let mut sends = Sends::default();
    let mut memory = Memory::default();

    for &kept in plan.storage {
        let folder = tempfile::tempdir_in(scratch()?)?;
        let storage = match kept {
            figures::Kept::Memory => Storage::Memory,
            figures::Kept::Disk => Storage::Folder(folder.path()),
        };
        let product = Product::start(&program, storage).await?;
        let at_start = product.memory()?;
        let stage = Stage::set(&product, &plan).await?;
        let mut sent = 0;
        for cell in plan.cells(kept) {
            let done = cell::run(&stage, cell, plan.bound).await?;
            eprintln!("{done}");
            sent += done.sends;
            sends.cells.push(done);
        }
        for &clients in plan.clients {
            let bare = bare::run(&product.addresses.aws, kept, clients, plan.bound).await?;
            eprintln!("{kept}: the transaction alone, {clients} clients: p50 {} ms", bare.p50_ms);
            sends.bare.push(bare);
        }
        for &members in plan.members {
            for &clients in plan.clients {
                eprintln!("{kept}: reading, {members} members, {clients} clients");
                sent += u32::try_from(reading::rounds(clients, plan.readings))?;
                sends.readings.push(reading::run(&stage, kept, members, clients, plan.readings).await?);
            }
        }
        memory.add(kept, at_start, product.memory()?, stage.people.len(), sent);
        product.kill().await?;
    }
    report(sends, args.how.record)?;
    report(memory, args.how.record)
}

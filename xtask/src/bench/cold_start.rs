//! The cold start of every function, beside the least and the usual one.
//!
//! What is measured is processor time, not time on the clock: Lambda gives a function of 512 MB about a third of a
//! processor, so this is what multiplies there, and it does not depend on what else this machine does. It runs from
//! exec to the answer of a first request that needed the table over TLS, because the expensive parts (certificates,
//! randomness, the handshake) happen only then.
//!
//! The least is a hello without a table; the usual is the function `messages` with the AWS SDK as its guide builds it.
//! All of them start in turns, and the fastest start of each counts: whatever disturbs a start makes it slower.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::{report, scratch};
use subject::{Program, Subject};
use table::Table;
use trial::Trial;

mod event;
mod figures;
mod runtime;
mod subject;
mod table;
mod trial;

pub(crate) use figures::ColdStarts;

/// Measure the processor time from exec to the first answer that needed the table.
///
/// The functions must have been built, alone, so that no other package adds features to their dependencies:
/// `cargo build --release -p conversations -p messages -p people`, or `cargo lambda build --release`.
/// What they are compared with is built here.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each program starts.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,

    /// Measure only this program. Repeatable.
    #[arg(long, value_name = "NAME", conflicts_with = "record")]
    only: Vec<Program>,

    /// Measure this binary, instead of the newest in the build folder. Repeatable.
    #[arg(long = "binary", value_name = "NAME=PATH", value_parser = program_and_path)]
    binaries: Vec<(Program, PathBuf)>,

    /// Write the figures into docs/figures.json.
    #[arg(long)]
    record: bool,
}

fn program_and_path(text: &str) -> Result<(Program, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("expected NAME=PATH")?;
    Ok((Program::from_str(name, false)?, PathBuf::from(path)))
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut subjects = Vec::new();
    for &program in Program::value_variants() {
        if args.only.is_empty() || args.only.contains(&program) {
            subjects.push(Subject::find(program, &args.binaries)?);
        }
    }
    let table = Table::serve(&scratch()?).await?;

    let mut best: Vec<Option<Trial>> = vec![None; subjects.len()];
    // One round more than counts: it brings the binaries into the page cache.
    for run in 0..=args.runs {
        eprint!("\rrun {run} of {}", args.runs);
        for (subject, best) in subjects.iter().zip(&mut best) {
            let trial = trial::start(subject, &table).await?;
            if run > 0 {
                *best = Some(best.map_or(trial, |best| best.min(trial)));
            }
        }
    }
    eprintln!();

    let starts = subjects.iter().zip(best.into_iter().flatten());
    let figures = ColdStarts::new(args.runs, starts)?;
    report(figures, args.record)
}

/// How long a program may take to its first answer.
const PATIENCE: Duration = Duration::from_secs(10);

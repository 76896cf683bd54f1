//! The cold start of every function, beside the least and the usual one.
//!
//! What is measured is processor time, not time on the clock: Lambda gives a function of 512 MB about a third of a
//! processor, so this is what multiplies there, and it does not depend on what else this machine does. It runs from
//! exec to the answer of a first request that needed the table over TLS, because the expensive parts (certificates,
//! randomness, the handshake) happen only then.
//!
//! The least is a hello without a table; the usual is the function `messages` with the AWS SDK as its guide builds it.
//! All of them start in turns, and the fastest start of each counts: whatever disturbs a start makes it slower.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
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
/// The functions must have been packaged (`infra/package.sh`), which builds them alone, so that no other package adds
/// features to their dependencies. What they are compared with is built here.
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
    let best = fastest(&subjects, args.runs).await?;
    let figures = ColdStarts::new(args.runs, subjects.iter().zip(best))?;
    report(figures, args.record)
}

/// The fastest start of each, of so many in turns.
async fn fastest(subjects: &[Subject], runs: u32) -> anyhow::Result<Vec<Trial>> {
    let table = Table::serve(&scratch()?).await?;
    let mut best: Vec<Option<Trial>> = vec![None; subjects.len()];
    // One round more than counts: it brings the binaries into the page cache.
    for run in 0..=runs {
        eprint!("\rrun {run} of {runs}");
        for (subject, best) in subjects.iter().zip(&mut best) {
            let trial = trial::start(subject, &table).await?;
            if run > 0 {
                *best = Some(best.map_or(trial, |best| best.min(trial)));
            }
        }
    }
    eprintln!();
    Ok(best.into_iter().flatten().collect())
}

/// How many times the processor time of the hello each function takes to its first answer, by its name.
pub(crate) async fn of_hello(runs: u32) -> anyhow::Result<BTreeMap<String, f64>> {
    let programs = Program::value_variants().iter().filter(|program| **program != Program::Defaults);
    let subjects: Vec<Subject> = programs.map(|program| Subject::find(*program, &[])).collect::<Result<_, _>>()?;
    let cpu = fastest(&subjects, runs).await?.into_iter().map(|trial| trial.cpu.as_secs_f64());
    let by_name: BTreeMap<String, f64> = subjects.iter().map(|subject| subject.program.name()).zip(cpu).collect();
    let hello = by_name.get("hello").copied().context("no hello was measured")?;
    Ok(by_name.into_iter().filter(|(name, _)| name != "hello").map(|(name, cpu)| (name, cpu / hello)).collect())
}

/// How long a program may take to its first answer.
const PATIENCE: Duration = Duration::from_secs(10);

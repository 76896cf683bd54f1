//! Measurements, over loopback only: of the product as it ships, in processes of its own; and of the functions in this
//! process, where what passes between them and the table is counted.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::record::{self, Figures};
use product::Product;

pub(crate) mod backups;
pub(crate) mod cold_start;
mod curve;
mod directory;
pub(crate) mod instructions;
pub(crate) mod kill;
pub(crate) mod links;
pub(crate) mod load;
mod meter;
mod names;
pub(crate) mod notices;
mod person;
mod product;
pub(crate) mod scale;
mod size;
mod timing;

#[derive(clap::Subcommand)]
pub(crate) enum Bench {
    ColdStart(cold_start::Args),
    Load(load::Args),
    Kill(kill::Args),
    Scale(scale::Args),
    Notices(notices::Args),
    Backups(backups::Args),
    Links(links::Args),
    Instructions(instructions::Args),
    #[command(hide = true)]
    BackupRun(backups::Run),
}

impl Bench {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::ColdStart(args) => cold_start::run(args).await,
            Self::Load(args) => load::run(args).await,
            Self::Kill(args) => kill::run(args).await,
            Self::Scale(args) => scale::run(args).await,
            Self::Notices(args) => notices::run(args).await,
            Self::Backups(args) => Box::pin(backups::run(args)).await,
            Self::Links(args) => links::run(args).await,
            Self::Instructions(args) => instructions::run(&args),
            Self::BackupRun(run) => Box::pin(run.run()).await,
        }
    }
}

// How something is measured. No doc comment: it would stand in the place of what the command itself says.
#[derive(clap::Args)]
struct How {
    /// Only a look whether all of it works: small, short, never recorded.
    #[arg(long)]
    quick: bool,

    /// Write the figures into docs/figures.json.
    #[arg(long, conflicts_with = "quick")]
    record: bool,
}

/// Fails if what a debug build measures in its own process would be recorded.
fn as_shipped<T: Figures>(record: bool) -> anyhow::Result<()> {
    anyhow::ensure!(!record || !cfg!(debug_assertions), "only a release build is recorded: `{}`", T::COMMAND);
    Ok(())
}

/// Shows figures, and writes them into the record if that is wanted.
fn report<T: Figures>(figures: T, record: bool) -> anyhow::Result<()> {
    println!("{}", figures.markdown());
    if record { record::write(figures) } else { Ok(()) }
}

/// Says how a figure compares with its goal.
fn met(yes: bool) -> &'static str {
    if yes { "met" } else { "missed" }
}

/// The folder that Cargo builds into.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}

/// A folder for what a measurement leaves behind.
///
/// Beside the build, not in `/tmp`: that is memory on many machines, and would make every disk look fast.
fn scratch() -> anyhow::Result<PathBuf> {
    let path = target().join("bench");
    std::fs::create_dir_all(&path)?;
    Ok(std::path::absolute(path)?)
}

/// Set for the product's build in Cargo's configuration, and from there handed down to this process.
const PRODUCT_SETTING: &str = "AWS_LC_SYS_NO_JITTER_ENTROPY";

/// Runs Cargo in `folder`, whose configuration then applies, and no setting that came down to us from another.
fn cargo(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(arguments)
        .current_dir(folder)
        .env_remove(PRODUCT_SETTING)
        .status()
        .context("cargo")?;
    anyhow::ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}

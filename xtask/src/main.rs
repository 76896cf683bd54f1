//! Automation as code: what a person or a pipeline does to this repository, as commands with `--help`.

#![expect(clippy::print_stdout, reason = "a command line tool: its results belong on standard output")]

use clap::{Parser, Subcommand};

mod bench;
mod budgets;
mod cost;
mod generate;
mod markdown;
mod permissions;
mod picture;
mod promises;
mod readme;
mod record;
mod restore;
mod verify;

/// Automation of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the product: cold starts, load, growth, mails, and being killed.
    #[command(subcommand)]
    Bench(bench::Bench),
    Promises(promises::Promises),
    Budgets(budgets::Budgets),
    Figures(readme::Figures),
    Verify(verify::Verify),
    RestoreCheck(restore::RestoreCheck),
    /// Write what is made from the code: the contract, pages of documentation, the routes of `cargo lambda watch`.
    Generate,
    /// Say whether all that is up to date, and the rules that no compiler knows are kept.
    Check,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let command = Cli::parse().command;
    // From wherever in the repository it was called: paths are relative to its root, but for a back-up, which lies where
    // somebody says.
    if !matches!(command, Command::Verify(_)) {
        std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
    }
    match command {
        Command::Bench(bench) => bench.run().await,
        Command::Promises(promises) => promises.run(),
        Command::Budgets(budgets) => budgets.run().await,
        Command::Figures(figures) => figures.run(),
        Command::Verify(verify) => verify.run(),
        Command::RestoreCheck(check) => Box::pin(check.run()).await,
        Command::Generate => generate::generate(),
        Command::Check => generate::check(),
    }
}

/// The time of this machine.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement takes place in the real world, not on a clock that tests turn"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

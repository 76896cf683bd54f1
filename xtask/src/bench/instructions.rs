//! How many instructions the rules take: the same for the same program, whatever else the machine does, so that CI can
//! compare.

use std::process::Command;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{cargo, report, scratch, target};
use crate::markdown::{self, thousands};
use crate::record::{self, Figures};

/// How often each work is done in the longer of two runs, and in the shorter: what both do around it falls out.
const TIMES: [u32; 2] = [110, 10];

/// How many times the recorded figure something may take: libraries differ a little from processor to processor.
const TOLERANCE: f64 = 1.1;

/// Count the instructions of pure work of the rules, with valgrind.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the figures into docs/figures.json.
    #[arg(long)]
    record: bool,

    /// Fail if something takes more than a tenth more than is recorded.
    #[arg(long, conflicts_with = "record")]
    check: bool,
}

/// What each work takes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Instructions {
    works: Vec<Work>,
}

#[derive(Serialize, Deserialize)]
struct Work {
    name: String,
    instructions: u64,
}

impl Figures for Instructions {
    const NAME: &'static str = "instructions";
    const COMMAND: &'static str = "cargo xtask bench instructions --record";

    fn markdown(&self) -> String {
        let rows: Vec<_> =
            self.works.iter().map(|work| vec![work.name.clone(), thousands(work.instructions)]).collect();
        markdown::table(&["pure work of the rules", "instructions"], &rows)
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let root = std::env::current_dir()?;
    cargo(&root, &["build", "--quiet", "--locked", "--release", "--package", "domain", "--example", "instructions"])?;
    let program = target().join("release/examples/instructions");
    let listed = Command::new(&program).output().with_context(|| program.display().to_string())?;
    let names = String::from_utf8(listed.stdout)?;
    let mut works = Vec::new();
    for name in names.lines() {
        let [longer, shorter] = TIMES.map(|times| count(&program, name, times));
        let instructions = (longer? - shorter?) / u64::from(TIMES[0] - TIMES[1]);
        eprintln!("{:>12}  {name}", thousands(instructions));
        works.push(Work { name: name.to_owned(), instructions });
    }
    let now = Instructions { works };
    if args.check {
        let recorded =
            record::read::<Instructions>()?.with_context(|| format!("not recorded yet: {}", Instructions::COMMAND))?;
        let more = findings(&recorded.figures, &now);
        anyhow::ensure!(more.is_empty(), "{}", more.join("\n"));
        println!("{} works take no more than is recorded", now.works.len());
        return Ok(());
    }
    report(now, args.record)
}

/// All instructions of one run.
fn count(program: &std::path::Path, work: &str, times: u32) -> anyhow::Result<u64> {
    let kept = format!("--callgrind-out-file={}", scratch()?.join("callgrind.out").display());
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", &kept])
        .arg(program)
        .args([work, &times.to_string()])
        .output()
        .context("valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{work}: {said}");
    collected(&said).with_context(|| format!("valgrind says no number: {said}"))
}

/// The number in what callgrind says at its end, `==1== Collected : 12345`.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// What takes more than is recorded, or is not recorded.
fn findings(recorded: &Instructions, now: &Instructions) -> Vec<String> {
    let found = now.works.iter().filter_map(|work| {
        let Some(was) = recorded.works.iter().find(|was| was.name == work.name) else {
            return Some(format!("{} is not recorded", work.name));
        };
        #[expect(clippy::cast_precision_loss, reason = "a ratio of thousands")]
        let times = work.instructions as f64 / was.instructions as f64;
        (times > TOLERANCE).then(|| format!("{}: {times:.2} times as many instructions as recorded", work.name))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn works(all: &[(&str, u64)]) -> Instructions {
        let work = |(name, instructions): &(&str, u64)| Work { name: (*name).to_owned(), instructions: *instructions };
        Instructions { works: all.iter().map(work).collect() }
    }

    #[test]
    fn callgrind_says_a_number() {
        assert_eq!(collected("==7== \n==7== Events    : Ir\n==7== Collected : 123456\n==7==\n"), Some(123_456));
        assert_eq!(collected("==7== nothing"), None);
    }

    #[test]
    fn a_tenth_more_is_as_much_and_anything_beyond_is_found() {
        let recorded = works(&[("hash", 1_000), ("fold", 500)]);
        assert_eq!(findings(&recorded, &works(&[("hash", 1_100), ("fold", 300)])), Vec::<String>::new());
        assert_eq!(findings(&recorded, &works(&[("hash", 1_101)])).len(), 1);
        assert_eq!(findings(&recorded, &works(&[("new", 1)])).len(), 1);
    }
}

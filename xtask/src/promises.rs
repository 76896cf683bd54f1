//! Runs what proves the promises, and keeps what it showed.

mod list;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{markdown, record};
use list::{ALL, IN_SHORT, More, Promise, Proof};

/// Run what proves the promises, say what it showed, and with `--record` write it down.
///
/// Without `--minutes` each proof tries as much as CI does. With it, those that can try more get what is left of the time,
/// each an equal share, and the tests are built as what is released is: that takes a quarter of an hour more before the time
/// counts, and then they try four times as much.
#[derive(clap::Args)]
pub(crate) struct Promises {
    /// Prove only these, by their names in docs/promises.md. Repeatable.
    #[arg(long, value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    only: Vec<String>,

    /// How long all of it may take, in minutes.
    #[arg(long, value_name = "N")]
    minutes: Option<u32>,

    /// Prove nothing; fail if a promise names a proof that there is not.
    #[arg(long, conflicts_with_all = ["minutes", "record"])]
    check: bool,

    /// Write what was shown into docs/figures.json; what was shown before of promises that are not proved now stays there.
    #[arg(long)]
    record: bool,
}

/// What the proofs showed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Proved {
    rows: Vec<Row>,
}

/// What one of them showed.
#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    /// Of which commit it is.
    commit: String,
    /// How many tests passed.
    passed: u64,
    seconds: u64,
    /// What they said of what they tried.
    figures: Vec<String>,
}

/// What a run of tests came to.
struct Outcome {
    passed: u64,
    took: Duration,
    figures: Vec<String>,
}

impl Promises {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let program = program(self.minutes.is_some())?;
        if self.check {
            return check(&program);
        }
        let wanted: Vec<&Promise> = ALL
            .iter()
            .filter(|promise| self.only.is_empty() || self.only.iter().any(|only| only == promise.name))
            .collect();
        let (rows, broken) = self.prove(&program, &wanted);
        let proved = Proved { rows };
        println!("{}", record::Figures::markdown(&proved));
        anyhow::ensure!(broken.is_empty(), "not proved: {}", broken.join(", "));
        if !self.record {
            return Ok(());
        }
        let before = if self.only.is_empty() { None } else { record::read::<Proved>()? };
        record::write(proved.or(before.map(|section| section.figures)))
    }

    /// Proves them, first each as CI does, then with what is left of the time those that can try more.
    fn prove(&self, program: &Path, wanted: &[&Promise]) -> (Vec<Row>, Vec<&'static str>) {
        let (began, commit) = (Instant::now(), record::commit());
        let (mut rows, mut broken) = (Vec::new(), Vec::new());
        for (n, promise) in wanted.iter().enumerate() {
            match progress(n + 1, wanted.len(), promise, || prove(program, promise, 1)) {
                Some(Ok(outcome)) => rows.push(Row::new(promise, &commit, outcome)),
                Some(Err(error)) => {
                    eprintln!("{error:#}");
                    broken.push(promise.name);
                }
                None => {}
            }
        }
        let Some(minutes) = self.minutes else { return (rows, broken) };
        let all = Duration::from_secs(u64::from(minutes) * 60);
        let scalable: Vec<&Promise> = wanted.iter().copied().filter(|promise| promise.most() > 1).collect();
        for (n, promise) in scalable.iter().enumerate() {
            let Some(row) = rows.iter_mut().find(|row| row.name == promise.name) else { continue };
            let left = all.saturating_sub(began.elapsed()) / u32::try_from(scalable.len() - n).unwrap_or(1);
            let once = Duration::from_secs(row.seconds);
            if left < once * SOME {
                continue;
            }
            match progress(n + 1, scalable.len(), promise, || prove_more(program, promise, once, left)) {
                Some(Ok(outcome)) => *row = Row::new(promise, &commit, outcome),
                Some(Err(error)) => {
                    eprintln!("{error:#}");
                    broken.push(promise.name);
                }
                None => {}
            }
        }
        (rows, broken)
    }
}

/// How many times as much as CI is tried first, to see what more of it takes.
const SOME: u32 = 4;

/// Proves one with as much as fits into what is left, once it is known what more of it takes.
fn prove_more(program: &Path, promise: &Promise, once: Duration, left: Duration) -> anyhow::Result<Outcome> {
    let some = prove(program, promise, u64::from(SOME))?;
    let times = fitting(once, some.took, left.saturating_sub(some.took)).min(promise.most());
    if times > u64::from(SOME) { prove(program, promise, times) } else { Ok(some) }
}

/// How many times as much as CI fits into what is left, by what once and [`SOME`] times as much took.
fn fitting(once: Duration, some: Duration, left: Duration) -> u64 {
    let each = some.saturating_sub(once).as_millis() / u128::from(SOME - 1);
    // A tenth less: a machine is not always as fast.
    let more = left.saturating_sub(once).as_millis() * 9 / 10 / each.max(1);
    u64::try_from(more).unwrap_or(u64::MAX).saturating_add(1)
}

/// What promises are called.
fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(ALL.iter().map(|promise| promise.name))
}

/// Says how far it is; nothing where there is nothing to run here.
fn progress(
    n: usize,
    of: usize,
    promise: &Promise,
    prove: impl FnOnce() -> anyhow::Result<Outcome>,
) -> Option<anyhow::Result<Outcome>> {
    eprint!("[{n}/{of}] {:<20} ", promise.name);
    match &promise.proof {
        Proof::Elsewhere { command } => {
            eprintln!("by `{command}`");
            return None;
        }
        Proof::Later => {
            eprintln!("not there yet");
            return None;
        }
        Proof::Tests { .. } | Proof::Package { .. } => {}
    }
    let outcome = prove();
    match &outcome {
        Ok(Outcome { passed, took, .. }) => eprintln!("ok, {passed} tests, {} s", took.as_secs()),
        Err(_) => eprintln!("BROKEN"),
    }
    Some(outcome)
}

/// What runs the tests that prove something, and the beginnings of their names; nothing, where no tests do.
fn tests_of(program: &Path, proof: &Proof) -> Option<(Command, &'static [&'static str])> {
    match proof {
        Proof::Tests { names, .. } => {
            let mut command = Command::new(program);
            command.current_dir("tests");
            Some((command, *names))
        }
        Proof::Package { package, names } => {
            let mut command = cargo();
            command.args(["test", "--locked", "--quiet", "--package", package, "--"]);
            Some((command, *names))
        }
        Proof::Elsewhere { .. } | Proof::Later => None,
    }
}

/// The tests that prove something, by their whole names: the harness takes a beginning for anything in the middle.
fn named(program: &Path, proof: &Proof) -> anyhow::Result<Vec<String>> {
    let Some((mut command, beginnings)) = tests_of(program, proof) else { return Ok(Vec::new()) };
    let output = command.arg("--list").stderr(std::process::Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "the tests cannot be listed");
    let list = String::from_utf8(output.stdout)?;
    meant(beginnings, list.lines().filter_map(|line| line.strip_suffix(": test")))
}

/// The tests whose names begin so; of each beginning there has to be one.
fn meant<'a>(beginnings: &[&str], tests: impl Iterator<Item = &'a str> + Clone) -> anyhow::Result<Vec<String>> {
    let of = |beginning: &&str| tests.clone().any(|test| test.starts_with(beginning));
    let missing: Vec<&&str> = beginnings.iter().filter(|beginning| !of(beginning)).collect();
    anyhow::ensure!(missing.is_empty(), "no test is called {missing:?}");
    Ok(tests.filter(|test| beginnings.iter().any(|beginning| test.starts_with(beginning))).map(str::to_owned).collect())
}

/// Proves one, trying so many times as much as CI what can be tried more often.
fn prove(program: &Path, promise: &Promise, times: u64) -> anyhow::Result<Outcome> {
    let tests = named(program, &promise.proof)?;
    let (mut command, _) = tests_of(program, &promise.proof).context("nothing to run")?;
    command.arg("--exact").args(&tests).arg("--nocapture");
    if times > 1 {
        for More { variable, few, most } in promise.more() {
            command.env(variable, few.saturating_mul(times).min(*most).to_string());
        }
    }
    let began = Instant::now();
    let output = command.env("RUST_BACKTRACE", "0").output().with_context(|| promise.name)?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{said}");
    let passed = said.lines().filter_map(passed).sum();
    anyhow::ensure!(passed > 0, "no test is called so");
    Ok(Outcome {
        passed,
        took: began.elapsed(),
        figures: said.lines().filter(|line| is_figure(line)).map(str::to_owned).collect(),
    })
}

/// How many tests passed, by the line that sums them up.
fn passed(line: &str) -> Option<u64> {
    line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse().ok()
}

/// Whether a line is what a test says of what it tried: it has a number in it, and is none of the harness.
fn is_figure(line: &str) -> bool {
    let harness = ["test ", "running ", "test result", "{", "thread "];
    !line.is_empty()
        && line.contains(|c: char| c.is_ascii_digit())
        && !harness.iter().any(|prefix| line.starts_with(prefix))
}

/// Fails if a promise names tests that there are not.
fn check(program: &Path) -> anyhow::Result<()> {
    let mut tests = BTreeSet::new();
    for promise in ALL {
        tests.extend(named(program, &promise.proof).with_context(|| promise.name)?);
    }
    println!("{} promises, {} tests", ALL.len(), tests.len());
    Ok(())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The program with the tests of the system from outside, built, and made faster where that is worth the wait.
fn program(fast: bool) -> anyhow::Result<PathBuf> {
    let output = cargo()
        .args(["test", "--locked", "--package", "tests", "--test", "it", "--no-run", "--message-format", "json"])
        .args(fast.then_some("--release"))
        .stderr(std::process::Stdio::inherit())
        .output()?;
    anyhow::ensure!(output.status.success(), "the tests do not build");
    let messages = String::from_utf8(output.stdout)?;
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == "it" && message["profile"]["test"] == true;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    });
    executables.next_back().context("cargo says nothing of the tests")
}

impl Row {
    fn new(promise: &Promise, commit: &str, Outcome { passed, took, figures }: Outcome) -> Self {
        let (name, commit) = (promise.name.to_owned(), commit.to_owned());
        Self { name, commit, passed, seconds: took.as_secs(), figures }
    }

    fn tests(&self) -> String {
        if self.passed == 1 { "1 test".to_owned() } else { format!("{} tests", self.passed) }
    }
}

impl Proved {
    /// With what was shown before of the other promises.
    fn or(mut self, before: Option<Self>) -> Self {
        let is_new = |row: &Row| self.rows.iter().all(|new| new.name != row.name);
        let old: Vec<Row> = before.into_iter().flat_map(|before| before.rows).filter(is_new).collect();
        self.rows.extend(old);
        self
    }

    fn row(&self, promise: &Promise) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == promise.name)
    }

    /// What was shown of a promise, in a cell.
    fn shown(&self, promise: &Promise) -> String {
        match (&promise.proof, self.row(promise)) {
            (Proof::Later, _) => "not there yet".to_owned(),
            (Proof::Elsewhere { command }, _) => format!("`{command}`"),
            (_, None) => "not run".to_owned(),
            (_, Some(row)) => {
                let tests = format!("{} of {}, {} s", row.tests(), row.commit, row.seconds);
                // What operations cost has a table of its own.
                let told: BTreeSet<&String> = row.figures.iter().filter(|figure| !figure.contains(" WRU ")).collect();
                let figures = told.into_iter().map(|figure| figure.replace('|', "/"));
                std::iter::once(tests).chain(figures).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// The few that whoever has three minutes reads, with the figure that says most.
    ///
    /// A promise whose figure is not in the record is an error, or its row would be gone without a word.
    pub(crate) fn in_short(&self) -> anyhow::Result<String> {
        let told = |&(name, words)| self.row_in_short(name, words).with_context(|| format!("promise `{name}`"));
        let rows: Vec<_> = IN_SHORT.iter().map(told).collect::<anyhow::Result<_>>()?;
        Ok(markdown::text_table(&["promise", "shown", "by", "name"], &rows))
    }

    fn row_in_short(&self, name: &str, words: &str) -> anyhow::Result<Vec<String>> {
        let promise = ALL.iter().find(|promise| promise.name == name).context("there is none")?;
        let row = self.row(promise).context("it is not in the record")?;
        let figure = row.figures.iter().find(|figure| figure.contains(words));
        let figure = figure.with_context(|| format!("none of its tests said anything with `{words}` in it"))?;
        // After the first clause come details.
        let clause = figure.split(';').next().unwrap_or_default();
        Ok(vec![promise.says.to_owned(), markdown::grouped(clause), row.tests(), format!("`{name}`")])
    }
}

impl record::Figures for Proved {
    const NAME: &'static str = "promises";
    const COMMAND: &'static str = "cargo xtask promises --record";

    fn markdown(&self) -> String {
        let told = ALL.iter().map(|promise| {
            let how = if promise.how.is_empty() { String::new() } else { format!("{}.\n", promise.how) };
            format!("**{}** (`{}`)\n\n{how}Shown: {}.\n\n", promise.says, promise.name, self.shown(promise))
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_say_is_told_from_what_the_harness_says() {
        for figure in
            ["12 histories: of 145 messages 53 went, each when it was to", "one key, two processes: 46 orders"]
        {
            assert!(is_figure(figure), "{figure}");
        }
        for other in
            ["", "running 3 tests", "test races::x ... ok", "test result: ok. 3 passed; 0 failed", "{\"level\":1}"]
        {
            assert!(!is_figure(other), "{other}");
        }
        assert_eq!(passed("test result: ok. 41 passed; 0 failed; 0 ignored"), Some(41));
        assert_eq!(passed("test result: FAILED. 41 passed; 1 failed"), None);
    }

    #[test]
    fn a_name_is_the_beginning_of_those_that_are_meant_and_of_one_at_least() {
        let tests = ["races::two_who", "faults::races::two", "restore::a_log", "races::twice"];
        assert_eq!(
            meant(&["races::two", "restore::"], tests.into_iter()).unwrap(),
            ["races::two_who", "restore::a_log"]
        );
        let missing = meant(&["races::two", "races::three"], tests.into_iter()).unwrap_err();
        assert_eq!(missing.to_string(), "no test is called [\"races::three\"]");
        meant(&["two"], tests.into_iter()).unwrap_err();
    }

    #[test]
    fn what_was_shown_before_stays_until_it_is_shown_again() {
        let row = |name: &str, passed| Row {
            name: name.to_owned(),
            commit: "0123456789".to_owned(),
            passed,
            seconds: 1,
            figures: Vec::new(),
        };
        let before = Proved { rows: vec![row("a", 1), row("b", 1)] };
        let both = Proved { rows: vec![row("b", 2)] }.or(Some(before));
        let mut told: Vec<(&str, u64)> = both.rows.iter().map(|row| (row.name.as_str(), row.passed)).collect();
        told.sort_unstable();
        assert_eq!(told, [("a", 1), ("b", 2)]);
    }

    #[test]
    fn more_is_tried_as_time_permits() {
        let seconds = Duration::from_secs;
        // Ten seconds go by whatever is tried, and a second with what CI tries.
        assert_eq!(fitting(seconds(11), seconds(14), seconds(111)), 91);
        assert_eq!(fitting(seconds(11), seconds(14), seconds(5)), 1);
        assert_eq!(fitting(seconds(11), seconds(10), seconds(12)), 901, "what takes no time");
    }

    #[test]
    fn what_is_shown_in_short_is_a_figure_of_a_promise() {
        let row = |&(name, words): &(&str, &str)| Row {
            name: name.to_owned(),
            commit: "abc".to_owned(),
            passed: 3,
            seconds: 1,
            figures: vec!["22 others".to_owned(), format!("1000 {words} 12345 acts: 0 lost; seed 7")],
        };
        let mut proved = Proved { rows: IN_SHORT.iter().map(row).collect() };
        let shown = proved.in_short().unwrap();
        assert_eq!(shown.lines().count(), IN_SHORT.len() + 2, "{shown}");
        assert!(shown.contains("| 1,000 histories of 12,345 acts: 0 lost | 3 tests | `never-lost` |"), "{shown}");
        proved.rows[1].figures.pop();
        assert!(format!("{:#}", proved.in_short().unwrap_err()).contains(IN_SHORT[1].0));
    }

    #[test]
    fn every_promise_has_a_name_of_its_own_and_says_how_it_is_proved() {
        let mut names: Vec<&str> = ALL.iter().map(|promise| promise.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for promise in ALL {
            assert_eq!(promise.how.is_empty(), matches!(promise.proof, Proof::Later), "{}", promise.name);
        }
    }
}

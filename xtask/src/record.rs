//! The record of what was measured: `docs/figures.json`, one section for each table of the README and of `docs/`.
//!
//! A figure is written once, by the program that measured it, together with the machine, the day and the commit.
//! Every place that shows it is generated from here, so that a text can not promise what no run has shown.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const PATH: &str = "docs/figures.json";

/// What one section of the record holds, and how it is shown.
pub(crate) trait Figures: Serialize + DeserializeOwned {
    /// The name of the section, and of the markers in the pages.
    const NAME: &'static str;

    /// The command that measures it.
    const COMMAND: &'static str;

    /// Renders it as Markdown.
    fn markdown(&self) -> String;

    /// What of it whoever has three minutes reads: what it is about, and what was measured.
    fn headlines(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// Figures, and where they come from.
#[derive(Serialize, Deserialize)]
pub(crate) struct Section<T> {
    taken: Taken,
    pub(crate) figures: T,
}

impl<T: Figures> Section<T> {
    /// Renders the figures with their origin below.
    pub(crate) fn markdown(&self) -> String {
        format!("{}\n{}\n", self.figures.markdown(), self.taken.sentence())
    }
}

/// Where and when figures were taken: without it they can not be compared with anything.
#[derive(Serialize, Deserialize)]
struct Taken {
    date: String,
    commit: String,
    cpu: String,
    cores: usize,
    rustc: String,
}

impl Taken {
    fn here_and_now() -> anyhow::Result<Self> {
        Ok(Self {
            date: crate::now().to_string().chars().take_while(|&c| c != 'T').collect(),
            commit: commit(),
            cpu: cpu_model(&fs::read_to_string("/proc/cpuinfo").unwrap_or_default()),
            cores: std::thread::available_parallelism()?.get(),
            rustc: output("rustc", &["--version"])?,
        })
    }

    fn sentence(&self) -> String {
        let Self { date, commit, cpu, cores, rustc } = self;
        format!("<sub>{date}, {cores} cores of {cpu}, {rustc}, commit {commit}.</sub>")
    }
}

/// Names the state of the source: its commit, and whether it was changed since, other than by writing figures.
pub(crate) fn commit() -> String {
    // What `cargo xtask figures` writes.
    let written = ["README.md", "docs/figures.json", "docs/figures.md", "docs/promises.md", "docs/growth.svg"];
    let written = written.map(|path| format!(":!{path}"));
    let mut status = vec!["status", "--porcelain", "--", "."];
    status.extend(written.iter().map(String::as_str));
    match (output("git", &["rev-parse", "--short=10", "HEAD"]), output("git", &status)) {
        (Ok(commit), Ok(changes)) if changes.is_empty() => commit,
        (Ok(commit), _) => commit + " with changes",
        // An unpacked archive, or nothing committed yet.
        (Err(_), _) => "unknown".to_owned(),
    }
}

fn cpu_model(cpuinfo: &str) -> String {
    cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("an unnamed processor", |(_, model)| model.trim())
        .to_owned()
}

fn output(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    anyhow::ensure!(output.status.success(), "{program} failed");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Returns one section, if it was ever measured.
pub(crate) fn read<T: Figures>() -> anyhow::Result<Option<Section<T>>> {
    let Some(section) = sections()?.remove(T::NAME) else { return Ok(None) };
    let section = serde_json::from_value(section).with_context(|| {
        format!("section `{}` of {PATH} is of an older shape: measure again with `{}`", T::NAME, T::COMMAND)
    })?;
    Ok(Some(section))
}

/// Replaces one section and leaves the others as they are.
pub(crate) fn write<T: Figures>(figures: T) -> anyhow::Result<()> {
    let mut sections = sections()?;
    let section = Section { taken: Taken::here_and_now()?, figures };
    sections.insert(T::NAME.to_owned(), serde_json::to_value(section)?);
    fs::write(PATH, serde_json::to_string_pretty(&sections)? + "\n")?;
    eprintln!("{PATH}: section `{}` written; `cargo xtask figures` shows it in the pages", T::NAME);
    Ok(())
}

fn sections() -> anyhow::Result<BTreeMap<String, Value>> {
    match fs::read_to_string(PATH) {
        Ok(text) => serde_json::from_str(&text).context(PATH),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error).context(PATH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_once() {
        let cpuinfo =
            "processor\t: 0\nmodel name\t: A Fine One @ 3 GHz\n\nprocessor\t: 1\nmodel name\t: A Fine One @ 3 GHz\n";
        assert_eq!(cpu_model(cpuinfo), "A Fine One @ 3 GHz");
        assert_eq!(cpu_model(""), "an unnamed processor");
    }
}

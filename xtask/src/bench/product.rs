//! The product as a child process: `confer`, everything in one program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::{cargo, scratch, target};

/// How long it may take to start, with the data of a long test in its folder.
const START: Duration = Duration::from_mins(1);

/// Where the product keeps its data.
#[derive(Clone, Copy)]
pub(crate) enum Storage<'a> {
    Memory,
    Folder(&'a Path),
}

/// A running product; dropping it ends it.
pub(crate) struct Product {
    child: Child,
    pub(crate) addresses: Addresses,
}

/// What the product says about itself in its first line.
#[derive(Deserialize)]
pub(crate) struct Addresses {
    pub(crate) api: String,
    pub(crate) aws: String,
}

impl Product {
    /// Builds the product as it ships and returns where it is, unless it was built elsewhere.
    pub(crate) fn build(elsewhere: Option<PathBuf>) -> anyhow::Result<PathBuf> {
        if let Some(path) = elsewhere {
            return Ok(path);
        }
        cargo(Path::new("."), &["build", "--release", "--package", "local"])?;
        Ok(target().join("release/confer"))
    }

    /// Starts it on free ports and waits until it is ready.
    pub(crate) async fn start(program: &Path, storage: Storage<'_>) -> anyhow::Result<Self> {
        let log = scratch()?.join("product.log");
        let mut command = Command::new(program);
        command.args(["--json", "--port", "0", "--aws-port", "0", "--no-rate-limits"]);
        match storage {
            Storage::Memory => command.arg("--memory"),
            Storage::Folder(path) => command.arg("--data-dir").arg(path),
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| program.display().to_string())?;
        let output = child.stdout.take().context("no standard output")?;
        let addresses = tokio::time::timeout(START, first_line(output))
            .await
            .context("nothing said for a minute")
            .flatten()
            .with_context(|| format!("the product did not start; see {}", log.display()))?;
        Ok(Self { child, addresses })
    }

    /// Returns the memory it holds right now, in kilobytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u32> {
        memory(self.child.id().context("the product has ended")?, "VmRSS:")
    }

    /// Kills it with signal 9: nothing of it runs after that, no destructor, no flush.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// Reads the addresses; what follows is thrown away, so that the pipe never fills and stops the product.
async fn first_line(output: impl AsyncRead + Unpin + Send + 'static) -> anyhow::Result<Addresses> {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line).await?;
    let addresses = serde_json::from_str(&line).context("its first line is not what was agreed")?;
    tokio::spawn(async move { tokio::io::copy(&mut output, &mut tokio::io::sink()).await });
    Ok(addresses)
}

/// Reads one figure about a process's memory from the system, in kilobytes.
pub(crate) fn memory(process: u32, field: &str) -> anyhow::Result<u32> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let figure = line.and_then(|rest| rest.split_whitespace().next()).with_context(|| field.to_owned())?;
    Ok(figure.parse()?)
}

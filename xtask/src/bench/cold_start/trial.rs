//! One start of one program, from exec to its first answer.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use wait4::Wait4;

use super::runtime::{Answer, Runtime};
use super::subject::Subject;
use super::table::Table;
use super::{PATIENCE, event};
use crate::bench::{product, scratch};

/// What one start took.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    /// Processor time of the whole process, user and system, from exec to its end right after the answer.
    pub(crate) cpu: Duration,
    /// Time on the clock from exec to the answer.
    pub(crate) wall: Duration,
    /// Time on the clock from exec to the first question for work.
    pub(crate) init: Duration,
    pub(crate) peak_kilobytes: u32,
}

impl Trial {
    /// Returns the least of each figure.
    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.min(other.cpu),
            wall: self.wall.min(other.wall),
            init: self.init.min(other.init),
            peak_kilobytes: self.peak_kilobytes.min(other.peak_kilobytes),
        }
    }
}

/// Starts a program, waits for its first answer and ends it there.
pub(crate) async fn start(subject: &Subject, table: &Table) -> anyhow::Result<Trial> {
    let log = scratch()?.join(format!("{}.log", subject.program.name()));
    let outcome = attempt(subject, table, &log).await;
    outcome.with_context(|| {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        format!("`{}` ({}) did not start:\n{said}", subject.program.name(), subject.binary.display())
    })
}

async fn attempt(subject: &Subject, table: &Table, log: &Path) -> anyhow::Result<Trial> {
    let (event, status) = subject.program.event()?;
    let mut runtime = Runtime::serve(&event, status).await?;
    let mut command = command(subject, table, runtime.address, log)?;
    let calls_before = table.calls();

    let exec = Instant::now();
    let mut child = command.spawn()?;
    let answer = tokio::time::timeout(PATIENCE, runtime.first_answer()).await;
    let calls = table.calls() - calls_before;
    // The peak in the system's accounting of a child would be that of this process, from which it was forked.
    let peak = product::memory(child.id(), "VmHWM:");
    child.kill()?;
    let used = child.wait4()?.rusage;

    let Answer { ready, at } = answer.context("no answer in time")??;
    let needed = subject.program.needs_table();
    anyhow::ensure!((calls > 0) == needed, "the first answer came after {calls} calls to the table");
    Ok(Trial { cpu: used.utime + used.stime, wall: at - exec, init: ready - exec, peak_kilobytes: peak? })
}

/// Prepares a process with the environment that Lambda gives, and nothing else of ours.
fn command(subject: &Subject, table: &Table, runtime: SocketAddr, log: &Path) -> anyhow::Result<Command> {
    let output = File::create(log)?;
    let mut command = Command::new(&subject.binary);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", &*subject.program.name())
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "ASIABENCHBENCHBENCHB")
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .env("AWS_SESSION_TOKEN", "bench")
        .env("AWS_ENDPOINT_URL", &table.endpoint)
        // One variable for each way to find certificates: all that the machine trusts, or what was named.
        .env("SSL_CERT_FILE", &table.bundle)
        .env("AWS_CA_BUNDLE", &table.root)
        .env("CONFER_TABLE", "confer")
        .env("CONFER_ISSUER", event::ISSUER)
        .env("CONFER_AUDIENCE", event::AUDIENCE)
        // What some functions want besides.
        .env("CONFER_BUCKET", "attachments")
        .env("CONFER_TRAIL", "trail")
        .env("CONFER_BUS", "confer")
        .env("CONFER_PANEL_URL", "https://panel.example")
        .env("CONFER_API_URL", "https://api.example")
        .env("CONFER_MAIL_FROM", "Confer <notices@hospital.example>")
        .env("CONFER_CONFIGURATION_SET", "confer")
        .env("CONFER_MAIL_RATE", "14")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TZ", ":UTC")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    Ok(command)
}

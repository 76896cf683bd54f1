//! Back-ups: how long they take, how much memory, and whether one that is killed is gone on with.
//!
//! The table and the bucket are embedded here, on disk; the function runs in a process of its own, so that its memory can
//! be seen, and it can be killed. What it made is then verified as a stranger would.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::backup::State;

use super::timing::milliseconds;
use super::{How, as_shipped, report};
use crate::verify;
use conversation::Conversation;
use figures::Killed;

mod conversation;
mod figures;
mod run;

pub(crate) use figures::{Backed, Backups};
pub(crate) use run::Run;

/// Back up conversations of three sizes, and kill the making of the largest.
///
/// It runs the function as it was built itself, so build it as it ships:
/// `cargo run --release --package xtask -- bench backups`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    how: How,
}

/// Messages, and attachments of 50 MB.
const FULL: [(u32, u32); 3] = [(1_000, 1), (10_000, 4), (100_000, 20)];
const QUICK: [(u32, u32); 2] = [(50, 0), (500, 1)];

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    as_shipped::<Backups>(args.how.record)?;
    let sizes = if args.how.quick { &QUICK[..] } else { &FULL[..] };
    let mut backed = Vec::new();
    let mut killed = None;
    for (n, &(messages, attachments)) in sizes.iter().enumerate() {
        eprintln!("{messages} messages and {attachments} attachments");
        let conversation = Box::pin(Conversation::write(messages, attachments)).await?;
        backed.push(back_up(&conversation).await?);
        if n + 1 == sizes.len() {
            killed = Some(kill(&conversation).await?);
        }
    }
    report(Backups { backed, killed: killed.context("there is a size")? }, args.how.record)
}

/// Makes a back-up in a process of its own.
async fn back_up(conversation: &Conversation) -> anyhow::Result<Backed> {
    // One that finds nothing to do shows what the process takes anyway.
    let idle = finish(&mut started(conversation, None, 0)?)?;
    let asked = conversation.asks().await?;
    let began = Instant::now();
    let peak = finish(&mut started(conversation, Some(&asked), 0)?)?;
    let took = began.elapsed();
    let size = conversation.verified(&asked).await?;
    Ok(Backed {
        messages: conversation.messages,
        attached: conversation.attached,
        size,
        took_ms: milliseconds(took),
        idle_kilobytes: idle,
        peak_kilobytes: peak,
    })
}

/// Kills the making of a back-up again and again, and lets others go on.
async fn kill(conversation: &Conversation) -> anyhow::Result<Killed> {
    let asked = conversation.asks().await?;
    let (mut kills, mut later) = (0, 0);
    for part in [0.3, 0.6] {
        let mut child = started(conversation, Some(&asked), later)?;
        loop {
            let backup = conversation.backup(&asked).await?;
            let (done, of) = backup.progress();
            #[expect(clippy::cast_precision_loss, reason = "a part of it will do")]
            let far = done as f64 / of as f64;
            if !matches!(backup.state, State::Running(_)) || child.try_wait()?.is_some() {
                break;
            }
            if far >= part {
                child.kill()?;
                kills += 1;
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child.wait()?;
        // A minute later the back-up is nobody's any more.
        later += 60;
    }
    finish(&mut started(conversation, Some(&asked), later)?)?;
    let size = conversation.verified(&asked).await?;
    Ok(Killed { kills, size })
}

/// Starts the function in a process of its own.
fn started(conversation: &Conversation, backup: Option<&str>, later: u64) -> anyhow::Result<std::process::Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bench", "backup-run", "--table", &conversation.table, "--bucket", &conversation.bucket]);
    command.args(["--conversation", &conversation.id.to_string(), "--later", &later.to_string()]);
    command.args(["--backup", backup.unwrap_or("019ca8a0-3e80-7707-8707-070707070707")]);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// Waits for the end of a run, and returns the most memory it held, in kilobytes.
fn finish(child: &mut std::process::Child) -> anyhow::Result<u32> {
    let mut said = String::new();
    let mut output = child.stdout.take().context("an output")?;
    // Both are on threads of their own: what answers them is in this process, and must not be held up.
    let status = tokio::task::block_in_place(|| {
        std::io::Read::read_to_string(&mut output, &mut said)?;
        child.wait()
    })?;
    anyhow::ensure!(status.success(), "a run failed");
    Ok(said.trim().parse()?)
}

/// Verifies an archive as a stranger would.
fn verified(path: &std::path::Path) -> anyhow::Result<u64> {
    verify::check(path)?;
    Ok(std::fs::metadata(path)?.len())
}

//! What is measured: the functions, and what they are compared with.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event;
use crate::bench::{cargo, target};

/// A program, and where it is.
pub(crate) struct Subject {
    pub(crate) program: Program,
    pub(crate) binary: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Program {
    /// The least: a function that does nothing.
    Hello,
    Messages,
    Conversations,
    People,
    Broadcasts,
    Audit,
    Attachments,
    Backups,
    Delivery,
    Digest,
    MailEvents,
    ScanResults,
    Previews,
    Jobs,
    Retention,
    Trail,
    /// The usual: `messages`, with the SDK as its guide builds it.
    Defaults,
}

impl Subject {
    /// Finds a program where it was said to be, or where it was built.
    pub(crate) fn find(program: Program, given: &[(Program, PathBuf)]) -> anyhow::Result<Self> {
        let given = given.iter().find(|(given, _)| *given == program).map(|(_, path)| path.clone());
        let binary = given.map_or_else(|| program.built(), Ok)?;
        eprintln!("{}: {}", program.name(), binary.display());
        Ok(Self { program, binary: std::path::absolute(binary)? })
    }
}

impl Program {
    /// As the folder is called, and the package.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The path of the first request, and the status of its answer: one that can not be answered without the table.
    /// Nothing for what no request invokes.
    fn request(self) -> Option<(&'static str, u16)> {
        const ATTACHMENT: &str =
            "/v1/conversations/00000000-0000-7000-8000-000000000000/attachments/00000000-0000-7000-8000-000000000000";
        const BACKUP: &str =
            "/v1/conversations/00000000-0000-7000-8000-000000000000/backups/00000000-0000-7000-8000-000000000000";
        match self {
            Self::Hello => Some(("/", 200)),
            Self::Messages | Self::Defaults => Some(("/v1/unread", 200)),
            Self::Conversations => Some(("/v1/conversations", 200)),
            Self::People => Some(("/v1/me", 200)),
            Self::Broadcasts => Some(("/v1/broadcasts", 200)),
            Self::Audit => Some(("/v1/audit/institution", 200)),
            Self::Attachments => Some((ATTACHMENT, 404)),
            Self::Backups => Some((BACKUP, 404)),
            Self::Delivery
            | Self::Digest
            | Self::MailEvents
            | Self::ScanResults
            | Self::Previews
            | Self::Jobs
            | Self::Retention
            | Self::Trail => None,
        }
    }

    /// Whether somebody waits for its answer: events wait for whole runs, and nobody for them.
    pub(crate) fn is_waited_for(self) -> bool {
        self.is_function() && self.request().is_some()
    }

    /// The first event, and the status of the answer, if that has one.
    pub(crate) fn event(self) -> anyhow::Result<(Value, Option<u16>)> {
        if let Some((path, status)) = self.request() {
            return Ok((event::get(path), Some(status)));
        }
        let file = Path::new("infra/events").join(format!("{}.json", self.name()));
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        // The sample suppresses no address; what does needs the table.
        let text = if self == Self::MailEvents { text.replace("Transient", "Permanent") } else { text };
        Ok((serde_json::from_str(&text)?, None))
    }

    /// Tells whether the first answer must have needed the table, or what else is at its address.
    pub(crate) fn needs_table(self) -> bool {
        self != Self::Hello
    }

    /// Tells whether it is one of ours, and not there for comparison.
    pub(crate) fn is_function(self) -> bool {
        !matches!(self, Self::Hello | Self::Defaults)
    }

    fn built(self) -> anyhow::Result<PathBuf> {
        if self.is_function() { newest(&self.name()) } else { build(&self.name()) }
    }
}

/// Returns the newest release binary of a function, whichever tool built it.
fn newest(name: &str) -> anyhow::Result<PathBuf> {
    let candidates = [
        Path::new("target/lambda").join(name).join("bootstrap"),
        target().join("lambda").join(name).join("bootstrap"),
        target().join("release").join(name),
    ];
    let built = candidates.into_iter().filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)));
    let (_, path) = built.max().with_context(|| format!("`{name}` is not built: infra/package.sh"))?;
    Ok(path)
}

/// Builds one of the packages to compare with.
///
/// They are no members of the workspace, so that their features never mix with the product's; each is built in its
/// own folder, so that its own Cargo configuration applies, and from the product's lock file, so that both sides of
/// a comparison have the same versions.
fn build(package: &str) -> anyhow::Result<PathBuf> {
    let folder = Path::new("xtask/cold-start").join(package);
    let target = std::path::absolute(target().join("cold-start"))?;
    std::fs::copy("Cargo.lock", folder.join("Cargo.lock")).context("Cargo.lock")?;
    let target_argument = target.to_str().context("the path of the build folder is not text")?;
    cargo(&folder, &["build", "--release", "--target-dir", target_argument])?;
    Ok(target.join("release").join(package))
}

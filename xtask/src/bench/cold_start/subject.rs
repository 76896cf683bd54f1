//! What is measured: the functions, and what they are compared with.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::bench::{cargo, target};

/// A program, and where it is.
pub(crate) struct Subject {
    pub(crate) program: Program,
    pub(crate) binary: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Program {
    /// The least: a function that does nothing.
    Hello,
    Messages,
    Conversations,
    People,
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
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Messages => "messages",
            Self::Conversations => "conversations",
            Self::People => "people",
            Self::Defaults => "defaults",
        }
    }

    /// Returns the path of the first request: one that can not be answered without the table.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Hello => "/",
            Self::Messages | Self::Defaults => "/v1/unread",
            Self::Conversations => "/v1/conversations",
            Self::People => "/v1/me",
        }
    }

    /// Tells whether the first answer must have needed the table.
    pub(crate) fn needs_table(self) -> bool {
        self != Self::Hello
    }

    /// Tells whether it is one of ours, and not there for comparison.
    pub(crate) fn is_function(self) -> bool {
        !matches!(self, Self::Hello | Self::Defaults)
    }

    fn built(self) -> anyhow::Result<PathBuf> {
        if self.is_function() { newest(self.name()) } else { build(self.name()) }
    }
}

/// Returns the newest release binary of a function, whichever tool built it.
fn newest(name: &str) -> anyhow::Result<PathBuf> {
    let candidates = [target().join("lambda").join(name).join("bootstrap"), target().join("release").join(name)];
    let built = candidates.into_iter().filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)));
    let (_, path) = built.max().with_context(|| {
        format!("`{name}` is not built: cargo build --release -p conversations -p messages -p people")
    })?;
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

//! Whether a back-up is what was made: for whoever was given one, without the service that made it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::backup::{Line, verify};
use domain::chain::{Digest, End, Seq};
use domain::id::ConversationId;
use serde::Deserialize;

/// Verify a back-up of a conversation: that all its files are what was made, and that its log is a chain.
///
/// What is shown at the end, the place and the hash of the last entry, is to be compared with what the conversation itself
/// says: its auditors see both in its log, and whoever asked for the back-up saw them in the answer.
#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The ZIP file, or the folder it was unpacked to.
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

/// What there is to know of a back-up that is what was made.
pub(crate) struct Verified {
    pub(crate) files: usize,
    pub(crate) entries: usize,
    end: End,
}

/// What a manifest says, as far as it is needed here.
#[derive(Deserialize)]
struct Manifest {
    format: String,
    conversation: ConversationId,
    from: Seq,
    to: Seq,
    hash: Digest,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Verified { files, entries, end } = check(&self.path)?;
        println!("{files} files are what was made");
        println!("{entries} entries of the log are a chain; the last one is {} with the hash", end.seq);
        println!("{}", end.hash);
        Ok(())
    }
}

/// Checks a back-up.
pub(crate) fn check(path: &Path) -> anyhow::Result<Verified> {
    let mut backup = Source::open(path)?;
    let sums = String::from_utf8(backup.read("SHA256SUMS")?)?;
    let sums: BTreeMap<String, String> = sums
        .lines()
        .map(|line| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned())))
        .collect::<Option<_>>()
        .context("SHA256SUMS cannot be read")?;
    for (name, sum) in &sums {
        let found = Digest::of(&backup.read(name)?).to_string();
        anyhow::ensure!(found == *sum, "{name} is not what was made");
    }
    let known = |name: &String| sums.contains_key(name) || name == "SHA256SUMS";
    let stranger = backup.names()?.into_iter().find(|name| !known(name));
    anyhow::ensure!(stranger.is_none(), "{} was added", stranger.unwrap_or_default());

    let manifest: Manifest = serde_json::from_slice(&backup.read("manifest.json")?)?;
    anyhow::ensure!(manifest.format == "confer-backup-1", "a back-up of another kind: {}", manifest.format);
    let (mut end, mut entries) = (None, 0);
    // In order, because their names are.
    for name in sums.keys().filter(|name| name.starts_with("log-")) {
        let lines = String::from_utf8(backup.read(name)?)?;
        let lines: Vec<Line> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let Some(first) = lines.first() else { continue };
        let from = end.unwrap_or(End { seq: first.seq.previous(), hash: first.previous });
        end = Some(verify(manifest.conversation, from, &lines)?);
        anyhow::ensure!(entries > 0 || first.seq == manifest.from, "the log begins elsewhere than it says");
        entries += lines.len();
    }
    let end = end.context("there is no log")?;
    anyhow::ensure!((end.seq, end.hash) == (manifest.to, manifest.hash), "the log ends elsewhere than it says");
    Ok(Verified { files: sums.len(), entries, end })
}

/// Where the files are.
enum Source {
    Zip(Box<zip::ZipArchive<Cursor<Vec<u8>>>>),
    Folder(PathBuf),
}

const FOLDER: &str = "conversation/";

impl Source {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        Ok(Self::Zip(Box::new(zip::ZipArchive::new(Cursor::new(bytes)).context("this is no ZIP file")?)))
    }

    fn read(&mut self, name: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(name)).with_context(|| name.to_owned()),
            Self::Zip(archive) => {
                let mut bytes = Vec::new();
                archive.by_name(&format!("{FOLDER}{name}"))?.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// The names of all files.
    fn names(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Zip(archive) => {
                // What lies beside the folder is no file of it, even if it is called like one.
                let named = |name: &str| name.strip_prefix(FOLDER).map_or_else(|| format!("/{name}"), str::to_owned);
                Ok(archive.file_names().map(named).collect())
            }
            Self::Folder(folder) => {
                let mut names = Vec::new();
                let mut folders = vec![folder.clone()];
                while let Some(at) = folders.pop() {
                    for entry in fs::read_dir(at)? {
                        let path = entry?.path();
                        if path.is_dir() {
                            folders.push(path);
                        } else {
                            names.push(path.strip_prefix(folder)?.to_string_lossy().into_owned());
                        }
                    }
                }
                Ok(names)
            }
        }
    }
}

#[cfg(test)]
mod tests;

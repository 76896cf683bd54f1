//! Whether a back-up is what was made: for whoever was given one, without the service that made it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        .filter(|sums: &BTreeMap<String, String>| sums.keys().all(|name| is_inside(name)))
        .context("SHA256SUMS cannot be read")?;
    for (name, sum) in &sums {
        let found = Digest::of(&backup.read(name)?).to_string();
        anyhow::ensure!(found == *sum, "{name:?} is not what was made");
    }
    let known = |name: &String| sums.contains_key(name) || name == "SHA256SUMS";
    let mut names = backup.names()?;
    let stranger = names.iter().find(|name| !known(name));
    anyhow::ensure!(stranger.is_none(), "{:?} was added", stranger.map_or("", String::as_str));
    names.sort();
    let twice = names.windows(2).find(|two| two[0] == two[1]);
    anyhow::ensure!(twice.is_none(), "{:?} is there twice", twice.map_or("", |two| &two[0]));

    let manifest = serde_json::from_slice(&backup.read("manifest.json")?).map_err(unreadable("manifest.json"))?;
    let Manifest { format, conversation, from: begins, to, hash } = manifest;
    anyhow::ensure!(format == "confer-backup-1", "a back-up of another kind: {format:?}");
    let (mut end, mut entries) = (None, 0);
    // In order, because their names are.
    for name in sums.keys().filter(|name| name.starts_with("log-")) {
        let lines = String::from_utf8(backup.read(name)?)?;
        let lines: Result<Vec<Line>, _> = lines.lines().map(serde_json::from_str).collect();
        let lines = lines.map_err(unreadable(name))?;
        let Some(first) = lines.first() else { continue };
        let from = end.unwrap_or(End { seq: first.seq.previous(), hash: first.previous });
        end = Some(verify(conversation, from, &lines)?);
        anyhow::ensure!(entries > 0 || first.seq == begins, "the log begins elsewhere than it says");
        entries += lines.len();
    }
    let end = end.context("there is no log")?;
    anyhow::ensure!((end.seq, end.hash) == (to, hash), "the log ends elsewhere than it says");
    Ok(Verified { files: sums.len(), entries, end })
}

/// What is said of JSON that is none of ours. Never what it holds: a stranger wrote it, and this goes to a terminal.
fn unreadable(name: &str) -> impl Fn(serde_json::Error) -> anyhow::Error {
    move |_| anyhow::anyhow!("{name:?} cannot be read")
}

/// Whether a name leads to a file in the folder, and to nothing beside it.
fn is_inside(name: &str) -> bool {
    name.split(['/', '\\']).all(|part| !matches!(part, "" | "." | ".."))
}

/// Where the files are.
enum Source {
    /// With all names that are in its list.
    Zip(Box<zip::ZipArchive<Cursor<Arc<[u8]>>>>, Vec<String>),
    Folder(PathBuf),
}

const FOLDER: &str = "conversation/";

impl Source {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let bytes: Arc<[u8]> = fs::read(path).with_context(|| path.display().to_string())?.into();
        let archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).context("this is no ZIP file")?;
        let names = listed(&bytes, usize::try_from(archive.central_directory_start())?);
        Ok(Self::Zip(Box::new(archive), names))
    }

    fn read(&mut self, name: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(name)).with_context(|| format!("{name:?}")),
            Self::Zip(archive, _) => {
                let mut bytes = Vec::new();
                archive.by_name(&format!("{FOLDER}{name}"))?.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// The names of all files, as often as they are there; of a ZIP those beside the folder begin with `../`.
    fn names(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Zip(_, names) => {
                let inside = |name: &String| name.strip_prefix(FOLDER).map_or(format!("../{name}"), str::to_owned);
                Ok(names.iter().map(inside).collect())
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

/// The names in the list of a ZIP's files (APPNOTE 6.3.10, section 4.3.12), which begins at this place. The reader has each
/// name once, and others take another one of two files with the same name.
fn listed(archive: &[u8], directory: usize) -> Vec<String> {
    const HEADER: usize = 46;
    let mut names = Vec::new();
    let mut rest = archive.get(directory..).unwrap_or_default();
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= HEADER {
        let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
        let (name, others) = (length(28), length(30) + length(32));
        names.push(String::from_utf8_lossy(rest.get(HEADER..HEADER + name).unwrap_or_default()).into_owned());
        rest = rest.get(HEADER + name + others..).unwrap_or_default();
    }
    names
}

// Named, because a fuzz target reads this file from elsewhere.
#[cfg(test)]
#[path = "verify/strangers.rs"]
mod strangers;
#[cfg(test)]
#[path = "verify/tests.rs"]
mod tests;

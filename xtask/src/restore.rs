//! Whether a table is whole: each log is followed from its first entry to its end; it is compared with its trail, which
//! nobody can change; and, if there is another table to compare with, each item is.
//!
//! It reads all of the table, which no function does: it is for the hour after a restore, and for drills.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::chain::{Digest, Seq};
use domain::id::ConversationId;
use domain::trail::{Line, Log};
use serde_json::Value;
use store::{Settings, Store, Verified, connect, credentials, http_client, traced};

/// Check a restored table: that every log in it is a chain up to where it says that it ends.
///
/// With its trail also that no log was written anew: `aws s3 sync s3://TRAIL FOLDER` brings it here.
///
/// Credentials and region are those of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
/// AWS_REGION). Reads all of it consistently, which costs a read unit for each 4 KB, and its logs twice; writes nothing.
#[derive(clap::Args)]
pub(crate) struct RestoreCheck {
    /// The restored table.
    #[arg(long, value_name = "NAME")]
    table: String,

    /// The table that it was restored from, if it is still there and nobody writes to it: then they have to be the same.
    #[arg(long, value_name = "NAME")]
    against: Option<String>,

    /// The trail of its logs, as a folder. What was written after the time that the table was restored to is missing.
    #[arg(long, value_name = "FOLDER")]
    trail: Option<PathBuf>,

    /// Another endpoint than the region's, as of an emulator.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// What is in a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// How many items there are of each kind.
    kinds: BTreeMap<String, u64>,
    /// The hash of each item, by its key.
    items: BTreeMap<String, Digest>,
    conversations: Vec<ConversationId>,
    /// The hash of each entry, by its log and its place.
    entries: BTreeMap<(Log, Seq), Digest>,
}

/// What comparing with a trail showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) lines: u64,
    /// The entries that are not there, or are others than the trail says.
    pub(crate) others: Vec<String>,
    /// How many entries the trail says nothing of.
    pub(crate) untold: usize,
}

/// What following the logs showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) logs: u64,
    pub(crate) entries: u64,
    /// The logs that are broken, and where.
    pub(crate) broken: Vec<String>,
}

impl RestoreCheck {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let settings = settings(self.endpoint)?;
        let found = Found::read(&settings, &self.table).await?;
        for (kind, count) in &found.kinds {
            println!("{count:>9} {kind}");
        }
        let followed = follow(&store(&settings, &self.table), &found.conversations).await?;
        println!("{} logs were followed, {} entries", followed.logs, followed.entries);
        for broken in &followed.broken {
            println!("BROKEN  {broken}");
        }
        if let Some(other) = &self.against {
            let differences = found.differences(&Found::read(&settings, other).await?);
            println!("{differences} items differ from {other}");
            anyhow::ensure!(differences == 0, "it is not the table that it was restored from");
        }
        if let Some(folder) = &self.trail {
            let Compared { lines, others, untold } = found.compare(&trail(folder)?);
            println!("{lines} lines of the trail were compared; {untold} entries are in none");
            for other in &others {
                println!("CHANGED {other}");
            }
            anyhow::ensure!(others.is_empty(), "{} entries are not what the trail says", others.len());
        }
        anyhow::ensure!(followed.broken.is_empty(), "{} logs are broken", followed.broken.len());
        Ok(())
    }
}

impl Found {
    /// Reads all of a table.
    pub(crate) async fn read(settings: &Settings, table: &str) -> anyhow::Result<Self> {
        let client = connect(settings.clone(), http_client(None));
        let mut found = Self::default();
        let mut from = None;
        loop {
            let page = client.scan().table_name(table).consistent_read(true).set_exclusive_start_key(from).send().await;
            let page = page.with_context(|| table.to_owned())?;
            for item in page.items.unwrap_or_default() {
                found.take(&serde_dynamo::from_item(item)?)?;
            }
            eprintln!("{} items read", found.items.len());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(found);
            }
        }
    }

    fn take(&mut self, item: &Value) -> anyhow::Result<()> {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let kind = match text("entity") {
            "" => "rate",
            kind => kind,
        };
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        if kind == "head" {
            self.conversations.push(text("id").parse()?);
        }
        let stored = serde_dynamo::to_item(item)?;
        // What cannot be read shows when its log is followed.
        if let Ok(Some(line)) = traced(text("pk"), text("sk"), stored) {
            self.entries.insert((line.log, line.seq), line.hash);
        }
        self.items.insert(format!("{} {}", text("pk"), text("sk")), Digest::of(item.to_string().as_bytes()));
        Ok(())
    }

    /// What a trail says of the entries.
    pub(crate) fn compare(&self, trail: &[Line]) -> Compared {
        let mut compared = Compared { lines: trail.len() as u64, ..Compared::default() };
        let told: BTreeMap<(Log, Seq), Digest> = trail.iter().map(|line| ((line.log, line.seq), line.hash)).collect();
        for line in trail {
            let there = self.entries.get(&(line.log, line.seq));
            if there != Some(&line.hash) {
                let how = if there.is_some() { "is another" } else { "is missing" };
                compared.others.push(format!("{} at {} {how}", line.log, line.seq));
            }
        }
        compared.others.sort();
        compared.others.dedup();
        compared.untold = self.entries.keys().filter(|entry| !told.contains_key(entry)).count();
        compared
    }

    /// How many items are in one table and not, or not so, in the other.
    pub(crate) fn differences(&self, other: &Self) -> usize {
        let missing = other.items.keys().filter(|key| !self.items.contains_key(*key)).count();
        missing + self.items.iter().filter(|(key, digest)| other.items.get(*key) != Some(digest)).count()
    }
}

/// Follows every log to its end.
pub(crate) async fn follow(store: &Store, conversations: &[ConversationId]) -> anyhow::Result<Followed> {
    let mut followed = Followed::default();
    let mut at = Some(Seq::START);
    while let Some(after) = at {
        at = followed.step("the institution's log", store.verify_institution(after).await?);
    }
    for id in conversations {
        let mut at = Some(Seq::START);
        while let Some(after) = at {
            at = followed.step(&id.to_string(), Box::pin(store.verify_conversation(*id, after)).await?);
        }
    }
    Ok(followed)
}

impl Followed {
    /// Takes note of what a part of a log showed, and says where it goes on.
    fn step(&mut self, log: &str, Verified { to, next, broken }: Verified) -> Option<Seq> {
        if let Some(place) = broken {
            self.broken.push(format!("{log} at {place}"));
        }
        if next.is_none() {
            self.logs += 1;
            self.entries += to.get();
        }
        next
    }
}

/// The lines of a trail, as a folder has them.
pub(crate) fn trail(folder: &Path) -> anyhow::Result<Vec<Line>> {
    let (mut lines, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                let text = fs::read_to_string(&path)?;
                for line in text.lines() {
                    lines.push(serde_json::from_str(line).with_context(|| path.display().to_string())?);
                }
            }
        }
    }
    Ok(lines)
}

fn store(settings: &Settings, table: &str) -> Store {
    Store::new(connect(settings.clone(), http_client(None)), table)
}

#[expect(clippy::disallowed_methods, reason = "a command line tool is told by its environment who it is")]
fn settings(endpoint: Option<String>) -> anyhow::Result<Settings> {
    let told = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (key, secret) = (told("AWS_ACCESS_KEY_ID")?, told("AWS_SECRET_ACCESS_KEY")?);
    let credentials = credentials(&key, &secret, told("AWS_SESSION_TOKEN").ok());
    Ok(Settings { region: told("AWS_REGION")?, endpoint, credentials })
}

#[cfg(test)]
mod tests;

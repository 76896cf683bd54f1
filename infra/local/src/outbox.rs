//! What would have been mailed or texted.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use domain::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// By which way something was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A mail.
    Email,
    /// A text message.
    Sms,
}

/// One mail or text message, as its receivers would get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// By which way.
    pub channel: Channel,
    /// Every receiver, separated by `, `.
    pub to: String,
    /// The subject of a mail.
    pub subject: Option<String>,
    /// The plain text.
    pub text: Option<String>,
    /// The HTML of a mail.
    pub html: Option<String>,
    /// Headers of a mail, by name.
    pub headers: BTreeMap<String, String>,
    /// When, by the stack's clock.
    pub at: Timestamp,
}

/// Everything that was sent, oldest first.
#[derive(Debug, Default)]
pub struct Outbox(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    items: Vec<Sent>,
    file: Option<File>,
}

impl Outbox {
    /// An outbox that goes with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// An outbox that is kept as JSON lines in `path`.
    pub fn load(path: &Path) -> Result<Self> {
        let unusable = || format!("the outbox {} cannot be used", path.display());
        let kept = match std::fs::read_to_string(path) {
            Ok(kept) => kept,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(unusable),
        };
        // A process that was killed may have left half a line: that mail was never acknowledged.
        let items: Vec<Sent> = kept.lines().map_while(|line| serde_json::from_str(line).ok()).collect();
        let whole: String = items.iter().map(line).collect::<Result<_>>()?;
        if whole != kept {
            std::fs::write(path, whole).with_context(unusable)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).with_context(unusable)?;
        Ok(Self(Mutex::new(State { items, file: Some(file) })))
    }

    /// Keeps what was sent.
    pub fn push(&self, sent: Sent) -> Result<()> {
        let mut state = self.state();
        if let Some(file) = &mut state.file {
            file.write_all(line(&sent)?.as_bytes())?;
        }
        state.items.push(sent);
        Ok(())
    }

    /// Everything that was sent, oldest first.
    pub fn items(&self) -> Vec<Sent> {
        self.state().items.clone()
    }

    /// Forgets everything.
    pub fn clear(&self) -> Result<()> {
        let mut state = self.state();
        if let Some(file) = &state.file {
            file.set_len(0)?;
        }
        state.items.clear();
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(sent: &Sent) -> Result<String> {
    Ok(serde_json::to_string(sent)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    fn mail(subject: &str) -> Sent {
        Sent {
            channel: Channel::Email,
            to: "nurse@confer.example".into(),
            subject: Some(subject.into()),
            text: Some("Two messages wait.\nRead them in Confer.".into()),
            html: None,
            headers: BTreeMap::from([("Reply-To".into(), "nobody@confer.example".into())]),
            at: "2026-03-01T09:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_kept_outbox_survives_a_restart_and_half_a_line() {
        let folder = Folder::temporary().unwrap();
        let path = folder.path().join("outbox.jsonl");
        let outbox = Outbox::load(&path).unwrap();
        outbox.push(mail("one")).unwrap();
        outbox.push(mail("two")).unwrap();
        drop(outbox);

        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"channel\":\"email\",\"to\":\"nur").unwrap();

        let outbox = Outbox::load(&path).unwrap();
        assert_eq!(outbox.items(), [mail("one"), mail("two")]);
        outbox.push(mail("three")).unwrap();
        assert_eq!(Outbox::load(&path).unwrap().items(), [mail("one"), mail("two"), mail("three")]);

        outbox.clear().unwrap();
        outbox.push(mail("four")).unwrap();
        assert_eq!(outbox.items(), [mail("four")]);
        assert_eq!(Outbox::load(&path).unwrap().items(), [mail("four")]);
    }
}

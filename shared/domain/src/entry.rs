//! The log of a conversation: numbered entries, each holding the hash of the one before.
//!
//! An entry is never changed. What is done later to a message (an edit, a withdrawal) is an entry of its own, so that
//! no change obscures what was recorded before (21 CFR 11.10(e)).

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::conversation::History;
use crate::id::{ConversationId, EntryId};
use crate::mention::Mention;
use crate::text::{Body, Title, Username};

/// The place of an entry in its log: 1, 2, 3 without gaps. 0 is the place before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Seq(u64);

/// The number is larger than any log grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {}", Seq::MAX.0)]
pub struct SeqError;

impl Seq {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// Twelve digits: as many as keys have room for.
    pub const MAX: Self = Self(999_999_999_999);

    /// The place as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The place before this one; the start stays the start.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<u64> for Seq {
    type Error = SeqError;

    fn try_from(n: u64) -> Result<Self, SeqError> {
        if n <= Self::MAX.0 { Ok(Self(n)) } else { Err(SeqError) }
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A SHA-256 value; in text, 64 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 value")]
pub struct DigestError;

impl Digest {
    /// Hashes some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| DigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// What somebody wrote, or what is left of it when its time of retention is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// The text.
    Body(Body),
    /// The hash of a text that retention removed, so that the chain still verifies.
    Purged(Digest),
}

impl Content {
    fn digest(&self) -> Digest {
        match self {
            Self::Body(body) => Digest::of(body.as_str().as_bytes()),
            Self::Purged(digest) => *digest,
        }
    }
}

/// A message as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it says.
    pub content: Content,
    /// Whether its author marked it as important.
    pub important: bool,
    /// The members it names, in the order of the text.
    pub mentions: Vec<Mention>,
}

/// What happened to the conversation itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// It was started; the author of the entry is its first administrator.
    Created {
        /// What it is called.
        title: Title,
        /// What those who join later may see.
        history: History,
        /// Who belongs to it from the start, its creator among them.
        members: Vec<Username>,
    },
}

/// What was later done to an earlier message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It says something else now.
    Edited(Message),
    /// Its author took it back.
    Withdrawn,
}

/// What an entry records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Somebody wrote something.
    Message(Message),
    /// Something happened to the conversation.
    Event {
        /// What happened.
        event: Event,
    },
    /// Something was done to an earlier message.
    Revision {
        /// The place of that message.
        revises: Seq,
        /// What was done to it.
        #[serde(flatten)]
        change: Change,
    },
}

/// One element of a conversation's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// Its name.
    pub id: EntryId,
    /// Who did it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub act: Act,
    /// How many of the entries up to here are messages.
    pub messages: u64,
    /// The hash of the entry before; zeros for the first.
    pub previous: Digest,
    /// The hash of this entry.
    pub hash: Digest,
}

impl Entry {
    /// The hash this entry must have in `conversation`:
    /// SHA-256 of the previous hash, the [canonical form](Self::canonical) and the SHA-256 of the body.
    ///
    /// The body enters by its own hash, so that retention can remove it and the chain still verifies.
    pub fn chained(&self, conversation: ConversationId) -> Digest {
        let mut hash = Sha256::new();
        hash.update(self.previous.as_bytes());
        hash.update(self.canonical(conversation));
        hash.update(self.content_digest().as_bytes());
        Digest(hash.finalize().into())
    }

    fn content_digest(&self) -> Digest {
        match &self.act {
            Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } => message.content.digest(),
            Act::Event { .. } | Act::Revision { change: Change::Withdrawn, .. } => Digest::of(b""),
        }
    }

    /// Everything in the entry but its body and its hashes, as bytes that mean one entry only.
    ///
    /// Each field is its length in bytes as an unsigned 64-bit big-endian number, followed by the bytes; numbers are
    /// fields of 8 bytes, big-endian; a list is its length as a number, followed by its elements; yes and no are the
    /// numbers 1 and 0. The fields are, in this order: the text `confer-entry-1`, the conversation, the place, the
    /// id, the author as written, the time, the number of messages, the kind, and then
    ///
    /// - `message`: important, mentions (each: username as written, start, end);
    /// - `created`: title, history, members as written;
    /// - `edited`: the place of what it revises, important, mentions;
    /// - `withdrawn`: the place of what it revises.
    fn canonical(&self, conversation: ConversationId) -> Vec<u8> {
        let mut form = Canonical(Vec::with_capacity(256));
        form.text("confer-entry-1");
        form.text(&conversation.to_string());
        form.number(self.seq.get());
        form.text(&self.id.to_string());
        form.text(self.by.as_str());
        form.text(&self.at.to_string());
        form.number(self.messages);
        match &self.act {
            Act::Message(message) => {
                form.text("message");
                form.message(message);
            }
            Act::Event { event: Event::Created { title, history, members } } => {
                form.text("created");
                form.text(title.as_str());
                form.text(history.as_str());
                form.number(members.len() as u64);
                for member in members {
                    form.text(member.as_str());
                }
            }
            Act::Revision { revises, change: Change::Edited(message) } => {
                form.text("edited");
                form.number(revises.get());
                form.message(message);
            }
            Act::Revision { revises, change: Change::Withdrawn } => {
                form.text("withdrawn");
                form.number(revises.get());
            }
        }
        form.0
    }
}

struct Canonical(Vec<u8>);

impl Canonical {
    fn text(&mut self, text: &str) {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, n: u64) {
        self.0.extend_from_slice(&8_u64.to_be_bytes());
        self.0.extend_from_slice(&n.to_be_bytes());
    }

    fn message(&mut self, message: &Message) {
        self.number(u64::from(message.important));
        self.number(message.mentions.len() as u64);
        for mention in &message.mentions {
            self.text(mention.username.as_str());
            self.number(mention.start as u64);
            self.number(mention.end as u64);
        }
    }
}

/// What is wrong with a log, and where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is broken at entry {at}")]
pub struct BrokenChain {
    /// The place of the first entry that does not follow from the one before, or does not match its own hash.
    pub at: Seq,
}

/// Follows a log from its first entry and returns the hash of its last.
pub fn verify<'a>(
    conversation: ConversationId,
    log: impl IntoIterator<Item = &'a Entry>,
) -> Result<Digest, BrokenChain> {
    let mut expected = Seq::START.next();
    let mut previous = Digest::default();
    for entry in log {
        if entry.seq != expected || entry.previous != previous || entry.hash != entry.chained(conversation) {
            return Err(BrokenChain { at: expected });
        }
        previous = entry.hash;
        expected = expected.next();
    }
    Ok(previous)
}

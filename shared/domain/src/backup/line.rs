//! The log as a back-up holds it.

use serde::{Deserialize, Serialize};

use super::Backup;
use crate::chain::{self, BrokenChain, Digest, End, Link, Seq};
use crate::entry::{Act, Change, Entry, Event};
use crate::id::ConversationId;

/// An entry as a back-up holds it: its link in the chain, and what it records, as far as the member sees it now.
///
/// What was taken back, or said otherwise since, is not in a back-up: only its hash is, by which the rest still verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its place.
    pub seq: Seq,
    /// The hash of the entry before; zeros for the first.
    pub previous: Digest,
    /// Its hash.
    pub hash: Digest,
    /// What it records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
}

impl Backup {
    /// A line of the log; `revisions` is what was later done to the message that the entry is or revises, in full.
    pub fn line(&self, entry: &Entry, revisions: &[Entry]) -> Line {
        let Entry { seq, previous, hash, .. } = *entry;
        Line { seq, previous, hash, entry: self.shown(entry, revisions).cloned() }
    }

    fn shown<'a>(&self, entry: &'a Entry, revisions: &'a [Entry]) -> Option<&'a Entry> {
        match &entry.act {
            Act::Message(_) => revisions.is_empty().then_some(entry),
            Act::Revision { revises, .. } if *revises < self.from => None,
            Act::Revision { change: Change::Edited(_), .. } => revisions.last().filter(|last| last.seq == entry.seq),
            Act::Event { event: Event::AttachmentBlocked { message, .. } } => (*message >= self.from).then_some(entry),
            // What it was called then and who was there is for those who were.
            Act::Event { event: Event::Created { .. } } => (self.joined == entry.seq).then_some(entry),
            Act::Revision { change: Change::Withdrawn, .. } | Act::Event { .. } => Some(entry),
        }
    }
}

/// Follows part of a log as a back-up holds it, from the line after `from` on, and returns the end of that part.
pub fn verify<'a>(
    conversation: ConversationId,
    from: End,
    part: impl IntoIterator<Item = &'a Line>,
) -> Result<End, BrokenChain> {
    let links = part.into_iter().map(|line| {
        let Line { seq, previous, hash, entry } = line;
        // Of what is not shown there is only what the next one says of it.
        let expected = match entry {
            None => *hash,
            Some(entry) if (entry.seq, entry.previous, entry.hash) == (*seq, *previous, *hash) => {
                entry.chained(conversation)
            }
            // It belongs elsewhere, whatever it says: no line has the hash of nothing.
            Some(_) => Digest::default(),
        };
        Link { seq: *seq, previous: *previous, hash: *hash, expected }
    });
    chain::follow(from, links)
}

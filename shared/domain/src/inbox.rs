//! What is delivered to an inbox: a copy of the conversation's head, and the messages that count in a special way.
//!
//! Delivery makes a row say what is true of some messages now. It does not add or subtract: to deliver the same thing
//! twice, late or in another order changes nothing, and to deliver the whole log is to rebuild the row.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::chain::Seq;
use crate::conversation::message::Standing;
use crate::conversation::{Head, State};
use crate::entry::{Act, Change, Entry, Event, Message};
use crate::member::{Membership, Notify};
use crate::notice::Item;
use crate::text::Username;
use crate::unread::{Mark, unread};

/// The most members whose rows are written for each message. The inboxes of more people read the head themselves:
/// writing a row for everybody would cost more than all their reading.
pub const MAX_COPIES: u32 = 256;

/// The most mentions and important messages that a row remembers: a badge says `99+` from there on.
pub const MAX_MARKED: usize = 100;

/// Where the head of a conversation is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Copy {
    /// Here, as it was when it was last delivered.
    Here(Head),
    /// In the log only: there are too many members to write it to each.
    #[default]
    Elsewhere,
    /// In the log only: the conversation is archived, and read less often than it would be copied.
    Archived,
}

impl Copy {
    /// Where the head of a conversation in this state is found.
    pub fn of(head: &Head) -> Self {
        match head.state {
            State::Archived | State::Deleted => Self::Archived,
            State::Active if head.members_count > MAX_COPIES => Self::Elsewhere,
            State::Active => Self::Here(head.clone()),
        }
    }
}

/// To whose inboxes something is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Every member's.
    Everybody,
    /// Those of these people.
    Only(BTreeSet<Username>),
}

impl Recipients {
    /// To whose inboxes an entry is delivered. `versions` are all that the message it is or revises ever said.
    ///
    /// Where there are too many members to write to each, it is only those for whom a row must say something that the
    /// head does not: who is mentioned, and everybody for what is important, taken back, or changes where the head is.
    pub fn of<'a>(entry: &Entry, versions: impl IntoIterator<Item = &'a Message>) -> Self {
        if entry.members <= MAX_COPIES {
            return Self::Everybody;
        }
        let mut named = BTreeSet::new();
        match &entry.act {
            Act::Event { event: Event::Archived | Event::Unarchived }
            | Act::Revision { change: Change::Withdrawn, .. } => return Self::Everybody,
            Act::Event { event: Event::Joined { members } } => {
                let before = entry.members.saturating_sub(u32::try_from(members.len()).unwrap_or(u32::MAX));
                if before <= MAX_COPIES {
                    return Self::Everybody;
                }
            }
            Act::Event { .. } => {}
            Act::Message(_) | Act::Revision { change: Change::Edited(_), .. } => {
                for version in versions {
                    if version.important {
                        return Self::Everybody;
                    }
                    named.extend(version.mentions.iter().map(|mention| mention.username.clone()));
                }
            }
        }
        Self::Only(named)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(some), Self::Only(others)) => Self::Only(some.into_iter().chain(others).collect()),
            _ => Self::Everybody,
        }
    }
}

/// What was delivered of a conversation to one member's inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// How far: the place of the last entry of the head that was delivered.
    pub seq: Seq,
    /// The head.
    pub copy: Copy,
    /// Messages after the read mark that do not count as unread: one's own, and those taken back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub uncounted: BTreeSet<Seq>,
    /// Messages after the read mark that mention one, the latest ones.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mentions: BTreeSet<Seq>,
    /// Messages of others after the read mark that are important, the latest ones.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub important: BTreeSet<Seq>,
}

impl Delivered {
    /// A row that begins with this head.
    pub fn with(head: &Head) -> Self {
        Self { seq: head.seq, copy: Copy::of(head), ..Self::default() }
    }

    /// Makes the row of `reader`, who has read up to `read`, say what is true of a head and some messages.
    #[must_use]
    pub fn deliver(&self, reader: &Username, read: Mark, head: &Head, messages: &[Standing]) -> Self {
        let mut row = self.clone();
        if head.seq >= row.seq {
            (row.seq, row.copy) = (head.seq, Copy::of(head));
        }
        for message in messages {
            let own = message.by == *reader;
            let said = message.message.as_ref();
            let names = |name: &Username| {
                said.is_some_and(|said| said.mentions.iter().any(|mention| mention.username == *name))
            };
            put(&mut row.uncounted, message.seq, own || said.is_none());
            put(&mut row.mentions, message.seq, !own && names(reader));
            put(&mut row.important, message.seq, !own && said.is_some_and(|said| said.important));
        }
        for marked in [&mut row.uncounted, &mut row.mentions, &mut row.important] {
            marked.retain(|seq| *seq > read.seq);
        }
        for marked in [&mut row.mentions, &mut row.important] {
            while marked.len() > MAX_MARKED {
                marked.pop_first();
            }
        }
        row
    }
}

fn put(marked: &mut BTreeSet<Seq>, seq: Seq, is: bool) {
    if is {
        marked.insert(seq);
    } else {
        marked.remove(&seq);
    }
}

/// What of a conversation is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages of others.
    pub messages: u64,
    /// Of them, those that mention one.
    pub mentions: u64,
    /// Of them, those that are important.
    pub important: u64,
}

/// What of a conversation somebody would be told of by mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// How many messages.
    pub messages: u64,
    /// Whether one of them is important.
    pub important: bool,
    /// Whether one of them mentions one.
    pub mentioned: bool,
}

impl Membership {
    /// What one would be told of by mail, whether or not a mail told of it before: what is unread, and where one silenced
    /// the conversation only what is urgent.
    pub fn pending(&self, head: &Head) -> Pending {
        let Counts { messages, mentions, important } = self.counts(head);
        let urgent = || self.urgent_after(self.read.seq, head).count() as u64;
        let messages = if self.counts_in_badge() { messages } else { urgent() };
        Pending { messages, important: important > 0, mentioned: mentions > 0 }
    }

    /// Up to where nothing is news.
    pub fn old_news(&self) -> Seq {
        self.read.seq.max(self.noticed)
    }

    /// The urgent messages that are news, the first one first, as far as was delivered: one may have been taken back since.
    pub fn urgent_news(&self, head: &Head) -> impl Iterator<Item = Seq> {
        self.urgent_after(self.old_news(), head)
    }

    fn urgent_after(&self, seq: Seq, head: &Head) -> impl Iterator<Item = Seq> {
        let Delivered { mentions, important, .. } = &self.delivered;
        mentions.union(important).copied().filter(move |one| *one > seq && *one <= head.seq)
    }

    /// What of some messages is news to their reader, and whether there is more that they silenced.
    pub fn news<'a>(&self, reader: &Username, messages: impl IntoIterator<Item = &'a Standing>) -> (Vec<Item>, bool) {
        let fresh = |standing: &&Standing| standing.seq > self.old_news() && standing.by != *reader;
        let (mut news, mut silenced) = (Vec::new(), false);
        for standing in messages.into_iter().filter(fresh) {
            let Some(said) = &standing.message else { continue };
            let urgent = said.important || said.mentions.iter().any(|mention| mention.username == *reader);
            if urgent || self.counts_in_badge() {
                news.push(Item { at: standing.at, urgent, broadcast: false });
            } else {
                silenced = true;
            }
        }
        (news, silenced)
    }

    /// What one has not read of the conversation, as far as `head` knows it.
    pub fn counts(&self, head: &Head) -> Counts {
        let after = |marked: &BTreeSet<Seq>| {
            marked.iter().filter(|seq| **seq > self.read.seq && **seq <= head.seq).count() as u64
        };
        let Delivered { uncounted, mentions, important, .. } = &self.delivered;
        Counts {
            messages: unread(head.messages, self.read, after(uncounted)),
            mentions: after(mentions),
            important: after(important),
        }
    }

    /// Whether its ordinary messages count in the badge.
    pub const fn counts_in_badge(&self) -> bool {
        matches!(self.notify, Notify::All)
    }
}

#[cfg(test)]
mod tests;

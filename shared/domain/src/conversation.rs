//! A conversation: its state, and what its log makes of it.
//!
//! [`message`] and [`manage`] say what an act records or why it is refused; [`seal`] gives it its place in the log and
//! its hash; [`apply`] folds it into the [`Head`]. All are pure. That the one who acts is an active member with the
//! role it takes is checked once more by the transaction that stores the entry, in the same instant.

pub mod manage;
pub mod message;
mod start;

use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Seq};
use crate::clock::Timestamp;
use crate::entry::{Act, Entry, Event};
use crate::id::{ConversationId, EntryId};
use crate::project::ProjectId;
use crate::text::{Title, Username};

pub use start::{Creation, create, founded};

/// What a member may do: administrators manage the conversation, members read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Adds and removes members, renames, archives and deletes.
    Administrator,
    /// Reads and writes.
    Member,
}

impl Role {
    /// The word for it, as the API and the canonical form write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Member => "member",
        }
    }
}

/// What those who join later may see; fixed when the conversation is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// Everything: a handover of care needs it.
    #[default]
    All,
    /// Only what was written since they joined.
    FromJoin,
}

impl History {
    /// The word for it, as the API and the canonical form write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::FromJoin => "from_join",
        }
    }

    /// The first entry that somebody may see whose membership began with entry `joined`.
    pub const fn visible_from(self, joined: Seq) -> Seq {
        match self {
            Self::All => Seq::START,
            Self::FromJoin => joined,
        }
    }
}

/// Whether the conversation takes messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    #[default]
    Active,
    /// It is kept for reading.
    Archived,
    /// It is hidden from everybody; its records stay until their time of retention is over.
    Deleted,
}

/// Whether two people talk, or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Exactly two members.
    Direct,
    /// Any other number.
    Group,
}

/// A conversation's state, folded from its log.
///
/// It is the hottest item of the table: below 1 KB, and no lists in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which conversation.
    pub id: ConversationId,
    /// What it is called.
    pub title: Title,
    /// Whether it takes messages.
    pub state: State,
    /// What those who join later may see.
    pub history: History,
    /// The project it is labelled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// How many members it has.
    pub members_count: u32,
    /// How many of them are administrators.
    pub administrators_count: u32,
    /// Who started it.
    pub created_by: Username,
    /// When.
    pub created_at: Timestamp,
    /// The place of the last entry.
    pub seq: Seq,
    /// How many entries are messages.
    pub messages: u64,
    /// The hash of the last entry.
    pub hash: Digest,
    /// The place of the last entry that changed the conversation itself, rather than adding a message.
    pub rev: Seq,
    /// When the last message was sent, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
}

/// When the last message was sent, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Username,
}

impl Head {
    /// Whether two people talk, or more.
    pub const fn kind(&self) -> Kind {
        if self.members_count == 2 { Kind::Direct } else { Kind::Group }
    }

    /// When something was last said; before anything was, when it was started.
    pub fn active_at(&self) -> Timestamp {
        self.last_message.as_ref().map_or(self.created_at, |last| last.at)
    }
}

/// Why something may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is hidden from everybody, as if it had never been.
    #[error("the conversation is deleted")]
    Deleted,
    /// The conversation takes no messages.
    #[error("the conversation is archived")]
    Archived,
    /// Only the author revises a message.
    #[error("it is somebody else's message")]
    NotTheAuthor,
    /// The time for changes is over.
    #[error("the time for changes is over")]
    TooLate,
    /// It was taken back before.
    #[error("the message was withdrawn")]
    Withdrawn,
    /// A message has a text, an attachment, or both.
    #[error("there is neither text nor attachment")]
    Empty,
    /// Only administrators of the conversation may.
    #[error("only administrators may")]
    NotAdministrator,
    /// Nobody would be left to manage the conversation.
    #[error("nobody would be left to manage it")]
    LastAdministrator,
    /// The institution wants no back-ups.
    #[error("nobody may back it up")]
    NoBackups,
    /// The title that should confirm the deletion is another one.
    #[error("the title is another one")]
    WrongTitle,
    /// Its project is under a legal hold, which the label must not end.
    #[error("its project is under a legal hold")]
    OnHold,
    /// The account of the one who is named is disabled.
    #[error("the account is disabled")]
    Inactive,
}

/// Who does something, when, and the name of the entry that records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The entry's name.
    pub id: EntryId,
    /// Who.
    pub by: Username,
    /// When.
    pub at: Timestamp,
}

/// Gives an act its place after `head` and its hash.
///
/// The time is never earlier than that of the last message: machines' clocks differ, and a log whose times run
/// backwards would make readers doubt its order.
pub fn seal(head: &Head, signature: Signature, act: Act) -> Entry {
    let at = signature.at.max(head.active_at());
    let before = Before { seq: head.seq, messages: head.messages, members: head.members_count, hash: head.hash };
    entry(head.id, before, Signature { at, ..signature }, act)
}

/// What a log holds before an entry.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    seq: Seq,
    messages: u64,
    members: u32,
    hash: Digest,
}

fn entry(conversation: ConversationId, before: Before, signature: Signature, act: Act) -> Entry {
    let messages = before.messages + u64::from(matches!(act, Act::Message(_)));
    let members = match &act {
        Act::Event { event } => event.members_after(before.members),
        Act::Message(_) | Act::Revision { .. } => before.members,
    };
    let Signature { id, by, at } = signature;
    let (seq, previous) = (before.seq.next(), before.hash);
    let mut entry = Entry { seq, id, by, at, act, messages, members, previous, hash: Digest::default() };
    entry.hash = entry.chained(conversation);
    entry
}

/// Folds the next entry into the state.
#[must_use]
pub fn apply(head: &Head, entry: &Entry) -> Head {
    let Entry { seq, messages, members, hash, .. } = *entry;
    let mut next = Head { seq, messages, members_count: members, hash, ..head.clone() };
    match &entry.act {
        Act::Message(_) => next.last_message = Some(LastMessage { at: entry.at, by: entry.by.clone() }),
        Act::Revision { .. } => {}
        Act::Event { event } => happen(&mut next, event),
    }
    next
}

fn happen(head: &mut Head, event: &Event) {
    match event {
        // After these it is as it was before, and whoever changes it need not know of them.
        Event::AttachmentBlocked { .. } | Event::Exported { .. } | Event::GlassBroken { .. } => return,
        // Members are counted by the entry. Of two roles that are exchanged there are as many as before.
        Event::Created { .. } | Event::Joined { .. } | Event::RoleChanged { instead_of: Some(_), .. } => {}
        Event::Left { role } | Event::Removed { role, .. } => {
            if *role == Role::Administrator {
                head.administrators_count = head.administrators_count.saturating_sub(1);
            }
            if head.members_count == 0 {
                head.state = State::Archived;
            }
        }
        Event::RoleChanged { role: Role::Administrator, .. } => head.administrators_count += 1,
        Event::RoleChanged { role: Role::Member, .. } => {
            head.administrators_count = head.administrators_count.saturating_sub(1);
        }
        Event::Renamed { title } => head.title = title.clone(),
        Event::ProjectChanged { project } => head.project.clone_from(project),
        Event::Archived => head.state = State::Archived,
        Event::Unarchived => head.state = State::Active,
        Event::Deleted => head.state = State::Deleted,
    }
    head.rev = head.seq;
}

#[cfg(test)]
mod tests;

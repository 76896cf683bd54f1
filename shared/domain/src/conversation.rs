//! A conversation: its state, what may be done to it, and what doing it records.
//!
//! [`decide`] says what an act records or why it is refused; [`seal`] gives it its place in the log and its hash;
//! [`apply`] folds it into the [`Head`]. All three are pure. That the one who acts is an active member is not decided
//! here but checked by the transaction that stores the entry, in the same instant: nobody can be removed in between.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::entry::{Act, Change, Content, Digest, Entry, Event, Message, Seq};
use crate::id::{ConversationId, EntryId};
use crate::mention::Mention;
use crate::text::{Body, Title, Username};

/// What a member may do: administrators manage the conversation, members read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Adds and removes members, renames, archives and deletes.
    Administrator,
    /// Reads and writes.
    Member,
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

/// A message that somebody wants to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it says.
    pub body: Body,
    /// Whether it is marked as important.
    pub important: bool,
    /// The members it names.
    pub mentions: Vec<Mention>,
}

impl From<Draft> for Message {
    fn from(draft: Draft) -> Self {
        Self { content: Content::Body(draft.body), important: draft.important, mentions: draft.mentions }
    }
}

/// What the rules need to know of a message that is to be revised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised {
    /// Its place.
    pub seq: Seq,
    /// Who wrote it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// Whether it was taken back already.
    pub withdrawn: bool,
}

/// What somebody wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send a message.
    Send(Draft),
    /// Say something else in a message sent before.
    Edit(Revised, Draft),
    /// Take a message back.
    Withdraw(Revised),
}

/// Why something may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
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
}

/// How long after sending a message its author may still edit it.
pub const EDIT_WINDOW: Duration = Duration::from_mins(15);

/// Says what `command` records when `by` gives it at `now`, or why it is refused.
pub fn decide(head: &Head, by: &Username, now: Timestamp, command: Command) -> Result<Act, Refusal> {
    if head.state == State::Archived {
        return Err(Refusal::Archived);
    }
    match command {
        Command::Send(draft) => Ok(Act::Message(draft.into())),
        Command::Edit(revised, draft) => {
            revisable(&revised, by)?;
            if now.since(revised.at) > EDIT_WINDOW {
                return Err(Refusal::TooLate);
            }
            Ok(Act::Revision { revises: revised.seq, change: Change::Edited(draft.into()) })
        }
        Command::Withdraw(revised) => {
            revisable(&revised, by)?;
            Ok(Act::Revision { revises: revised.seq, change: Change::Withdrawn })
        }
    }
}

fn revisable(revised: &Revised, by: &Username) -> Result<(), Refusal> {
    if revised.by != *by {
        return Err(Refusal::NotTheAuthor);
    }
    if revised.withdrawn { Err(Refusal::Withdrawn) } else { Ok(()) }
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
    entry(head.id, head.seq, head.messages, head.hash, Signature { at, ..signature }, act)
}

fn entry(
    conversation: ConversationId,
    last: Seq,
    messages: u64,
    previous: Digest,
    signature: Signature,
    act: Act,
) -> Entry {
    let messages = messages + u64::from(matches!(act, Act::Message(_)));
    let Signature { id, by, at } = signature;
    let mut entry = Entry { seq: last.next(), id, by, at, act, messages, previous, hash: Digest::default() };
    entry.hash = entry.chained(conversation);
    entry
}

/// Folds the next entry into the state.
#[must_use]
pub fn apply(head: &Head, entry: &Entry) -> Head {
    let mut next = Head { seq: entry.seq, messages: entry.messages, hash: entry.hash, ..head.clone() };
    match &entry.act {
        Act::Message(_) => next.last_message = Some(LastMessage { at: entry.at, by: entry.by.clone() }),
        Act::Revision { .. } => {}
        Act::Event { event: Event::Created { .. } } => next.rev = entry.seq,
    }
    next
}

/// A conversation that somebody wants to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation {
    /// Its name.
    pub id: ConversationId,
    /// What it is called.
    pub title: Title,
    /// What those who join later may see.
    pub history: History,
    /// Who else belongs to it from the start.
    pub others: Vec<Username>,
}

/// Starts a conversation: returns its state and its first entry.
///
/// Whoever starts it is its administrator. Naming somebody twice, or oneself, changes nothing.
pub fn create(creation: Creation, signature: Signature) -> (Head, Entry) {
    let Creation { id, title, history, mut others } = creation;
    others.retain(|other| *other != signature.by);
    others.sort();
    others.dedup();
    let mut members = vec![signature.by.clone()];
    members.extend(others);
    let created = Act::Event { event: Event::Created { title: title.clone(), history, members: members.clone() } };
    let first = entry(id, Seq::START, 0, Digest::default(), signature, created);
    let head = begun(id, &first, title, history, &members);
    (head, first)
}

/// Folds the first entry of a log; nothing if it is not one that starts a conversation.
pub fn founded(id: ConversationId, first: &Entry) -> Option<Head> {
    match &first.act {
        Act::Event { event: Event::Created { title, history, members } } => {
            Some(begun(id, first, title.clone(), *history, members))
        }
        Act::Message(_) | Act::Revision { .. } => None,
    }
}

fn begun(id: ConversationId, first: &Entry, title: Title, history: History, members: &[Username]) -> Head {
    Head {
        id,
        title,
        state: State::Active,
        history,
        members_count: u32::try_from(members.len()).unwrap_or(u32::MAX),
        administrators_count: 1,
        created_by: first.by.clone(),
        created_at: first.at,
        seq: first.seq,
        messages: first.messages,
        hash: first.hash,
        rev: first.seq,
        last_message: None,
    }
}

#[cfg(test)]
mod tests;

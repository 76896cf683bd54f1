//! What may be done with messages: sending, editing, taking back.

use std::time::Duration;

use super::{Head, Refusal, State};
use crate::chain::Seq;
use crate::clock::Timestamp;
use crate::entry::{Act, Attached, Change, Content, Entry, Message};
use crate::id::EntryId;
use crate::mention::Mention;
use crate::text::{Body, Username};

/// A message that somebody wants to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it says; a message with attachments may say nothing.
    pub body: Option<Body>,
    /// Whether it is marked as important.
    pub important: bool,
    /// The members it names.
    pub mentions: Vec<Mention>,
    /// What is sent with it.
    pub attachments: Vec<Attached>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.body.is_none() && self.attachments.is_empty()
    }
}

impl From<Draft> for Message {
    fn from(draft: Draft) -> Self {
        let Draft { body, important, mentions, attachments } = draft;
        Self { content: body.map_or(Content::None, Content::Body), important, mentions, attachments }
    }
}

/// A message as it now stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its place.
    pub seq: Seq,
    /// Its id.
    pub id: EntryId,
    /// Who wrote it.
    pub by: Username,
    /// When it was sent.
    pub at: Timestamp,
    /// What it says now; nothing if it was taken back.
    pub message: Option<Message>,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
}

impl Standing {
    /// A message as it was sent, and what was later done to it, in that order; nothing if the entry is not a message.
    pub fn of<'a>(entry: &Entry, revisions: impl IntoIterator<Item = &'a Entry>) -> Option<Self> {
        let Act::Message(message) = &entry.act else { return None };
        let mut standing = Self {
            seq: entry.seq,
            id: entry.id,
            by: entry.by.clone(),
            at: entry.at,
            message: Some(message.clone()),
            edited_at: None,
        };
        for revision in revisions {
            match &revision.act {
                Act::Revision { revises, change } if *revises == entry.seq => match change {
                    Change::Edited(message) => {
                        standing.message = Some(message.clone());
                        standing.edited_at = Some(revision.at);
                    }
                    Change::Withdrawn => standing.message = None,
                },
                Act::Revision { .. } | Act::Message(_) | Act::Event { .. } => {}
            }
        }
        Some(standing)
    }
}

/// How long after sending a message its author may still edit it.
pub const EDIT_WINDOW: Duration = Duration::from_mins(15);

/// How many important messages one person may send in ten minutes before they are told that it is many: what is always
/// important is not.
pub const MANY_IMPORTANT: u32 = 5;

/// Says what sending records, or why it is refused.
pub fn send(head: &Head, draft: Draft) -> Result<Act, Refusal> {
    takes_messages(head)?;
    if draft.is_empty() { Err(Refusal::Empty) } else { Ok(Act::Message(draft.into())) }
}

/// Says what it records that `by` wants the message to say something else; nothing if it says that already.
///
/// Its attachments stay what they were: what was sent with it cannot be exchanged.
pub fn edit(
    head: &Head,
    by: &Username,
    now: Timestamp,
    standing: &Standing,
    draft: Draft,
) -> Result<Option<Act>, Refusal> {
    may_revise(head, by, standing)?;
    let present = standing.message.as_ref().ok_or(Refusal::Withdrawn)?;
    let draft = Draft { attachments: present.attachments.clone(), ..draft };
    if draft.is_empty() {
        return Err(Refusal::Empty);
    }
    let message = Message::from(draft);
    if *present == message {
        return Ok(None);
    }
    if now.since(standing.at) > EDIT_WINDOW {
        return Err(Refusal::TooLate);
    }
    Ok(Some(Act::Revision { revises: standing.seq, change: Change::Edited(message) }))
}

/// Says what it records that `by` takes the message back; nothing if that was done before.
pub fn withdraw(head: &Head, by: &Username, standing: &Standing) -> Result<Option<Act>, Refusal> {
    may_revise(head, by, standing)?;
    let withdrawn = Act::Revision { revises: standing.seq, change: Change::Withdrawn };
    Ok(standing.message.is_some().then_some(withdrawn))
}

/// Says whether somebody may change a message at all, before it is said what is wrong with the change.
pub fn may_revise(head: &Head, by: &Username, standing: &Standing) -> Result<(), Refusal> {
    takes_messages(head)?;
    if standing.by == *by { Ok(()) } else { Err(Refusal::NotTheAuthor) }
}

const fn takes_messages(head: &Head) -> Result<(), Refusal> {
    match head.state {
        State::Active => Ok(()),
        State::Archived => Err(Refusal::Archived),
        State::Deleted => Err(Refusal::Deleted),
    }
}

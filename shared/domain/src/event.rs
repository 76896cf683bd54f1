//! What other systems are told of a conversation: that something happened in it.
//!
//! Ids, numbers and marks only: no text and no name can get in, because there is no field for one. Whoever needs to know
//! more asks the API, which decides what they may see.

use serde::Serialize;

use crate::chain::Seq;
use crate::clock::Timestamp;
use crate::entry::{Act, Change, Entry, Event, Message};
use crate::id::{ConversationId, EntryId};

/// That an entry was appended to a conversation's log. It may be told more than once: the entry's id says which is which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DomainEvent {
    /// What happened, as the `detail-type` on the bus.
    #[serde(skip)]
    pub name: &'static str,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// The entry that records it.
    pub entry_id: EntryId,
    /// The entry's place.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// How many members there are from then on.
    pub members: u32,
    /// Of a message: whether it is important.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub important: Option<bool>,
    /// Of a message: how many members it mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentions: Option<usize>,
    /// Of an edit or a withdrawal: the place of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revises: Option<Seq>,
}

impl DomainEvent {
    /// What there is to tell of an entry.
    pub fn of(conversation_id: ConversationId, entry: &Entry) -> Self {
        let (name, said, revises) = match &entry.act {
            Act::Message(message) => ("MessageSent", Some(message), None),
            Act::Revision { revises, change: Change::Edited(message) } => {
                ("MessageEdited", Some(message), Some(*revises))
            }
            Act::Revision { revises, change: Change::Withdrawn } => ("MessageWithdrawn", None, Some(*revises)),
            Act::Event { event } => (name_of(event), None, None),
        };
        Self {
            name,
            conversation_id,
            entry_id: entry.id,
            seq: entry.seq,
            at: entry.at,
            members: entry.members,
            important: said.map(|said: &Message| said.important),
            mentions: said.map(|said| said.mentions.len()),
            revises,
        }
    }
}

const fn name_of(event: &Event) -> &'static str {
    match event {
        Event::Created { .. } => "ConversationStarted",
        Event::Joined { .. } => "MembersAdded",
        Event::Left { .. } => "MemberLeft",
        Event::Removed { .. } => "MemberRemoved",
        Event::RoleChanged { .. } => "RoleChanged",
        Event::Renamed { .. } => "ConversationRenamed",
        Event::ProjectChanged { .. } => "ProjectChanged",
        Event::Archived => "ConversationArchived",
        Event::Unarchived => "ConversationUnarchived",
        Event::Deleted => "ConversationDeleted",
        Event::GlassBroken { .. } => "GlassBroken",
        Event::AttachmentBlocked { .. } => "AttachmentBlocked",
        Event::Exported { .. } => "ConversationExported",
    }
}

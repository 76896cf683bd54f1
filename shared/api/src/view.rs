//! What several functions show of the same thing.

use domain::clock::Timestamp;
use domain::conversation::{Head, History, Kind, Role, State};
use domain::entry::Seq;
use domain::id::ConversationId;
use domain::member::Membership;
use domain::text::{Title, Username};
use domain::unread::unread;
use serde::Serialize;
use utoipa::ToSchema;

/// A conversation, as one of its members sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: ConversationId,
    /// What it is called.
    #[schema(value_type = String, min_length = 1, max_length = 150)]
    pub title: Title,
    /// `direct` between two people, else `group`.
    #[schema(value_type = String, pattern = "^(direct|group)$")]
    pub kind: Kind,
    /// `active` or `archived`.
    #[schema(value_type = String, pattern = "^(active|archived)$")]
    pub state: State,
    /// What I may do: `administrator` or `member`.
    #[schema(value_type = String, pattern = "^(administrator|member)$")]
    pub role: Role,
    /// What those who join later may see: `all` or `from_join`.
    #[schema(value_type = String, pattern = "^(all|from_join)$")]
    pub history: History,
    /// How many members it has.
    pub members_count: u32,
    /// How many of them are administrators.
    pub administrators_count: u32,
    /// Who started it.
    #[schema(value_type = String)]
    pub created_by: Username,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the last message was sent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_message_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>)]
    pub last_message_by: Option<Username>,
    /// The place of the last entry.
    #[schema(value_type = u64)]
    pub seq: Seq,
    /// How far I have read.
    #[schema(value_type = u64)]
    pub read: Seq,
    /// How many messages I have not read.
    pub unread: u64,
    /// Which version of the conversation itself this is; messages do not change it.
    #[schema(value_type = u64)]
    pub rev: Seq,
}

impl Conversation {
    /// What a member sees.
    pub fn new(head: Head, own: &Membership) -> Self {
        let kind = head.kind();
        let unread = unread(head.messages, own.read, 0);
        let (last_message_at, last_message_by) = head.last_message.map(|last| (last.at, last.by)).unzip();
        Self {
            id: head.id,
            title: head.title,
            kind,
            state: head.state,
            role: own.role,
            history: head.history,
            members_count: head.members_count,
            administrators_count: head.administrators_count,
            created_by: head.created_by,
            created_at: head.created_at,
            last_message_at,
            last_message_by,
            seq: head.seq,
            read: own.read.seq,
            unread,
            rev: head.rev,
        }
    }
}

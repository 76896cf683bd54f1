//! Who belongs to a conversation.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::conversation::Role;
use crate::entry::Seq;
use crate::text::Username;
use crate::unread::Mark;

/// A person in a conversation, as its other members see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub username: Username,
    /// What they may do.
    pub role: Role,
    /// The entry that made them a member: it tells one stay from the next.
    pub joined: Seq,
    /// When that was.
    pub joined_at: Timestamp,
}

/// One's own side of a conversation: that one may be there, and how far one has read.
///
/// Written and removed in the same transaction as the [`Member`] it belongs to; holding one that was read
/// consistently is what permits to show anything of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// What one may do.
    pub role: Role,
    /// The entry that made one a member.
    pub joined: Seq,
    /// How far one has read.
    pub read: Mark,
}

impl Membership {
    /// A membership that begins with entry `joined`, which is the `messages`th message or comes after it: what was
    /// said before is not unread.
    pub const fn begin(role: Role, joined: Seq, messages: u64) -> Self {
        Self { role, joined, read: Mark { seq: joined, messages } }
    }
}

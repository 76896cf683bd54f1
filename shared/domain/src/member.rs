//! Who belongs to a conversation, and what each of them has of it.

use serde::{Deserialize, Serialize};

use crate::chain::Seq;
use crate::clock::Timestamp;
use crate::conversation::{Head, Role};
use crate::entry::{Act, Entry, Event};
use crate::inbox::Delivered;
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

/// Of what in a conversation somebody wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Every message.
    #[default]
    All,
    /// Messages that mention them or are important.
    Mentions,
    /// The same: what is for them in particular is never silenced, the rest does not even count.
    Nothing,
}

/// One's own side of a conversation: that one may be there, how far one has read, and what one made of it.
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
    /// Whether it stands first in the inbox.
    #[serde(default)]
    pub pinned: bool,
    /// Of what one wants to be told.
    #[serde(default)]
    pub notify: Notify,
    /// What was delivered of it to one's inbox.
    #[serde(default)]
    pub delivered: Delivered,
    /// Up to where nothing is news: a mail told of it, or one has read it and marked it as unread again.
    #[serde(default)]
    pub noticed: Seq,
}

impl Membership {
    /// A membership that begins with `entry`: what was said before is not unread.
    pub fn begin(role: Role, entry: &Entry, head: &Head) -> Self {
        Self {
            role,
            joined: entry.seq,
            read: Mark { seq: entry.seq, messages: entry.messages },
            pinned: false,
            notify: Notify::All,
            delivered: Delivered::with(head),
            noticed: Seq::START,
        }
    }
}

/// What an entry changes in the rows of the members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it lives for one transaction, and where there are many of it all begin")]
pub enum Change {
    /// A membership begins.
    Begins(Member, Membership),
    /// One ends.
    Ends(Username),
    /// Somebody may do other things.
    Role(Username, Role),
}

/// What an entry changes in the rows of the members; `head` is the state after it and what is written with it.
pub fn changes(entry: &Entry, head: &Head) -> Vec<Change> {
    let Act::Event { event } = &entry.act else { return Vec::new() };
    let begins = |name: &Username, role| {
        let member = Member { username: name.clone(), role, joined: entry.seq, joined_at: entry.at };
        Change::Begins(member, Membership::begin(role, entry, head))
    };
    match event {
        Event::Created { members, .. } => {
            let founder = |name: &Username| {
                let member = Member {
                    username: name.clone(),
                    role: Role::Administrator,
                    joined: entry.seq,
                    joined_at: entry.at,
                };
                // Whoever starts it has read what they said themselves.
                let read = Mark { seq: head.seq, messages: head.messages };
                Change::Begins(member, Membership { read, ..Membership::begin(Role::Administrator, entry, head) })
            };
            members
                .iter()
                .map(|name| if *name == entry.by { founder(name) } else { begins(name, Role::Member) })
                .collect()
        }
        Event::Joined { members } => members.iter().map(|name| begins(name, Role::Member)).collect(),
        Event::Left { .. } => vec![Change::Ends(entry.by.clone())],
        Event::Removed { member, .. } => vec![Change::Ends(member.clone())],
        Event::RoleChanged { member, role, instead_of } => {
            let former = instead_of.iter().map(|former| Change::Role(former.clone(), Role::Member));
            std::iter::once(Change::Role(member.clone(), *role)).chain(former).collect()
        }
        Event::Renamed { .. }
        | Event::ProjectChanged { .. }
        | Event::Archived
        | Event::Unarchived
        | Event::Deleted
        | Event::GlassBroken { .. }
        | Event::AttachmentBlocked { .. }
        | Event::Exported { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Creation, History, Signature, create};

    #[test]
    fn whoever_starts_it_has_read_what_they_said_themselves_and_nobody_else_has() {
        let creation = Creation {
            id: uuid::Uuid::from_u128(7).into(),
            title: "Ward 4".to_owned().try_into().unwrap(),
            history: History::All,
            project: None,
            others: vec!["ben".parse().unwrap()],
        };
        let at = "2026-03-01T09:00:00Z".parse().unwrap();
        let signature = Signature { id: uuid::Uuid::from_u128(1).into(), by: "ann".parse().unwrap(), at };
        let (head, first) = create(creation, signature);
        // A first message is stored with the first entry.
        let head = Head { seq: first.seq.next(), messages: 1, ..head };
        let begun: Vec<_> = changes(&first, &head)
            .into_iter()
            .map(|change| match change {
                Change::Begins(member, own) => (member.role, own.role, member.joined, own.joined, own.read),
                Change::Ends(_) | Change::Role(..) => panic!("everybody begins"),
            })
            .collect();
        let (all, before) = (Mark { seq: head.seq, messages: 1 }, Mark { seq: first.seq, messages: 0 });
        let joined = first.seq;
        assert_eq!(
            begun,
            [
                (Role::Administrator, Role::Administrator, joined, joined, all),
                (Role::Member, Role::Member, joined, joined, before),
            ]
        );
    }
}

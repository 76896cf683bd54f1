//! What people see, by the model: the parts of the API's answers that it knows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::clock::Timestamp;
use serde_json::{Value, json};

use super::model::{Conversation, Entry, Event, Flaw, Member, Message, Model, State, What};
use super::stage::Look;
use super::step::Notify;

/// What a title with this number says.
pub(super) fn titled(title: usize) -> String {
    format!("Ward {title}")
}

/// What those who join later may see.
pub(super) const fn history(from_join: bool) -> &'static str {
    if from_join { "from_join" } else { "all" }
}

/// What a member may do.
pub(super) const fn role(administrator: bool) -> &'static str {
    if administrator { "administrator" } else { "member" }
}

/// Of what somebody wants to be told.
pub(super) const fn notify(notify: Notify) -> &'static str {
    match notify {
        Notify::All => "all",
        Notify::Mentions => "mentions",
        Notify::Nothing => "nothing",
    }
}

fn time(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

/// What of a conversation somebody has not read.
#[derive(Default)]
struct Counts {
    messages: u64,
    mentions: u64,
    important: u64,
}

impl Conversation {
    /// Messages of others after the mark, as they now stand; what was withdrawn is not there to be read.
    fn counts(&self, who: usize, own: &Member) -> Counts {
        let mut counts = Counts::default();
        for (_, entry) in self.entries().filter(|(seq, _)| *seq > own.read) {
            let What::Message(message) = &entry.what else { continue };
            let mine = entry.by == who && self.flaw != Some(Flaw::OwnMessagesAreUnread);
            if !mine && !message.withdrawn {
                counts.messages += 1;
                counts.mentions += u64::from(message.named.contains(&who));
                counts.important += u64::from(message.important);
            }
        }
        counts
    }

    /// The last message: its time and author.
    fn last_message(&self) -> Option<(i64, usize)> {
        let last = self.log.iter().rev().find(|entry| matches!(entry.what, What::Message(_)))?;
        Some((last.at, last.by))
    }

    fn active_at(&self) -> i64 {
        self.last_message().map_or(self.log[0].at, |(at, _)| at)
    }

    fn side_of(&self, who: usize) -> Option<&Member> {
        let former = || self.former.get(&who).filter(|_| self.flaw == Some(Flaw::FormerMembersSee));
        self.members.get(&who).or_else(former).filter(|_| self.state != State::Deleted)
    }

    /// The entries that a member may see: nothing that was done later to what was said before, either.
    fn visible(&self, own: &Member) -> impl Iterator<Item = (u64, &Entry)> {
        let first = self.visible_from(own);
        self.entries().filter(move |(seq, entry)| {
            let about = if let What::Revision(revised) = entry.what { revised } else { *seq };
            about >= first
        })
    }
}

impl Model {
    /// What somebody sees who looks at a conversation; nothing if to them there is none.
    pub(super) fn sees(&self, what: Look, slot: usize, who: usize) -> Option<Value> {
        let there = self.conversations.get(&slot)?;
        let own = there.side_of(who)?;
        let items = |shown: Vec<u64>| shown.into_iter().map(|seq| self.item(there, seq)).collect::<Vec<_>>();
        Some(match what {
            Look::Conversation => self.conversation(there, who, own),
            Look::Newest => {
                let shown = there.visible(own).filter(|(_, entry)| !matches!(entry.what, What::Revision(_)));
                let mut shown: Vec<u64> = shown.map(|(seq, _)| seq).collect();
                shown.reverse();
                let conversation = self.conversation(there, who, own);
                json!({ "items": items(shown), "next": null, "conversation": conversation })
            }
            Look::Everything => {
                let shown = there.visible(own).map(|(seq, _)| seq).collect();
                json!({ "items": items(shown), "next": null })
            }
            Look::Members => {
                let row = |(whom, member): (&usize, &Member)| self.member(there, *whom, member);
                let rows: Vec<Value> = there.members.iter().map(row).collect();
                json!({ "items": rows, "next": null })
            }
        })
    }

    fn conversation(&self, there: &Conversation, who: usize, own: &Member) -> Value {
        let counts = there.counts(who, own);
        let last = there.last_message();
        let (members, first) = (there.members.len(), &there.log[0]);
        let shown = json!({
            "title": titled(there.title),
            "kind": if members == 2 { "direct" } else { "group" },
            "state": if there.state == State::Active { "active" } else { "archived" },
            "history": history(there.from_join),
            "members_count": members,
            "administrators_count": there.administrators(),
            "created_by": self.names[first.by],
            "created_at": time(first.at),
            "last_message_at": last.map(|(at, _)| time(at)),
            "last_message_by": last.map(|(_, by)| &self.names[by]),
            "seq": there.head(),
            "rev": there.rev(),
        });
        let mine = json!({
            "role": role(own.administrator),
            "read": own.read,
            "unread": counts.messages,
            "urgent": counts.mentions + counts.important > 0,
            "pinned": own.pinned,
            "notify": notify(own.notify),
        });
        both(shown, mine)
    }

    /// A member, as the others see them.
    pub(super) fn member(&self, there: &Conversation, whom: usize, member: &Member) -> Value {
        let joined_at = there.entry(member.joined).map(|entry| time(entry.at));
        let name = &self.names[whom];
        json!({ "username": name, "role": role(member.administrator), "joined_at": joined_at, "active": true })
    }

    /// An entry, as the members see it.
    pub(super) fn item(&self, there: &Conversation, seq: u64) -> Value {
        let Some(Entry { by, at, what }) = there.entry(seq) else { return Value::Null };
        let bare = |kind: &str| {
            let (author, sent_at) = (&self.names[*by], time(*at));
            json!({ "seq": seq, "kind": kind, "author": author, "sent_at": sent_at, "body": null, "withdrawn": false })
        };
        match what {
            What::Message(message) => self.message(seq, *by, *at, message),
            What::Event(event) => both(bare("event"), json!({ "event": self.event(there, event), "revises": null })),
            What::Revision(revised) => {
                both(bare("revision"), json!({ "revises": revised, "message": self.item(there, *revised) }))
            }
        }
    }

    /// A message. Of one that was withdrawn nothing is left but its place.
    pub(super) fn message(&self, seq: u64, by: usize, at: i64, message: &Message) -> Value {
        let Message { text, important, named, edited_at, withdrawn } = message;
        let about = json!({
            "seq": seq,
            "kind": "message",
            "author": self.names[by],
            "sent_at": time(at),
            "withdrawn": withdrawn,
            "event": null,
        });
        if *withdrawn {
            let nothing = json!({
                "body": null, "important": false, "mentions": [], "unresolved_mentions": [], "edited_at": null,
            });
            return both(about, nothing);
        }
        let mention = |who: &usize| json!({ "username": self.names[*who] });
        let strangers = text.tags.iter().filter(|who| !named.contains(who));
        let said = json!({
            "body": text.written(&self.names),
            "important": important,
            "mentions": named.iter().map(mention).collect::<Vec<_>>(),
            "unresolved_mentions": strangers.map(|who| format!("@{}", self.names[*who])).collect::<Vec<_>>(),
            "edited_at": edited_at.map(time),
        });
        both(about, said)
    }

    fn event(&self, there: &Conversation, event: &Event) -> Value {
        let name = |who: &usize| &self.names[*who];
        match event {
            Event::Created => json!({ "type": "created", "history": history(there.from_join) }),
            Event::Joined(people) => {
                let names: Vec<&String> = people.iter().map(name).collect();
                let (subject, subjects) = if let [one] = names[..] { (Some(one), Vec::new()) } else { (None, names) };
                json!({ "type": "joined", "subject": subject, "subjects": subjects, "role": "member" })
            }
            Event::Left => json!({ "type": "left", "subject": null }),
            Event::Removed(whom) => json!({ "type": "removed", "subject": name(whom) }),
            Event::RoleChanged(whom, administrator) => {
                json!({ "type": "role_changed", "subject": name(whom), "role": role(*administrator) })
            }
            Event::Renamed(title) => json!({ "type": "renamed", "title": titled(*title) }),
            Event::Archived => json!({ "type": "archived" }),
            Event::Unarchived => json!({ "type": "unarchived" }),
        }
    }

    /// An inbox: what is pinned first, then the latest activity, then the id; `ids` are the conversations' own.
    pub(super) fn inbox(&self, who: usize, state: State, ids: &BTreeMap<usize, String>) -> Value {
        let mut rows = BTreeMap::new();
        for (slot, there) in self.conversations.iter().filter(|(_, there)| there.state == state) {
            if let (Some(own), Some(id)) = (there.members.get(&who), ids.get(slot)) {
                let row = both(self.conversation(there, who, own), json!({ "id": id }));
                rows.insert(Reverse((own.pinned, there.active_at(), id)), row);
            }
        }
        let items: Vec<Value> = rows.into_values().collect();
        json!({ "items": items, "next": null })
    }

    /// What somebody has not read in all conversations. What is for them in particular counts also where the rest does
    /// not.
    pub(super) fn unread(&self, who: usize) -> Value {
        let mut total = Counts::default();
        let mut conversations = 0;
        for there in self.conversations.values().filter(|there| there.state == State::Active) {
            let Some(own) = there.members.get(&who) else { continue };
            let counts = there.counts(who, own);
            if own.notify == Notify::All && counts.messages > 0 {
                total.messages += counts.messages;
                conversations += 1;
            }
            total.mentions += counts.mentions;
            total.important += counts.important;
        }
        json!({
            "messages": total.messages,
            "conversations": conversations,
            "mentions": total.mentions,
            "important": total.important,
        })
    }
}

/// The fields of two objects.
fn both(mut one: Value, other: Value) -> Value {
    if let (Value::Object(fields), Value::Object(others)) = (&mut one, other) {
        fields.extend(others);
    }
    one
}

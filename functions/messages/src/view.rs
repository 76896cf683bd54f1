//! A log's entries, as members see them.

use std::collections::HashMap;

use domain::clock::Timestamp;
use domain::conversation::History;
use domain::entry::{Act, Content, Entry, Event, Message, Seq};
use domain::id::EntryId;
use domain::mention;
use domain::text::{Body, DisplayName, Username};
use domain::user::Profile;
use serde::Serialize;
use utoipa::ToSchema;

/// An entry of a conversation's log: a message, or something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(crate) struct Item {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    id: EntryId,
    /// Its place: 1, 2, 3 without gaps.
    #[schema(value_type = u64)]
    seq: Seq,
    /// `message` or `event`.
    #[schema(value_type = String, pattern = "^(message|event)$")]
    kind: &'static str,
    /// The username of who wrote or did it.
    #[schema(value_type = String)]
    author: Username,
    /// What people call them.
    #[schema(value_type = String)]
    author_name: DisplayName,
    /// Whether they still work here.
    author_active: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    sent_at: Timestamp,
    /// What it says; nothing for an event.
    #[schema(value_type = Option<String>)]
    body: Option<Body>,
    /// Whether its author marked it as important.
    important: bool,
    /// The members it names.
    mentions: Vec<Mention>,
    /// Texts that look like mentions and name no member.
    unresolved_mentions: Vec<String>,
    /// What happened; nothing for a message.
    event: Option<EventView>,
}

/// A member who is named in a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mention {
    /// Who.
    #[schema(value_type = String)]
    username: Username,
    /// Where the `@` stands, in Unicode scalar values.
    start: usize,
    /// The place after the mention's last character.
    end: usize,
}

/// Something that happened to the conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView {
    /// What happened.
    #[schema(value_type = String, pattern = "^created$")]
    r#type: &'static str,
    /// What those who join later may see.
    #[schema(value_type = String, pattern = "^(all|from_join)$")]
    history: History,
}

impl Item {
    /// What members see of an entry; nothing of a revision, which shows in the message it revises.
    pub(crate) fn new(entry: Entry, author: Profile) -> Option<Self> {
        let (kind, message, event) = match entry.act {
            Act::Message(message) => ("message", Some(message), None),
            Act::Event { event: Event::Created { history, .. } } => {
                ("event", None, Some(EventView { r#type: "created", history }))
            }
            Act::Revision { .. } => return None,
        };
        let important = message.as_ref().is_some_and(|message| message.important);
        let (body, mentions) = message.map(parts).unwrap_or_default();
        let unresolved_mentions = body.as_ref().map(|body| mention::unresolved(body, &mentions)).unwrap_or_default();
        let mentions = mentions
            .into_iter()
            .map(|mention::Mention { username, start, end }| Mention { username, start, end })
            .collect();
        Some(Self {
            id: entry.id,
            seq: entry.seq,
            kind,
            author: entry.by,
            author_name: author.name,
            author_active: author.active,
            sent_at: entry.at,
            body,
            important,
            mentions,
            unresolved_mentions,
            event,
        })
    }

    /// What members see of some entries.
    pub(crate) fn all(entries: Vec<Entry>, authors: &HashMap<Username, Profile>) -> Vec<Self> {
        let author = |name: &Username| authors.get(name).cloned().or_else(|| gone(name));
        entries.into_iter().filter_map(|entry| author(&entry.by).and_then(|author| Self::new(entry, author))).collect()
    }
}

fn parts(message: Message) -> (Option<Body>, Vec<mention::Mention>) {
    match message.content {
        Content::Body(body) => (Some(body), message.mentions),
        Content::Purged(_) => (None, Vec::new()),
    }
}

/// Somebody without a profile is shown by username.
fn gone(name: &Username) -> Option<Profile> {
    let shown = DisplayName::try_from(name.as_str().to_owned()).ok()?;
    Some(Profile { username: name.clone(), name: shown, email: None, active: false })
}

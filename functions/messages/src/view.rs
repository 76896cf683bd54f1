//! A log's entries, as members see them.

use api::schema;
use std::collections::HashMap;

use api::view::{Attachment, EventView};
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::message::Standing;
use domain::entry::{Act, Attached, Content, Entry, Message};
use domain::id::{AttachmentId, EntryId};
use domain::mention;
use domain::text::{Body, DisplayName, Username};
use domain::user::Profile;
use serde::Serialize;
use store::Element;
use utoipa::ToSchema;

/// An entry of a conversation's log: a message, something that happened, or something that was done to a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that clients show by itself")]
pub(crate) struct Item {
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: EntryId,
    /// Its place: 1, 2, 3 without gaps.
    #[schema(value_type = schema::Seq)]
    seq: Seq,
    /// `message`, `event` or `revision`.
    #[schema(value_type = String, pattern = "^(message|event|revision)$")]
    kind: &'static str,
    /// The username of who wrote or did it.
    #[schema(value_type = schema::Username)]
    author: Username,
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    author_name: DisplayName,
    /// Whether they still work here.
    author_active: bool,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    sent_at: Timestamp,
    /// What it says now; nothing for an event, a revision, and what was withdrawn or purged.
    #[schema(value_type = Option<schema::Body>)]
    body: Option<Body>,
    /// Whether its author marked it as important.
    important: bool,
    /// The members it names.
    mentions: Vec<Mention>,
    /// Texts that look like mentions and name no member.
    unresolved_mentions: Vec<String>,
    /// What is attached to it, also what is not kept any more; nothing once it was withdrawn.
    attachments: Vec<Attachment>,
    /// When it was last edited.
    #[schema(value_type = Option<schema::Timestamp>)]
    edited_at: Option<Timestamp>,
    /// Whether its author took it back.
    withdrawn: bool,
    /// Whether it was kept as long as it was to be: what it said and what was attached to it is gone.
    purged: bool,
    /// What happened; nothing for a message.
    event: Option<EventView>,
    /// For a revision: the place of the message that was edited or withdrawn.
    #[schema(value_type = Option<schema::Seq>)]
    revises: Option<Seq>,
    /// For a revision: that message as it now stands.
    #[schema(no_recursion)]
    message: Option<Box<Item>>,
}

/// What is known of attachments: of those that are still there.
pub(crate) type Known = HashMap<AttachmentId, domain::attachment::Attachment>;

/// A member who is named in a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mention {
    /// Who.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// Where the `@` stands, in Unicode scalar values.
    start: usize,
    /// The place after the mention's last character.
    end: usize,
}

impl Item {
    /// An entry of which only its author and time are shown.
    fn bare(id: EntryId, seq: Seq, kind: &'static str, sent_at: Timestamp, author: &Profile) -> Self {
        Self {
            id,
            seq,
            kind,
            author: author.username.clone(),
            author_name: author.name.clone(),
            author_active: author.active,
            sent_at,
            body: None,
            important: false,
            mentions: Vec::new(),
            unresolved_mentions: Vec::new(),
            attachments: Vec::new(),
            edited_at: None,
            withdrawn: false,
            purged: false,
            event: None,
            revises: None,
            message: None,
        }
    }

    /// A message as it now stands, and its attachments as they are now.
    pub(crate) fn message(standing: Standing, author: &Profile, known: &Known) -> Self {
        let Standing { seq, id, at, message, edited_at, .. } = standing;
        let bare = Self::bare(id, seq, "message", at, author);
        let Some(message) = message else { return Self { withdrawn: true, ..bare } };
        let purged = message.is_purged();
        let Message { content, important, mentions, attachments } = message;
        let (body, mentions) = match content {
            Content::Body(body) => (Some(body), mentions),
            Content::Absent(_) | Content::None => (None, Vec::new()),
        };
        // What was sent shows, whatever became of it.
        let as_it_is = |attached: Attached| match known.get(&attached.id) {
            Some(found) => Attachment::from(found),
            None => Attachment::removed(attached),
        };
        let attachments = attachments.into_iter().map(as_it_is).collect();
        let unresolved_mentions = body.as_ref().map(|body| mention::unresolved(body, &mentions)).unwrap_or_default();
        let named = |mention::Mention { username, start, end }| Mention { username, start, end };
        let mentions = mentions.into_iter().map(named).collect();
        Self { body, important, mentions, unresolved_mentions, attachments, edited_at, purged, ..bare }
    }

    /// A message that was just sent.
    pub(crate) fn sent(entry: &Entry, author: &Profile, known: &Known) -> Option<Self> {
        Standing::of(entry, []).map(|standing| Self::message(standing, author, known))
    }

    /// What members see of part of a log.
    pub(crate) fn all(elements: Vec<Element>, authors: &HashMap<Username, Profile>, known: &Known) -> Vec<Self> {
        let author = |name: &Username| authors.get(name).cloned().unwrap_or_else(|| Profile::gone(name));
        elements.into_iter().map(|element| Self::element(element, author, known)).collect()
    }

    fn element(Element { entry, standing }: Element, author: impl Fn(&Username) -> Profile, known: &Known) -> Self {
        let by = author(&entry.by);
        let message = standing.map(|standing| {
            let author = author(&standing.by);
            Self::message(standing, &author, known)
        });
        match (entry.act, message) {
            (Act::Event { event }, _) => {
                Self { event: Some(event.into()), ..Self::bare(entry.id, entry.seq, "event", entry.at, &by) }
            }
            (Act::Message(_), Some(message)) => message,
            (Act::Revision { revises, .. }, message) => Self {
                revises: Some(revises),
                message: message.map(Box::new),
                ..Self::bare(entry.id, entry.seq, "revision", entry.at, &by)
            },
            (Act::Message(_), None) => Self::bare(entry.id, entry.seq, "message", entry.at, &by),
        }
    }
}

//! `GET /v1/conversations/{id}/audit`

use api::view::EventView;
use api::{Auditor, Path, Problem, Query, schema};
use axum::extract::State;
use domain::attachment::{ContentType, FileName, Size};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::entry::{Act, Attached, Change, Content, Entry, Event};
use domain::id::{AttachmentId, ConversationId, EntryId};
use domain::text::{Body, Username};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::institution::Part;

/// Part of a conversation's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationLog {
    /// Entries, the newest first.
    items: Vec<ConversationEntry>,
    /// Where to go on, as `before`; nothing at the end.
    #[schema(value_type = Option<schema::Seq>)]
    next: Option<Seq>,
    /// Whether I may read what was written, because I said why.
    open: bool,
}

/// An entry of a conversation's log, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationEntry {
    /// Its place: 1, 2, 3 without gaps.
    #[schema(value_type = schema::Seq)]
    seq: Seq,
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: EntryId,
    /// Who did it.
    #[schema(value_type = schema::Username)]
    by: Username,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// `message`, `edited`, `withdrawn` or `event`.
    #[schema(value_type = String, pattern = "^(message|edited|withdrawn|event)$")]
    kind: &'static str,
    /// The place of the message that was edited or withdrawn.
    #[schema(value_type = Option<schema::Seq>)]
    revises: Option<Seq>,
    /// What happened; titles only where the conversation is open to me.
    event: Option<EventView>,
    /// Whether its author marked it as important.
    important: bool,
    /// What it says; only where the conversation is open to me.
    #[schema(value_type = Option<schema::Body>)]
    body: Option<Body>,
    /// Whom it mentions; only where the conversation is open to me.
    #[schema(value_type = Vec<schema::Username>)]
    mentions: Vec<Username>,
    /// The SHA-256 of what it says.
    #[schema(value_type = Option<schema::Sha256>)]
    body_sha256: Option<Digest>,
    /// What was sent with it; an edit keeps that.
    attachments: Vec<AttachmentEntry>,
    /// How many members there are from here on.
    members: u32,
    /// The hash of the entry before; zeros for the first.
    #[schema(value_type = schema::Sha256)]
    previous: Digest,
    /// The hash of this entry.
    #[schema(value_type = schema::Sha256)]
    hash: Digest,
}

/// An attachment, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachmentEntry {
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: AttachmentId,
    /// What its author said it is.
    #[schema(value_type = schema::ContentType)]
    content_type: ContentType,
    /// How many bytes it has.
    #[schema(value_type = schema::Size)]
    size: Size,
    /// The SHA-256 of its bytes.
    #[schema(value_type = schema::Sha256)]
    sha256: Digest,
    /// What it is called; only where the conversation is open to me.
    #[schema(value_type = Option<String>)]
    name: Option<FileName>,
    /// The SHA-256 of what it is called.
    #[schema(value_type = schema::Sha256)]
    name_sha256: Digest,
}

impl AttachmentEntry {
    /// A name is content, and may say as much as a text.
    fn new(attached: Attached, open: bool) -> Self {
        let Attached { id, content_type, size, sha256, label } = attached;
        let name = label.name().filter(|_| open).cloned();
        Self { id, content_type, size, sha256, name, name_sha256: label.digest() }
    }
}

impl ConversationEntry {
    fn new(entry: Entry, open: bool) -> Self {
        let Entry { seq, id, by, at, act, members, previous, hash, .. } = entry;
        let (kind, revises, event, said) = match act {
            Act::Message(message) => ("message", None, None, Some(message)),
            Act::Revision { revises, change: Change::Edited(message) } => {
                ("edited", Some(revises), None, Some(message))
            }
            Act::Revision { revises, change: Change::Withdrawn } => ("withdrawn", Some(revises), None, None),
            Act::Event { event } => ("event", None, Some(happened(event, open)), None),
        };
        let body_sha256 = said.as_ref().map(|said| said.content.digest());
        let important = said.as_ref().is_some_and(|said| said.important);
        let (content, mentions, attached) = said
            .map_or((Content::None, Vec::new(), Vec::new()), |said| (said.content, said.mentions, said.attachments));
        let body = match content {
            Content::Body(body) if open => Some(body),
            Content::Body(_) | Content::Absent(_) | Content::None => None,
        };
        let mentions = mentions.into_iter().filter(|_| open).map(|mention| mention.username).collect();
        let attachments = attached.into_iter().map(|attached| AttachmentEntry::new(attached, open)).collect();
        Self {
            seq,
            id,
            by,
            at,
            kind,
            revises,
            event,
            important,
            body,
            mentions,
            body_sha256,
            attachments,
            members,
            previous,
            hash,
        }
    }
}

/// Who did what to whom is for auditors; what a conversation is called is content.
fn happened(event: Event, open: bool) -> EventView {
    let began = match &event {
        Event::Created { title, members, .. } => Some((title.clone(), members.clone())),
        _ => None,
    };
    let mut view = EventView::from(event);
    if let Some((title, members)) = began {
        (view.title, view.subjects) = (Some(title), members);
    }
    if !open {
        view.title = None;
    }
    view
}

/// Read a conversation's log.
///
/// For auditors, who need be no members: who did what and when, and what was attached. What was written and what attachments
/// are called, also in former versions, shows for an hour after `POST /v1/conversations/{id}/break-glass`.
#[utoipa::path(get, path = "/v1/conversations/{id}/audit", tag = "audit",
    params(("id" = schema::Id, Path, description = "The conversation."), Part),
    responses((status = 200, body = ConversationLog, description = "Part of the log."), Problem))]
pub(crate) async fn read_conversation_log(
    State(app): State<App>,
    Auditor(caller): Auditor,
    Path(id): Path<ConversationId>,
    Query(Part { limit, before }): Query<Part>,
) -> Result<axum::Json<ConversationLog>, Problem> {
    let (entries, open) = app.store.conversation_log(id, caller.username(), before, limit, app.clock.now()).await?;
    let items: Vec<_> = entries.into_iter().map(|entry| ConversationEntry::new(entry, open)).collect();
    let next = items.last().map(|last| last.seq).filter(|last| *last > Seq::START.next());
    Ok(axum::Json(ConversationLog { items, next, open }))
}

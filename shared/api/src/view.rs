//! What several functions show of the same thing.

use domain::attachment::{ContentType, FileName, Size, State as AttachmentState};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::{Head, History, Kind, Role, State};
use domain::entry::{Attached, Event};
use domain::id::{AttachmentId, ConversationId};
use domain::identifier::Identifier;
use domain::member::{Member, Membership, Notify};
use domain::project::ProjectId;
use domain::text::{DisplayName, Title, Username};
use domain::user::Profile;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A conversation, as one of its members sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// Its id.
    #[schema(value_type = schema::Id)]
    pub id: ConversationId,
    /// What it is called.
    #[schema(value_type = schema::Title)]
    pub title: Title,
    /// `direct` between two people, else `group`.
    #[schema(value_type = String, pattern = "^(direct|group)$")]
    pub kind: Kind,
    /// `active` or `archived`.
    #[schema(value_type = String, pattern = "^(active|archived)$")]
    pub state: State,
    /// What I may do: `administrator` or `member`.
    #[schema(value_type = schema::Role)]
    pub role: Role,
    /// What those who join later may see: `all` or `from_join`.
    #[schema(value_type = schema::History)]
    pub history: History,
    /// The project it is labelled with.
    #[schema(value_type = Option<schema::ProjectId>)]
    pub project_id: Option<ProjectId>,
    /// How many members it has.
    pub members_count: u32,
    /// How many of them are administrators.
    pub administrators_count: u32,
    /// Who started it.
    #[schema(value_type = schema::Username)]
    pub created_by: Username,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When the last message was sent.
    #[schema(value_type = Option<schema::Timestamp>)]
    pub last_message_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<schema::Username>)]
    pub last_message_by: Option<Username>,
    /// The place of the last entry.
    #[schema(value_type = schema::Seq)]
    pub seq: Seq,
    /// How far I have read.
    #[schema(value_type = schema::Seq)]
    pub read: Seq,
    /// How many messages I have not read.
    pub unread: u64,
    /// Whether one of them mentions me or is important.
    pub urgent: bool,
    /// Whether it stands first in my inbox.
    pub pinned: bool,
    /// Of what I want to be told: `all`, `mentions` or `nothing`. What mentions me or is important always is.
    #[schema(value_type = schema::Notify)]
    pub notify: Notify,
    /// Which version of the conversation itself this is; messages do not change it.
    #[schema(value_type = schema::Seq)]
    pub rev: Seq,
    /// What the title that was just given seems to hold that could identify a patient. A title is seen by more people
    /// than what is written under it: think of another one. Empty in all other answers.
    pub warnings: Vec<Warning>,
}

/// Something that could identify a patient.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Warning {
    /// What: `date_of_birth`, `nhs_number`, `telephone_number`, `email_address` or `record_number`.
    #[schema(value_type = String, pattern = "^(date_of_birth|nhs_number|telephone_number|email_address|record_number)$")]
    pub code: Identifier,
    /// Where: `title`.
    pub field: &'static str,
}

impl Conversation {
    /// What a member sees.
    pub fn new(head: Head, own: &Membership) -> Self {
        let kind = head.kind();
        let counts = own.counts(&head);
        let (last_message_at, last_message_by) = head.last_message.map(|last| (last.at, last.by)).unzip();
        Self {
            id: head.id,
            title: head.title,
            kind,
            state: head.state,
            role: own.role,
            history: head.history,
            project_id: head.project,
            members_count: head.members_count,
            administrators_count: head.administrators_count,
            created_by: head.created_by,
            created_at: head.created_at,
            last_message_at,
            last_message_by,
            seq: head.seq,
            read: own.read.seq,
            unread: counts.messages,
            urgent: counts.mentions + counts.important > 0,
            pinned: own.pinned,
            notify: own.notify,
            rev: head.rev,
            warnings: Vec::new(),
        }
    }

    /// The same, with what its title should not hold.
    #[must_use]
    pub fn warned(self, identifiers: Vec<Identifier>) -> Self {
        let warnings = identifiers.into_iter().map(|code| Warning { code, field: "title" }).collect();
        Self { warnings, ..self }
    }
}

/// A member of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// Their username.
    #[schema(value_type = schema::Username)]
    pub username: Username,
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    pub name: DisplayName,
    /// What they may do: `administrator` or `member`.
    #[schema(value_type = schema::Role)]
    pub role: Role,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub joined_at: Timestamp,
    /// Whether they still work here.
    pub active: bool,
}

impl MemberView {
    /// What the other members see.
    pub fn new(member: Member, profile: Profile) -> Self {
        let Member { username, role, joined_at, .. } = member;
        Self { username, name: profile.name, role, joined_at, active: profile.active }
    }
}

/// Something that was uploaded for a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attachment {
    /// Its id.
    #[schema(value_type = schema::Id)]
    pub id: AttachmentId,
    /// What it is called, for display; nothing, where not even that is known any more.
    #[schema(value_type = Option<String>)]
    pub name: Option<FileName>,
    /// What it is.
    #[schema(value_type = schema::ContentType)]
    pub content_type: ContentType,
    /// How many bytes it has.
    #[schema(value_type = schema::Size)]
    pub size: Size,
    /// The SHA-256 of its bytes.
    #[schema(value_type = schema::Sha256)]
    pub sha256: Digest,
    /// `pending`, until it is uploaded; `scanning`; `clean`, when it can be fetched; `blocked`, when it never will;
    /// `removed`, when it was sent and is not kept any more.
    #[schema(value_type = String, pattern = "^(pending|scanning|clean|blocked|removed)$")]
    pub state: AttachmentState,
}

impl From<&domain::attachment::Attachment> for Attachment {
    fn from(attachment: &domain::attachment::Attachment) -> Self {
        Self {
            id: attachment.id,
            name: Some(attachment.name.clone()),
            content_type: attachment.content_type.clone(),
            size: attachment.size,
            sha256: attachment.sha256,
            state: attachment.state(),
        }
    }
}

impl Attachment {
    /// What stands for an attachment of which there is nothing but what the log says of it.
    pub fn removed(attached: Attached) -> Self {
        let name = attached.label.name().cloned();
        let Attached { id, content_type, size, sha256, .. } = attached;
        Self { id, name, content_type, size, sha256, state: AttachmentState::Removed }
    }
}

/// Where something is fetched: whoever has the link may.
#[derive(Debug, Serialize, ToSchema)]
pub struct Download {
    /// From where.
    pub url: String,
    /// Until when it works.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

/// Something that happened to the conversation.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// What happened.
    #[schema(value_type = String, pattern = "^(created|joined|left|removed|role_changed|renamed|project_changed|archived|unarchived|deleted|glass_broken|attachment_blocked|exported)$")]
    pub r#type: &'static str,
    /// To whom, if it is one other person.
    #[schema(value_type = Option<schema::Username>)]
    pub subject: Option<Username>,
    /// To whom, if several joined at once; else empty.
    #[schema(value_type = Vec<schema::Username>)]
    pub subjects: Vec<Username>,
    /// What they may do from now on.
    #[schema(value_type = Option<schema::Role>)]
    pub role: Option<Role>,
    /// What those who join later may see.
    #[schema(value_type = Option<schema::History>)]
    pub history: Option<History>,
    /// What it is called from now on.
    #[schema(value_type = Option<schema::Title>)]
    pub title: Option<Title>,
    /// The project it is labelled with from now on.
    #[schema(value_type = Option<schema::ProjectId>)]
    pub project_id: Option<ProjectId>,
    /// Until when the author, an auditor and no member, may read what is written here.
    #[schema(value_type = Option<schema::Timestamp>)]
    pub until: Option<Timestamp>,
    /// The place of the message of which an attachment is blocked.
    #[schema(value_type = Option<schema::Seq>)]
    pub message: Option<Seq>,
    /// Which attachment that is.
    #[schema(value_type = Option<schema::Id>)]
    pub attachment: Option<AttachmentId>,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let view = Self { r#type: event.as_str(), ..Self::default() };
        match event {
            // What it was called and who was there is older than some who may read this.
            Event::Created { history, .. } => Self { history: Some(history), ..view },
            Event::Joined { mut members } => match members.len() {
                1 => Self { subject: members.pop(), role: Some(Role::Member), ..view },
                _ => Self { subjects: members, role: Some(Role::Member), ..view },
            },
            // From where on somebody may see the conversation is no business of the others.
            Event::Exported { .. } | Event::Left { .. } | Event::Archived | Event::Unarchived | Event::Deleted => view,
            Event::GlassBroken { until } => Self { until: Some(until), ..view },
            Event::AttachmentBlocked { attachment, message } => {
                Self { attachment: Some(attachment), message: Some(message), ..view }
            }
            Event::Removed { member, .. } => Self { subject: Some(member), ..view },
            Event::RoleChanged { member, role, .. } => Self { subject: Some(member), role: Some(role), ..view },
            Event::Renamed { title } => Self { title: Some(title), ..view },
            Event::ProjectChanged { project } => Self { project_id: project, ..view },
        }
    }
}

//! A broadcast, as people and as those who send them see it.

use api::schema;
use domain::broadcast::{Announcement, Audience, Broadcast, Group, Kind};
use domain::clock::Timestamp;
use domain::entry::Content;
use domain::id::BroadcastId;
use domain::project::ProjectId;
use domain::text::Username;
use domain::user::InstitutionRole;
use serde::{Deserialize, Serialize};
use store::Seen;
use utoipa::ToSchema;

/// Something that was announced. Nobody can reply to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Broadcast)]
pub(crate) struct BroadcastView {
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: BroadcastId,
    /// Who speaks: `general` for the administrators, `system` for the product.
    #[schema(value_type = schema::BroadcastKind)]
    kind: Kind,
    /// What it says; empty, if its time of retention is over.
    body: String,
    /// Whether it is important.
    important: bool,
    /// From when on it is shown.
    #[schema(value_type = schema::Timestamp)]
    from: Timestamp,
    /// Until when.
    #[schema(value_type = Option<schema::Timestamp>)]
    until: Option<Timestamp>,
    /// When it was last corrected.
    #[schema(value_type = Option<schema::Timestamp>)]
    corrected_at: Option<Timestamp>,
    /// Whether I have read it.
    read: bool,
}

impl From<Seen> for BroadcastView {
    fn from(Seen { broadcast, read }: Seen) -> Self {
        let Broadcast { id, announcement, corrected_at, .. } = broadcast;
        let Announcement { kind, content, important, from, until, .. } = announcement;
        Self { id, kind, body: said(content), important, from, until, corrected_at, read }
    }
}

fn said(content: Content) -> String {
    match content {
        Content::Body(body) => body.into(),
        Content::Absent(_) | Content::None => String::new(),
    }
}

/// For whom a broadcast shall be: whoever has one of these roles, works on one of these projects, or is named.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "projects": ["heart-study"] }))]
pub(crate) struct AskedAudience {
    /// Roles at the institution: `system_administrator`, `auditor`.
    #[serde(default)]
    #[schema(value_type = Vec<schema::InstitutionRole>, required = false)]
    roles: Vec<InstitutionRole>,
    /// Ids of projects.
    #[serde(default)]
    #[schema(value_type = Vec<schema::ProjectId>, required = false)]
    projects: Vec<ProjectId>,
    /// Usernames.
    #[serde(default)]
    #[schema(value_type = Vec<schema::Username>, required = false)]
    usernames: Vec<Username>,
}

impl AskedAudience {
    /// What a request says of the audience; if it says nothing, it is everybody.
    pub(crate) fn audience(said: Option<Self>) -> Audience {
        said.map_or(Audience::Everybody, |Self { roles, projects, usernames }| {
            Audience::Only(Group { roles, projects, usernames })
        })
    }
}

/// For whom a broadcast is: whoever has one of these roles, works on one of these projects, or is named.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Audience)]
pub(crate) struct AudienceView {
    /// Roles at the institution: `system_administrator`, `auditor`.
    #[schema(value_type = Vec<schema::InstitutionRole>)]
    roles: Vec<InstitutionRole>,
    /// Ids of projects.
    #[schema(value_type = Vec<schema::ProjectId>)]
    projects: Vec<ProjectId>,
    /// Usernames.
    #[schema(value_type = Vec<schema::Username>)]
    usernames: Vec<Username>,
}

impl AudienceView {
    fn of(audience: Audience) -> Option<Self> {
        match audience {
            Audience::Everybody => None,
            Audience::Only(Group { roles, projects, usernames }) => Some(Self { roles, projects, usernames }),
        }
    }
}

/// A broadcast, as those who send them see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentBroadcast {
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: BroadcastId,
    /// Who speaks: `general` for the administrators, `system` for the product.
    #[schema(value_type = schema::BroadcastKind)]
    kind: Kind,
    /// What it says; empty, if its time of retention is over.
    body: String,
    /// Whether it is important.
    important: bool,
    /// For whom it is; for everybody, if that is not said.
    audience: Option<AudienceView>,
    /// From when on it is shown.
    #[schema(value_type = schema::Timestamp)]
    from: Timestamp,
    /// Until when.
    #[schema(value_type = Option<schema::Timestamp>)]
    until: Option<Timestamp>,
    /// Who sent it.
    #[schema(value_type = schema::Username)]
    sent_by: Username,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    sent_at: Timestamp,
    /// When it was last corrected. Every former version is in the institution's log.
    #[schema(value_type = Option<schema::Timestamp>)]
    corrected_at: Option<Timestamp>,
    /// Whether it was taken back.
    withdrawn: bool,
}

impl From<Broadcast> for SentBroadcast {
    fn from(broadcast: Broadcast) -> Self {
        let Broadcast { id, by, at, announcement, corrected_at, withdrawn } = broadcast;
        let Announcement { kind, content, important, audience, from, until } = announcement;
        Self {
            id,
            kind,
            body: said(content),
            important,
            audience: AudienceView::of(audience),
            from,
            until,
            sent_by: by,
            sent_at: at,
            corrected_at,
            withdrawn,
        }
    }
}

//! Broadcasts: what the institution or the product tells people, to which nobody can reply.
//!
//! A broadcast is stored once. Who reads it decides whether it is for them; that somebody has read it is theirs.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chain::Canonical;
use crate::clock::Timestamp;
use crate::entry::Content;
use crate::id::BroadcastId;
use crate::project::ProjectId;
use crate::text::{Body, Username};
use crate::user::{InstitutionRole, Profile};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The administrators of the institution.
    General,
    /// The product itself: what is new in it.
    System,
}

impl Kind {
    /// The word for it, as the API and the canonical form write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::System => "system",
        }
    }
}

/// For whom a broadcast is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    #[default]
    Everybody,
    /// Whoever is one of these.
    Only(Group),
}

/// People with one of these roles, on one of these projects, or of these names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    /// Roles at the institution.
    pub roles: Vec<InstitutionRole>,
    /// Projects.
    pub projects: Vec<ProjectId>,
    /// Usernames.
    pub usernames: Vec<Username>,
}

impl Group {
    /// The most roles, projects and usernames together: who needs more makes a project of them.
    pub const MAX: usize = 1_000;

    fn len(&self) -> usize {
        self.roles.len() + self.projects.len() + self.usernames.len()
    }
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Who speaks.
    pub kind: Kind,
    /// What it says.
    pub content: Content,
    /// Whether it is important.
    pub important: bool,
    /// For whom it is.
    pub audience: Audience,
    /// From when on it is shown.
    pub from: Timestamp,
    /// Until when it is shown: it is still current for whoever comes later. Without an end it is shown for a year, to
    /// those who were there when it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How long an announcement without an end is shown.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// Why an announcement is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// It would end before it begins, or is over.
    #[error("it would never be shown")]
    NeverShown,
    /// It is for a group of nobody.
    #[error("it is for nobody")]
    ForNobody,
    /// It is for a group that names too many.
    #[error("it names too many")]
    ForTooMany,
}

/// When an announcement is shown, if something is said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// From when on; at once, if that is not said.
    pub from: Option<Timestamp>,
    /// Until when; without end, if that is not said.
    pub until: Option<Timestamp>,
}

impl Announcement {
    /// Something to announce, if there is a time and somebody to show it to.
    pub fn new(
        kind: Kind,
        body: Body,
        important: bool,
        audience: Audience,
        span: Span,
        now: Timestamp,
    ) -> Result<Self, AnnouncementError> {
        let Span { from, until } = span;
        let from = from.unwrap_or(now).max(now);
        if until.is_some_and(|until| until <= from) {
            return Err(AnnouncementError::NeverShown);
        }
        if let Audience::Only(group) = &audience {
            match group.len() {
                0 => return Err(AnnouncementError::ForNobody),
                1..=Group::MAX => {}
                _ => return Err(AnnouncementError::ForTooMany),
            }
        }
        Ok(Self { kind, content: Content::Body(body), important, audience, from, until })
    }

    /// When it is shown no more.
    pub fn end(&self) -> Timestamp {
        self.until.unwrap_or_else(|| self.from.after(YEAR))
    }

    /// Until when it is known who has read it: a year longer than it is shown, for it may be corrected to be shown longer.
    pub fn marks_end(&self) -> Timestamp {
        self.end().after(YEAR)
    }

    pub(crate) fn write(&self, form: &mut Canonical) {
        form.text(self.kind.as_str());
        form.flag(self.important);
        match &self.audience {
            Audience::Everybody => form.flag(true),
            Audience::Only(Group { roles, projects, usernames }) => {
                form.flag(false);
                form.list(roles.iter().map(|role| role.as_str()));
                form.list(projects.iter().map(ProjectId::as_str));
                form.list(usernames.iter().map(Username::as_str));
            }
        }
        form.text(&self.from.to_string());
        form.optional(self.until.map(|until| until.to_string()).as_deref());
    }
}

/// A broadcast as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Its name.
    pub id: BroadcastId,
    /// Who sent it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// What it announces.
    #[serde(flatten)]
    pub announcement: Announcement,
    /// When it was last corrected; every former version is in the institution's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_at: Option<Timestamp>,
    /// Whether it was taken back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// How a broadcast shall be from now on; what is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// What it says.
    pub body: Option<Body>,
    /// Whether it is important.
    pub important: Option<bool>,
    /// Until when it is shown.
    pub until: Option<Timestamp>,
}

/// Why a broadcast cannot be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// It was taken back.
    #[error("the broadcast was withdrawn")]
    Withdrawn,
    /// What it would be is none.
    #[error(transparent)]
    Announcement(#[from] AnnouncementError),
}

/// Somebody who may read broadcasts.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Who.
    pub profile: &'a Profile,
    /// Their roles, as their token says.
    pub roles: &'a [InstitutionRole],
    /// The projects they work on.
    pub projects: &'a BTreeSet<ProjectId>,
}

impl Broadcast {
    /// Whether somebody sees it now.
    pub fn is_shown(&self, reader: Reader<'_>, now: Timestamp) -> bool {
        let Announcement { audience, from, until, .. } = &self.announcement;
        let current = until.is_some() || reader.profile.since.is_none_or(|since| since <= *from);
        let theirs = match audience {
            Audience::Everybody => true,
            Audience::Only(Group { roles, projects, usernames }) => {
                usernames.contains(&reader.profile.username)
                    || roles.iter().any(|role| reader.roles.contains(role))
                    || projects.iter().any(|project| reader.projects.contains(project))
            }
        };
        !self.withdrawn && (*from..self.announcement.end()).contains(&now) && current && theirs
    }

    /// The broadcast as it is after a correction; nothing if it is so already.
    pub fn corrected(&self, correction: Correction, now: Timestamp) -> Result<Option<Self>, CorrectionError> {
        if self.withdrawn {
            return Err(CorrectionError::Withdrawn);
        }
        let mut announcement = self.announcement.clone();
        if let Some(body) = correction.body {
            announcement.content = Content::Body(body);
        }
        announcement.important = correction.important.unwrap_or(announcement.important);
        if let Some(until) = correction.until {
            // It may end at once, as one that is over; it may not end before it began.
            if until <= announcement.from {
                return Err(AnnouncementError::NeverShown.into());
            }
            announcement.until = Some(until);
        }
        if announcement == self.announcement {
            return Ok(None);
        }
        Ok(Some(Self { announcement, corrected_at: Some(now), ..self.clone() }))
    }

    /// The broadcast as it is after it was taken back; nothing if it was before.
    pub fn taken_back(&self) -> Option<Self> {
        (!self.withdrawn).then(|| Self { withdrawn: true, ..self.clone() })
    }
}

#[cfg(test)]
mod tests;

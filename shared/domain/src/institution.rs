//! The institution: how it set the messenger up, and its own log of what its officials did.

pub mod log;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::attachment::{ContentType, DeniedTypes};
use crate::clock::Timestamp;
use crate::conversation::Role;
use crate::preferences::MailPolicy;
use crate::retention::Period;
use crate::text::{ClosedReason, Username};
use crate::user::Profile;

/// How the institution set the messenger up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether people may use the messenger. While they may not, everything is kept and nothing is mailed.
    pub messenger_enabled: bool,
    /// What people are told who try while it is not enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_reason: Option<ClosedReason>,
    /// Whether only system administrators may start a conversation with a system administrator. Whoever was written to
    /// may always answer.
    pub protect_admins: bool,
    /// Whether auditors may read what conversations hold, with a reason.
    pub break_glass: bool,
    /// What is decided about mails.
    #[serde(skip_serializing_if = "MailPolicy::is_default")]
    pub mail: MailPolicy,
    /// Who may back up a conversation.
    #[serde(skip_serializing_if = "is_default")]
    pub backup_by: BackupBy,
    /// What nobody may upload.
    #[serde(skip_serializing_if = "is_default")]
    pub denied_types: DeniedTypes,
    /// How long messages are kept, of projects that say nothing else.
    #[serde(skip_serializing_if = "is_default")]
    pub retention: Period,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            messenger_enabled: true,
            closed_reason: None,
            protect_admins: false,
            break_glass: false,
            mail: MailPolicy::default(),
            backup_by: BackupBy::default(),
            denied_types: DeniedTypes::default(),
            retention: Period::default(),
        }
    }
}

impl Settings {
    /// Whether somebody may start a conversation with another, or add them to one.
    pub fn lets_approach(&self, who: &Profile, other: &Profile) -> bool {
        !self.protect_admins || who.is_system_administrator() || !other.is_system_administrator()
    }

    /// Whether something that is said to be of this type may be uploaded.
    pub fn permits(&self, content_type: &ContentType) -> bool {
        !self.denied_types.include(content_type)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Who may back up a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupBy {
    /// Its members, because they can read it all anyway.
    #[default]
    Member,
    /// Its administrators.
    Administrator,
    /// Nobody.
    Nobody,
}

impl BackupBy {
    /// Whether somebody with this role may.
    pub const fn permits(self, role: Role) -> bool {
        match self {
            Self::Member => true,
            Self::Administrator => matches!(role, Role::Administrator),
            Self::Nobody => false,
        }
    }
}

/// How long an auditor may read a conversation after saying why.
pub const GLASS_OPEN: Duration = Duration::from_hours(1);

/// That an auditor may read what a conversation holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// Who.
    pub auditor: Username,
    /// Until when.
    pub until: Timestamp,
}

impl Glass {
    /// Whether it still is so.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

#[cfg(test)]
mod tests;

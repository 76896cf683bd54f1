//! The institution: how it set the messenger up, and its own log of what its officials did.

pub mod log;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::preferences::MailPolicy;
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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            messenger_enabled: true,
            closed_reason: None,
            protect_admins: false,
            break_glass: false,
            mail: MailPolicy::default(),
        }
    }
}

impl Settings {
    /// Whether somebody may start a conversation with another, or add them to one.
    pub fn lets_approach(&self, who: &Profile, other: &Profile) -> bool {
        !self.protect_admins || who.is_system_administrator() || !other.is_system_administrator()
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

//! How long what was written is kept, and what keeps it longer.
//!
//! A message is kept for a period from when it was sent. Then its text, the names of its attachments and their bytes go;
//! who wrote it and when stays, and so does its hash, by which the log still verifies. Nothing goes that is under a legal
//! hold. Titles, names and what happened to a conversation stay: they are the record of what there was.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chain::Seq;
use crate::clock::Timestamp;
use crate::conversation::State;
use crate::entry::{Act, Entry};
use crate::id::{AttachmentId, ConversationId};
use crate::institution::Settings;
use crate::project::{Project, ProjectId};
use crate::text::{CaseNumber, Reason, Username};

const DAY: Duration = Duration::from_hours(24);

/// How long messages are kept: 30 to 36,525 days.
///
/// Below a month a slip of the pen would do more harm than a short period does good; a hundred years are for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u32")]
pub struct Period(u32);

/// It is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 30 to 36,525 days")]
pub struct PeriodError;

impl Period {
    /// The shortest.
    pub const MIN: Self = Self(30);

    /// The longest.
    pub const MAX: Self = Self(36_525);

    /// How many days it has.
    pub const fn days(self) -> u32 {
        self.0
    }

    /// When it is over for what was written at `at`.
    pub fn ends(self, at: Timestamp) -> Timestamp {
        at.after(DAY.saturating_mul(self.0))
    }
}

impl Default for Period {
    /// Seven years. HIPAA asks for six of its own documents (45 CFR 164.316(b)(2)), and most who keep records of care for
    /// longer.
    fn default() -> Self {
        Self(2_557)
    }
}

impl TryFrom<u64> for Period {
    type Error = PeriodError;

    fn try_from(days: u64) -> Result<Self, PeriodError> {
        let period = u32::try_from(days).map(Self).map_err(|_| PeriodError)?;
        if (Self::MIN..=Self::MAX).contains(&period) { Ok(period) } else { Err(PeriodError) }
    }
}

impl From<Period> for u32 {
    fn from(period: Period) -> Self {
        period.0
    }
}

/// How long a project's messages are kept: a period of its own, or, without one, as long as all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct OwnPeriod(pub Option<Period>);

/// What a legal hold is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum HoldOn {
    /// A conversation, and be it deleted.
    Conversation {
        /// Which.
        conversation: ConversationId,
    },
    /// Every conversation that is labelled with a project, as long as it is. While the hold lasts, nobody changes the label
    /// of such a conversation.
    Project {
        /// Which.
        project: ProjectId,
    },
}

/// That nothing goes, however old it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What it is on.
    #[serde(flatten)]
    pub on: HoldOn,
    /// Who placed it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// The institution's name for the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseNumber>,
}

/// What went of a conversation, as the institution's log records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// Of which.
    pub conversation: ConversationId,
    /// The first entry of which something went.
    pub from: Seq,
    /// The last.
    pub to: Seq,
    /// How many messages went.
    pub messages: u64,
    /// How many attachments.
    pub attachments: u64,
}

impl Purge {
    /// This and what went next.
    #[must_use]
    pub const fn and(self, next: Self) -> Self {
        Self {
            to: next.to,
            messages: self.messages + next.messages,
            attachments: self.attachments + next.attachments,
            ..self
        }
    }
}

/// How long at most nobody looks at a conversation: as long it can take until a shorter period, or the end of a hold,
/// shows.
pub const LOOK_EVERY: Duration = DAY.saturating_mul(30);

/// How far a conversation's log was looked through for what is to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Which conversation.
    pub conversation: ConversationId,
    /// The last entry of which nothing is left that could go.
    pub through: Seq,
    /// What went and is not in the institution's log yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge: Option<Purge>,
    /// When to look again; never, if nothing is left that could go, and nothing can come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_at: Option<Timestamp>,
}

impl Retention {
    /// Of a conversation that is started now: no period is over before the first look.
    pub fn begun(conversation: ConversationId, now: Timestamp) -> Self {
        Self { conversation, through: Seq::START, purge: None, look_at: Some(now.after(LOOK_EVERY)) }
    }

    /// After it was looked through further, and something went.
    #[must_use]
    pub fn went(&self, through: Seq, purge: Option<Purge>) -> Self {
        let purge = match (self.purge, purge) {
            (Some(was), Some(next)) => Some(was.and(next)),
            (was, next) => was.or(next),
        };
        Self { through, purge, ..self.clone() }
    }

    /// With the time of the next look, what went being recorded.
    #[must_use]
    pub fn looked(&self, look_at: Option<Timestamp>) -> Self {
        Self { purge: None, look_at, ..self.clone() }
    }
}

/// How long the messages of a conversation are kept: as long as its project says, or else as long as all are.
pub fn period(settings: &Settings, project: Option<&Project>) -> Period {
    project.and_then(|project| project.retention).unwrap_or(settings.retention)
}

/// When to look at a conversation again whose oldest entry that is left is of `oldest`, or that has none. Once a day is
/// enough: what goes together is one line in the institution's log. Never, if nothing is left of one that is deleted:
/// nothing comes any more.
pub fn next_look(state: State, oldest: Option<Timestamp>, period: Period, now: Timestamp) -> Option<Timestamp> {
    let latest = now.after(LOOK_EVERY);
    match (oldest, state) {
        (None, State::Deleted) => None,
        (oldest, _) => Some(oldest.map_or(latest, |at| period.ends(at)).clamp(now.after(DAY), latest)),
    }
}

/// Which attachments go with an entry: those of a message, which no edit exchanges.
pub fn attachments(entry: &Entry) -> impl Iterator<Item = AttachmentId> + '_ {
    let message = if let Act::Message(message) = &entry.act { Some(message) } else { None };
    message.into_iter().flat_map(|message| &message.attachments).map(|attached| attached.id)
}

#[cfg(test)]
mod tests;

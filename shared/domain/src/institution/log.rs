//! The institution's own log: what its officials did, numbered and chained like the log of a conversation, so that a
//! line that is changed, left out or put elsewhere shows (21 CFR 11.10(e)).

use serde::{Deserialize, Serialize};

use super::{BackupBy, Settings};
use crate::attachment::{DeniedTypes, TypePattern};
use crate::broadcast::Announcement;
use crate::chain::{self, BrokenChain, Canonical, Digest, End, Link, Seq};
use crate::clock::Timestamp;
use crate::conversation::Signature;
use crate::entry::Content;
use crate::id::{BroadcastId, ConversationId, EntryId};
use crate::preferences::{MailPolicy, Preferences};
use crate::project::ProjectId;
use crate::retention::{HoldOn, Period, Purge};
use crate::text::{CaseNumber, DisplayName, Email, Reason, Title, Username};

/// What an official did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// Accounts were made or changed.
    UsersChanged {
        /// Each as it is from then on.
        users: Vec<UserChange>,
    },
    /// A project was made or changed.
    ProjectChanged {
        /// Which.
        project: ProjectId,
        /// What it is called from then on.
        title: Title,
        /// Who works on it from then on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<Username>,
        /// Who does no more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<Username>,
        /// How long its messages are kept from then on, if that is not as long as all are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retention: Option<Period>,
    },
    /// The messenger was set up differently.
    SettingsChanged {
        /// How it was.
        was: Settings,
        /// How it is from then on.
        is: Settings,
    },
    /// Something was announced.
    BroadcastSent {
        /// Its name.
        broadcast: BroadcastId,
        /// What.
        #[serde(flatten)]
        announcement: Announcement,
    },
    /// An announcement says something else; what it said before is in the entries before.
    BroadcastCorrected {
        /// Which.
        broadcast: BroadcastId,
        /// What it is from then on.
        #[serde(flatten)]
        announcement: Announcement,
    },
    /// An announcement was taken back.
    BroadcastWithdrawn {
        /// Which.
        broadcast: BroadcastId,
    },
    /// Mail goes to an address again.
    SuppressionLifted {
        /// Which.
        email: Email,
    },
    /// Nothing goes of something from then on, however old it is.
    HoldPlaced {
        /// Of what.
        #[serde(flatten)]
        on: HoldOn,
        /// Why.
        reason: Reason,
        /// The institution's name for the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<CaseNumber>,
    },
    /// It goes again when its time has come.
    HoldLifted {
        /// What.
        #[serde(flatten)]
        on: HoldOn,
        /// Why.
        reason: Reason,
    },
    /// What was kept as long as it was to be is gone.
    Purged {
        /// Of each conversation.
        purges: Vec<Purge>,
    },
    /// What was announced and kept as long as it was to be is gone.
    AnnouncementsPurged {
        /// The first entry from which it went.
        from: Seq,
        /// The last.
        to: Seq,
        /// From how many.
        announcements: u64,
    },
    /// An auditor opened a conversation to read what it holds.
    GlassBroken {
        /// Which.
        conversation: ConversationId,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: Reason,
        /// The case because of which the members are not told; they are told if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case: Option<CaseNumber>,
    },
}

/// An account as it was made or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChange {
    /// Whose.
    pub username: Username,
    /// Whether it was not known before.
    pub created: bool,
    /// What they are called from then on.
    pub name: DisplayName,
    /// Where notices go from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether it is active from then on.
    pub active: bool,
}

impl Act {
    /// The word for it, as the API and the canonical form write it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UsersChanged { .. } => "users_changed",
            Self::ProjectChanged { .. } => "project_changed",
            Self::SettingsChanged { .. } => "settings_changed",
            Self::BroadcastSent { .. } => "broadcast_sent",
            Self::BroadcastCorrected { .. } => "broadcast_corrected",
            Self::BroadcastWithdrawn { .. } => "broadcast_withdrawn",
            Self::SuppressionLifted { .. } => "suppression_lifted",
            Self::HoldPlaced { .. } => "hold_placed",
            Self::HoldLifted { .. } => "hold_lifted",
            Self::Purged { .. } => "purged",
            Self::AnnouncementsPurged { .. } => "announcements_purged",
            Self::GlassBroken { .. } => "glass_broken",
        }
    }

    /// The announcement it is about.
    pub const fn broadcast(&self) -> Option<BroadcastId> {
        match self {
            Self::BroadcastSent { broadcast, .. }
            | Self::BroadcastCorrected { broadcast, .. }
            | Self::BroadcastWithdrawn { broadcast } => Some(*broadcast),
            _ => None,
        }
    }

    fn write(&self, form: &mut Canonical) {
        form.text(self.as_str());
        match self {
            Self::UsersChanged { users } => {
                form.number(users.len() as u64);
                for user in users {
                    user.write(form);
                }
            }
            Self::ProjectChanged { project, title, added, removed, retention } => {
                form.text(project.as_str());
                form.text(title.as_str());
                form.list(added.iter().map(Username::as_str));
                form.list(removed.iter().map(Username::as_str));
                if let Some(period) = retention {
                    form.text("retention");
                    form.number(period.days().into());
                }
            }
            Self::SettingsChanged { was, is } => {
                was.write(form);
                is.write(form);
            }
            Self::BroadcastSent { broadcast, announcement } | Self::BroadcastCorrected { broadcast, announcement } => {
                form.text(&broadcast.to_string());
                announcement.write(form);
            }
            Self::BroadcastWithdrawn { broadcast } => form.text(&broadcast.to_string()),
            Self::SuppressionLifted { email } => form.text(email.as_str()),
            Self::HoldPlaced { on, reason, case } => {
                on.write(form);
                form.text(reason.as_str());
                form.optional(case.as_ref().map(CaseNumber::as_str));
            }
            Self::HoldLifted { on, reason } => {
                on.write(form);
                form.text(reason.as_str());
            }
            Self::Purged { purges } => {
                form.number(purges.len() as u64);
                for Purge { conversation, from, to, messages, attachments } in purges {
                    form.text(&conversation.to_string());
                    for number in [from.get(), to.get(), *messages, *attachments] {
                        form.number(number);
                    }
                }
            }
            Self::AnnouncementsPurged { from, to, announcements } => {
                for number in [from.get(), to.get(), *announcements] {
                    form.number(number);
                }
            }
            Self::GlassBroken { conversation, until, reason, case } => {
                form.text(&conversation.to_string());
                form.text(&until.to_string());
                form.text(reason.as_str());
                form.optional(case.as_ref().map(CaseNumber::as_str));
            }
        }
    }
}

impl HoldOn {
    fn write(&self, form: &mut Canonical) {
        match self {
            Self::Conversation { conversation } => {
                form.text("conversation");
                form.text(&conversation.to_string());
            }
            Self::Project { project } => {
                form.text("project");
                form.text(project.as_str());
            }
        }
    }
}

impl UserChange {
    fn write(&self, form: &mut Canonical) {
        form.text(self.username.as_str());
        form.flag(self.created);
        form.text(self.name.as_str());
        form.optional(self.email.as_ref().map(Email::as_str));
        form.flag(self.active);
    }
}

impl Settings {
    fn write(&self, form: &mut Canonical) {
        form.flag(self.messenger_enabled);
        form.optional(self.closed_reason.as_ref().map(crate::text::ClosedReason::as_str));
        form.flag(self.protect_admins);
        form.flag(self.break_glass);
        // Added later, and said only where it is not as it was before there was a choice: what was chained then verifies.
        if !self.mail.is_default() {
            form.text("mail");
            self.mail.write(form);
        }
        if self.backup_by != BackupBy::default() {
            form.text("backup_by");
            form.text(&word(&self.backup_by));
        }
        if self.denied_types != DeniedTypes::default() {
            form.text("denied_types");
            form.list(self.denied_types.iter().map(TypePattern::as_str));
        }
        if self.retention != Period::default() {
            form.text("retention");
            form.number(self.retention.days().into());
        }
    }
}

impl MailPolicy {
    fn write(&self, form: &mut Canonical) {
        let Preferences {
            frequency,
            digest_mode,
            instant,
            instant_when,
            broadcasts,
            daily_at,
            timezone,
            language,
            quiet_hours,
        } = &self.defaults;
        form.text(&word(frequency));
        form.text(&word(digest_mode));
        form.flag(*instant);
        form.text(&word(instant_when));
        form.flag(*broadcasts);
        form.text(&daily_at.to_string());
        form.text(timezone.name());
        form.text(&word(language));
        form.optional(quiet_hours.map(|hours| hours.from.to_string()).as_deref());
        form.optional(quiet_hours.map(|hours| hours.to.to_string()).as_deref());
        form.list(self.locked.iter().map(|field| field.as_str()));
        form.number(self.short_delay_minutes.into());
    }
}

/// The word for it, as it is stored.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// One element of the institution's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// Its name.
    pub id: EntryId,
    /// Who did it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub act: Act,
    /// The hash of the entry before; zeros for the first.
    pub previous: Digest,
    /// The hash of this entry.
    pub hash: Digest,
}

impl Entry {
    /// The hash this entry must have: SHA-256 of the previous hash, the canonical form, and the SHA-256 of what was
    /// announced, which retention may remove; of nothing where nothing was.
    ///
    /// The canonical form holds everything else, field by field: the text `confer-institution-1`, the place, the id,
    /// the author as written, the time, the word for the act, and then
    ///
    /// - `users_changed`: of each username, created, name, address, active;
    /// - `project_changed`: project, title, who was added, who was removed, and, if it has a period of retention of its own,
    ///   the text `retention` and how many days that has;
    /// - `settings_changed`: the settings before and after, each enabled, reason, protect, break glass, and where mail is
    ///   not as it is at first, the text `mail`, the defaults (frequency, digest mode, instant, instant when, broadcasts,
    ///   daily at, time zone, language, quiet from, quiet to), what is locked, and the short delay in minutes; where not
    ///   every member may back up, the text `backup_by` and who may; where types are denied, the text `denied_types` and
    ///   these; where messages are not kept for 2,557 days, the text `retention` and for how many;
    /// - `broadcast_sent`, `broadcast_corrected`: broadcast, kind, important, audience, from, until;
    /// - `broadcast_withdrawn`: broadcast;
    /// - `suppression_lifted`: address;
    /// - `hold_placed`: `conversation` or `project`, which, reason, case; `hold_lifted`: the same without the case;
    /// - `purged`: of each conversation its id, the first and the last entry of which something went, and how many messages
    ///   and attachments did; `announcements_purged`: the first and the last entry from which it went, and from how many;
    /// - `glass_broken`: conversation, until, reason, case.
    ///
    /// What may be missing is a list of none or one.
    pub fn chained(&self) -> Digest {
        let content = match &self.act {
            Act::BroadcastSent { announcement, .. } | Act::BroadcastCorrected { announcement, .. } => {
                announcement.content.digest()
            }
            _ => Digest::of(b""),
        };
        let mut form = Canonical::new("confer-institution-1");
        form.number(self.seq.get());
        form.text(&self.id.to_string());
        form.text(self.by.as_str());
        form.text(&self.at.to_string());
        self.act.write(&mut form);
        form.chained(&self.previous, &content)
    }

    /// The entry without what was announced, which leaves its hash.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        if let Act::BroadcastSent { announcement, .. } | Act::BroadcastCorrected { announcement, .. } = &mut self.act {
            announcement.content = Content::Absent(announcement.content.digest());
        }
        self
    }

    /// The end of the log, if this is its last entry.
    pub const fn end(&self) -> End {
        End { seq: self.seq, hash: self.hash }
    }
}

/// Gives an act its place after the end of the log, and its hash.
pub fn seal(end: End, signature: Signature, act: Act) -> Entry {
    let Signature { id, by, at } = signature;
    let mut entry = Entry { seq: end.seq.next(), id, by, at, act, previous: end.hash, hash: Digest::default() };
    entry.hash = entry.chained();
    entry
}

/// Follows part of the log, from the entry after `from` on, and returns the end of that part.
pub fn verify<'a>(from: End, part: impl IntoIterator<Item = &'a Entry>) -> Result<End, BrokenChain> {
    let links = part.into_iter().map(|entry| Link {
        seq: entry.seq,
        previous: entry.previous,
        hash: entry.hash,
        expected: entry.chained(),
    });
    chain::follow(from, links)
}

#[cfg(test)]
mod tests;

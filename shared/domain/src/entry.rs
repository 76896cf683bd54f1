//! The log of a conversation: numbered entries, each holding the hash of the one before.
//!
//! An entry is never changed. What is done later to a message (an edit, a withdrawal) is an entry of its own, so that
//! no change obscures what was recorded before (21 CFR 11.10(e)).

use serde::{Deserialize, Serialize};

use crate::attachment::{ContentType, FileName, Size};
use crate::chain::{self, BrokenChain, Canonical, Digest, End, Link, Seq};
use crate::clock::Timestamp;
use crate::conversation::{History, Role};
use crate::id::{AttachmentId, ConversationId, EntryId};
use crate::mention::Mention;
use crate::project::ProjectId;
use crate::text::{Body, Title, Username};

/// What somebody wrote, or its hash where the text itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// The text.
    Body(Body),
    /// There is none, only attachments.
    None,
    /// The hash of a text that retention removed, or that is kept beside the message it revises: the chain verifies
    /// without it.
    Absent(Digest),
}

impl Content {
    /// The hash of the text.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Body(body) => Digest::of(body.as_str().as_bytes()),
            Self::None => Digest::of(b""),
            Self::Absent(digest) => *digest,
        }
    }
}

/// What an attachment is called, or its hash where the name itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// The name.
    Name(FileName),
    /// The hash of a name that retention removed: the chain verifies without it.
    Absent(Digest),
}

impl Label {
    /// The name, where it still is.
    pub const fn name(&self) -> Option<&FileName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Absent(_) => None,
        }
    }

    /// The hash of the name.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Name(name) => Digest::of(name.as_str().as_bytes()),
            Self::Absent(digest) => *digest,
        }
    }
}

/// An attachment as it was sent. Whether it can be downloaded is not the log's to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Which.
    pub id: AttachmentId,
    /// What its author says it is.
    pub content_type: ContentType,
    /// How large it is.
    pub size: Size,
    /// The hash of its bytes.
    pub sha256: Digest,
    /// What it is called.
    pub label: Label,
}

/// A message as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it says.
    pub content: Content,
    /// Whether its author marked it as important.
    pub important: bool,
    /// The members it names, in the order of the text.
    pub mentions: Vec<Mention>,
    /// What was sent with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attached>,
}

/// What happened to the conversation itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// It was started; the author of the entry is its first administrator.
    Created {
        /// What it is called.
        title: Title,
        /// What those who join later may see.
        history: History,
        /// Who belongs to it from the start, its creator among them.
        members: Vec<Username>,
        /// The project it is labelled with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectId>,
    },
    /// An administrator added members.
    Joined {
        /// Whom.
        members: Vec<Username>,
    },
    /// The author of the entry left.
    Left {
        /// What they were.
        role: Role,
    },
    /// An administrator removed a member.
    Removed {
        /// Whom.
        member: Username,
        /// What they were.
        role: Role,
    },
    /// A member's role changed.
    RoleChanged {
        /// Whose.
        member: Username,
        /// What they are now.
        role: Role,
        /// The administrator whose account was disabled, and whose place this member takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<Username>,
    },
    /// It has another title.
    Renamed {
        /// What it is called now.
        title: Title,
    },
    /// It is labelled with another project, or with none.
    ProjectChanged {
        /// Which.
        project: Option<ProjectId>,
    },
    /// It takes no more messages.
    Archived,
    /// It takes messages again.
    Unarchived,
    /// It is hidden from everybody.
    Deleted,
    /// The author of the entry, an auditor and no member, may read what it holds.
    GlassBroken {
        /// Until when.
        until: Timestamp,
    },
    /// An attachment cannot be downloaded, because it was not found clean.
    AttachmentBlocked {
        /// Which.
        attachment: AttachmentId,
        /// The place of the message it was sent with.
        message: Seq,
    },
    /// The author of the entry made a back-up of what they may see up to here.
    Exported {
        /// The first entry that they may see.
        from: Seq,
    },
}

impl Event {
    /// The word for it, as the API and the canonical form write it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::Removed { .. } => "removed",
            Self::RoleChanged { .. } => "role_changed",
            Self::Renamed { .. } => "renamed",
            Self::ProjectChanged { .. } => "project_changed",
            Self::Archived => "archived",
            Self::Unarchived => "unarchived",
            Self::Deleted => "deleted",
            Self::GlassBroken { .. } => "glass_broken",
            Self::AttachmentBlocked { .. } => "attachment_blocked",
            Self::Exported { .. } => "exported",
        }
    }

    /// How many members there are after it, if there were `before`.
    pub(crate) fn members_after(&self, before: u32) -> u32 {
        let count = |members: &[Username]| u32::try_from(members.len()).unwrap_or(u32::MAX);
        match self {
            Self::Created { members, .. } | Self::Joined { members } => before.saturating_add(count(members)),
            Self::Left { .. } | Self::Removed { .. } => before.saturating_sub(1),
            Self::RoleChanged { .. }
            | Self::Renamed { .. }
            | Self::ProjectChanged { .. }
            | Self::Archived
            | Self::Unarchived
            | Self::Deleted
            | Self::GlassBroken { .. }
            | Self::AttachmentBlocked { .. }
            | Self::Exported { .. } => before,
        }
    }

    fn write(&self, form: &mut Canonical) {
        form.text(self.as_str());
        match self {
            Self::Created { title, history, members, project } => {
                form.text(title.as_str());
                form.text(history.as_str());
                form.list(members.iter().map(Username::as_str));
                if let Some(project) = project {
                    form.text(project.as_str());
                }
            }
            Self::Joined { members } => form.list(members.iter().map(Username::as_str)),
            Self::Left { role } => form.text(role.as_str()),
            Self::Removed { member, role } => {
                form.text(member.as_str());
                form.text(role.as_str());
            }
            Self::RoleChanged { member, role, instead_of } => {
                form.text(member.as_str());
                form.text(role.as_str());
                if let Some(former) = instead_of {
                    form.text(former.as_str());
                }
            }
            Self::Renamed { title } => form.text(title.as_str()),
            Self::ProjectChanged { project } => {
                if let Some(project) = project {
                    form.text(project.as_str());
                }
            }
            Self::GlassBroken { until } => form.text(&until.to_string()),
            Self::AttachmentBlocked { attachment, message } => {
                form.text(&attachment.to_string());
                form.number(message.get());
            }
            Self::Exported { from } => form.number(from.get()),
            Self::Archived | Self::Unarchived | Self::Deleted => {}
        }
    }
}

/// What was later done to an earlier message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It says something else now.
    Edited(Message),
    /// Its author took it back.
    Withdrawn,
}

/// What an entry records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Somebody wrote something.
    Message(Message),
    /// Something happened to the conversation.
    Event {
        /// What happened.
        event: Event,
    },
    /// Something was done to an earlier message.
    Revision {
        /// The place of that message.
        revises: Seq,
        /// What was done to it.
        #[serde(flatten)]
        change: Change,
    },
}

/// One element of a conversation's log.
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
    /// How many of the entries up to here are messages.
    pub messages: u64,
    /// How many members there are from here on.
    pub members: u32,
    /// The hash of the entry before; zeros for the first.
    pub previous: Digest,
    /// The hash of this entry.
    pub hash: Digest,
}

impl Entry {
    /// The hash this entry must have in `conversation`:
    /// SHA-256 of the previous hash, the canonical form and the SHA-256 of the body.
    ///
    /// The body enters by its own hash, so that retention can remove it and the chain still verifies; where there is
    /// none it is the hash of nothing. The names of attachments enter by their hashes, too. The canonical form holds
    /// everything else, field by field: the text `confer-entry-1`, the conversation, the place, the id, the author as
    /// written, the time, the numbers of messages and of members, the kind, and then
    ///
    /// - `message`: important, mentions (each: username as written, start, end), and, if there are any, the text
    ///   `attachments` and the attachments (each: id, content type, size, SHA-256, SHA-256 of the name);
    /// - `edited`: the place of what it revises, and then as `message`;
    /// - `withdrawn`: the place of what it revises;
    /// - `created`: title, history, members as written, and the project if there is one;
    /// - `joined`: members; `left`: role; `removed`: member, role; `role_changed`: member, role, and whose place it is
    ///   if it is somebody's; `renamed`: title; `project_changed`: the project if there is one;
    /// - `glass_broken`: until when; `attachment_blocked`: the attachment, the place of its message; `exported`: the
    ///   place from which on; `archived`, `unarchived`, `deleted`: nothing.
    pub fn chained(&self, conversation: ConversationId) -> Digest {
        let content = match &self.act {
            Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } => message.content.digest(),
            Act::Event { .. } | Act::Revision { change: Change::Withdrawn, .. } => Digest::of(b""),
        };
        self.canonical(conversation).chained(&self.previous, &content)
    }

    /// The entry without what was written in it, which leaves its hashes: for a log from which it is gone, or whose text
    /// lies elsewhere.
    #[must_use]
    pub fn without_text(mut self) -> Self {
        if let Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } = &mut self.act {
            if message.content != Content::None {
                message.content = Content::Absent(message.content.digest());
            }
            for attached in &mut message.attachments {
                attached.label = Label::Absent(attached.label.digest());
            }
        }
        self
    }

    fn canonical(&self, conversation: ConversationId) -> Canonical {
        let mut form = Canonical::new("confer-entry-1");
        form.text(&conversation.to_string());
        form.number(self.seq.get());
        form.text(&self.id.to_string());
        form.text(self.by.as_str());
        form.text(&self.at.to_string());
        form.number(self.messages);
        form.number(u64::from(self.members));
        match &self.act {
            Act::Message(message) => {
                form.text("message");
                message.write(&mut form);
            }
            Act::Event { event } => event.write(&mut form),
            Act::Revision { revises, change: Change::Edited(message) } => {
                form.text("edited");
                form.number(revises.get());
                message.write(&mut form);
            }
            Act::Revision { revises, change: Change::Withdrawn } => {
                form.text("withdrawn");
                form.number(revises.get());
            }
        }
        form
    }
}

impl Message {
    /// Whether what it said, or what it called its attachments, is gone.
    pub fn is_purged(&self) -> bool {
        let nameless = self.attachments.iter().any(|attached| attached.label.name().is_none());
        nameless || matches!(self.content, Content::Absent(_))
    }

    fn write(&self, form: &mut Canonical) {
        form.flag(self.important);
        form.number(self.mentions.len() as u64);
        for mention in &self.mentions {
            form.text(mention.username.as_str());
            form.number(mention.start as u64);
            form.number(mention.end as u64);
        }
        // Entries from before there were attachments keep their hashes.
        if !self.attachments.is_empty() {
            form.text("attachments");
            form.number(self.attachments.len() as u64);
        }
        for attached in &self.attachments {
            form.text(&attached.id.to_string());
            form.text(attached.content_type.as_str());
            form.number(attached.size.get());
            form.text(&attached.sha256.to_string());
            form.text(&attached.label.digest().to_string());
        }
    }
}

/// Follows part of a log, from the entry after `from` on, and returns the end of that part.
pub fn verify<'a>(
    conversation: ConversationId,
    from: End,
    part: impl IntoIterator<Item = &'a Entry>,
) -> Result<End, BrokenChain> {
    let links = part.into_iter().map(|entry| Link {
        seq: entry.seq,
        previous: entry.previous,
        hash: entry.hash,
        expected: entry.chained(conversation),
    });
    chain::follow(from, links)
}

#[cfg(test)]
mod tests;

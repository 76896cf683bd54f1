//! Attachments: bytes that are uploaded beside the log, scanned, and sent with a message.
//!
//! What was scanned is what is served: a verdict is about one version of the object, and only that version is ever
//! given back. The bytes themselves never come here.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Seq};
use crate::clock::Timestamp;
use crate::entry::{Attached, Label};
use crate::id::{AttachmentId, ConversationId};
use crate::object;
use crate::text::Username;

mod content_type;
mod denied;
mod name;

pub use content_type::{ContentType, ContentTypeError};
pub use denied::{DeniedTypes, DeniedTypesError, TypePattern};
pub use name::FileName;

/// The most attachments of one message.
const MAX_ATTACHMENTS: usize = 10;

/// Whether these can be the attachments of one message: not too many, and each once.
pub fn can_be_together(attachments: &[AttachmentId]) -> bool {
    attachments.len() <= MAX_ATTACHMENTS && attachments.iter().collect::<HashSet<_>>().len() == attachments.len()
}

/// How long a presigned upload works.
pub const UPLOAD_GOOD_FOR: Duration = Duration::from_mins(5);

/// How long a presigned download works.
pub const DOWNLOAD_GOOD_FOR: Duration = Duration::from_mins(1);

/// How long an attachment is kept that no message has.
const UNBOUND_GOOD_FOR: Duration = Duration::from_hours(24);

/// An attachment, from the request to upload it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub id: AttachmentId,
    /// The conversation it is for.
    pub conversation: ConversationId,
    /// Who uploads it.
    pub by: Username,
    /// What they call it.
    pub name: FileName,
    /// What they say it is.
    pub content_type: ContentType,
    /// How large it is.
    pub size: Size,
    /// The hash of its bytes.
    pub sha256: Digest,
    /// Where its bytes are.
    pub object: ObjectKey,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Which version of the object was found to be what was declared; empty in a bucket without versions. Nothing until
    /// the upload is complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What the scanner says of that version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What the scanner said before the upload was complete: it is often faster. An object is put once, so there is
    /// hardly ever more than one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<Early>,
    /// What was made of it to look at, if it is a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// The message it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Seq>,
    /// Whether that message was taken back.
    #[serde(default)]
    pub withdrawn: bool,
    /// Whether it is gone, because no message had it in time or it was kept long enough: nobody can send or fetch it, and it is
    /// removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// What somebody says of what they are about to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What it is called.
    pub name: FileName,
    /// What it is.
    pub content_type: ContentType,
    /// How large it is.
    pub size: Size,
    /// The hash of its bytes.
    pub sha256: Digest,
}

/// What was put where the bytes of an attachment shall be.
pub struct Uploaded {
    /// Which version of the object it is; empty in a bucket without versions.
    pub version: String,
    /// How large it is, in bytes.
    pub size: u64,
    /// Its hash, if the bucket knows it.
    pub sha256: Option<Digest>,
    /// Whether it is said to be encoded, so that what is fetched is not what was stored.
    pub encoded: bool,
    /// How it begins.
    pub first: Vec<u8>,
}

impl fmt::Debug for Uploaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uploaded").field("size", &self.size).finish_non_exhaustive()
    }
}

/// How far an attachment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is not uploaded yet.
    Pending,
    /// It is uploaded, and the scanner has not said anything.
    Scanning,
    /// It can be downloaded.
    Clean,
    /// It cannot.
    Blocked,
    /// It is not there any more: only a message's entry still says what it was.
    Removed,
}

/// What the scanner says, from what counts least to what counts most: of two verdicts on the same bytes the greater one
/// stands, in whatever order they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It could not look into it. Another try may tell more.
    Unscannable,
    /// It found nothing.
    Clean,
    /// It found something.
    Infected,
}

/// A small picture of an attachment that is a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "preview", rename_all = "snake_case")]
pub enum Preview {
    /// There is one.
    Made {
        /// How wide it is, in pixels.
        width: u32,
        /// How high it is, in pixels.
        height: u32,
    },
    /// There can be none: the attachment is not the picture it is said to be, or too large a one.
    Impossible,
}

/// A verdict on a version of the object, before it is known whether it is the one that counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Early {
    /// Which version.
    pub version: String,
    /// What the scanner says of it.
    pub verdict: Verdict,
}

impl Attachment {
    /// What somebody is about to upload.
    pub fn requested(
        id: AttachmentId,
        conversation: ConversationId,
        by: Username,
        declared: Declared,
        object: ObjectKey,
        now: Timestamp,
    ) -> Self {
        let Declared { name, content_type, size, sha256 } = declared;
        Self {
            id,
            conversation,
            by,
            name,
            content_type,
            size,
            sha256,
            object,
            created_at: now,
            version: None,
            verdict: None,
            early: Vec::new(),
            preview: None,
            bound: None,
            withdrawn: false,
            gone: false,
        }
    }

    /// How far it is.
    pub const fn state(&self) -> State {
        match (&self.version, self.verdict) {
            (None, _) => State::Pending,
            (Some(_), None) => State::Scanning,
            (Some(_), Some(Verdict::Clean)) => State::Clean,
            (Some(_), Some(Verdict::Infected | Verdict::Unscannable)) => State::Blocked,
        }
    }

    /// The attachment when this version of its object was found to be what was declared; nothing if one was before, or
    /// it was given up.
    pub fn completed(&self, version: &str) -> Option<Self> {
        if self.version.is_some() || self.gone {
            return None;
        }
        let verdict = self.early.iter().find(|early| early.version == version).map(|early| early.verdict);
        Some(Self { version: Some(version.to_owned()), verdict, early: Vec::new(), ..self.clone() })
    }

    /// The attachment after the scanner said something of a version of its object; nothing if that changes nothing.
    pub fn judged(&self, version: &str, verdict: Verdict) -> Option<Self> {
        let mut is = self.clone();
        match &self.version {
            Some(completed) if completed == version => is.verdict = self.verdict.max(Some(verdict)),
            Some(_) => {}
            None => is.note_early(version, verdict),
        }
        (is != *self).then_some(is)
    }

    fn note_early(&mut self, version: &str, verdict: Verdict) {
        if let Some(early) = self.early.iter_mut().find(|early| early.version == version) {
            early.verdict = early.verdict.max(verdict);
        } else {
            self.early.push(Early { version: version.to_owned(), verdict });
            self.early.sort();
        }
    }

    /// Whether what was uploaded has the size and the hash that were declared: if not, there is no need to look at it.
    pub fn has_bytes(&self, uploaded: &Uploaded) -> bool {
        uploaded.size == self.size.get() && uploaded.sha256 == Some(self.sha256)
    }

    /// Whether what was uploaded is what was declared.
    pub fn is_as_declared(&self, uploaded: &Uploaded) -> bool {
        // A browser would undo an encoding, and show other bytes than were scanned.
        !uploaded.encoded && self.has_bytes(uploaded) && self.content_type.agrees(&uploaded.first)
    }

    /// Whether somebody may see it who sees the messages of its conversation from `from` on: one of such a message, or
    /// their own that belongs to none yet.
    pub fn is_visible_to(&self, user: &Username, from: Seq) -> bool {
        match self.bound {
            Some(seq) => !self.withdrawn && seq >= from,
            None => self.by == *user,
        }
    }

    /// Whether somebody may send it with a message to a conversation.
    pub fn is_usable_by(&self, user: &Username, conversation: ConversationId) -> bool {
        let free = self.bound.is_none() && !self.withdrawn && !self.gone;
        let sound = matches!(self.state(), State::Scanning | State::Clean);
        self.by == *user && self.conversation == conversation && free && sound
    }

    /// Whether it is to have a preview, and it was not tried yet to make one.
    pub fn lacks_preview(&self) -> bool {
        let wanted = !self.withdrawn && !self.gone && self.state() == State::Clean;
        wanted && self.preview.is_none() && self.content_type.is_picture()
    }

    /// The attachment when it was tried to make its preview; nothing, if it was before.
    pub fn previewed(&self, preview: Preview) -> Option<Self> {
        self.lacks_preview().then(|| Self { preview: Some(preview), ..self.clone() })
    }

    /// What the log holds of it.
    pub fn attached(&self) -> Attached {
        Attached {
            id: self.id,
            content_type: self.content_type.clone(),
            size: self.size,
            sha256: self.sha256,
            label: Label::Name(self.name.clone()),
        }
    }

    /// When it may be given up, if no message has it by then.
    pub fn expires_at(&self) -> Timestamp {
        self.created_at.after(UNBOUND_GOOD_FOR)
    }

    /// Until when it is known which request asked for it: twice as long, so that whoever repeats it late is told that it
    /// was given up, and no second one is made.
    pub fn request_known_until(&self) -> Timestamp {
        self.created_at.after(UNBOUND_GOOD_FOR * 2)
    }
}

/// How many bytes an attachment has: 1 to 50 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Size(u64);

/// The attachment would be empty, or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 52,428,800 bytes")]
pub struct SizeError;

impl Size {
    /// The largest attachment.
    pub const MAX: Self = Self(52_428_800);

    /// The size as a number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for Size {
    type Error = SizeError;

    fn try_from(bytes: u64) -> Result<Self, SizeError> {
        if (1..=Self::MAX.0).contains(&bytes) { Ok(Self(bytes)) } else { Err(SizeError) }
    }
}

/// Where the bytes of an attachment are: `a/<attachment>/<32 hexadecimal digits>`.
///
/// No name is in it, and the digits are random, so that nobody who knows the attachment can guess it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey {
    attachment: AttachmentId,
    text: Box<str>,
}

impl ObjectKey {
    const FOLDER: &str = "a";

    /// Where the bytes of an attachment shall be.
    pub fn new(attachment: AttachmentId, random: [u8; 16]) -> Self {
        Self { attachment, text: object::key(Self::FOLDER, attachment, random) }
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the preview of what lies there is, if there is one.
    pub fn preview(&self) -> String {
        self.text.replacen(Self::FOLDER, "p", 1)
    }

    /// Whose bytes these are.
    pub const fn attachment(&self) -> AttachmentId {
        self.attachment
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectKey({})", self.attachment)
    }
}

impl FromStr for ObjectKey {
    type Err = object::KeyError;

    fn from_str(text: &str) -> Result<Self, object::KeyError> {
        Ok(Self { attachment: object::named(Self::FOLDER, text)?, text: text.into() })
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = object::KeyError;

    fn try_from(text: String) -> Result<Self, object::KeyError> {
        text.parse()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.text.into()
    }
}

#[cfg(test)]
mod tests;

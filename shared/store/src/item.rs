//! What the table's items look like.
//!
//! The stored shape is a contract: yesterday's items outlive today's code. Attributes are added with a default, never
//! renamed; the golden tests below are the memory of that.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::attachment::Attachment;
use domain::backup::Backup;
use domain::broadcast::Broadcast;
use domain::chain::{Digest, End, Seq};
use domain::clock::Timestamp;
use domain::conversation::Head;
use domain::entry::Entry;
use domain::id::{AttachmentId, BackupId, BroadcastId, ConversationId, IdempotencyKey, LookId};
use domain::institution::log::Entry as InstitutionEntry;
use domain::institution::{Glass, Settings};
use domain::member::{Member, Membership};
use domain::notice::spread::Spread;
use domain::notice::{Decision, Notices, Suppression};
use domain::preferences::Preferences;
use domain::project::{Collaborator, Project};
use domain::retention::{Hold, Retention};
use domain::session::Seen;
use domain::text::{DisplayName, Email, Username};
use domain::user::Profile;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::keys::Key;

/// An item as the SDK knows it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A kind of item.
pub(crate) trait Entity: Serialize + DeserializeOwned {
    const NAME: &'static str;
}

/// A person's side of a conversation, in the person's own partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InboxItem {
    pub(crate) conversation: ConversationId,
    #[serde(flatten)]
    pub(crate) membership: Membership,
}

/// What a revision says, in full, beside the message it revises.
///
/// The revision's own entry has only the hash of the text: whoever may no longer read a message may not read what it
/// said later either, and retention removes both at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Revision(pub(crate) Entry);

/// That a request was done: which entry it became, and the hash of what it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) seq: Seq,
    pub(crate) request: Digest,
}

/// An entry as it is written the first time, with the key of the request that it answers: whoever removes what it says
/// finds by it what else is known of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntryItem {
    #[serde(flatten)]
    pub(crate) entry: Entry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<IdempotencyKey>,
}

impl EntryItem {
    pub(crate) fn new(entry: &Entry, key: IdempotencyKey) -> Self {
        Self { entry: entry.clone(), key: Some(key) }
    }
}

/// How far a conversation was looked through for what is to go, and its place in the index of what is to be looked through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RetentionItem {
    #[serde(flatten)]
    pub(crate) retention: Retention,
    pub(crate) rev: u64,
    #[serde(flatten)]
    pub(crate) place: Option<Place>,
}

/// How far the institution's log was looked through for what is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LookedThrough {
    pub(crate) through: Seq,
}

/// That a conversation was started: which, how many entries its start wrote, the hash of what was asked, and how many
/// of its first members have their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) conversation: ConversationId,
    pub(crate) last: Seq,
    pub(crate) request: Digest,
    pub(crate) rows: usize,
}

/// That something was announced: what, and the hash of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announced {
    pub(crate) broadcast: BroadcastId,
    pub(crate) request: Digest,
}

/// That an attachment was to be uploaded: which, and the hash of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Requested {
    pub(crate) attachment: AttachmentId,
    pub(crate) request: Digest,
    /// When it is swept away. Nobody repeats a request to upload for so long, and the hash is of the file's name.
    #[serde(default)]
    pub(crate) expires: i64,
}

/// That a conversation was opened to an auditor: until when, and the hash of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GlassBroken {
    pub(crate) until: Timestamp,
    pub(crate) request: Digest,
}

/// A broadcast, and the entry of the institution's log that last changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BroadcastItem {
    #[serde(flatten)]
    pub(crate) broadcast: Broadcast,
    pub(crate) rev: Seq,
}

/// That somebody has read a broadcast; swept away when it is no longer shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BroadcastMark {
    pub(crate) broadcast: BroadcastId,
    pub(crate) at: Timestamp,
    pub(crate) expires: i64,
}

/// The settings, and the entry of the institution's log that last changed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettingsItem {
    #[serde(flatten)]
    pub(crate) settings: Settings,
    pub(crate) rev: Seq,
}

/// Where the institution's log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct InstitutionEnd(pub(crate) End);

/// A word by which somebody is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirectoryItem {
    pub(crate) username: Username,
    pub(crate) name: DisplayName,
}

/// What somebody said they want to be mailed about, and how often they said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PreferencesItem {
    #[serde(flatten)]
    pub(crate) preferences: Preferences,
    pub(crate) rev: Seq,
}

/// Something with a place in the index of what is due, while it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dated<T> {
    #[serde(flatten)]
    pub(crate) value: T,
    #[serde(flatten)]
    pub(crate) place: Option<Place>,
}

/// A place in the index of what is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) dk: String,
    pub(crate) ds: String,
}

/// A look, and whose it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Looked {
    pub(crate) look: LookId,
    #[serde(flatten)]
    pub(crate) decision: Decision,
    /// The mail service's name for the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
    pub(crate) expires: i64,
}

/// Somebody at the institution, and whether they said that they want broadcasts by mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RosterItem {
    pub(crate) username: Username,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broadcasts: Option<bool>,
}

/// An address to which no mail goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// Which.
    pub email: Email,
    /// Why.
    pub state: Suppression,
    /// Since when.
    pub at: Timestamp,
}

/// An attachment, and whether its members were told that it is blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttachmentItem {
    #[serde(flatten)]
    pub(crate) attachment: Attachment,
    pub(crate) rev: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) told: bool,
    #[serde(flatten)]
    pub(crate) place: Option<Place>,
}

/// That a back-up was asked for: which, and of which conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackedUp {
    pub(crate) conversation: ConversationId,
    pub(crate) backup: BackupId,
}

/// A back-up, and its place in the index of what is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackupItem {
    #[serde(flatten)]
    pub(crate) backup: Backup,
    pub(crate) rev: u64,
    pub(crate) expires: i64,
    #[serde(flatten)]
    pub(crate) place: Option<Place>,
}

/// The key with which references to people are sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealItem {
    pub(crate) key: Digest,
}

macro_rules! entities {
    ($($name:ident = $word:literal),*) => {$(
        impl Entity for $name {
            const NAME: &'static str = $word;
        }
    )*};
}

entities! {
    Entry = "entry", Revision = "revision", Head = "head", Member = "participant", InboxItem = "inbox row", Done = "idempotency",
    Started = "creation", Profile = "profile", DirectoryItem = "directory", Project = "project",
    Collaborator = "collaborator", Announced = "announcement", BroadcastItem = "broadcast",
    BroadcastMark = "broadcast mark", SettingsItem = "settings", InstitutionEnd = "institution end",
    InstitutionEntry = "institution entry", Seen = "seen", Glass = "glass", GlassBroken = "glass broken",
    PreferencesItem = "preferences", Looked = "look", RosterItem = "roster", Suppressed = "suppression",
    SealItem = "seal", AttachmentItem = "attachment", Requested = "attachment request",
    BackupItem = "backup", BackedUp = "backup request", EntryItem = "entry", RetentionItem = "retention", Hold = "hold",
    LookedThrough = "looked through"
}

impl Entity for Dated<Notices> {
    const NAME: &'static str = "notices";
}

impl Entity for Dated<Spread> {
    const NAME: &'static str = "spread";
}

#[derive(Serialize)]
struct Stored<'a, T> {
    #[serde(flatten)]
    key: Key,
    entity: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

/// The item under which a value is stored.
pub(crate) fn write<T: Entity>(key: Key, value: &T) -> Result<Item, Error> {
    let stored = Stored { key, entity: T::NAME, value };
    serde_dynamo::to_item(stored).map_err(|_| Error::Corrupt { entity: T::NAME, why: "it cannot be written" })
}

/// The value stored in an item.
pub(crate) fn read<T: Entity>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|_| Error::Corrupt { entity: T::NAME, why: "it is not written as one" })
}

/// The value stored in an item, if it is of this kind: what lies under a client's key may be of another.
pub(crate) fn read_own<T: Entity>(item: Item) -> Result<Option<T>, Error> {
    if is::<T>(&item) { read(item).map(Some) } else { Ok(None) }
}

/// Whether an item is of this kind.
pub(crate) fn is<T: Entity>(item: &Item) -> bool {
    item.get("entity").and_then(|value| value.as_s().ok()).is_some_and(|name| name == T::NAME)
}

/// Whether an item has this key.
pub(crate) fn lies_at(item: &Item, key: &Key) -> bool {
    let text = |name| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok());
    text("pk") == Some(&key.pk) && text("sk") == Some(&key.sk)
}

/// The key of an item.
pub(crate) fn key_of(item: &Item) -> Option<Key> {
    let text = |name| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}

/// A key as the SDK wants it.
pub(crate) fn key(key: Key) -> Item {
    HashMap::from([("pk".to_owned(), AttributeValue::S(key.pk)), ("sk".to_owned(), AttributeValue::S(key.sk))])
}

#[cfg(test)]
mod tests;

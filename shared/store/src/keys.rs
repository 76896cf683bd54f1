//! Every key of the table, once.
//!
//! `#` is written here and nowhere else. Keys hold identifiers and numbers, and for the directory of staff the words
//! of their names; never anything somebody wrote.

use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::id::{AttachmentId, BackupId, BroadcastId, ConversationId, IdempotencyKey, LookId};
use domain::project::ProjectId;
use domain::retention::HoldOn;
use domain::text::{Email, Username};
use domain::user::Token;
use serde::Serialize;

/// A primary key. Only the functions of this module make one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// A part of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) pk: String,
    /// The first sort key, inclusive.
    pub(crate) from: String,
    /// The last sort key, inclusive.
    pub(crate) to: String,
}

fn conversation(id: ConversationId) -> String {
    format!("C#{id}")
}

fn user(name: &Username) -> String {
    format!("U#{}", name.folded())
}

/// Twelve digits, so that text order is number order.
fn place(seq: Seq) -> String {
    format!("E#{:012}", seq.get())
}

pub(crate) fn entry(id: ConversationId, seq: Seq) -> Key {
    Key { pk: conversation(id), sk: place(seq) }
}

/// Which entry lies at a key, if it is an entry's.
pub(crate) fn entry_at(pk: &str, sk: &str) -> Option<(ConversationId, Seq)> {
    Some((pk.strip_prefix("C#")?.parse().ok()?, place_at(sk)?))
}

/// What the revision at place `by` says, kept beside the message it revises: who reads the message reads it too.
pub(crate) fn revision(id: ConversationId, of: Seq, by: Seq) -> Key {
    Key { pk: conversation(id), sk: format!("{}#{:012}", place(of), by.get()) }
}

const HEAD: &str = "E~";

/// Sorts after every entry, so that one query returns the newest entries and the head.
pub(crate) fn head(id: ConversationId) -> Key {
    Key { pk: conversation(id), sk: HEAD.to_owned() }
}

pub(crate) fn participant(id: ConversationId, name: &Username) -> Key {
    Key { pk: conversation(id), sk: format!("P#{}", name.folded()) }
}

pub(crate) fn idempotency(id: ConversationId, name: &Username, key: IdempotencyKey) -> Key {
    Key { pk: conversation(id), sk: format!("K#{}#{key}", name.folded()) }
}

pub(crate) fn inbox_row(name: &Username, id: ConversationId) -> Key {
    Key { pk: user(name), sk: conversation(id) }
}

/// A conversation has no partition before it is started: the key of its start lies with its creator.
pub(crate) fn creation(name: &Username, key: IdempotencyKey) -> Key {
    Key { pk: user(name), sk: format!("K#{key}") }
}

pub(crate) fn project(id: &ProjectId) -> Key {
    Key { pk: project_partition(id), sk: "~".to_owned() }
}

fn project_partition(id: &ProjectId) -> String {
    format!("J#{}", id.as_str())
}

/// That somebody works on a project, where the person's projects are.
pub(crate) fn own_project(name: &Username, id: &ProjectId) -> Key {
    Key { pk: user(name), sk: project_partition(id) }
}

/// The projects of a person.
pub(crate) fn own_projects(name: &Username) -> Range {
    Range { pk: user(name), from: "J#".to_owned(), to: OWN_PROJECTS_END.to_owned() }
}

const OWN_PROJECTS_END: &str = "J#~";

/// That somebody works on a project, where the project is.
pub(crate) fn collaborator(id: &ProjectId, name: &Username) -> Key {
    Key { pk: project_partition(id), sk: user(name) }
}

/// The people of a project.
pub(crate) fn collaborators(id: &ProjectId) -> Range {
    Range { pk: project_partition(id), from: "U#".to_owned(), to: "U#\u{10ffff}".to_owned() }
}

/// All broadcasts lie together, by the time of their making.
const BROADCASTS: &str = "B#";

pub(crate) fn broadcast(id: BroadcastId) -> Key {
    Key { pk: BROADCASTS.to_owned(), sk: id.to_string() }
}

pub(crate) fn broadcasts() -> Range {
    Range { pk: BROADCASTS.to_owned(), from: "0".to_owned(), to: "~".to_owned() }
}

/// That somebody has read a broadcast.
pub(crate) fn broadcast_mark(name: &Username, id: BroadcastId) -> Key {
    Key { pk: user(name), sk: format!("B#{id}") }
}

/// What broadcasts somebody has read.
pub(crate) fn broadcast_marks(name: &Username) -> Range {
    Range { pk: user(name), from: "B#".to_owned(), to: "B#~".to_owned() }
}

/// What a badge is counted from, side by side: broadcasts read, conversations, projects.
pub(crate) fn own(name: &Username) -> Range {
    Range { pk: user(name), from: "B#".to_owned(), to: OWN_PROJECTS_END.to_owned() }
}

/// The institution itself.
const INSTITUTION: &str = "I#";

pub(crate) fn settings() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: "~SETTINGS".to_owned() }
}

/// Where the institution's log ends.
pub(crate) fn institution_end() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: HEAD.to_owned() }
}

pub(crate) fn institution_entry(seq: Seq) -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: place(seq) }
}

/// Which entry of the institution's log lies at a key, if it is one.
pub(crate) fn institution_entry_at(pk: &str, sk: &str) -> Option<Seq> {
    (pk == INSTITUTION).then(|| place_at(sk)).flatten()
}

/// Which place a sort key is, if it is an entry's.
fn place_at(sk: &str) -> Option<Seq> {
    let place = sk.strip_prefix("E#").filter(|place| place.len() == 12)?;
    Seq::try_from(place.parse::<u64>().ok()?).ok()
}

/// The entries of the institution's log from `from` to `to`, both included.
pub(crate) fn institution_entries(from: Seq, to: Seq) -> Range {
    Range { pk: INSTITUTION.to_owned(), from: place(from), to: place(to.max(from)) }
}

/// That an auditor may read a conversation for a while.
pub(crate) fn glass(id: ConversationId, auditor: &Username) -> Key {
    Key { pk: conversation(id), sk: format!("G#{}", auditor.folded()) }
}

pub(crate) fn profile(name: &Username) -> Key {
    Key { pk: user(name), sk: "~PROFILE".to_owned() }
}

/// When somebody last did something.
pub(crate) fn seen(name: &Username) -> Key {
    Key { pk: user(name), sk: "~SEEN".to_owned() }
}

pub(crate) fn preferences(name: &Username) -> Key {
    Key { pk: user(name), sk: "~PREFERENCES".to_owned() }
}

/// What was told to somebody by mail, and when it is to be looked whether there is more.
pub(crate) fn notices(name: &Username) -> Key {
    Key { pk: user(name), sk: NOTICES.to_owned() }
}

const NOTICES: &str = "~NOTICE";

/// The mail of a window: there is at most one.
pub(crate) fn mail(name: &Username, window: Timestamp) -> Key {
    Key { pk: user(name), sk: format!("M#{window}") }
}

/// A look from which no mail came.
pub(crate) fn look(name: &Username, at: Timestamp, by: LookId) -> Key {
    Key { pk: user(name), sk: format!("M#{at}#{by}") }
}

/// What came of looks, below a place in their order.
pub(crate) fn looks(name: &Username, before: Option<&str>) -> Range {
    // The greatest key that is less: the first character after a key's last is none.
    let to = before.map_or_else(|| "M#~".to_owned(), |before| format!("M#{before}"));
    Range { pk: user(name), from: "M#".to_owned(), to }
}

/// Where a look stands in their order.
pub(crate) fn place_of_look(key: &Key) -> Option<&str> {
    key.sk.strip_prefix("M#")
}

pub(crate) fn attachment(id: AttachmentId) -> Key {
    Key { pk: format!("A#{id}"), sk: "~".to_owned() }
}

/// Where an attachment lies in the index until it is cleaned up then: one that belongs to no message, or is gone.
pub(crate) fn abandoned(id: AttachmentId, at: Timestamp) -> (String, String) {
    let key = attachment(id);
    (abandoned_shard(part(&key.pk, SHARDS)), format!("{at}#{}", key.pk))
}

/// The partition of the index with this number for attachments that are to be cleaned up.
pub(crate) fn abandoned_shard(shard: u8) -> String {
    format!("A#{shard:02}")
}

/// Which attachment lies at a key, if it is one.
pub(crate) fn attachment_at(pk: &str, sk: &str) -> Option<AttachmentId> {
    pk.strip_prefix("A#").filter(|_| sk == "~")?.parse().ok()
}

/// A back-up of a conversation.
pub(crate) fn backup(of: ConversationId, id: BackupId) -> Key {
    Key { pk: conversation(of), sk: format!("B#{id}") }
}

/// Where a back-up lies in the index, with which something is to be done then.
pub(crate) fn backup_due(of: ConversationId, id: BackupId, at: Timestamp) -> (String, String) {
    let Key { pk, sk } = backup(of, id);
    (backup_shard(part(&sk, SHARDS)), format!("{at}#{pk}#{sk}"))
}

/// The partition of the index with this number for back-ups.
pub(crate) fn backup_shard(shard: u8) -> String {
    format!("B#{shard:02}")
}

/// Which back-up lies at a key, if it is one.
pub(crate) fn backup_at(pk: &str, sk: &str) -> Option<(ConversationId, BackupId)> {
    let id = pk.strip_prefix("C#")?.parse().ok()?;
    Some((id, sk.strip_prefix("B#")?.parse().ok()?))
}

/// How far a conversation was looked through for what is to go.
pub(crate) fn retention(id: ConversationId) -> Key {
    Key { pk: conversation(id), sk: RETENTION.to_owned() }
}

const RETENTION: &str = "R~";

/// How far the institution's log was looked through for what is to go.
pub(crate) fn institution_retention() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: RETENTION.to_owned() }
}

/// Where a conversation lies in the index that is to be looked through then.
pub(crate) fn retention_due(id: ConversationId, at: Timestamp) -> (String, String) {
    let pk = conversation(id);
    (retention_shard(part(&pk, SHARDS)), format!("{at}#{pk}"))
}

/// The partition of the index with this number for conversations that are to be looked through.
pub(crate) fn retention_shard(shard: u8) -> String {
    format!("R#{shard:02}")
}

/// Of which conversation it is at a key how far it was looked through, if it is of one.
pub(crate) fn retention_at(pk: &str, sk: &str) -> Option<ConversationId> {
    pk.strip_prefix("C#").filter(|_| sk == RETENTION)?.parse().ok()
}

/// That nothing goes of something. All lie together: there are few, and they are asked for one by one.
pub(crate) fn hold(on: &HoldOn) -> Key {
    let on = match on {
        HoldOn::Conversation { conversation: id } => conversation(*id),
        HoldOn::Project { project } => project_partition(project),
    };
    Key { pk: INSTITUTION.to_owned(), sk: format!("H#{on}") }
}

/// All legal holds.
pub(crate) fn holds() -> Range {
    Range { pk: INSTITUTION.to_owned(), from: "H#".to_owned(), to: "H#~".to_owned() }
}

/// How far the members of a very large conversation were told that something has come.
pub(crate) fn conversation_spread(id: ConversationId) -> Key {
    Key { pk: SPREADS.to_owned(), sk: conversation(id) }
}

/// How far people were told of a broadcast.
pub(crate) fn broadcast_spread(id: BroadcastId) -> Key {
    Key { pk: SPREADS.to_owned(), sk: format!("{BROADCASTS}{id}") }
}

const SPREADS: &str = "N#";

/// In how many partitions of the index lies what is due. Each sweep asks all of them, and each takes a thousand writes a
/// second.
pub(crate) const SHARDS: u8 = 8;

/// In how many partitions everybody is listed.
pub(crate) const ROSTERS: u8 = 16;

/// One of so many, the same for the same key.
fn part(key: &str, of: u8) -> u8 {
    Digest::of(key.as_bytes()).as_bytes()[0] % of
}

/// The partition of the index with this number.
pub(crate) fn due_shard(shard: u8) -> String {
    format!("D#{shard:02}")
}

/// Where something lies in the index that is due then.
pub(crate) fn due(key: &Key, at: Timestamp) -> (String, String) {
    let Key { pk, sk } = key;
    (due_shard(part(&[pk.as_str(), sk].concat(), SHARDS)), format!("{at}#{pk}#{sk}"))
}

/// The end of what is due at or before then.
pub(crate) fn due_until(at: Timestamp) -> String {
    format!("{at}#~")
}

/// When something is due, by where it lies in the index.
pub(crate) fn due_at(ds: &str) -> Option<Timestamp> {
    ds.split('#').next()?.parse().ok()
}

/// What a look is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What waits for somebody.
    Person(Username),
    /// What has come to a very large conversation.
    Conversation(ConversationId),
    /// A broadcast.
    Broadcast(BroadcastId),
}

/// What lies at a key that can be due.
pub(crate) fn subject(key: &Key) -> Option<Subject> {
    if key.pk == SPREADS {
        let conversation = || key.sk.strip_prefix("C#")?.parse().ok().map(Subject::Conversation);
        return conversation().or_else(|| key.sk.strip_prefix(BROADCASTS)?.parse().ok().map(Subject::Broadcast));
    }
    let name = key.pk.strip_prefix("U#").filter(|_| key.sk == NOTICES)?;
    name.parse().ok().map(Subject::Person)
}

/// Which broadcast lies at a key, if it is one.
pub(crate) fn broadcast_at(pk: &str, sk: &str) -> Option<BroadcastId> {
    (pk == BROADCASTS).then(|| sk.parse().ok()).flatten()
}

/// Which part of the list of everybody somebody is in.
pub(crate) fn roster(name: &Username) -> Key {
    Key { pk: roster_partition(part(name.folded(), ROSTERS)), sk: user(name) }
}

fn roster_partition(part: u8) -> String {
    format!("R#{part:02}")
}

/// A part of the list of everybody, after this one.
pub(crate) fn roster_after(part: u8, after: Option<&Username>) -> Range {
    let from = after.map_or_else(|| "U#".to_owned(), |name| format!("{}\0", user(name)));
    Range { pk: roster_partition(part), from, to: "U#\u{10ffff}".to_owned() }
}

/// That no mail goes to an address. Its hash, because keys are in logs and in metrics.
pub(crate) fn suppression(email: &Email) -> Key {
    Key { pk: SUPPRESSIONS.to_owned(), sk: Digest::of(email.as_str().to_lowercase().as_bytes()).to_string() }
}

const SUPPRESSIONS: &str = "S#";

/// All addresses to which no mail goes.
pub(crate) fn suppressions() -> Range {
    Range { pk: SUPPRESSIONS.to_owned(), from: "0".to_owned(), to: "~".to_owned() }
}

/// The key with which references to people are sealed.
pub(crate) fn seal() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: "~SEAL".to_owned() }
}

pub(crate) fn rate(name: &Username, what: &str, minute: i64) -> Key {
    Key { pk: user(name), sk: format!("~RATE#{what}#{minute}") }
}

pub(crate) fn directory(token: &Token, name: &Username) -> Key {
    Key { pk: format!("D#{}", token.initials()), sk: format!("{}#{}", token.as_str(), name.folded()) }
}

/// All entries, and the head after them.
pub(crate) fn log_and_head(id: ConversationId) -> Range {
    Range { pk: conversation(id), from: place(Seq::START), to: head(id).sk }
}

/// Whether the head lies in a range.
pub(crate) fn reaches_the_head(range: &Range) -> bool {
    range.to == HEAD
}

/// The entries from `from` to `to`, both included, each followed by its revisions.
pub(crate) fn entries(id: ConversationId, from: Seq, to: Seq) -> Range {
    Range { pk: conversation(id), from: place(from), to: format!("{}#~", place(to)) }
}

/// The members of a conversation.
pub(crate) fn participants(id: ConversationId) -> Range {
    participants_after(id, None)
}

/// The members of a conversation whose names come after this one.
pub(crate) fn participants_after(id: ConversationId, after: Option<&Username>) -> Range {
    // No name holds this character, so it is the next key there can be.
    let from = after.map_or_else(|| "P#".to_owned(), |name| format!("P#{}\0", name.folded()));
    Range { pk: conversation(id), from, to: "P#\u{10ffff}".to_owned() }
}

pub(crate) fn inbox(name: &Username) -> Range {
    Range { pk: user(name), from: "C#".to_owned(), to: "C#~".to_owned() }
}

/// The people who are found by a word that begins like `token`.
pub(crate) fn directory_prefix(token: &Token) -> Range {
    Range {
        pk: format!("D#{}", token.initials()),
        from: token.as_str().to_owned(),
        to: format!("{}\u{10ffff}", token.as_str()),
    }
}

#[cfg(test)]
mod tests;

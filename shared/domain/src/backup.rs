//! Back-ups: what one member may see of a conversation, as one file that can be kept, read and verified elsewhere.
//!
//! A back-up ends with the entry of the log that records it: whoever asks is a member in that instant, so nothing is in
//! it that was said after they were removed. It is made in runs, because no run lasts for ever: each goes on where the
//! last one says it came to.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Seq};
use crate::clock::Timestamp;
use crate::conversation::{self, Head, Refusal};
use crate::entry::{Act, Entry, Event};
use crate::id::{BackupId, ConversationId, NoteId, RunId};
use crate::institution::BackupBy;
use crate::member::Membership;
use crate::object;
use crate::text::Username;

mod line;

pub use line::{Line, verify};

/// How long a link to a back-up works.
pub const LINK_GOOD_FOR: Duration = Duration::from_mins(15);

/// How long a back-up is kept, and how long it is tried to make one.
pub const KEPT_FOR: Duration = Duration::from_hours(24);

/// How long a run has a back-up for itself without a sign of life. Shorter than the minute after which Lambda comes again
/// with an event whose invocation failed
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
const HELD_FOR: Duration = Duration::from_secs(45);

/// A back-up, from the request on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its name.
    pub id: BackupId,
    /// Of which conversation.
    pub conversation: ConversationId,
    /// Who asked for it. Nobody else gets it.
    pub by: Username,
    /// The entry that made them a member.
    pub joined: Seq,
    /// When they asked.
    pub at: Timestamp,
    /// The first entry that is in it: what they may see begins here.
    pub from: Seq,
    /// The last: the one that records that they asked.
    pub to: Seq,
    /// Its hash: whoever knows it can tell whether the back-up is what the log held then.
    pub hash: Digest,
    /// Where it is.
    pub archive: ArchiveKey,
    /// How far it is.
    #[serde(flatten)]
    pub state: State,
}

/// How far a back-up is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It is being made.
    Running(Work),
    /// It can be downloaded.
    Ready {
        /// How large it is, in bytes.
        size: u64,
        /// Since when.
        ready_at: Timestamp,
    },
    /// It could not be made in time.
    Failed {
        /// Since when.
        failed_at: Timestamp,
    },
}

/// The making of a back-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Which run it waits for, or is in: 1, 2, 3.
    pub run: u32,
    /// Which run has it for itself; nothing, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// The last entry that is in it.
    pub done: Seq,
    /// From which note the next run goes on; nothing, if it begins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<NoteId>,
}

/// That a run has a back-up for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub by: RunId,
    /// Until when, if it gives no sign of life before.
    pub until: Timestamp,
}

/// Says what it records that a member asks for a back-up, or why it is refused. An archive can be backed up, too.
pub fn ask(head: &Head, own: &Membership, by: BackupBy) -> Result<Act, Refusal> {
    if head.state == conversation::State::Deleted {
        return Err(Refusal::Deleted);
    }
    match by {
        BackupBy::Nobody => Err(Refusal::NoBackups),
        _ if !by.permits(own.role) => Err(Refusal::NotAdministrator),
        _ => Ok(Act::Event { event: Event::Exported { from: first_visible(head, own) } }),
    }
}

/// The first entry that a member may see.
fn first_visible(head: &Head, own: &Membership) -> Seq {
    head.history.visible_from(own.joined).max(Seq::START.next())
}

impl Backup {
    /// A back-up that a member asked for with this entry of the log, and that waits for its first run.
    pub fn requested(id: BackupId, head: &Head, own: &Membership, entry: &Entry, archive: ArchiveKey) -> Self {
        let from = first_visible(head, own);
        let work = Work { run: 1, held: None, done: from.previous(), note: None };
        Self {
            id,
            conversation: head.id,
            by: entry.by.clone(),
            joined: own.joined,
            at: entry.at,
            from,
            to: entry.seq,
            hash: entry.hash,
            archive,
            state: State::Running(work),
        }
    }

    /// Whether it is for this member: the one who asked, if they never left since. Whoever was away for a while may see
    /// less than before.
    pub fn is_for(&self, user: &Username, own: &Membership) -> bool {
        self.by == *user && self.joined == own.joined
    }

    /// How many entries are in it, and how many there are to be.
    pub fn progress(&self) -> (u64, u64) {
        let of = self.to.get() + 1 - self.from.get();
        match &self.state {
            State::Running(work) => (work.done.get() + 1 - self.from.get(), of),
            State::Ready { .. } => (of, of),
            State::Failed { .. } => (0, of),
        }
    }

    /// From which note the next run goes on, if there is one.
    pub const fn note(&self) -> Option<NoteId> {
        match &self.state {
            State::Running(work) => work.note,
            State::Ready { .. } | State::Failed { .. } => None,
        }
    }

    /// Until when a ready one is kept.
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Ready { ready_at, .. } => Some(ready_at.after(KEPT_FOR)),
            State::Running(_) | State::Failed { .. } => None,
        }
    }

    /// Whether its time is over: then it is as good as removed, whether somebody came to it or not.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.task(now) == Task::Remove
    }

    /// When something is to be done with it, if nobody says so earlier: the next run, or its removal.
    pub fn due_at(&self) -> Timestamp {
        match &self.state {
            State::Running(work) => work.held.map_or(self.at, |held| held.until),
            State::Ready { ready_at: since, .. } | State::Failed { failed_at: since } => since.after(KEPT_FOR),
        }
    }

    /// What is to be done with it now.
    pub fn task(&self, now: Timestamp) -> Task {
        match &self.state {
            State::Running(work) if work.held.is_some_and(|held| now < held.until) => Task::Wait,
            State::Running(_) if now.since(self.at) >= KEPT_FOR => Task::GiveUp,
            State::Running(_) => Task::Run,
            State::Ready { .. } | State::Failed { .. } if now < self.due_at() => Task::Wait,
            State::Ready { .. } | State::Failed { .. } => Task::Remove,
        }
    }

    /// The back-up when a run takes it; nothing, if there is nothing to run.
    pub fn taken(&self, by: RunId, now: Timestamp) -> Option<Self> {
        match (&self.state, self.task(now)) {
            (State::Running(work), Task::Run) => Some(self.at_work(Work { held: Some(held(by, now)), ..work.clone() })),
            _ => None,
        }
    }

    /// The back-up when its run came up to `done`, and says so at this time; nothing, if no run has it.
    pub fn advanced(&self, done: Seq, now: Timestamp) -> Option<Self> {
        let State::Running(work) = &self.state else { return None };
        let by = work.held?.by;
        Some(self.at_work(Work { held: Some(held(by, now)), done, ..work.clone() }))
    }

    /// The back-up when its run wrote down how to go on from here.
    #[must_use]
    pub fn noted(&self, note: NoteId) -> Self {
        self.with_work(|work| Work { note: Some(note), ..work })
    }

    /// The back-up when its run has no more time, and leaves it to the next one.
    #[must_use]
    pub fn handed_on(&self) -> Self {
        self.with_work(|work| Work { run: work.run + 1, held: None, ..work })
    }

    /// The back-up when what was made of it is of no use, and the next run begins anew.
    #[must_use]
    pub fn begun_anew(&self) -> Self {
        self.with_work(|work| Work { done: self.from.previous(), note: None, ..work })
    }

    /// The back-up when it is there.
    #[must_use]
    pub fn finished(&self, size: u64, now: Timestamp) -> Self {
        Self { state: State::Ready { size, ready_at: now }, ..self.clone() }
    }

    /// The back-up when it is not tried any more.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Self {
        Self { state: State::Failed { failed_at: now }, ..self.clone() }
    }

    /// The back-up with its work changed; as it is, if it is not at work.
    fn with_work(&self, change: impl FnOnce(Work) -> Work) -> Self {
        match &self.state {
            State::Running(work) => self.at_work(change(work.clone())),
            State::Ready { .. } | State::Failed { .. } => self.clone(),
        }
    }

    fn at_work(&self, work: Work) -> Self {
        Self { state: State::Running(work), ..self.clone() }
    }
}

fn held(by: RunId, now: Timestamp) -> Held {
    Held { by, until: now.after(HELD_FOR) }
}

/// What is to be done with a back-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Nothing yet.
    Wait,
    /// It is to be made, or gone on with.
    Run,
    /// It was tried for long enough.
    GiveUp,
    /// Its time is over.
    Remove,
}

/// Where a back-up is: `b/<back-up>/<32 hexadecimal digits>`, so that nobody who knows the back-up can guess it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArchiveKey(Box<str>);

impl ArchiveKey {
    const FOLDER: &str = "b";

    /// Where a back-up shall be.
    pub fn new(backup: BackupId, random: [u8; 16]) -> Self {
        Self(object::key(Self::FOLDER, backup, random))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a note is that a run leaves for the next one.
    pub fn note(&self, note: NoteId) -> String {
        format!("{}.{note}", self.0)
    }
}

impl fmt::Debug for ArchiveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArchiveKey")
    }
}

impl FromStr for ArchiveKey {
    type Err = object::KeyError;

    fn from_str(text: &str) -> Result<Self, object::KeyError> {
        object::named::<BackupId>(Self::FOLDER, text).map(|_| Self(text.into()))
    }
}

impl TryFrom<String> for ArchiveKey {
    type Error = object::KeyError;

    fn try_from(text: String) -> Result<Self, object::KeyError> {
        text.parse()
    }
}

impl From<ArchiveKey> for String {
    fn from(key: ArchiveKey) -> Self {
        key.0.into()
    }
}

#[cfg(test)]
mod tests;

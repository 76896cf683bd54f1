//! Tells from what clients saw whether the messenger kept its word.
//!
//! Many clients work on many conversations while faults are injected, and each notes what it asked and what it got.
//! When the faults have stopped, every conversation is read once more, whole.
//! [`check`] compares the two, by seven rules:
//!
//! 1. An acknowledged message is in the final read, where the acknowledgement said.
//! 2. No message is there twice. A refused one is not there at all, and neither is one that nobody sent.
//! 3. The entries, events among them, are numbered 1, 2, 3 … without a gap, and each is there once.
//! 4. Every page that anyone read is a contiguous piece of the final read.
//! 5. If one send had ended before another began, its message has the smaller number.
//! 6. The newest entry that a reader is shown never gets older.
//! 7. After a member was removed, it is shown nothing, and nothing that was sent later, until it is added again.
//!
//! The idea is Jepsen's. Unlike its general checkers this one needs no search, because every entry says its own place:
//! it takes the time of sorting the operations.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

mod rules;
mod violation;

#[cfg(test)]
mod controls;
#[cfg(test)]
mod simulation;

pub use violation::{Breach, Violation};

/// What the clients noted, in any order.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Their operations.
    pub operations: Vec<Operation>,
}

/// One request of one client, as the client saw it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// When the client sent the request, on a clock that all clients share and that never goes back.
    pub began: u64,
    /// When it got the answer or gave up waiting.
    pub ended: u64,
    /// The user who asked.
    pub client: String,
    /// Where.
    pub conversation: String,
    /// What was asked, and what came of it.
    pub act: Act,
}

/// What a client asked, and what came of it.
#[derive(Clone, Debug)]
pub enum Act {
    /// To store a message.
    Send {
        /// Names the message: a retry has the same key and the same body, another body has another key.
        key: String,
        /// Where the message now stands.
        outcome: Outcome<Entry>,
    },
    /// To see a page of entries.
    Read {
        /// The page.
        outcome: Outcome<Page>,
    },
    /// To remove a member.
    Remove {
        /// The user who is to go.
        member: String,
        /// Whether it was done.
        outcome: Outcome<()>,
    },
    /// To add a member, or to add it again.
    Add {
        /// The user who is to come.
        member: String,
        /// Whether it was done.
        outcome: Outcome<()>,
    },
}

/// What a client knows after its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It was done, and this is the answer.
    Ok(T),
    /// A definite no: it was not done and will not be.
    Refused,
    /// No answer, or one that leaves it open: it may have been done, or may still be.
    Unknown,
}

/// An entry of a conversation, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub seq: u64,
    /// Its name.
    pub id: String,
}

/// A page as a client got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// Whether the answer said that nothing comes after this page.
    pub newest: bool,
}

/// What every conversation holds in the end.
#[derive(Clone, Debug, Default)]
pub struct FinalReads {
    /// All entries of each conversation, oldest first.
    pub conversations: BTreeMap<String, Vec<Stored>>,
}

/// An entry of a final read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place and name.
    pub entry: Entry,
    /// The key of the message; an event has none.
    pub key: Option<String>,
}

/// How much was checked, so that a run that did nothing is not taken for one that went well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Histories.
    pub histories: u64,
    /// Messages that were acknowledged, however often.
    pub acknowledged: u64,
    /// Messages of which no client knows whether they were stored.
    pub unknown: u64,
    /// Messages that were refused for good.
    pub refused: u64,
    /// Pages that were read.
    pub reads: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.acknowledged += other.acknowledged;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.reads += other.reads;
    }
}

/// Returns what the history amounts to if it keeps all rules, otherwise every violation found.
pub fn check(history: &History, finals: &FinalReads) -> Result<Figures, Vec<Violation>> {
    let mut operations: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &history.operations {
        operations.entry(&operation.conversation).or_default().push(operation);
    }
    let mut figures = Figures { histories: 1, ..Figures::default() };
    let mut violations = Vec::new();
    let conversations: BTreeSet<&str> =
        operations.keys().copied().chain(finals.conversations.keys().map(String::as_str)).collect();
    for conversation in conversations {
        let operations = operations.get(conversation).map_or(&[][..], Vec::as_slice);
        let stored = finals.conversations.get(conversation).map_or(&[][..], Vec::as_slice);
        let case = rules::Case::new(operations, stored);
        figures += case.figures();
        let breaches = case.breaches().into_iter();
        violations.extend(breaches.map(|breach| Violation { conversation: conversation.to_owned(), breach }));
    }
    if violations.is_empty() { Ok(figures) } else { Err(violations) }
}

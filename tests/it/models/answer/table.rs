//! The table, as far as a send touches it, and what each design asks of it.

use std::collections::BTreeMap;

/// How a message is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Design {
    /// One transaction, and a look at the idempotency item after an error.
    Ours,
    /// One transaction, whose errors become answers as they are.
    ErrorsAsAnswers,
    /// The idempotency item is read in a call of its own before the transaction, which writes it without a condition.
    CheckApart,
    /// The idempotency item is read in a call of its own before the transaction, and written in another after it.
    ItemApart,
    /// One transaction, which takes the remembered head for the head.
    TrustedHint,
}

/// What a client sends. A retry is another request that is equal.
#[derive(Clone, Copy, Debug, Hash, PartialEq)]
pub(super) struct Request {
    pub(super) key: char,
    pub(super) body: u8,
}

/// The conversation of one sender.
#[derive(Clone, Debug, Default, Hash, PartialEq)]
pub(super) struct Table {
    /// The entries. The one that is no message is the removal of the sender; the head is the number of the last.
    pub(super) log: Vec<Option<Request>>,
    /// The idempotency items, by key.
    pub(super) items: BTreeMap<char, Item>,
    pub(super) removed: bool,
}

/// What is kept of a key: the body, as its hash would tell it, and the number of its entry.
#[derive(Clone, Copy, Debug, Hash, PartialEq)]
pub(super) struct Item {
    pub(super) body: u8,
    pub(super) seq: usize,
}

/// Why a transaction was cancelled: the items whose conditions failed, as they were.
pub(super) struct Cancelled {
    pub(super) head: usize,
    pub(super) item: Option<Item>,
    pub(super) removed: bool,
}

impl Table {
    /// The transaction: all or nothing, with the number of the entry.
    pub(super) fn commit(&mut self, request: Request, guess: usize, design: Design) -> Result<usize, Cancelled> {
        let head = self.log.len();
        let item = match design {
            Design::CheckApart | Design::ItemApart => None,
            _ => self.items.get(&request.key).copied(),
        };
        let guessed = guess == head || design == Design::TrustedHint;
        if !guessed || item.is_some() || self.removed {
            return Err(Cancelled { head, item, removed: self.removed });
        }
        self.log.truncate(guess);
        self.log.push(Some(request));
        let seq = self.log.len();
        if design != Design::ItemApart {
            self.mark(request, seq);
        }
        Ok(seq)
    }

    /// Writes the idempotency item.
    pub(super) fn mark(&mut self, request: Request, seq: usize) {
        self.items.insert(request.key, Item { body: request.body, seq });
    }

    /// Removes the sender.
    pub(super) fn remove(&mut self) {
        self.log.push(None);
        self.removed = true;
    }

    /// How many entries hold such a message.
    pub(super) fn count(&self, wanted: impl Fn(Request) -> bool) -> usize {
        self.log.iter().flatten().filter(|request| wanted(**request)).count()
    }
}

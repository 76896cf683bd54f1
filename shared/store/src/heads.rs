//! The last heads this process saw.
//!
//! A remembered head lets a send go out without reading first; the transaction finds out whether it is still true. The
//! lock makes senders of one process wait for each other instead of spoiling each other's guess.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::conversation::Head;
use domain::id::ConversationId;

/// A remembered head, held while a send is under way.
pub(crate) type Remembered = Arc<tokio::sync::Mutex<Option<Head>>>;

/// The last heads this process saw, of up to [`Heads::MAX`] conversations.
#[derive(Debug, Default)]
pub(crate) struct Heads(Mutex<HashMap<ConversationId, Remembered>>);

impl Heads {
    /// About one megabyte.
    const MAX: usize = 1_000;

    pub(crate) fn of(&self, id: ConversationId) -> Remembered {
        let mut heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heads.len() >= Self::MAX && !heads.contains_key(&id) {
            heads.retain(|_, head| Arc::strong_count(head) > 1);
        }
        heads.entry(id).or_default().clone()
    }
}

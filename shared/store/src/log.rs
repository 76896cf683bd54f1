//! Reading a log: its entries, each with what was later done to it.

use std::ops::ControlFlow;

use domain::chain::Seq;
use domain::conversation::Head;
use domain::conversation::message::Standing;
use domain::entry::Entry;
use domain::id::ConversationId;

use crate::Store;
use crate::error::Error;
use crate::item::{self, Item, Revision};
use crate::keys::{self, Range};
use crate::query::{Consistency, Order};

/// An entry, and what was later done to it, in that order.
#[derive(Clone, Debug)]
pub(crate) struct Revised {
    pub(crate) entry: Entry,
    pub(crate) revisions: Vec<Entry>,
}

impl Revised {
    /// The message as it now stands, if it is one.
    pub(crate) fn standing(&self) -> Option<Standing> {
        Standing::of(&self.entry, &self.revisions)
    }
}

/// Part of a log.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The head, if the range reaches that far.
    pub(crate) head: Option<Head>,
    pub(crate) entries: Vec<Revised>,
}

impl Store {
    /// The first `count` entries of a range in this order, of those that `counts` counts; the others between them come
    /// along.
    ///
    /// A revision lies after the entry it revises. Backwards it is met before, forwards an entry is whole when the next
    /// one begins.
    pub(crate) async fn part(
        &self,
        range: Range,
        order: Order,
        count: usize,
        counts: impl Fn(&Entry) -> bool,
    ) -> Result<Part, Error> {
        let mut part = Part::default();
        let mut pending: Vec<Entry> = Vec::new();
        let mut met = 0;
        let take = |found: Item| {
            if item::is::<Head>(&found) {
                part.head = Some(item::read(found)?);
                return Ok(ControlFlow::Continue(()));
            }
            if item::is::<Revision>(&found) {
                let Revision(revision) = item::read(found)?;
                match (order, part.entries.last_mut()) {
                    (Order::Ascending, Some(revised)) => revised.revisions.push(revision),
                    // Backwards it comes before its entry, newest first.
                    _ => pending.insert(0, revision),
                }
                return Ok(ControlFlow::Continue(()));
            }
            let entry: Entry = item::read(found)?;
            if order == Order::Ascending && met == count {
                return Ok(ControlFlow::Break(()));
            }
            met += usize::from(counts(&entry));
            part.entries.push(Revised { entry, revisions: std::mem::take(&mut pending) });
            let whole = order == Order::Descending && met == count;
            Ok(if whole { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        // One more: the head, or the entry by which one sees that the one before is whole.
        let one_more = usize::from(order == Order::Ascending || keys::reaches_the_head(&range));
        self.query_while(range, order, count.saturating_add(one_more), Consistency::Strong, take).await?;
        Ok(part)
    }

    /// One entry as it now stands.
    pub(crate) async fn revised(&self, id: ConversationId, seq: Seq) -> Result<Option<Revised>, Error> {
        let range = keys::entries(id, seq, seq);
        Ok(self.part(range, Order::Ascending, usize::MAX, |_| true).await?.entries.pop())
    }
}

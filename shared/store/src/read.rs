//! How far somebody has read a conversation.

use domain::chain::Seq;
use domain::conversation::message::Standing;
use domain::conversation::{Head, State};
use domain::entry::Entry;
use domain::id::ConversationId;
use domain::inbox::Delivered;
use domain::member::Membership;
use domain::text::Username;
use domain::unread::Mark;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::attribute;
use crate::error::Error;
use crate::item::{self, Item};
use crate::keys::{self, Key};
use crate::log::Revised;
use crate::query::{Consistency, Order};
use crate::row::{RowUpdate, Updated};

/// How far somebody has read, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How far.
    pub read: Mark,
    /// How many messages after it.
    pub unread: u64,
}

/// The most entries that are marked as unread at once: each of them is read to be counted.
const MAX_UNREAD: u64 = 1_000;

impl Store {
    /// Sets the read mark of a user to `seq`, if that is further than it is.
    ///
    /// The log is read before the mark is set: setting it is what shows that the user is still a member.
    pub async fn mark_read(&self, id: ConversationId, user: &Username, seq: Seq) -> Result<Reading, Error> {
        let (mark, head) = match self.place(id, seq).await? {
            Some(place) => place,
            None => self.place_for_member(id, user, seq).await?,
        };
        if head.state == State::Deleted {
            return Err(Error::NotFound);
        }
        let update = RowUpdate {
            set: vec![("read", attribute(&mark)?)],
            condition: "attribute_exists(pk) AND #read.#seq < :seq",
            names: &["seq"],
            values: vec![(":seq", attribute(&seq)?)],
        };
        let row = match self.update_row(user, id, update).await? {
            Updated::Done(row) => row,
            // The mark is as far, or there is none to move.
            Updated::Refused(row) => row.ok_or(Error::NotFound)?,
        };
        Ok(reading(&row.membership, &head))
    }

    /// Sets the read mark of a user to just before `seq`, so that what came since counts as unread again, all but what
    /// the user wrote.
    pub async fn mark_unread(&self, id: ConversationId, user: &Username, seq: Seq) -> Result<Reading, Error> {
        let mut tries = Backoff::new();
        loop {
            let (head, own) = self.for_member(id, user).await?;
            if seq > head.seq {
                return Err(Error::BeyondTheEnd);
            }
            if head.seq.get() - seq.get() >= MAX_UNREAD {
                return Err(Error::TooFarBack);
            }
            // What one cannot see cannot be unread.
            let first = seq.max(head.history.visible_from(own.joined)).max(Seq::START.next());
            let range = keys::entries(id, first, head.seq);
            let found = self.part(range, Order::Ascending, usize::MAX, |_| true).await?.entries;
            let before = found.first().map_or(head.messages, |first| counted_before(&first.entry));
            let read = Mark { seq: first.previous(), messages: before };
            let standings: Vec<Standing> = found.iter().filter_map(Revised::standing).collect();
            let delivered =
                Delivered { seq: own.delivered.seq, ..Delivered::default() }.deliver(user, read, &head, &standings);
            // What one has read is no news to oneself.
            let noticed = own.old_news();
            let next = Membership { read, delivered, noticed, ..own.clone() };
            // A row to which more was delivered than this head knows of: there is a newer one.
            let is_older = own.delivered.seq > head.seq;
            if !is_older && self.put_reading(id, user, &own, &next).await? {
                return Ok(reading(&next, &head));
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Writes a mark and what it makes of the row, if nothing else was delivered or read meanwhile.
    async fn put_reading(
        &self,
        id: ConversationId,
        user: &Username,
        own: &Membership,
        next: &Membership,
    ) -> Result<bool, Error> {
        let update = RowUpdate {
            set: vec![
                ("read", attribute(&next.read)?),
                ("delivered", attribute(&next.delivered)?),
                ("noticed", attribute(&next.noticed)?),
            ],
            condition: "#joined = :joined AND #read = :was AND #delivered = :before",
            names: &["joined"],
            values: vec![
                (":joined", attribute(&own.joined)?),
                (":was", attribute(&own.read)?),
                (":before", attribute(&own.delivered)?),
            ],
        };
        Ok(matches!(self.update_row(user, id, update).await?, Updated::Done(_)))
    }

    /// The mark for a place in a log, and the head; nothing if it has no such place, or none yet that an eventually
    /// consistent read would see.
    async fn place(&self, id: ConversationId, seq: Seq) -> Result<Option<(Mark, Head)>, Error> {
        let found = self.batch(vec![keys::head(id), keys::entry(id, seq)], Consistency::Eventual).await?;
        place_in(found, &keys::head(id), seq)
    }

    /// The same, for certain, and only for a member. For everybody else it takes as long as if there were such a place.
    async fn place_for_member(&self, id: ConversationId, user: &Username, seq: Seq) -> Result<(Mark, Head), Error> {
        let row = keys::inbox_row(user, id);
        let wanted = vec![keys::head(id), keys::entry(id, seq), row.clone()];
        let (own, log): (Vec<_>, Vec<_>) =
            self.batch(wanted, Consistency::Strong).await?.into_iter().partition(|found| item::lies_at(found, &row));
        if own.is_empty() {
            return Err(Error::NotFound);
        }
        place_in(log, &keys::head(id), seq)?.ok_or(Error::BeyondTheEnd)
    }
}

fn reading(own: &Membership, head: &Head) -> Reading {
    Reading { read: own.read, unread: own.counts(head).messages }
}

/// How many messages there were before this entry.
fn counted_before(entry: &Entry) -> u64 {
    entry.messages - u64::from(matches!(entry.act, domain::entry::Act::Message(_)))
}

fn place_in(found: Vec<Item>, head_key: &Key, seq: Seq) -> Result<Option<(Mark, Head)>, Error> {
    let (mut head, mut entry) = (None, None);
    for found in found {
        if item::lies_at(&found, head_key) {
            head = Some(item::read::<Head>(found)?);
        } else {
            entry = Some(item::read::<Entry>(found)?);
        }
    }
    Ok(head.zip(entry).map(|(head, entry)| (Mark { seq, messages: entry.messages }, head)))
}

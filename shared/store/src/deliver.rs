//! Delivery: what is appended to a log reaches the inboxes of its members.
//!
//! It asks what is true now of the entries it is told of, and makes the rows say so. So it may be told of them twice,
//! late, or in another order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::chain::Seq;
use domain::conversation::message::Standing;
use domain::conversation::{Head, State};
use domain::entry::{Act, Change, Entry, Message};
use domain::id::ConversationId;
use domain::inbox::{Delivered, Recipients};
use domain::member::Membership;
use domain::text::Username;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::attribute;
use crate::error::Error;
use crate::item::{self, InboxItem};
use crate::keys;
use crate::log::Revised;
use crate::manage::AT_ONCE;
use crate::query::{Consistency, Order};
use crate::row::{RowUpdate, Updated};

/// What delivering came to.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// How many rows were written.
    pub rows: usize,
    /// What was delivered.
    pub entries: Vec<Entry>,
}

/// What is true of the messages that some entries are or revise, and whom it concerns.
struct Facts {
    entries: Vec<Entry>,
    messages: Vec<Standing>,
    recipients: Recipients,
}

/// What became of one row.
enum Put {
    Written,
    /// It said so already.
    Same,
    /// Others wrote it meanwhile.
    Moved(Username),
}

impl Store {
    /// Delivers the entries of a conversation from `first` to `last` to the inboxes of its members.
    pub async fn deliver(&self, id: ConversationId, first: Seq, last: Seq) -> Result<Delivery, Error> {
        self.deliver_part(id, first, last, false).await
    }

    /// Makes the inbox rows of a conversation's members anew, from its log alone, and returns how many were not as they
    /// should be.
    pub async fn rebuild(&self, id: ConversationId) -> Result<usize, Error> {
        Ok(self.deliver_part(id, Seq::START, Seq::MAX, true).await?.rows)
    }

    /// Makes rows say what is true of the head and of some messages; `anew` forgets what they said before.
    ///
    /// The head is read first. What was delivered up to that head or less, by whomever, is not newer than what is read
    /// after it; rows to which more was delivered are done again with a newer head.
    async fn deliver_part(&self, id: ConversationId, first: Seq, last: Seq, anew: bool) -> Result<Delivery, Error> {
        let mut left: Option<Vec<Username>> = None;
        let mut written = 0;
        let mut tries = Backoff::new();
        loop {
            let head = self.get::<Head>(keys::head(id), Consistency::Strong).await?.ok_or(Error::NotFound)?;
            let facts = self.facts(id, first, last).await?;
            if head.state == State::Deleted {
                self.end_rows(id).await?;
                return Ok(Delivery { rows: written, entries: facts.entries });
            }
            let names = match left.take() {
                Some(names) => names,
                None if anew => self.recipients(id, Recipients::Everybody).await?,
                None => self.recipients(id, facts.recipients).await?,
            };
            let rows = self.rows_of(id, &names).await?;
            let (rows, newer): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(|(_, row)| row.membership.delivered.seq <= head.seq);
            let mut again: Vec<Username> = newer.into_iter().map(|(name, _)| name).collect();
            let put = |(name, row)| self.deliver_row(name, row, &head, &facts.messages, anew);
            let results: Vec<_> = stream::iter(rows).map(put).buffer_unordered(AT_ONCE).collect().await;
            for result in results {
                match result? {
                    Put::Written => written += 1,
                    Put::Same => {}
                    Put::Moved(name) => again.push(name),
                }
            }
            if again.is_empty() {
                return Ok(Delivery { rows: written, entries: facts.entries });
            }
            left = Some(again);
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    async fn facts(&self, id: ConversationId, first: Seq, last: Seq) -> Result<Facts, Error> {
        let range = keys::entries(id, first, last);
        let found = self.part(range, Order::Ascending, usize::MAX, |_| true).await?.entries;
        let before = self.revised_before(id, &found).await?;
        let messages: BTreeMap<Seq, &Revised> =
            found.iter().chain(&before).map(|revised| (revised.entry.seq, revised)).collect();
        let mut recipients = Recipients::Only(BTreeSet::new());
        for Revised { entry, .. } in &found {
            let message = match entry.act {
                Act::Revision { revises, .. } => messages.get(&revises),
                Act::Message(_) | Act::Event { .. } => messages.get(&entry.seq),
            };
            let versions = message.into_iter().flat_map(|message| message.versions());
            recipients = recipients.and(Recipients::of(entry, versions));
        }
        let standings = messages.into_values().filter_map(Revised::standing).collect();
        let entries = found.into_iter().map(|revised| revised.entry).collect();
        Ok(Facts { entries, messages: standings, recipients })
    }

    async fn recipients(&self, id: ConversationId, recipients: Recipients) -> Result<Vec<Username>, Error> {
        Ok(match recipients {
            Recipients::Everybody => self.participants(id).await?.into_iter().map(|member| member.username).collect(),
            Recipients::Only(names) => names.into_iter().collect(),
        })
    }

    async fn deliver_row(
        &self,
        name: Username,
        row: InboxItem,
        head: &Head,
        messages: &[Standing],
        anew: bool,
    ) -> Result<Put, Error> {
        let Membership { joined, read, delivered: was, .. } = row.membership;
        let base = if anew { Delivered::default() } else { was.clone() };
        let is = base.deliver(&name, read, head, messages);
        if is == was {
            return Ok(Put::Same);
        }
        let update = RowUpdate {
            set: vec![("delivered", attribute(&is)?)],
            condition: "#joined = :joined AND #delivered.#seq = :was",
            names: &["joined", "seq"],
            values: vec![(":joined", attribute(&joined)?), (":was", attribute(&was.seq)?)],
        };
        match self.update_row(&name, row.conversation, update).await? {
            Updated::Done(_) => Ok(Put::Written),
            // Others delivered more, or the membership ended.
            Updated::Refused(_) => Ok(Put::Moved(name)),
        }
    }

    async fn rows_of(&self, id: ConversationId, names: &[Username]) -> Result<HashMap<Username, InboxItem>, Error> {
        let by_key: HashMap<_, _> = names.iter().map(|name| (keys::inbox_row(name, id), name)).collect();
        let found = self.batch(by_key.keys().cloned().collect(), Consistency::Strong).await?;
        let mut rows = HashMap::new();
        for found in found {
            let Some(name) = item::key_of(&found).and_then(|key| by_key.get(&key).copied()) else { continue };
            rows.insert(name.clone(), item::read::<InboxItem>(found)?);
        }
        Ok(rows)
    }
}

impl Revised {
    /// All that the message ever said.
    fn versions(&self) -> impl Iterator<Item = &Message> {
        std::iter::once(&self.entry).chain(&self.revisions).filter_map(|entry| match &entry.act {
            Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } => Some(message),
            Act::Revision { .. } | Act::Event { .. } => None,
        })
    }
}

/// Which entry of which log an item of the table's stream is, if it is one that was just appended.
pub fn appended(pk: &str, sk: &str) -> Option<(ConversationId, Seq)> {
    keys::entry_at(pk, sk)
}

//! Delivery: what is appended to a log reaches the inboxes of its members.
//!
//! It asks what is true now of the entries it is told of, and makes the rows say so. So it may be told of them twice,
//! late, or in another order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::chain::Seq;
use domain::conversation::message::Standing;
use domain::conversation::{Head, State};
use domain::entry::{Act, Change as Revising, Entry, Event, Message};
use domain::id::{AttachmentId, BackupId, BroadcastId, ConversationId};
use domain::inbox::{Delivered, Recipients};
use domain::member::Membership;
use domain::text::Username;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::attribute;
use crate::due::Timing;
use crate::error::Error;
use crate::item::{self, InboxItem};
use crate::keys;
use crate::log::Revised;
use crate::manage::AT_ONCE;
use crate::news::News;
use crate::query::{Consistency, Order};
use crate::row::{RowUpdate, Updated};

/// What delivering came to.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// How many rows were written.
    pub rows: usize,
    /// What was delivered.
    pub entries: Vec<Entry>,
    /// Whom it is to be looked at now whether they are to be told by mail.
    pub due: Vec<Username>,
}

/// What is true of the messages that some entries are or revise, and whom it concerns.
struct Facts {
    entries: Vec<Entry>,
    messages: Vec<Standing>,
    recipients: Recipients,
}

/// What became of one row.
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large variant, and live for one batch")]
enum Put {
    /// It says so now, or said so already.
    Done { name: Username, membership: Membership, written: bool },
    /// Others wrote it meanwhile.
    Moved(Username),
}

impl Store {
    /// Delivers the entries of a conversation from `first` to `last` to the inboxes of its members, and notes whom it is
    /// to be looked at, and when, whether they are to be told by mail.
    pub async fn deliver(&self, id: ConversationId, first: Seq, last: Seq, timing: &Timing) -> Result<Delivery, Error> {
        self.deliver_part(id, first, last, false, timing).await
    }

    /// Makes the inbox rows of a conversation's members anew, from its log alone, and returns how many were not as they
    /// should be.
    pub async fn rebuild(&self, id: ConversationId, timing: &Timing) -> Result<usize, Error> {
        Ok(self.deliver_part(id, Seq::START, Seq::MAX, true, timing).await?.rows)
    }

    /// Makes rows say what is true of the head and of some messages; `anew` forgets what they said before.
    ///
    /// The head is read first. What was delivered up to that head or less, by whomever, is not newer than what is read
    /// after it; rows to which more was delivered are done again with a newer head.
    async fn deliver_part(
        &self,
        id: ConversationId,
        first: Seq,
        last: Seq,
        anew: bool,
        timing: &Timing,
    ) -> Result<Delivery, Error> {
        let mut left: Option<Vec<Username>> = None;
        let (mut written, mut reached) = (0, Vec::new());
        let mut tries = Backoff::new();
        loop {
            let head = self.get::<Head>(keys::head(id), Consistency::Strong).await?.ok_or(Error::NotFound)?;
            let facts = self.facts(id, first, last).await?;
            if head.state == State::Deleted {
                self.end_rows(id).await?;
                return Ok(Delivery { rows: written, entries: facts.entries, due: Vec::new() });
            }
            let names = match left.take() {
                Some(names) => names,
                None if anew => self.recipients(id, &Recipients::Everybody).await?,
                None => self.recipients(id, &facts.recipients).await?,
            };
            let rows = self.rows_of(id, &names).await?;
            let (rows, newer): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(|(_, row)| row.membership.delivered.seq <= head.seq);
            let mut again: Vec<Username> = newer.into_iter().map(|(name, _)| name).collect();
            let put = |(name, row)| self.deliver_row(name, row, &head, &facts.messages, anew);
            let results: Vec<_> = stream::iter(rows).map(put).buffer_unordered(AT_ONCE).collect().await;
            for result in results {
                match result? {
                    Put::Done { name, membership, written: is } => {
                        written += usize::from(is);
                        reached.push((name, membership));
                    }
                    Put::Moved(name) => again.push(name),
                }
            }
            if again.is_empty() {
                // The rows first: whoever looks because of it must find it there.
                let due = self.tell(id, &head, &facts, reached, timing).await?;
                return Ok(Delivery { rows: written, entries: facts.entries, due });
            }
            left = Some(again);
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Notes whom it is to be looked at whether they are to be told by mail, and returns for whom that is now.
    async fn tell(
        &self,
        id: ConversationId,
        head: &Head,
        facts: &Facts,
        reached: Vec<(Username, Membership)>,
        timing: &Timing,
    ) -> Result<Vec<Username>, Error> {
        if head.state != State::Active {
            return Ok(Vec::new());
        }
        let reopened = facts.entries.iter().any(|entry| entry.act == Act::Event { event: Event::Unarchived });
        if let (Recipients::Only(_), Some(first)) = (&facts.recipients, facts.messages.first()) {
            self.spread_conversation(id, first.at).await?;
        }
        let mut news: Vec<News> = Vec::new();
        for (name, membership) in reached {
            if reopened && membership.pending(head).messages > 0 {
                self.ask_for_look(&name, timing.now()).await?;
            }
            let (items, silenced) = membership.news(&name, &facts.messages);
            if !items.is_empty() || silenced {
                news.push(News { name, items });
            }
        }
        self.owe(news, timing).await
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

    async fn recipients(&self, id: ConversationId, recipients: &Recipients) -> Result<Vec<Username>, Error> {
        Ok(match recipients {
            Recipients::Everybody => self.participants(id).await?.into_iter().map(|member| member.username).collect(),
            Recipients::Only(names) => names.iter().cloned().collect(),
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
        let Membership { joined, read, delivered: was, .. } = &row.membership;
        let base = if anew { Delivered::default() } else { was.clone() };
        let is = base.deliver(&name, *read, head, messages);
        if is == *was {
            return Ok(Put::Done { name, membership: row.membership, written: false });
        }
        let update = RowUpdate {
            set: vec![("delivered", attribute(&is)?)],
            condition: "#joined = :joined AND #delivered.#seq = :was",
            names: &["joined", "seq"],
            values: vec![(":joined", attribute(joined)?), (":was", attribute(&was.seq)?)],
        };
        match self.update_row(&name, row.conversation, update).await? {
            Updated::Done(row) => Ok(Put::Done { name, membership: row.membership, written: true }),
            // Others delivered more, or the membership ended.
            Updated::Refused(_) => Ok(Put::Moved(name)),
        }
    }

    pub(crate) async fn rows_of(
        &self,
        id: ConversationId,
        names: &[Username],
    ) -> Result<HashMap<Username, InboxItem>, Error> {
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
            Act::Message(message) | Act::Revision { change: Revising::Edited(message), .. } => Some(message),
            Act::Revision { .. } | Act::Event { .. } => None,
        })
    }
}

/// What a change of the table's stream is about, if it is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An entry was appended to the log of a conversation.
    Appended(ConversationId, Seq),
    /// Something was announced, or an announcement was changed.
    Announced(BroadcastId),
    /// A back-up was asked for, or came further.
    BackedUp(ConversationId, BackupId),
    /// An attachment came further.
    Attached(AttachmentId),
}

/// What the change of an item of the table is about.
pub fn changed(pk: &str, sk: &str) -> Option<Change> {
    let appended = keys::entry_at(pk, sk).map(|(id, seq)| Change::Appended(id, seq));
    let attached = || keys::attachment_at(pk, sk).map(Change::Attached);
    let backed_up = || keys::backup_at(pk, sk).map(|(of, id)| Change::BackedUp(of, id));
    appended.or_else(|| keys::broadcast_at(pk, sk).map(Change::Announced)).or_else(backed_up).or_else(attached)
}

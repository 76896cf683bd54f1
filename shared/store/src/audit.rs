//! What auditors see of a conversation: who did what and when; and, after saying why, what was written.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::chain::{BrokenChain, Digest, End, Seq};
use domain::clock::Timestamp;
use domain::conversation::{Head, Signature, apply, seal};
use domain::entry::{Act, Change, Entry, Event, verify};
use domain::id::{ConversationId, EntryId, IdempotencyKey};
use domain::institution::{GLASS_OPEN, Glass, log};
use domain::page::Limit;
use domain::text::{CaseNumber, Reason, Username};

use crate::Store;
use crate::commit::{attribute, put_if, put_new};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::{self, Entity, GlassBroken, Item, Revision};
use crate::keys::{self, Range};
use crate::query::{Consistency, Order};

/// What following a log showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How far it is as it was written.
    pub to: Seq,
    /// Where it goes on, if there is more.
    pub next: Option<Seq>,
    /// The first entry that is not as it was written.
    pub broken: Option<Seq>,
}

impl Verified {
    /// How many entries are followed at once.
    pub(crate) const AT_ONCE: usize = 500;

    pub(crate) const fn broken(at: Seq) -> Self {
        Self { to: at.previous(), next: None, broken: Some(at) }
    }
}

/// Part of a log, as far as it can be read.
pub(crate) struct Legible<T> {
    pub(crate) entries: Vec<T>,
    /// Whether all of it could be read.
    whole: bool,
    /// Whether there was no more.
    pub(crate) ended: bool,
}

impl<T> Legible<T> {
    /// What following this part showed, of a log whose end was read afterwards.
    pub(crate) fn verified(&self, chain: Result<End, BrokenChain>, end: End) -> Verified {
        let to = match chain {
            Err(BrokenChain { at }) => return Verified::broken(at),
            Ok(to) if !self.whole => return Verified::broken(to.seq.next()),
            Ok(to) if to == end => return Verified { to: to.seq, next: None, broken: None },
            Ok(to) => to,
        };
        match to.seq.cmp(&end.seq) {
            // The end says something else of its last entry.
            Ordering::Equal => Verified::broken(to.seq),
            // Nothing is ever written behind the end.
            Ordering::Greater => Verified::broken(end.seq.next()),
            Ordering::Less if self.ended => Verified::broken(to.seq.next()),
            Ordering::Less => Verified { to: to.seq, next: Some(to.seq), broken: None },
        }
    }
}

/// Why a conversation is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Which.
    pub conversation: ConversationId,
    /// Who opens it, when, and the name of the entry in the institution's log.
    pub signature: Signature,
    /// The name of the entry by which the members are told.
    pub told: EntryId,
    /// The client's name for this act.
    pub key: IdempotencyKey,
    /// The hash of what the client asked.
    pub request: Digest,
    /// Why.
    pub reason: Reason,
    /// The case because of which the members are not told.
    pub case: Option<CaseNumber>,
}

impl Store {
    /// Part of a conversation's log for an auditor: the entries before a place, newest first, and whether the auditor may
    /// read what they say.
    pub async fn conversation_log(
        &self,
        id: ConversationId,
        auditor: &Username,
        before: Option<Seq>,
        limit: Limit,
        now: Timestamp,
    ) -> Result<(Vec<Entry>, bool), Error> {
        let range = keys::entries(id, Seq::START, before.map_or(Seq::MAX, Seq::previous));
        let (part, head, glass) = tokio::join!(
            Box::pin(self.part(range, Order::Descending, limit.get(), |_| true)),
            self.get::<Head>(keys::head(id), Consistency::Strong),
            self.get::<Glass>(keys::glass(id, auditor), Consistency::Strong)
        );
        head?.ok_or(Error::NotFound)?;
        let open = glass?.is_some_and(|glass| glass.is_open(now));
        let mut entries: Vec<Entry> = part?.entries.into_iter().map(|found| found.entry).collect();
        if open {
            self.fill_in(id, &mut entries).await?;
        } else {
            entries = entries.into_iter().map(Entry::without_text).collect();
        }
        Ok((entries, open))
    }

    /// Puts the texts of edits into their entries: they lie beside the messages that they revise.
    async fn fill_in(&self, id: ConversationId, entries: &mut [Entry]) -> Result<(), Error> {
        let keys = entries.iter().filter_map(|entry| match entry.act {
            Act::Revision { revises, change: Change::Edited(_) } => Some(keys::revision(id, revises, entry.seq)),
            _ => None,
        });
        for found in self.batch(keys.collect(), Consistency::Strong).await? {
            let Revision(full) = item::read(found)?;
            if let Some(entry) = entries.iter_mut().find(|entry| entry.seq == full.seq) {
                *entry = full;
            }
        }
        Ok(())
    }

    /// Opens a conversation to an auditor for an hour. That, why, and for how long is in the institution's log; in the
    /// conversation's own log, where members see it, unless there is a case because of which they must not.
    ///
    /// Says until when, and whether an earlier request with the same key did it.
    pub async fn break_glass(&self, opening: &Opening) -> Result<(Timestamp, bool), Error> {
        let Opening { conversation: id, signature, told, key, request, reason, case } = opening;
        let done_key = || keys::creation(&signature.by, *key);
        let glass = Glass { auditor: signature.by.clone(), until: signature.at.after(GLASS_OPEN) };
        let decide = |_| {
            let glass = &glass;
            async move {
                let head = self.get::<Head>(keys::head(*id), Consistency::Strong).await?.ok_or(Error::NotFound)?;
                if !self.settings().await?.0.break_glass {
                    return Err(Error::GlassClosed);
                }
                if let Some(found) = self.batch(vec![done_key()], Consistency::Strong).await?.pop() {
                    let done = item::read_own::<GlassBroken>(found)?.filter(|done| done.request == *request);
                    return Ok(Decided::Nothing((done.ok_or(Error::KeyReuse(*key))?.until, true)));
                }
                let done = GlassBroken { until: glass.until, request: *request };
                let mut items = vec![put_new(&self.table, done_key(), &done)?, self.glass_item(*id, glass)?];
                if case.is_none() {
                    let event = Event::GlassBroken { until: glass.until };
                    let signature = Signature { id: *told, ..signature.clone() };
                    let entry = seal(&head, signature, Act::Event { event });
                    items.push(self.head_item(&head, &apply(&head, &entry))?);
                    items.push(put_new(&self.table, keys::entry(*id, entry.seq), &entry)?);
                }
                let act = log::Act::GlassBroken {
                    conversation: *id,
                    until: glass.until,
                    reason: reason.clone(),
                    case: case.clone(),
                };
                Ok(Decided::Record { act, items, then: (glass.until, false) })
            }
        };
        self.record(signature, decide).await
    }

    /// An hour may begin anew, and never becomes shorter.
    fn glass_item(&self, id: ConversationId, glass: &Glass) -> Result<TransactWriteItem, Error> {
        let longer = "attribute_not_exists(pk) OR #until <= :until";
        let values = vec![(":until", attribute(&glass.until)?)];
        put_if(&self.table, keys::glass(id, &glass.auditor), glass, longer, &[("#until", "until")], values)
    }

    /// Follows part of a conversation's log, from the entry after `after` on: every entry, and every text of an edit.
    pub async fn verify_conversation(&self, id: ConversationId, after: Seq) -> Result<Verified, Error> {
        let from = match after {
            Seq::START => End::default(),
            after => match self.get::<Entry>(keys::entry(id, after), Consistency::Strong).await {
                Ok(Some(entry)) => End { seq: entry.seq, hash: entry.hash },
                Ok(None) | Err(Error::Corrupt { .. }) => return Ok(Verified::broken(after)),
                Err(error) => return Err(error),
            },
        };
        let from_place = |place: Seq| keys::entries(id, place.next(), Seq::MAX);
        let mut part = self.legible::<Entry>(from_place(after), Verified::AT_ONCE).await?;
        let head = self.get::<Head>(keys::head(id), Consistency::Strong).await?.ok_or(Error::NotFound)?;
        let last = part.entries.last().map_or(after, |last| last.seq);
        if part.ended && head.seq > last {
            // It may have been written between the two questions.
            part.ended = self.legible::<Entry>(from_place(last), 1).await?.entries.is_empty();
        }
        let text = self.first_wrong_text(id, &part.entries).await?;
        let chain = verify(id, from, &part.entries);
        let found = part.verified(chain, End { seq: head.seq, hash: head.hash });
        // A text belongs to the entry that recorded it.
        let text = text.filter(|text| found.broken.is_none_or(|at| *text < at));
        Ok(text.map_or(found, Verified::broken))
    }

    /// The first entries of a range, up to the first that cannot be read: what cannot be read is not what was written.
    pub(crate) async fn legible<T: Entity>(&self, range: Range, limit: usize) -> Result<Legible<T>, Error> {
        let mut part = Legible { entries: Vec::new(), whole: true, ended: true };
        let take = |found: Item| {
            // What revisions say lies between the entries, and is looked at by itself.
            if item::is::<Revision>(&found) {
                return Ok(ControlFlow::Continue(()));
            }
            match item::read(found) {
                Ok(entry) => part.entries.push(entry),
                Err(_) => part.whole = false,
            }
            part.ended = part.whole && part.entries.len() < limit;
            Ok(if part.ended { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        self.query_while(range, Order::Ascending, limit, Consistency::Strong, take).await?;
        Ok(part)
    }

    /// The first revision among some entries of which another text is kept than the entry has the hash of.
    async fn first_wrong_text(&self, id: ConversationId, entries: &[Entry]) -> Result<Option<Seq>, Error> {
        let revisions = || {
            entries.iter().filter_map(|entry| match entry.act {
                Act::Revision { revises, .. } => Some((entry, keys::revision(id, revises, entry.seq))),
                Act::Message(_) | Act::Event { .. } => None,
            })
        };
        let found = self.batch(revisions().map(|(_, key)| key).collect(), Consistency::Strong).await?;
        let kept: HashSet<_> = found
            .into_iter()
            .filter_map(|found| item::read::<Revision>(found).ok())
            .filter(|Revision(full)| full.chained(id) == full.hash)
            .map(|Revision(full)| (full.seq, full.hash))
            .collect();
        Ok(revisions().map(|(entry, _)| entry).find(|entry| !kept.contains(&(entry.seq, entry.hash))).map(|e| e.seq))
    }
}

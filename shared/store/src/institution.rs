//! What officials do: each act is an entry of the institution's own log, written in one transaction with what it changes.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::chain::{End, Seq};
use domain::conversation::Signature;
use domain::institution::log::{Act, Entry, seal, verify};
use domain::page::Limit;

use crate::Store;
use crate::audit::Verified;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, put_if, put_new};
use crate::error::Error;
use crate::item::{self, InstitutionEnd};
use crate::keys;
use crate::query::{Consistency, Order};

/// What an official's act comes to, by what is true now.
#[expect(clippy::large_enum_variant, reason = "it lives for one transaction")]
pub(crate) enum Decided<T> {
    /// Things are as it wants them.
    Nothing(T),
    /// It is recorded, with what it changes.
    Record {
        act: Act,
        items: Vec<TransactWriteItem>,
        /// What is true then.
        then: T,
    },
}

/// How many items a transaction has room for beside the log's end and entry.
pub(crate) const ROOM: usize = 98;

impl Store {
    /// Records what an official does. `decide` says what that is, by the state of the table and the place the entry
    /// will have; whatever it read must be a condition of what it writes.
    pub(crate) async fn record<T, F>(&self, signature: &Signature, decide: impl Fn(Seq) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Decided<T>, Error>>,
    {
        let mut tries = Backoff::new();
        // An attempt at this place of which nothing was heard, and what would be true then.
        let mut unheard: Option<(Seq, T)> = None;
        loop {
            let sure = unheard.is_none();
            let unsure = |error: Error| if sure { error } else { error.unsure() };
            let end = self.institution_end().await.map_err(unsure)?;
            if let Some((seq, then)) = unheard.take_if(|(seq, _)| end.seq >= *seq) {
                let entry = self.get::<Entry>(keys::institution_entry(seq), Consistency::Strong).await;
                if entry.map_err(Error::unsure)?.is_some_and(|entry| entry.id == signature.id) {
                    return Ok(then);
                }
            }
            let (act, items, then) = match decide(end.seq.next()).await.map_err(unsure)? {
                Decided::Nothing(is) => return Ok(is),
                Decided::Record { act, items, then } => (act, items, then),
            };
            let entry = seal(end, signature.clone(), act);
            let mut all = vec![
                self.institution_end_item(end, entry.end())?,
                put_new(&self.table, keys::institution_entry(entry.seq), &entry)?,
            ];
            all.extend(items);
            match self.transact(all).await? {
                Outcome::Committed => return Ok(then),
                Outcome::Unknown => unheard = Some((entry.seq, then)),
                // Somebody else did something: `decide` sees to it.
                Outcome::Rejected(_) | Outcome::Throttled => {}
            }
            if !tries.again().await {
                return Err(if unheard.is_some() { Error::OutcomeUnknown } else { Error::Busy });
            }
        }
    }

    pub(crate) async fn institution_end(&self) -> Result<End, Error> {
        let end = self.get::<InstitutionEnd>(keys::institution_end(), Consistency::Strong).await?;
        Ok(end.unwrap_or_default().0)
    }

    /// The end of the log goes from one entry to the next, if it is still at the one.
    pub(crate) fn institution_end_item(&self, was: End, is: End) -> Result<TransactWriteItem, Error> {
        let key = keys::institution_end();
        if was.seq == Seq::START {
            return put_new(&self.table, key, &InstitutionEnd(is));
        }
        let values = vec![(":seq", attribute(&was.seq)?), (":hash", attribute(&was.hash)?)];
        let names = [("#seq", "seq"), ("#hash", "hash")];
        put_if(&self.table, key, &InstitutionEnd(is), "#seq = :seq AND #hash = :hash", &names, values)
    }

    /// Part of the institution's log: the entries before a place, newest first.
    pub async fn institution_log(&self, before: Option<Seq>, limit: Limit) -> Result<Vec<Entry>, Error> {
        let range = keys::institution_entries(Seq::START, before.map_or(Seq::MAX, Seq::previous));
        let found = self.query(range, Order::Descending, limit.get(), Consistency::Strong).await?;
        found.into_iter().map(item::read).collect()
    }

    /// Follows part of the institution's log, from the entry after `after` on.
    pub async fn verify_institution(&self, after: Seq) -> Result<Verified, Error> {
        let from = match after {
            Seq::START => End::default(),
            after => match self.get::<Entry>(keys::institution_entry(after), Consistency::Strong).await {
                Ok(Some(entry)) => entry.end(),
                Ok(None) | Err(Error::Corrupt { .. }) => return Ok(Verified::broken(after)),
                Err(error) => return Err(error),
            },
        };
        let from_place = |place: Seq| keys::institution_entries(place.next(), Seq::MAX);
        let mut part = self.legible::<Entry>(from_place(after), Verified::AT_ONCE).await?;
        let end = self.institution_end().await?;
        let last = part.entries.last().map_or(after, |last| last.seq);
        if part.ended && end.seq > last {
            // It may have been written between the two questions.
            part.ended = self.legible::<Entry>(from_place(last), 1).await?.entries.is_empty();
        }
        Ok(part.verified(verify(from, &part.entries), end))
    }
}

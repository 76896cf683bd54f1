//! What is to be looked at, and who looks.
//!
//! Everything that can be due is read, changed as the domain says, and put back if nobody else changed it meanwhile.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::clock::{Clock, Timestamp};
use domain::id::Ids;
use domain::notice::Notices;
use domain::notice::due::Timer;
use domain::notice::spread::Spread;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{self, attribute};
use crate::error::Error;
use crate::item::{self, Dated, Entity, Item, Place};
use crate::keys::{self, Key, Subject};
use crate::put::Put;
use crate::query::{Consistency, failed};
use crate::table::DUE_INDEX;

/// Tells the time, and names looks.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Tells the time.
    pub clock: Clock,
    /// Makes names.
    pub ids: Ids,
}

impl Timing {
    /// The present.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// What can be due.
pub(crate) trait Timed: Clone + Default + PartialEq
where
    Dated<Self>: Entity,
{
    fn timer(&self) -> &Timer;
    fn version(&self) -> u64;
    #[must_use]
    fn with_version(self, version: u64) -> Self;
}

macro_rules! timed {
    ($($name:ident),*) => {$(
        impl Timed for $name {
            fn timer(&self) -> &Timer {
                &self.timer
            }

            fn version(&self) -> u64 {
                self.version
            }

            fn with_version(self, version: u64) -> Self {
                Self { version, ..self }
            }
        }
    )*};
}

timed!(Notices, Spread);

/// Something that is due, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// What.
    pub subject: Subject,
    /// Since when.
    pub at: Timestamp,
}

impl Store {
    /// What is due at or before `until` in one shard of the index, the longest overdue first, at most `limit`.
    ///
    /// The index is a moment behind the table: it says what to look at, never whether.
    pub async fn due(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<Overdue>, Error> {
        let read = |item: Item| {
            let at = item.get("ds").and_then(|ds| ds.as_s().ok()).and_then(|ds| keys::due_at(ds))?;
            let subject = item::key_of(&item).and_then(|key| keys::subject(&key))?;
            Some(Overdue { subject, at })
        };
        self.due_in(&keys::due_shard(shard), until, limit, read).await
    }

    /// What lies in a partition of the index up to `until`, in order, as `read` reads it, at most `limit`.
    pub(crate) async fn due_in<T>(
        &self,
        partition: &str,
        until: Timestamp,
        limit: usize,
        read: impl Fn(Item) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        let mut from = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&*self.table)
                .index_name(DUE_INDEX)
                .key_condition_expression("dk = :dk AND ds <= :until")
                .expression_attribute_values(":dk", AttributeValue::S(partition.to_owned()))
                .expression_attribute_values(":until", AttributeValue::S(keys::due_until(until)))
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(failed)?;
            for item in answer.items.unwrap_or_default() {
                // What cannot be read is nobody's: it is passed over, so that it stops nobody else.
                let Some(due) = read(item) else { continue };
                found.push(due);
                if found.len() >= limit {
                    return Ok(found);
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(found);
            }
        }
    }

    /// Changes something that can be due as `change` says, and returns it; nothing if there is nothing to change.
    /// `known` is a guess that the write verifies.
    pub(crate) async fn change_timed<T: Timed>(
        &self,
        key: Key,
        known: Option<T>,
        change: impl Fn(&T) -> Option<T>,
    ) -> Result<Option<T>, Error>
    where
        Dated<T>: Entity,
    {
        let mut was = match known {
            Some(known) => known,
            None => self.timed(key.clone()).await?,
        };
        let mut tries = Backoff::new();
        loop {
            let Some(is) = change(&was) else { return Ok(None) };
            let is = is.with_version(was.version() + 1);
            match self.put_timed(key.clone(), &is, was.version()).await? {
                None => return Ok(Some(is)),
                // It was our own write, whose answer was lost.
                Some(found) if found == is => return Ok(Some(is)),
                Some(found) => was = found,
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    pub(crate) async fn timed<T: Timed>(&self, key: Key) -> Result<T, Error>
    where
        Dated<T>: Entity,
    {
        let found = self.get::<Dated<T>>(key, Consistency::Strong).await?;
        Ok(found.map(|found| found.value).unwrap_or_default())
    }

    /// Puts it, if it is as it was; else returns it as it is.
    async fn put_timed<T: Timed>(&self, key: Key, is: &T, was: u64) -> Result<Option<T>, Error>
    where
        Dated<T>: Entity,
    {
        let values = vec![(":was", attribute(&was)?)];
        match self.put_if(key.clone(), &dated(&key, is), AS_READ, AS_READ_NAMES, values).await? {
            Put::Done => Ok(None),
            Put::Refused(found) => Ok(Some(found.map(|found| found.value).unwrap_or_default())),
        }
    }

    /// Part of a transaction: it becomes `is`, if it is still `was`.
    pub(crate) fn timed_item<T: Timed>(&self, key: Key, was: &T, is: T) -> Result<TransactWriteItem, Error>
    where
        Dated<T>: Entity,
    {
        let is = dated(&key, &is.with_version(was.version() + 1));
        let values = vec![(":was", attribute(&was.version())?)];
        commit::put_if(&self.table, key, &is, AS_READ, AS_READ_NAMES, values)
    }
}

/// That nobody changed it since it was read.
const AS_READ: &str = "attribute_not_exists(pk) OR #version = :was";

/// The names in [`AS_READ`].
const AS_READ_NAMES: &[(&str, &str)] = &[("#version", "version")];

/// With its place in the index of what is due.
fn dated<T: Timed>(key: &Key, value: &T) -> Dated<T>
where
    Dated<T>: Entity,
{
    let place = value.timer().due.map(|due| keys::due(key, due.at)).map(|(dk, ds)| Place { dk, ds });
    Dated { value: value.clone(), place }
}

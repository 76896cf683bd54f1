//! How often one person may do something in a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::clock::Timestamp;
use domain::text::Username;

use crate::Store;
use crate::error::Error;
use crate::item;
use crate::keys::{self, Key};
use crate::query::failed;

/// How much of something one person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    name: &'static str,
    per_minute: u32,
    /// A process writes what it counted down only every so many times: an ordinary person costs nothing.
    share: u32,
}

impl Quota {
    /// 200 messages a minute, over all conversations.
    pub const SENDS: Self = Self { name: "sends", per_minute: 200, share: 20 };
    /// 60 conversations started a minute, of up to a thousand members each.
    pub const STARTS: Self = Self { name: "starts", per_minute: 60, share: 10 };
    /// 60 requests a minute to add members, of up to a thousand people each.
    pub const MEMBERS: Self = Self { name: "members", per_minute: 60, share: 10 };
    /// 30 attachments a minute: as much as a message a minute can take along three times.
    pub const UPLOADS: Self = Self { name: "uploads", per_minute: 30, share: 5 };
    /// 10 back-ups a minute, each of which reads a whole conversation.
    pub const BACKUPS: Self = Self { name: "backups", per_minute: 10, share: 5 };
    /// 30 searches a minute: enough to find anybody, too few to list everybody.
    pub const SEARCHES: Self = Self { name: "searches", per_minute: 30, share: 5 };
}

/// What this process counted in the present minute.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    minute: i64,
    used: HashMap<(Username, &'static str), Used>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    /// Counted here since it was last written down.
    here: u32,
    /// Counted by all processes when it was last written down.
    everywhere: u32,
}

impl Rates {
    /// Counts one, and says how many there are now and whether to write them down.
    fn count(&self, user: &Username, quota: Quota, minute: i64) -> (u32, bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute != minute {
            *counts = Counts { minute, used: HashMap::new() };
        }
        let own = counts.used.entry((user.clone(), quota.name)).or_default();
        own.here += 1;
        (own.everywhere + own.here, own.here >= quota.share)
    }

    fn written(&self, user: &Username, quota: Quota, minute: i64, everywhere: u32) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.minute == minute {
            counts.used.insert((user.clone(), quota.name), Used { here: 0, everywhere });
        }
    }
}

impl Store {
    /// Counts an important message, and returns how many of them the person sent in these ten minutes.
    pub async fn count_important(&self, user: &Username, now: Timestamp) -> Result<u32, Error> {
        let window = now.as_seconds().div_euclid(600);
        self.add(keys::rate(user, "important", window), 1, (window + 2) * 600).await
    }

    /// Adds to a count that is swept away after a time, and returns what it is then.
    async fn add(&self, key: Key, n: u32, expires: i64) -> Result<u32, Error> {
        let answer = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(key)))
            .update_expression("ADD used :n SET #expires = :expires")
            .expression_attribute_names("#expires", crate::table::TIME_TO_LIVE)
            .expression_attribute_values(":n", AttributeValue::N(n.to_string()))
            .expression_attribute_values(":expires", AttributeValue::N(expires.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(failed)?;
        let used = answer.attributes.as_ref().and_then(|item| item.get("used")?.as_n().ok()?.parse().ok());
        used.ok_or(Error::Corrupt { entity: "rate", why: "it is no number" })
    }

    /// Counts one use, or refuses it.
    ///
    /// Each process counts for itself and adds its count to the table's in portions, so that many processes together
    /// let through at most one portion each more than the quota.
    pub async fn spend(&self, user: &Username, quota: Quota, now: Timestamp) -> Result<(), Error> {
        let Some(rates) = &self.rates else { return Ok(()) };
        let minute = now.as_seconds().div_euclid(60);
        let (total, write) = rates.count(user, quota, minute);
        if total > quota.per_minute {
            return Err(Error::TooOften);
        }
        if write {
            let everywhere = self.add(keys::rate(user, quota.name, minute), quota.share, (minute + 10) * 60).await?;
            rates.written(user, quota, minute, everywhere);
        }
        Ok(())
    }
}

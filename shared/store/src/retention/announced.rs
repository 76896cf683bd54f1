//! Removing what was announced and kept as long as it was to be: what it said goes from the institution's log, and the
//! broadcast itself with its last version.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::Signature;
use domain::institution::log::{Act, Entry};

use crate::Store;
use crate::commit::{attribute, delete, put_if, put_new};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::{self, BroadcastItem, LookedThrough, SettingsItem};
use crate::keys;
use crate::put::Put;
use crate::query::{Consistency, Order};

/// How many entries of the log are looked at in one step.
const AT_ONCE: usize = 200;

/// How many announcements go in one transaction at most: two items each, beside the log and how far it was looked through.
const ROOM: usize = 40;

/// What a step comes to.
enum Step {
    /// Something went, and is recorded.
    Went,
    /// Nothing was to go up to this place.
    Passed { from: Seq, through: Seq },
    /// Nothing is old enough.
    Over,
}

impl Store {
    /// Removes some of what was announced and was to be kept until the time of `signature`, the oldest first, and records
    /// that it did; says whether there may be more.
    ///
    /// A broadcast goes when its last version is old enough, shown or not.
    pub async fn purge_announcements(&self, signature: &Signature) -> Result<bool, Error> {
        let decide = |_| self.announcements_to_go(signature.at);
        match self.record(signature, decide).await? {
            Step::Went => Ok(true),
            Step::Over => Ok(false),
            Step::Passed { from, through } => {
                let is = LookedThrough { through };
                let key = keys::institution_retention();
                // Whoever else looked through it came as far.
                let put = if from == Seq::START {
                    self.put_new(key, &is).await?
                } else {
                    let values = vec![(":from", attribute(&from)?)];
                    self.put_if(key, &is, "#through = :from", &[("#through", "through")], values).await?
                };
                Ok(matches!(put, Put::Done))
            }
        }
    }

    async fn announcements_to_go(&self, now: Timestamp) -> Result<Decided<Step>, Error> {
        let (set, was) = tokio::join!(
            self.get::<SettingsItem>(keys::settings(), Consistency::Strong),
            self.get::<LookedThrough>(keys::institution_retention(), Consistency::Strong)
        );
        // Whoever changes the settings moves the log's end, and nothing goes.
        let period = set?.map(|set| set.settings).unwrap_or_default().retention;
        let from = was?.map_or(Seq::START, |was| was.through);
        let range = keys::institution_entries(from.next(), Seq::MAX);
        let found = self.query(range, Order::Ascending, AT_ONCE, Consistency::Strong).await?;
        let old: Vec<Entry> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let old: Vec<Entry> = old.into_iter().take_while(|entry| period.ends(entry.at) <= now).collect();
        let told: Vec<&Entry> = old.iter().filter(|entry| entry.act.broadcast().is_some()).take(ROOM).collect();
        let through = match told.last() {
            Some(last) if told.len() == ROOM => last.seq,
            _ => old.last().map_or(from, |last| last.seq),
        };
        if through == from {
            return Ok(Decided::Nothing(Step::Over));
        }
        let (mut items, mut went) = (Vec::new(), BTreeSet::new());
        for entry in &told {
            let stub = (*entry).clone().without_text();
            if stub != **entry {
                let values = vec![(":hash", attribute(&entry.hash)?)];
                let key = keys::institution_entry(entry.seq);
                items.push(put_if(&self.table, key, &stub, "#hash = :hash", &[("#hash", "hash")], values)?);
                went.insert(entry.seq);
            }
        }
        let (last, gone): (Vec<Seq>, Vec<TransactWriteItem>) = self.last_versions(&told).await?.into_iter().unzip();
        items.extend(gone);
        if went.is_empty() {
            // The entry of a withdrawal says nothing, and yet the broadcast goes with it.
            went.extend(last);
        }
        let (Some(first), Some(last)) = (went.first(), went.last()) else {
            return Ok(Decided::Nothing(Step::Passed { from, through }));
        };
        items.push(self.looked_through_item(from, through)?);
        let act = Act::AnnouncementsPurged { from: *first, to: *last, announcements: went.len() as u64 };
        Ok(Decided::Record { act, items, then: Step::Went })
    }

    /// The broadcasts of which one of these entries is the last go with it; with each, which entry that is.
    async fn last_versions(&self, told: &[&Entry]) -> Result<Vec<(Seq, TransactWriteItem)>, Error> {
        let mut wanted: Vec<_> = told.iter().filter_map(|entry| entry.act.broadcast()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut items = Vec::new();
        for found in self.batch(wanted.into_iter().map(keys::broadcast).collect(), Consistency::Strong).await? {
            let BroadcastItem { broadcast, rev } = item::read(found)?;
            if told.iter().any(|entry| entry.seq == rev) {
                let values = vec![(":rev", attribute(&rev)?)];
                let key = keys::broadcast(broadcast.id);
                items.push((rev, delete(&self.table, key, "#rev = :rev", &[("#rev", "rev")], values)?));
            }
        }
        Ok(items)
    }

    fn looked_through_item(&self, from: Seq, through: Seq) -> Result<TransactWriteItem, Error> {
        let (key, is) = (keys::institution_retention(), LookedThrough { through });
        if from == Seq::START {
            return put_new(&self.table, key, &is);
        }
        let values = vec![(":from", attribute(&from)?)];
        put_if(&self.table, key, &is, "#through = :from", &[("#through", "through")], values)
    }
}

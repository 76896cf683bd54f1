//! Removing what was kept as long as it was to be.
//!
//! What goes goes in transactions, each on condition that no legal hold is on the conversation or on its project, and
//! that how long it is kept is as it was read: a hold that is placed at the same moment comes before one of them or after
//! it, and never in between. The bytes of attachments go later: from the same transaction on nobody can fetch them, and
//! whoever cleans up finds them.

mod announced;

use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::{Head, Signature};
use domain::entry::{Act, Entry};
use domain::id::{AttachmentId, ConversationId};
use domain::institution::log;
use domain::project::Project;
use domain::retention::{Hold, HoldOn, LOOK_EVERY, Period, Purge, Retention, attachments, next_look, period};
use serde::Serialize;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, check, delete, put_if, update_if};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::{self, Done, Entity, EntryItem, Item, Place, RetentionItem, Revision, SettingsItem, Started};
use crate::keys::{self, Key};
use crate::put::Put;
use crate::query::{Consistency, Order};

/// How many entries are looked at in one step.
const AT_ONCE: usize = 500;

/// How many items at most one transaction changes beside its conditions. With the longest texts there are they are less than
/// the 4 MB that a transaction may have.
const ROOM: usize = 80;

/// How many items one entry is at most, beside its revisions: itself, the request that it answers, its attachments.
const ONE: usize = 12;

/// What came of looking at a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// There is nothing to look at.
    Nothing,
    /// Nothing goes, because of a legal hold.
    Held,
    /// Nothing was to go, or nothing any more.
    Done,
    /// Something went, and there may be more.
    More,
    /// All went that was to go; it is not recorded yet.
    Purged(Unrecorded),
}

/// What went of a conversation and is not in the institution's log yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// What.
    pub purge: Purge,
    /// When to look again.
    look_at: Option<Timestamp>,
}

/// A conversation, and what says how long its messages are kept.
struct Kept {
    is: RetentionItem,
    head: Head,
    settings: Option<SettingsItem>,
    project: Option<Project>,
    held: bool,
}

impl Kept {
    fn period(&self) -> Period {
        let settings = self.settings.as_ref().map(|found| found.settings.clone()).unwrap_or_default();
        period(&settings, self.project.as_ref())
    }
}

/// What goes in one step.
#[derive(Default)]
struct Going {
    items: Vec<TransactWriteItem>,
    attachments: Vec<AttachmentId>,
    /// The last entry of which nothing is left.
    through: Seq,
    purge: Option<Purge>,
    /// When the first entry was written that stays.
    oldest: Option<Timestamp>,
    /// Whether the step ended before all was looked at.
    more: bool,
}

impl Going {
    /// Whether the transaction can change so many items more.
    const fn has_room_for(&self, more: usize) -> bool {
        self.items.len() + self.attachments.len() + more <= ROOM
    }
}

impl Store {
    /// The conversations that are to be looked at at `until`, in one shard of the index, the longest overdue first, at most
    /// `limit`.
    ///
    /// The index is a moment behind the table: it says what to look at, never what goes.
    pub async fn due_retention(&self, shard: u8, until: Timestamp, limit: usize) -> Result<Vec<ConversationId>, Error> {
        let read = |item: Item| item::key_of(&item).and_then(|key| keys::retention_at(&key.pk, &key.sk));
        self.due_in(&keys::retention_shard(shard), until, limit, read).await
    }

    /// Removes some of what a conversation was to keep until `now`, the oldest first.
    pub async fn purge(&self, id: ConversationId, now: Timestamp) -> Result<Looked, Error> {
        let mut tries = Backoff::new();
        loop {
            let Some(kept) = self.kept(id).await? else { return Ok(Looked::Nothing) };
            let RetentionItem { retention, .. } = &kept.is;
            if kept.held {
                let again = Some(now.after(LOOK_EVERY));
                if let Some(purge) = retention.purge {
                    return Ok(Looked::Purged(Unrecorded { purge, look_at: again }));
                }
                if self.put_retention(&kept.is, retention.looked(again)).await? {
                    return Ok(Looked::Held);
                }
            } else {
                let going = self.going(&kept, now).await?;
                let went = retention.went(going.through, going.purge);
                let look_at = next_look(kept.head.state, going.oldest, kept.period(), now);
                let (next, looked) = match (going.more, went.purge) {
                    (true, _) => (went, Looked::More),
                    (false, Some(purge)) => (went, Looked::Purged(Unrecorded { purge, look_at })),
                    (false, None) => (went.looked(look_at), Looked::Done),
                };
                // Of an entry with very many revisions some go, and it is still not done with.
                if next == *retention && going.items.is_empty() {
                    return Ok(looked);
                }
                let done = if going.items.is_empty() {
                    self.put_retention(&kept.is, next).await?
                } else {
                    let mut items = vec![self.retention_item(&kept.is, next)?];
                    items.extend(self.conditions(&kept)?);
                    items.extend(going.items);
                    items.extend(self.gone_items(&going.attachments, now).await?);
                    matches!(self.transact(items).await?, Outcome::Committed)
                };
                if done {
                    return Ok(looked);
                }
            }
            // Something else is true now, or nobody knows what became of it: it is decided anew, by what is there.
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Records what went of some conversations, in one line of the institution's log; of those of which it is recorded
    /// already nothing is said twice.
    pub async fn record_purges(&self, signature: &Signature, went: &[Unrecorded]) -> Result<(), Error> {
        let decide = |_| async move {
            let wanted = went.iter().map(|one| keys::retention(one.purge.conversation)).collect();
            let (mut items, mut purges) = (Vec::new(), Vec::new());
            for found in self.batch(wanted, Consistency::Strong).await? {
                let is: RetentionItem = item::read(found)?;
                let Some(one) = went.iter().find(|one| is.retention.purge == Some(one.purge)) else { continue };
                items.push(self.retention_item(&is, is.retention.looked(one.look_at))?);
                purges.push(one.purge);
            }
            if purges.is_empty() {
                return Ok(Decided::Nothing(()));
            }
            Ok(Decided::Record { act: log::Act::Purged { purges }, items, then: () })
        };
        self.record(signature, decide).await
    }

    /// A conversation that is to be looked at, and what says how long it is kept.
    async fn kept(&self, id: ConversationId) -> Result<Option<Kept>, Error> {
        let own = keys::hold(&HoldOn::Conversation { conversation: id });
        let wanted = vec![keys::retention(id), keys::head(id), keys::settings(), own];
        let (mut is, mut head, mut settings, mut on_hold) = (None, None, None, false);
        for found in self.batch(wanted, Consistency::Strong).await? {
            if item::is::<RetentionItem>(&found) {
                is = Some(item::read::<RetentionItem>(found)?);
            } else if item::is::<Head>(&found) {
                head = Some(item::read::<Head>(found)?);
            } else if item::is::<SettingsItem>(&found) {
                settings = Some(item::read::<SettingsItem>(found)?);
            } else {
                on_hold |= item::is::<Hold>(&found);
            }
        }
        let Some((is, head)) = is.zip(head) else { return Ok(None) };
        let mut project = None;
        if let Some(label) = &head.project {
            let its = keys::hold(&HoldOn::Project { project: label.clone() });
            for found in self.batch(vec![keys::project(label), its], Consistency::Strong).await? {
                if item::is::<Hold>(&found) {
                    on_hold = true;
                } else {
                    project = Some(item::read::<Project>(found)?);
                }
            }
        }
        Ok(Some(Kept { is, head, settings, project, held: on_hold }))
    }

    /// What goes of a conversation in the next step.
    async fn going(&self, kept: &Kept, now: Timestamp) -> Result<Going, Error> {
        let (id, period) = (kept.head.id, kept.period());
        let from = kept.is.retention.through;
        let mut going = Going { through: from, ..Going::default() };
        if from >= kept.head.seq {
            return Ok(going);
        }
        // The entry whose revisions are met, and how many entries were.
        let (mut present, mut met) = (None, 0);
        let take = |found: Item| {
            if item::is::<Revision>(&found) {
                if !going.has_room_for(1) {
                    going.more = true;
                    // Its entry is not done: what is left of it goes in the next step.
                    present = None;
                    return Ok(ControlFlow::Break(()));
                }
                let Revision(revision) = item::read(found)?;
                if let (Some(stub), Act::Revision { revises, .. }) = (stub(&revision), &revision.act) {
                    let key = keys::revision(id, *revises, revision.seq);
                    going.items.push(self.stub_item(key, &Revision(stub), &revision)?);
                }
                return Ok(ControlFlow::Continue(()));
            }
            let EntryItem { entry, key } = item::read(found)?;
            going.through = present.take().unwrap_or(going.through);
            if period.ends(entry.at) > now {
                going.oldest = Some(entry.at);
                return Ok(ControlFlow::Break(()));
            }
            if met == AT_ONCE || !going.has_room_for(ONE) {
                going.more = true;
                return Ok(ControlFlow::Break(()));
            }
            (present, met) = (Some(entry.seq), met + 1);
            if let Some(stub) = stub(&entry) {
                going.items.push(self.stub_item(keys::entry(id, entry.seq), &stub, &entry)?);
                going.attachments.extend(attachments(&entry));
                let purge = Purge { conversation: id, from: entry.seq, to: entry.seq, messages: 1, attachments: 0 };
                going.purge = Some(going.purge.map_or(purge, |was| was.and(purge)));
            }
            if let Some(key) = key {
                going.items.push(match &entry.act {
                    Act::Message(_) => self.forget_item(keys::idempotency(id, &entry.by, key), Done::NAME)?,
                    _ => self.forget_item(keys::creation(&entry.by, key), Started::NAME)?,
                });
            }
            Ok(ControlFlow::Continue(()))
        };
        let range = keys::entries(id, from.next(), kept.head.seq);
        self.query_while(range, Order::Ascending, AT_ONCE, Consistency::Strong, take).await?;
        going.through = present.unwrap_or(going.through);
        if let Some(purge) = &mut going.purge {
            purge.attachments = going.attachments.len() as u64;
        }
        Ok(going)
    }

    /// Nothing is on hold, and how long it is kept is as it was read, at the instant of the transaction.
    fn conditions(&self, kept: &Kept) -> Result<Vec<TransactWriteItem>, Error> {
        let id = kept.head.id;
        let mut items = vec![self.not_on_hold(&HoldOn::Conversation { conversation: id })?];
        let rev = kept.settings.as_ref().map(|settings| settings.rev);
        items.push(self.is_still(keys::settings(), "rev", rev)?);
        items.push(self.is_still(keys::head(id), "project", kept.head.project.as_ref())?);
        if let Some(project) = &kept.head.project {
            items.push(self.not_on_hold(&HoldOn::Project { project: project.clone() })?);
            let own = kept.project.as_ref().and_then(|project| project.retention);
            items.push(self.is_still(keys::project(project), "retention", own)?);
        }
        Ok(items)
    }

    /// An attribute of an item has this value, or is not there.
    fn is_still(&self, key: Key, name: &str, value: Option<impl Serialize>) -> Result<TransactWriteItem, Error> {
        let names = [("#name", name)];
        match value {
            None => check(&self.table, key, "attribute_not_exists(#name)", &names, vec![]),
            Some(value) => check(&self.table, key, "#name = :value", &names, vec![(":value", attribute(&value)?)]),
        }
    }

    /// How far a conversation was looked through, if nobody else looked meanwhile.
    fn retention_item(&self, was: &RetentionItem, is: Retention) -> Result<TransactWriteItem, Error> {
        let values = vec![(":rev", attribute(&was.rev)?)];
        let key = keys::retention(is.conversation);
        put_if(&self.table, key, &RetentionItem::new(is, was.rev + 1), "#rev = :rev", &[("#rev", "rev")], values)
    }

    /// The same, where nothing goes; says whether it did.
    async fn put_retention(&self, was: &RetentionItem, is: Retention) -> Result<bool, Error> {
        let (key, item) = (keys::retention(is.conversation), RetentionItem::new(is, was.rev + 1));
        let values = vec![(":rev", attribute(&was.rev)?)];
        match self.put_if(key, &item, "#rev = :rev", &[("#rev", "rev")], values).await {
            Ok(Put::Done) => Ok(true),
            Ok(Put::Refused(found)) => Ok(found.is_some_and(|found| found == item)),
            Err(Error::OutcomeUnknown) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// An entry without what was written in it, in the place of the one it is.
    fn stub_item<T: Entity>(&self, key: Key, stub: &T, was: &Entry) -> Result<TransactWriteItem, Error> {
        let values = vec![(":hash", attribute(&was.hash)?)];
        put_if(&self.table, key, stub, "#hash = :hash", &[("#hash", "hash")], values)
    }

    /// Nothing is known any more of the request that an entry answered.
    fn forget_item(&self, key: Key, entity: &str) -> Result<TransactWriteItem, Error> {
        let values = vec![(":entity", attribute(&entity)?)];
        let names = [("#entity", "entity")];
        delete(&self.table, key, "attribute_not_exists(pk) OR #entity = :entity", &names, values)
    }

    /// Those of these attachments that are there can be fetched by nobody from now on, and lie where clean-up finds them.
    async fn gone_items(&self, ids: &[AttachmentId], now: Timestamp) -> Result<Vec<TransactWriteItem>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.attachments(ids, Consistency::Strong).await?;
        let gone = |id: &AttachmentId| {
            let (dk, ds) = keys::abandoned(*id, now);
            update_if(
                &self.table,
                keys::attachment(*id),
                "SET gone = :yes, #rev = #rev + :one, dk = :dk, ds = :ds",
                "attribute_exists(pk)",
                &[("#rev", "rev")],
                vec![
                    (":yes", attribute(&true)?),
                    (":one", attribute(&1)?),
                    (":dk", AttributeValue::S(dk)),
                    (":ds", AttributeValue::S(ds)),
                ],
            )
        };
        found.keys().map(gone).collect()
    }
}

/// An entry without what was written in it; nothing, if nothing was, or it is gone.
fn stub(entry: &Entry) -> Option<Entry> {
    let stub = entry.clone().without_text();
    (stub != *entry).then_some(stub)
}

impl RetentionItem {
    pub(crate) fn new(retention: Retention, rev: u64) -> Self {
        let due = retention.look_at.map(|at| keys::retention_due(retention.conversation, at));
        Self { retention, rev, place: due.map(|(dk, ds)| Place { dk, ds }) }
    }
}

//! Broadcasts: stored once, read by whom they are for.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::broadcast::{Announcement, Broadcast, Correction, Reader};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::Signature;
use domain::id::{BroadcastId, IdempotencyKey};
use domain::institution::log::Act;
use domain::project::{Collaborator, ProjectId};
use domain::text::Username;
use domain::user::{InstitutionRole, Profile};

use crate::Store;
use crate::commit::{attribute, put_if, put_new};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::{self, Announced, BroadcastItem, BroadcastMark, InboxItem};
use crate::keys;
use crate::query::{Consistency, Order};

/// How many broadcasts there are to look at: the newest ones. Who announces more than this has other worries.
const NEWEST: usize = 200;

/// A broadcast on its way into the table.
#[derive(Clone, Debug)]
pub struct Announcing {
    /// Who announces it, when, and the name of the entry that records it.
    pub signature: Signature,
    /// Its name.
    pub id: BroadcastId,
    /// The client's name for this act.
    pub key: IdempotencyKey,
    /// The hash of what the client asked.
    pub request: Digest,
    /// What is announced.
    pub announcement: Announcement,
}

/// A broadcast as somebody sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The broadcast.
    pub broadcast: Broadcast,
    /// Whether they have read it.
    pub read: bool,
}

impl Store {
    /// Announces something, and says whether an earlier request with the same key did.
    pub async fn announce(&self, announcing: &Announcing) -> Result<(Broadcast, bool), Error> {
        let Announcing { signature, id, key, request, announcement } = announcing;
        let done_key = || keys::creation(&signature.by, *key);
        let decide = |place: Seq| async move {
            if let Some(found) = self.batch(vec![done_key()], Consistency::Strong).await?.pop() {
                let done = item::read_own::<Announced>(found)?.filter(|done| done.request == *request);
                let (broadcast, _) = self.broadcast(done.ok_or(Error::KeyReuse(*key))?.broadcast).await?;
                return Ok(Decided::Nothing((broadcast, true)));
            }
            let broadcast = Broadcast {
                id: *id,
                by: signature.by.clone(),
                at: signature.at,
                announcement: announcement.clone(),
                corrected_at: None,
                withdrawn: false,
            };
            let stored = BroadcastItem { broadcast: broadcast.clone(), rev: place };
            let items = vec![
                put_new(&self.table, done_key(), &Announced { broadcast: *id, request: *request })?,
                put_new(&self.table, keys::broadcast(*id), &stored)?,
            ];
            let act = Act::BroadcastSent { broadcast: *id, announcement: announcement.clone() };
            Ok(Decided::Record { act, items, then: (broadcast, false) })
        };
        self.record(signature, decide).await
    }

    /// Corrects a broadcast, and returns it as it now stands.
    pub async fn correct_broadcast(
        &self,
        signature: &Signature,
        id: BroadcastId,
        correction: &Correction,
    ) -> Result<Broadcast, Error> {
        let decide = |place: Seq| async move {
            let (was, rev) = self.broadcast(id).await?;
            let Some(is) = was.corrected(correction.clone(), signature.at)? else { return Ok(Decided::Nothing(was)) };
            let act = Act::BroadcastCorrected { broadcast: id, announcement: is.announcement.clone() };
            let items = vec![self.broadcast_item(&is, rev, place)?];
            Ok(Decided::Record { act, items, then: is })
        };
        self.record(signature, decide).await
    }

    /// Takes a broadcast back, and returns it as it now stands.
    pub async fn withdraw_broadcast(&self, signature: &Signature, id: BroadcastId) -> Result<Broadcast, Error> {
        let decide = |place: Seq| async move {
            let (was, rev) = self.broadcast(id).await?;
            let Some(is) = was.taken_back() else { return Ok(Decided::Nothing(was)) };
            let items = vec![self.broadcast_item(&is, rev, place)?];
            Ok(Decided::Record { act: Act::BroadcastWithdrawn { broadcast: id }, items, then: is })
        };
        self.record(signature, decide).await
    }

    fn broadcast_item(&self, is: &Broadcast, was: Seq, place: Seq) -> Result<TransactWriteItem, Error> {
        let stored = BroadcastItem { broadcast: is.clone(), rev: place };
        let values = vec![(":was", attribute(&was)?)];
        put_if(&self.table, keys::broadcast(is.id), &stored, "#rev = :was", &[("#rev", "rev")], values)
    }

    async fn broadcast(&self, id: BroadcastId) -> Result<(Broadcast, Seq), Error> {
        let found = self.get::<BroadcastItem>(keys::broadcast(id), Consistency::Strong).await?;
        found.map(|found| (found.broadcast, found.rev)).ok_or(Error::NotFound)
    }

    /// All broadcasts, the newest first, for those who send them.
    pub async fn all_broadcasts(&self) -> Result<Vec<Broadcast>, Error> {
        let found = self.query(keys::broadcasts(), Order::Descending, NEWEST, Consistency::Strong).await?;
        found.into_iter().map(|found| item::read::<BroadcastItem>(found).map(|found| found.broadcast)).collect()
    }

    /// The broadcasts that somebody sees, the one that began last first.
    pub async fn broadcasts(
        &self,
        profile: &Profile,
        roles: &[InstitutionRole],
        now: Timestamp,
    ) -> Result<Vec<Seen>, Error> {
        let (all, read, projects) = tokio::join!(
            Box::pin(self.newest_broadcasts()),
            self.query(keys::broadcast_marks(&profile.username), Order::Ascending, usize::MAX, Consistency::Strong),
            self.own_project_ids(&profile.username)
        );
        let read = read?.into_iter().map(|found| item::read::<BroadcastMark>(found).map(|mark| mark.broadcast));
        let read: HashSet<BroadcastId> = read.collect::<Result<_, _>>()?;
        let projects: BTreeSet<ProjectId> = projects?.into_iter().collect();
        let reader = Reader { profile, roles, projects: &projects };
        let mut shown: Vec<Broadcast> = all?.into_iter().filter(|one| one.is_shown(reader, now)).collect();
        shown.sort_by_key(|one| Reverse((one.announcement.from, one.id)));
        Ok(shown.into_iter().map(|broadcast| Seen { read: read.contains(&broadcast.id), broadcast }).collect())
    }

    /// Notes that somebody has read a broadcast that they see.
    pub async fn read_broadcast(
        &self,
        profile: &Profile,
        roles: &[InstitutionRole],
        id: BroadcastId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (found, projects) = tokio::join!(self.broadcast(id), self.own_project_ids(&profile.username));
        let projects: BTreeSet<ProjectId> = projects?.into_iter().collect();
        let (broadcast, _) = found?;
        if !broadcast.is_shown(Reader { profile, roles, projects: &projects }, now) {
            return Err(Error::NotFound);
        }
        let expires = broadcast.announcement.marks_end().as_seconds();
        let mark = BroadcastMark { broadcast: id, at: now, expires };
        // Refused is what was read before.
        self.put_new(keys::broadcast_mark(&profile.username, id), &mark).await.map(drop)
    }

    pub(crate) async fn newest_broadcasts(&self) -> Result<Vec<Broadcast>, Error> {
        let found = self.query(keys::broadcasts(), Order::Descending, NEWEST, Consistency::Eventual).await?;
        found.into_iter().map(|found| item::read::<BroadcastItem>(found).map(|found| found.broadcast)).collect()
    }

    /// What lies together in a user's partition: what broadcasts they read, their conversations, their projects.
    pub(crate) async fn own(&self, user: &Username) -> Result<Own, Error> {
        let mut own = Own::default();
        for found in self.query(keys::own(user), Order::Ascending, usize::MAX, Consistency::Strong).await? {
            if item::is::<InboxItem>(&found) {
                own.conversations.push(item::read(found)?);
            } else if item::is::<BroadcastMark>(&found) {
                own.read.insert(item::read::<BroadcastMark>(found)?.broadcast);
            } else {
                own.projects.insert(item::read::<Collaborator>(found)?.project);
            }
        }
        Ok(own)
    }
}

/// What lies together in a user's partition.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// The broadcasts they have read.
    pub(crate) read: HashSet<BroadcastId>,
    /// Their side of their conversations.
    pub(crate) conversations: Vec<InboxItem>,
    /// The projects they work on.
    pub(crate) projects: BTreeSet<ProjectId>,
}

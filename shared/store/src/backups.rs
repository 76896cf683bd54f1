//! Back-ups: who asked for which, how far each is, and what of the log goes into it.

use std::collections::{BTreeMap, HashMap};

use domain::attachment::Attachment;
use domain::backup::{ArchiveKey, Backup, Line, ask};
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::message::Standing;
use domain::conversation::{Head, Signature, State, apply, seal};
use domain::entry::{Act, Entry};
use domain::id::{AttachmentId, BackupId, ConversationId, IdempotencyKey};
use domain::institution::BackupBy;
use domain::text::Username;
use domain::user::Profile;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, check, put_new};
use crate::error::Error;
use crate::item::{self, BackedUp, BackupItem, Item, Place};
use crate::keys;
use crate::log::Revised;
use crate::put::Put;
use crate::query::{Consistency, Order};

/// How long after it was asked for a back-up's item goes by itself, should nobody have removed it: in seconds.
const LEFT_FOR: i64 = 4 * 24 * 3600;

/// What somebody asks who wants a back-up.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// Who, when, and the name of the entry that records it.
    pub signature: Signature,
    /// The client's name for this act.
    pub key: IdempotencyKey,
    /// The back-up's name.
    pub backup: BackupId,
    /// Where it shall be.
    pub archive: ArchiveKey,
}

/// An entry of a log as it goes into a back-up.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Who did it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// What of it is in the back-up.
    pub line: Line,
    /// The message, if it is one, as it now stands.
    pub standing: Option<Standing>,
}

/// Part of a log, as it goes into a back-up.
#[derive(Clone, Debug)]
pub struct BackupPart {
    /// Its entries.
    pub entries: Vec<Recorded>,
    /// Who did it.
    pub people: HashMap<Username, Profile>,
    /// The attachments of its messages, as far as there still are any.
    pub attachments: HashMap<AttachmentId, Attachment>,
}

impl Store {
    /// Notes that somebody wants a back-up of a conversation they are a member of, and says so in its log; returns it, and
    /// whether an earlier request with the same key did.
    pub async fn request_backup(&self, asking: &Asking, by: BackupBy) -> Result<(Backup, bool), Error> {
        let Asking { conversation: id, signature, key, backup, archive } = asking;
        let done_key = keys::creation(&signature.by, *key);
        let mut tries = Backoff::new();
        loop {
            let answer = |error| tries.answer(error);
            let (head, own, done) = self.member_and_key(*id, &signature.by, &done_key).await.map_err(answer)?;
            if let Some(found) = done {
                let done = item::read_own::<BackedUp>(found)?.filter(|done| done.conversation == *id);
                let BackedUp { backup, .. } = done.ok_or(Error::KeyReuse(*key))?;
                let made =
                    self.get::<BackupItem>(keys::backup(*id, backup), Consistency::Strong).await.map_err(answer)?;
                let made = made.map(|made| made.backup).filter(|made| made.is_for(&signature.by, &own));
                return Ok((made.ok_or(Error::NotFound)?, backup != asking.backup));
            }
            let entry = seal(&head, signature.clone(), ask(&head, &own, by)?);
            let asked = Backup::requested(*backup, &head, &own, &entry, archive.clone());
            let items = vec![
                self.head_item(&head, &apply(&head, &entry))?,
                put_new(&self.table, keys::entry(*id, entry.seq), &entry)?,
                put_new(&self.table, done_key.clone(), &BackedUp { conversation: *id, backup: *backup })?,
                put_new(&self.table, keys::backup(*id, *backup), &BackupItem::new(asked.clone(), 1))?,
                check(
                    &self.table,
                    keys::inbox_row(&signature.by, *id),
                    "#joined = :joined AND #role = :role",
                    &[("#joined", "joined"), ("#role", "role")],
                    vec![(":joined", attribute(&own.joined)?), (":role", attribute(&own.role)?)],
                )?,
            ];
            match self.transact(items).await? {
                Outcome::Committed => return Ok((asked, false)),
                Outcome::Unknown => tries.unheard(),
                Outcome::Rejected(_) | Outcome::Throttled => {}
            }
            if !tries.again().await {
                return Err(tries.answer(Error::Busy));
            }
        }
    }

    /// A back-up, for the one who asked for it, until its time is over, and as long as they are the member they were.
    pub async fn own_backup(
        &self,
        id: ConversationId,
        user: &Username,
        backup: BackupId,
        now: Timestamp,
    ) -> Result<Backup, Error> {
        let found = self.get::<BackupItem>(keys::backup(id, backup), Consistency::Strong).await?;
        // After it: whoever is removed in between gets nothing any more.
        let (head, membership) = self.head_and_row(id, user).await?;
        let own = membership.filter(|_| head.is_some_and(|head| head.state != State::Deleted));
        let (found, own) = found.zip(own).ok_or(Error::NotFound)?;
        let is_theirs = found.backup.is_for(user, &own) && !found.backup.is_over(now);
        if is_theirs { Ok(found.backup) } else { Err(Error::NotFound) }
    }

    /// The back-ups with which something is to be done at `until`, in one shard of the index, the oldest first, at most
    /// `limit`.
    ///
    /// The index is a moment behind the table: it says what to look at, never what to do.
    pub async fn due_backups(
        &self,
        shard: u8,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(ConversationId, BackupId)>, Error> {
        let read = |item: Item| item::key_of(&item).and_then(|key| keys::backup_at(&key.pk, &key.sk));
        self.due_in(&keys::backup_shard(shard), until, limit, read).await
    }

    /// A back-up, for whoever makes or removes it, and the conversation, if the one who asked for it still is the member
    /// they were; nothing, if there is no such back-up.
    pub async fn backup_at_work(
        &self,
        id: ConversationId,
        backup: BackupId,
    ) -> Result<Option<(Backup, Option<Head>)>, Error> {
        let found = self.get::<BackupItem>(keys::backup(id, backup), Consistency::Strong).await?;
        let Some(BackupItem { backup, .. }) = found else { return Ok(None) };
        let (head, membership) = self.head_and_row(id, &backup.by).await?;
        let head = head.filter(|head| head.state != State::Deleted);
        let head = head.filter(|_| membership.is_some_and(|own| backup.is_for(&backup.by, &own)));
        Ok(Some((backup, head)))
    }

    /// Puts a back-up in the place of `was`, and says whether it did: not, if somebody else has changed it.
    pub async fn replace_backup(&self, was: &Backup, is: &Backup) -> Result<bool, Error> {
        let key = keys::backup(is.conversation, is.id);
        let mut tries = Backoff::new();
        loop {
            let found = self.get::<BackupItem>(key.clone(), Consistency::Strong).await?;
            let Some(found) = found else { return Ok(false) };
            // It may be our own write, whose answer was lost.
            if found.backup == *is {
                return Ok(true);
            }
            if found.backup != *was {
                return Ok(false);
            }
            let item = BackupItem::new(is.clone(), found.rev + 1);
            let values = vec![(":rev", attribute(&found.rev)?)];
            match self.put_if(key.clone(), &item, "#rev = :rev", &[("#rev", "rev")], values).await {
                Ok(Put::Done) => return Ok(true),
                Ok(Put::Refused(_)) | Err(Error::OutcomeUnknown) => {}
                Err(error) => return Err(error),
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Forgets a back-up whose objects are removed.
    pub async fn forget_backup(&self, backup: &Backup) -> Result<(), Error> {
        self.delete_if(keys::backup(backup.conversation, backup.id), "attribute_exists(pk)").await
    }

    /// At most `limit` entries that belong into a back-up, from the one after `after` on, oldest first, with the people and
    /// the attachments in them as they are now.
    pub async fn backup_part(&self, backup: &Backup, after: Seq, limit: usize) -> Result<BackupPart, Error> {
        let range = keys::entries(backup.conversation, after.next(), backup.to);
        let part = self.part(range, Order::Ascending, limit, |_| true).await?.entries;
        let earlier = self.revised_before(backup.conversation, &part).await?;
        let revised: BTreeMap<Seq, &Revised> = part.iter().chain(&earlier).map(|it| (it.entry.seq, it)).collect();
        let entries: Vec<Recorded> = part.iter().map(|found| recorded(backup, found, &revised)).collect();
        let people: Vec<Username> = entries.iter().map(|recorded| recorded.by.clone()).collect();
        let said = entries.iter().filter_map(|recorded| recorded.standing.as_ref()?.message.as_ref());
        let attached: Vec<AttachmentId> = said.flat_map(|said| &said.attachments).map(|attached| attached.id).collect();
        let attachments = async {
            if attached.is_empty() {
                Ok(HashMap::new())
            } else {
                self.attachments(&attached, Consistency::Strong).await
            }
        };
        let (people, attachments) = tokio::join!(self.profiles(&people, Consistency::Eventual), attachments);
        Ok(BackupPart { entries, people: people?, attachments: attachments? })
    }
}

fn recorded(backup: &Backup, found: &Revised, revised: &BTreeMap<Seq, &Revised>) -> Recorded {
    let of = match &found.entry.act {
        Act::Revision { revises, .. } => revised.get(revises).copied(),
        Act::Message(_) | Act::Event { .. } => Some(found),
    };
    let revisions = of.map_or(&[][..], |of| &of.revisions);
    // What a revision says lies beside what it revises, and only its hash in the log.
    let full = revisions.iter().find(|revision| revision.seq == found.entry.seq);
    let entry: &Entry = full.unwrap_or(&found.entry);
    let Entry { by, at, .. } = entry.clone();
    Recorded { by, at, line: backup.line(entry, revisions), standing: found.standing() }
}

impl BackupItem {
    fn new(backup: Backup, rev: u64) -> Self {
        let (dk, ds) = keys::backup_due(backup.conversation, backup.id, backup.due_at());
        let expires = backup.at.as_seconds() + LEFT_FOR;
        Self { backup, rev, expires, place: Some(Place { dk, ds }) }
    }
}

/// For which run a back-up waits, if an item that the table's stream shows is a back-up that waits for one.
pub fn waits_for_run(image: serde_dynamo::Item) -> Option<u32> {
    let BackupItem { backup, .. } = serde_dynamo::from_item(image).ok()?;
    match backup.state {
        domain::backup::State::Running(work) if work.held.is_none() => Some(work.run),
        _ => None,
    }
}

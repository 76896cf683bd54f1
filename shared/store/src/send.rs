//! Sending a message.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::message::{self, Draft};
use domain::conversation::{Head, Refusal, Signature, State, apply, seal};
use domain::entry::Entry;
use domain::id::{AttachmentId, ConversationId, EntryId, IdempotencyKey};
use domain::member::Membership;
use domain::mention::{self, Tag};
use domain::text::Username;
use domain::unread::Mark;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, Reason, attribute, put_new, update_if};
use crate::error::Error;
use crate::item::{self, Done, EntryItem, InboxItem};
use crate::keys;
use crate::query::Consistency;

/// A message on its way into a log.
#[derive(Clone, Debug)]
pub struct Sending {
    /// Where to.
    pub conversation: ConversationId,
    /// Who sends it.
    pub by: Username,
    /// When.
    pub at: Timestamp,
    /// The name of the entry that records it.
    pub id: EntryId,
    /// The client's name for this act.
    pub key: IdempotencyKey,
    /// The hash of what the client asked.
    pub request: Digest,
    /// The message, without its attachments.
    pub draft: Draft,
    /// What the sender uploaded for it.
    pub attachments: Vec<AttachmentId>,
    /// The newest entry the client has seen: a remembered head that is older need not be tried.
    pub after: Option<Seq>,
}

/// A message in its log.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The entry that records it.
    pub entry: Entry,
    /// Whether an earlier request with the same key had done it.
    pub replayed: bool,
}

/// What one attempt to write showed.
enum Attempt {
    Done(Sent),
    /// The log went on meanwhile; this is its head now.
    Moved(Head),
    /// Nothing was written, for reasons that pass.
    Contention,
    /// Nobody knows.
    Unknown,
}

/// The order of a send's transaction; cancellation reasons come in the same.
const HEAD: usize = 0;
const ENTRY: usize = 1;
const DONE: usize = 2;
const OWN_ROW: usize = 3;

impl Store {
    /// Appends a message to a conversation's log: one transaction that moves the head by one, puts the entry and the
    /// idempotency item, and sets the sender's read mark on condition that the sender is a member at that instant.
    ///
    /// One trip when the remembered head is the present one; a wrong guess costs one more, and no read.
    pub async fn send(&self, sending: &Sending) -> Result<Sent, Error> {
        let remembered = self.heads.of(sending.conversation);
        let mut remembered = remembered.lock().await;
        let mut tries = Backoff::new();
        let sent = self.send_from(sending, &mut remembered, &mut tries).await;
        sent.map_err(|error| tries.answer(error))
    }

    /// Sends, guessing first from what is remembered.
    async fn send_from(
        &self,
        sending: &Sending,
        remembered: &mut Option<Head>,
        tries: &mut Backoff,
    ) -> Result<Sent, Error> {
        let draft = match self.draft(sending).await {
            Ok(draft) => draft,
            // They may be part of the message that an earlier attempt sent.
            Err(Error::AttachmentNotUsable) => {
                let done = self.done(sending).await;
                // Before anything that it says: who is no member any more learns nothing.
                self.head_for_member(sending).await?;
                return done?.ok_or(Error::AttachmentNotUsable);
            }
            Err(error) => return Err(error),
        };
        let mut guess = remembered.clone().filter(|head| sending.after.is_none_or(|seen| seen <= head.seq));
        loop {
            let head = match guess.take() {
                Some(head) => head,
                None => self.head_for_member(sending).await?,
            };
            match self.append(sending, &draft, &head).await? {
                Attempt::Done(sent) => {
                    if sent.entry.previous == head.hash {
                        *remembered = Some(apply(&head, &sent.entry));
                    }
                    return Ok(sent);
                }
                Attempt::Moved(present) => guess = Some(present),
                // The guess was not what was wrong.
                Attempt::Contention => guess = Some(head),
                Attempt::Unknown => match self.done(sending).await {
                    Ok(Some(sent)) => {
                        // It may be of long ago, and who is no member any more learns nothing.
                        self.head_for_member(sending).await.map_err(Error::unsure)?;
                        return Ok(sent);
                    }
                    Err(error @ (Error::KeyReuse(_) | Error::Corrupt { .. })) => return Err(error),
                    // Not there, or not to be read: the attempt may still be on its way.
                    Ok(None) | Err(_) => tries.unheard(),
                },
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
            if tries.waited() {
                // Others went on meanwhile: to try with what is old is to lose once more.
                guess = None;
            }
        }
    }

    /// The head, for a sender who has none to guess from.
    ///
    /// Head and own row are read at once, so that what does not exist and what one may not see take the same time.
    async fn head_for_member(&self, sending: &Sending) -> Result<Head, Error> {
        let (head, membership) = self.head_and_row(sending.conversation, &sending.by).await?;
        head.zip(membership).map(|(head, _)| head).ok_or(Error::NotFound)
    }

    /// The message with what there is to say of its attachments.
    async fn draft(&self, sending: &Sending) -> Result<Draft, Error> {
        let mut draft = sending.draft.clone();
        if !sending.attachments.is_empty() {
            draft.attachments = self.attached(sending.conversation, &sending.by, &sending.attachments).await?;
        }
        Ok(draft)
    }

    async fn append(&self, sending: &Sending, draft: &Draft, head: &Head) -> Result<Attempt, Error> {
        let signature = Signature { id: sending.id, by: sending.by.clone(), at: sending.at };
        let act = match message::send(head, draft.clone()) {
            Ok(act) => act,
            Err(refusal) => return self.refused(sending, head, refusal).await,
        };
        let entry = seal(head, signature, act);
        let items = self.append_items(sending, head, &entry)?;
        match self.transact(items).await? {
            Outcome::Committed => Ok(Attempt::Done(Sent { entry, replayed: false })),
            Outcome::Unknown => Ok(Attempt::Unknown),
            Outcome::Throttled => Ok(Attempt::Contention),
            Outcome::Rejected(reasons) => self.rejected(sending, reasons).await,
        }
    }

    fn append_items(&self, sending: &Sending, head: &Head, entry: &Entry) -> Result<Vec<TransactWriteItem>, Error> {
        let (id, by) = (sending.conversation, &sending.by);
        let mark = Mark { seq: entry.seq, messages: entry.messages };
        let done = Done { seq: entry.seq, request: sending.request };
        let mut items = vec![
            self.head_item(head, &apply(head, entry))?,
            put_new(&self.table, keys::entry(id, entry.seq), &EntryItem::new(entry, sending.key))?,
            put_new(&self.table, keys::idempotency(id, by, sending.key), &done)?,
            update_if(
                &self.table,
                keys::inbox_row(by, id),
                "SET #read = :read",
                "attribute_exists(pk)",
                &[("#read", "read")],
                vec![(":read", attribute(&mark)?)],
            )?,
        ];
        for attachment in &sending.attachments {
            items.push(self.bind_item(id, by, *attachment, entry.seq)?);
        }
        Ok(items)
    }

    /// The rules refuse by a head that may be an old guess, or after the same request was done before.
    async fn refused(&self, sending: &Sending, head: &Head, refusal: Refusal) -> Result<Attempt, Error> {
        let present = self.head_for_member(sending).await?;
        if present.seq != head.seq {
            return Ok(Attempt::Moved(present));
        }
        match self.done(sending).await? {
            Some(sent) => Ok(Attempt::Done(sent)),
            None if refusal == Refusal::Deleted => Err(Error::NotFound),
            None => Err(refusal.into()),
        }
    }

    /// What the reasons of a rejected transaction mean, the one that shows least first: who is no member learns
    /// nothing else.
    async fn rejected(&self, sending: &Sending, mut reasons: Vec<Reason>) -> Result<Attempt, Error> {
        let [.., _] = reasons.as_slice() else { return Ok(Attempt::Unknown) };
        if reasons.get(OWN_ROW).is_some_and(Reason::condition_failed) {
            return Err(Error::NotFound);
        }
        if let Some(reason) = reasons.get_mut(DONE).filter(|reason| reason.condition_failed()) {
            return match reason.found::<Done>()? {
                Some(done) => Ok(Attempt::Done(self.replay(sending, done).await?)),
                None => Ok(Attempt::Unknown),
            };
        }
        if let Some(reason) = reasons.get_mut(HEAD).filter(|reason| reason.condition_failed()) {
            return match reason.found::<Head>()? {
                Some(head) => Ok(Attempt::Moved(head)),
                None => Err(Error::NotFound),
            };
        }
        if reasons.iter().skip(OWN_ROW + 1).any(Reason::condition_failed) {
            return Err(Error::AttachmentNotUsable);
        }
        if reasons.get(ENTRY).is_some_and(Reason::condition_failed) {
            // Head and entry are written together, so this cannot be; if it is, somebody changed the table by hand.
            return Err(Error::Corrupt { entity: "log", why: "an entry lies beyond the head" });
        }
        Ok(Attempt::Contention)
    }

    /// What an earlier request with the same key became, if there was one.
    async fn done(&self, sending: &Sending) -> Result<Option<Sent>, Error> {
        let key = keys::idempotency(sending.conversation, &sending.by, sending.key);
        match self.get::<Done>(key, Consistency::Strong).await? {
            Some(done) => self.replay(sending, done).await.map(Some),
            None => Ok(None),
        }
    }

    async fn replay(&self, sending: &Sending, done: Done) -> Result<Sent, Error> {
        if done.request != sending.request {
            return Err(Error::KeyReuse(sending.key));
        }
        let entry = self.get::<Entry>(keys::entry(sending.conversation, done.seq), Consistency::Strong).await;
        // It was sent, though it cannot be shown.
        let entry = entry.map_err(Error::unsure)?;
        let entry = entry.ok_or(Error::Corrupt { entity: "entry", why: "it is missing" })?;
        // An attempt of this very request, whose answer was lost, is no replay to the client.
        Ok(Sent { replayed: entry.id != sending.id, entry })
    }

    /// Whom the tags of a message mean: the members, spelled as they joined.
    pub async fn members_named(&self, id: ConversationId, tags: &[Tag]) -> Result<HashSet<Username>, Error> {
        let names: Vec<Username> = tags.iter().flat_map(mention::Tag::candidates).collect();
        Ok(self.members(id, &names).await?.into_keys().collect())
    }

    /// The head and one's own row, read in one trip, for a member; to everybody else there is neither.
    pub(crate) async fn for_member(&self, id: ConversationId, user: &Username) -> Result<(Head, Membership), Error> {
        let (head, own) = self.head_and_row(id, user).await?;
        head.filter(|head| head.state != State::Deleted).zip(own).ok_or(Error::NotFound)
    }

    /// The head and one's own row, read in one trip.
    pub(crate) async fn head_and_row(
        &self,
        id: ConversationId,
        user: &Username,
    ) -> Result<(Option<Head>, Option<Membership>), Error> {
        let row = keys::inbox_row(user, id);
        let (mut head, mut membership) = (None, None);
        for found in self.batch(vec![keys::head(id), row.clone()], Consistency::Strong).await? {
            if item::lies_at(&found, &row) {
                membership = Some(item::read::<InboxItem>(found)?.membership);
            } else {
                head = Some(item::read::<Head>(found)?);
            }
        }
        Ok((head, membership))
    }
}

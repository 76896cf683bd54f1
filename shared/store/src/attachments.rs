//! Attachments: what was promised, what was uploaded, whether it is clean, and to which message it belongs.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::attachment::{Attachment, ObjectKey, Preview, State as AttachmentState, Verdict};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::{Head, Refusal, Signature, State, apply, seal};
use domain::entry::{Act, Attached, Entry, Event, Message};
use domain::id::{AttachmentId, ConversationId, IdempotencyKey};
use domain::member::Membership;
use domain::text::Username;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, put_new, update_if};
use crate::error::Error;
use crate::item::{self, AttachmentItem, InboxItem, Item, Place, Requested};
use crate::keys::{self, Key};
use crate::put::Put;
use crate::query::{Consistency, failed};

/// What came of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Nothing of ours.
    Unknown,
    /// It changes nothing.
    Same,
    /// The attachment is in this state now.
    Now(AttachmentState),
}

impl Store {
    /// Notes that somebody is about to upload an attachment to a conversation they are a member of; returns it, and whether
    /// an earlier request with the same key did.
    pub async fn request_attachment(
        &self,
        attachment: &Attachment,
        key: IdempotencyKey,
        request: Digest,
    ) -> Result<(Attachment, bool), Error> {
        let done_key = keys::creation(&attachment.by, key);
        let mut tries = Backoff::new();
        loop {
            let answer = |error| tries.answer(error);
            let asked = self.member_and_key(attachment.conversation, &attachment.by, &done_key).await;
            let (head, _, done) = asked.map_err(answer)?;
            if let Some(found) = done {
                let done = item::read_own::<Requested>(found)?.filter(|done| done.request == request);
                let done = done.ok_or(Error::KeyReuse(key))?;
                let made = self.get::<AttachmentItem>(keys::attachment(done.attachment), Consistency::Strong).await;
                // It was made, and may have been given up since.
                let made = made.map_err(answer)?.map(|made| made.attachment).filter(|made| !made.gone);
                let made = made.ok_or(Error::NotFound)?;
                return Ok((made, done.attachment != attachment.id));
            }
            if head.state == State::Archived {
                return Err(Refusal::Archived.into());
            }
            let expires = attachment.request_known_until().as_seconds();
            let done = Requested { attachment: attachment.id, request, expires };
            let item = AttachmentItem::new(attachment.clone(), 1);
            let items = vec![
                put_new(&self.table, done_key.clone(), &done)?,
                put_new(&self.table, keys::attachment(attachment.id), &item)?,
            ];
            match self.transact(items).await? {
                Outcome::Committed => return Ok((attachment.clone(), false)),
                Outcome::Unknown => tries.unheard(),
                Outcome::Rejected(_) | Outcome::Throttled => {}
            }
            if !tries.again().await {
                return Err(tries.answer(Error::Unavailable(None)));
            }
        }
    }

    /// The head and one's own side, for a member, and what the client's key was used for before.
    pub(crate) async fn member_and_key(
        &self,
        id: ConversationId,
        member: &Username,
        done: &Key,
    ) -> Result<(Head, Membership, Option<Item>), Error> {
        let (head_key, row_key) = (keys::head(id), keys::inbox_row(member, id));
        let (mut head, mut own, mut used) = (None, None, None);
        for found in self.batch(vec![head_key.clone(), row_key.clone(), done.clone()], Consistency::Strong).await? {
            if item::lies_at(&found, &head_key) {
                head = Some(item::read::<Head>(found)?);
            } else if item::lies_at(&found, &row_key) {
                own = Some(item::read::<InboxItem>(found)?.membership);
            } else {
                used = Some(found);
            }
        }
        let head = head.filter(|head| head.state != State::Deleted).ok_or(Error::NotFound)?;
        Ok((head, own.ok_or(Error::NotFound)?, used))
    }

    /// An attachment that somebody uploads: their own, in a conversation they are a member of.
    pub async fn own_attachment(
        &self,
        id: ConversationId,
        user: &Username,
        attachment: AttachmentId,
    ) -> Result<Attachment, Error> {
        let (attachment, ..) = self.attachment_for_member(id, user, attachment).await?;
        if attachment.by == *user { Ok(attachment) } else { Err(Error::NotFound) }
    }

    /// An attachment that somebody may see: one of a message they can see, or their own that belongs to none yet.
    pub async fn visible_attachment(
        &self,
        id: ConversationId,
        user: &Username,
        attachment: AttachmentId,
    ) -> Result<Attachment, Error> {
        let (attachment, head, own) = self.attachment_for_member(id, user, attachment).await?;
        let visible_from = head.history.visible_from(own.joined);
        if attachment.is_visible_to(user, visible_from) { Ok(attachment) } else { Err(Error::NotFound) }
    }

    /// An attachment, the head, and then one's own row: to whom one of them is missing all of them are.
    async fn attachment_for_member(
        &self,
        id: ConversationId,
        user: &Username,
        attachment: AttachmentId,
    ) -> Result<(Attachment, Head, Membership), Error> {
        let (mut found_attachment, mut head) = (None, None);
        for found in self.batch(vec![keys::attachment(attachment), keys::head(id)], Consistency::Strong).await? {
            if item::is::<AttachmentItem>(&found) {
                found_attachment = Some(item::read::<AttachmentItem>(found)?.attachment);
            } else {
                head = Some(item::read::<Head>(found)?);
            }
        }
        // After them: whoever is removed in between must not be given what was sent after the removal.
        let own =
            self.get::<InboxItem>(keys::inbox_row(user, id), Consistency::Strong).await?.map(|row| row.membership);
        let head = head.filter(|head| head.state != State::Deleted).ok_or(Error::NotFound)?;
        let attachment = found_attachment.filter(|found| found.conversation == id && !found.gone);
        let attachment = attachment.ok_or(Error::NotFound)?;
        Ok((attachment, head, own.ok_or(Error::NotFound)?))
    }

    /// An attachment, for whoever makes its preview.
    pub async fn scanned_attachment(&self, attachment: AttachmentId) -> Result<Option<Attachment>, Error> {
        let found = self.get::<AttachmentItem>(keys::attachment(attachment), Consistency::Strong).await?;
        Ok(found.map(|found| found.attachment))
    }

    /// Notes that it was tried to make the preview of an attachment. It is the first time, or nothing is changed.
    pub async fn note_preview(&self, attachment: AttachmentId, preview: Preview) -> Result<(), Error> {
        self.change_attachment(attachment, |was| was.previewed(preview)).await.map(drop)
    }

    /// Notes that an attachment was uploaded as this version of its object, and returns it.
    pub async fn complete_attachment(&self, attachment: AttachmentId, version: &str) -> Result<Attachment, Error> {
        let complete = |was: &Attachment| was.completed(version);
        let (is, _) = self.change_attachment(attachment, complete).await?.ok_or(Error::NotFound)?;
        if is.gone { Err(Error::NotFound) } else { Ok(is) }
    }

    /// The attachments of which nothing is to be left at `until`, in one shard of the index, the oldest first, at most
    /// `limit`: those that could be sent until then and that no message has, and those that were kept long enough.
    ///
    /// The index is a moment behind the table: it says what to give up, never whether.
    pub async fn abandoned_attachments(
        &self,
        shard: u8,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<AttachmentId>, Error> {
        let read = |item: Item| item::key_of(&item).and_then(|key| keys::attachment_at(&key.pk, &key.sk));
        self.due_in(&keys::abandoned_shard(shard), until, limit, read).await
    }

    /// Gives up an attachment that no message has, and returns it: no message can have it from now on. One that is gone
    /// already is returned as it is, whether it was given up before or kept long enough. Nothing if a message has it, or
    /// there is no such attachment.
    ///
    /// It stays in the index, so that whoever removes it and is interrupted is followed by another.
    pub async fn give_up_attachment(&self, attachment: AttachmentId) -> Result<Option<Attachment>, Error> {
        let update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::attachment(attachment))))
            // Whoever has read it puts it back only if the number is the same: what is given up stays so.
            .update_expression("SET gone = :yes, #rev = #rev + :one")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(bound) AND attribute_not_exists(gone)")
            .expression_attribute_names("#rev", "rev")
            .expression_attribute_values(":yes", attribute(&true)?)
            .expression_attribute_values(":one", attribute(&1)?)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let found = match update.send().await {
            Ok(answer) => answer.attributes,
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(refused) => refused.item,
                    other => return Err(Error::Unavailable(Some(other.into()))),
                }
            }
            Err(error) => return Err(failed(error).unsure()),
        };
        let found = found.map(item::read::<AttachmentItem>).transpose()?;
        Ok(found.map(|found| found.attachment).filter(|found| found.gone))
    }

    /// Forgets an attachment that is gone and whose object is removed.
    pub async fn forget_attachment(&self, attachment: AttachmentId) -> Result<(), Error> {
        self.delete_if(keys::attachment(attachment), "attribute_exists(gone)").await
    }

    /// Notes what the scanner says of an attachment; where one that is part of a message is not clean, its members are
    /// told so. Told twice, late or in any order it comes to the same.
    pub async fn judge_attachment(
        &self,
        object: &ObjectKey,
        version: &str,
        verdict: Verdict,
        signature: impl Fn(Username) -> Signature,
    ) -> Result<Judged, Error> {
        // A verdict on another object that bears its name is none on it.
        let is_it = |was: &Attachment| was.object == *object && !was.gone;
        let judge = |was: &Attachment| if is_it(was) { was.judged(version, verdict) } else { None };
        let changed = self.change_attachment(object.attachment(), judge).await?;
        let Some((is, changed)) = changed.filter(|(is, _)| is_it(is)) else { return Ok(Judged::Unknown) };
        if is.state() == AttachmentState::Blocked
            && let Some(seq) = is.bound
        {
            self.tell_blocked(&is, seq, &signature(is.by.clone())).await?;
        }
        Ok(if changed { Judged::Now(is.state()) } else { Judged::Same })
    }

    /// Appends to the log that an attachment is blocked, once.
    async fn tell_blocked(&self, attachment: &Attachment, message: Seq, signature: &Signature) -> Result<(), Error> {
        let mut tries = Backoff::new();
        loop {
            let found = self.get::<AttachmentItem>(keys::attachment(attachment.id), Consistency::Strong).await?;
            if found.is_none_or(|found| found.told || found.attachment.withdrawn) {
                return Ok(());
            }
            let head = self.get::<Head>(keys::head(attachment.conversation), Consistency::Strong).await?;
            let Some(head) = head.filter(|head| head.state != State::Deleted) else { return Ok(()) };
            let event = Event::AttachmentBlocked { attachment: attachment.id, message };
            let entry = seal(&head, signature.clone(), Act::Event { event });
            let items = vec![
                self.head_item(&head, &apply(&head, &entry))?,
                put_new(&self.table, keys::entry(head.id, entry.seq), &entry)?,
                update_if(
                    &self.table,
                    keys::attachment(attachment.id),
                    "SET told = :yes, #rev = #rev + :one",
                    "attribute_exists(pk) AND (attribute_not_exists(told) OR told <> :yes)",
                    &[("#rev", "rev")],
                    vec![(":yes", attribute(&true)?), (":one", attribute(&1)?)],
                )?,
            ];
            // After a lost answer the next look finds that they were told.
            if matches!(self.transact(items).await?, Outcome::Committed) {
                return Ok(());
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Changes an attachment as `change` says, and returns it, and whether there was something to change; nothing if
    /// there is no such attachment.
    async fn change_attachment(
        &self,
        attachment: AttachmentId,
        change: impl Fn(&Attachment) -> Option<Attachment>,
    ) -> Result<Option<(Attachment, bool)>, Error> {
        let mut tries = Backoff::new();
        let found = self.get::<AttachmentItem>(keys::attachment(attachment), Consistency::Strong).await?;
        let Some(mut was) = found else { return Ok(None) };
        loop {
            let Some(is) = change(&was.attachment) else { return Ok(Some((was.attachment, false))) };
            let item = AttachmentItem { told: was.told, ..AttachmentItem::new(is, was.rev + 1) };
            match self.put_attachment(&item, Some(was.rev)).await? {
                None => return Ok(Some((item.attachment, true))),
                // It was our own write, whose answer was lost.
                Some(found) if found == item => return Ok(Some((item.attachment, true))),
                Some(found) => was = found,
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// Puts it if it is as it was; else returns it as it is.
    async fn put_attachment(&self, item: &AttachmentItem, was: Option<u64>) -> Result<Option<AttachmentItem>, Error> {
        let key = keys::attachment(item.attachment.id);
        let put = match was {
            None => self.put_new(key, item).await?,
            Some(rev) => {
                self.put_if(key, item, "#rev = :rev", &[("#rev", "rev")], vec![(":rev", attribute(&rev)?)]).await?
            }
        };
        match put {
            Put::Done => Ok(None),
            Put::Refused(found) => found.map(Some).ok_or(Error::NotFound),
        }
    }

    /// What a message says of attachments that its author uploaded for this conversation and that belong to none yet.
    pub(crate) async fn attached(
        &self,
        id: ConversationId,
        user: &Username,
        attachments: &[AttachmentId],
    ) -> Result<Vec<Attached>, Error> {
        let found = self.attachments(attachments, Consistency::Strong).await?;
        let attached = |wanted: &AttachmentId| {
            found.get(wanted).filter(|found| found.is_usable_by(user, id)).map(Attachment::attached)
        };
        attachments.iter().map(attached).collect::<Option<Vec<_>>>().ok_or(Error::AttachmentNotUsable)
    }

    /// The attachments of the message that an entry is, as they are now.
    pub async fn attachments_of(&self, entry: &Entry) -> Result<HashMap<AttachmentId, Attachment>, Error> {
        match &entry.act {
            Act::Message(message) => self.attachments_said(Some(message)).await,
            Act::Event { .. } | Act::Revision { .. } => Ok(HashMap::new()),
        }
    }

    /// The attachments of a message, as they are now.
    pub async fn attachments_said(
        &self,
        message: Option<&Message>,
    ) -> Result<HashMap<AttachmentId, Attachment>, Error> {
        let named: Vec<AttachmentId> =
            message.into_iter().flat_map(|message| &message.attachments).map(|attached| attached.id).collect();
        if named.is_empty() { Ok(HashMap::new()) } else { self.attachments(&named, Consistency::Strong).await }
    }

    /// These attachments, those that exist and are not gone.
    pub(crate) async fn attachments(
        &self,
        attachments: &[AttachmentId],
        consistency: Consistency,
    ) -> Result<HashMap<AttachmentId, Attachment>, Error> {
        let wanted = attachments.iter().copied().map(keys::attachment).collect();
        let found = self.batch(wanted, consistency).await?;
        let mut there = HashMap::new();
        for found in found {
            let AttachmentItem { attachment, .. } = item::read(found)?;
            if !attachment.gone {
                there.insert(attachment.id, attachment);
            }
        }
        Ok(there)
    }

    /// An attachment belongs to a message from now on, if it still can.
    pub(crate) fn bind_item(
        &self,
        id: ConversationId,
        user: &Username,
        attachment: AttachmentId,
        seq: Seq,
    ) -> Result<TransactWriteItem, Error> {
        update_if(
            &self.table,
            keys::attachment(attachment),
            "SET bound = :seq, #rev = #rev + :one REMOVE dk, ds",
            "conversation = :conversation AND #by = :user AND attribute_not_exists(bound) \
             AND attribute_not_exists(gone) AND attribute_exists(version) \
             AND (attribute_not_exists(verdict) OR verdict = :clean)",
            &[("#by", "by"), ("#rev", "rev")],
            vec![
                (":seq", attribute(&seq)?),
                (":one", attribute(&1)?),
                (":conversation", attribute(&id)?),
                (":user", attribute(user)?),
                (":clean", attribute(&Verdict::Clean)?),
            ],
        )
    }

    /// The attachment of a message that is taken back can be fetched by nobody any more, if it is still there: an update
    /// would bring it back as half of one.
    pub(crate) fn withdraw_item(&self, attachment: AttachmentId) -> Result<TransactWriteItem, Error> {
        update_if(
            &self.table,
            keys::attachment(attachment),
            "SET withdrawn = :yes, #rev = #rev + :one",
            "attribute_exists(pk)",
            &[("#rev", "rev")],
            vec![(":yes", attribute(&true)?), (":one", attribute(&1)?)],
        )
    }
}

/// Whether an item that the table's stream shows is a picture that lacks its preview.
pub fn lacks_preview(image: serde_dynamo::Item) -> bool {
    let item = serde_dynamo::from_item::<_, AttachmentItem>(image);
    item.is_ok_and(|item| item.attachment.lacks_preview())
}

impl AttachmentItem {
    /// The item of an attachment: while it belongs to no message, or is gone, it lies in the index, where clean-up finds it.
    fn new(attachment: Attachment, rev: u64) -> Self {
        let due = attachment.bound.is_none().then(|| keys::abandoned(attachment.id, attachment.expires_at()));
        let place = due.map(|(dk, ds)| Place { dk, ds });
        Self { attachment, rev, told: false, place }
    }
}

//! Sending a message, and reading a conversation.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::clock::Timestamp;
use domain::conversation::{Command, Draft, Head, Signature, apply, decide, seal};
use domain::entry::{Digest, Entry, Seq};
use domain::id::{ConversationId, EntryId, IdempotencyKey};
use domain::member::{Member, Membership};
use domain::mention::{self, Tag};
use domain::page::Limit;
use domain::text::Username;
use domain::unread::Mark;
use domain::user::Profile;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, Reason, put_if, put_new, update_if};
use crate::error::Error;
use crate::item::{self, Done, InboxItem};
use crate::keys;
use crate::query::{Consistency, Order};

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
    /// The message.
    pub draft: Draft,
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

/// Which part of a log to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The newest entries, newest first.
    Latest,
    /// Those before this place, newest first.
    Before(Seq),
    /// Those after this place, oldest first.
    After(Seq),
}

/// Part of a conversation, as one of its members sees it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The conversation.
    pub head: Head,
    /// One's own side of it.
    pub membership: Membership,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Who wrote them.
    pub authors: HashMap<Username, Profile>,
    /// Where to go on, in the direction of the window.
    pub next: Option<Seq>,
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
        let mut unsure = false;
        let sent = self.send_from(sending, &mut remembered, &mut unsure).await;
        sent.map_err(|error| if unsure { error.unsure() } else { error })
    }

    /// Sends, guessing first from what is remembered; `unsure` tells whether an attempt may have been written of which
    /// nothing was heard.
    async fn send_from(
        &self,
        sending: &Sending,
        remembered: &mut Option<Head>,
        unsure: &mut bool,
    ) -> Result<Sent, Error> {
        let mut guess = remembered.clone().filter(|head| sending.after.is_none_or(|seen| seen <= head.seq));
        let mut tries = Backoff::new();
        loop {
            let head = match guess.take() {
                Some(head) => head,
                None => self.head_for_member(sending).await?,
            };
            match self.append(sending, &head).await? {
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
                    Ok(Some(sent)) => return Ok(sent),
                    Err(error @ (Error::KeyReuse(_) | Error::Corrupt { .. })) => return Err(error),
                    // Not there, or not to be read: the attempt may still be on its way.
                    Ok(None) | Err(_) => *unsure = true,
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

    async fn append(&self, sending: &Sending, head: &Head) -> Result<Attempt, Error> {
        let signature = Signature { id: sending.id, by: sending.by.clone(), at: sending.at };
        let act = match decide(head, &sending.by, sending.at, Command::Send(sending.draft.clone())) {
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
        Ok(vec![
            put_if(
                &self.table,
                keys::head(id),
                &apply(head, entry),
                "#seq = :seq AND #hash = :hash AND #state = :active",
                &[("#seq", "seq"), ("#hash", "hash"), ("#state", "state")],
                vec![
                    (":seq", AttributeValue::N(head.seq.to_string())),
                    (":hash", AttributeValue::S(head.hash.to_string())),
                    (":active", AttributeValue::S("active".to_owned())),
                ],
            )?,
            put_new(&self.table, keys::entry(id, entry.seq), entry)?,
            put_new(&self.table, keys::idempotency(id, by, sending.key), &done)?,
            update_if(
                &self.table,
                keys::inbox_row(by, id),
                "SET #read = :read",
                "attribute_exists(pk)",
                &[("#read", "read")],
                vec![(":read", serde_dynamo::to_attribute_value(mark).map_err(|e| Error::Misused(e.into()))?)],
            )?,
        ])
    }

    /// The rules refuse by a head that may be an old guess, or after the same request was done before.
    async fn refused(
        &self,
        sending: &Sending,
        head: &Head,
        refusal: domain::conversation::Refusal,
    ) -> Result<Attempt, Error> {
        let present = self.head_for_member(sending).await?;
        if present.seq != head.seq {
            return Ok(Attempt::Moved(present));
        }
        match self.done(sending).await? {
            Some(sent) => Ok(Attempt::Done(sent)),
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
        if reasons.get(ENTRY).is_some_and(Reason::condition_failed) {
            // Head and entry are written together, so this cannot be; if it is, somebody changed the table by hand.
            return Err(Error::Corrupt { entity: "log", source: "an entry lies beyond the head".into() });
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
        let entry = entry.ok_or(Error::Corrupt { entity: "entry", source: "it is missing".into() })?;
        // An attempt of this very request, whose answer was lost, is no replay to the client.
        Ok(Sent { replayed: entry.id != sending.id, entry })
    }

    /// Whom the tags of a message mean: the members, spelled as they joined.
    pub async fn members_named(&self, id: ConversationId, tags: &[Tag]) -> Result<HashSet<Username>, Error> {
        let names: HashSet<Username> = tags.iter().flat_map(mention::Tag::candidates).collect();
        let keys = names.iter().map(|name| keys::participant(id, name)).collect();
        let members = self.batch(keys, Consistency::Strong).await?;
        members.into_iter().map(|member| Ok(item::read::<Member>(member)?.username)).collect()
    }

    /// Part of a conversation, with the profiles of its authors.
    ///
    /// The log and the head are read first and the membership after them: the other way round, or all at once, somebody
    /// who is removed in between would see what was said after the removal.
    pub async fn open(
        &self,
        id: ConversationId,
        user: &Username,
        window: Window,
        limit: Limit,
    ) -> Result<Opened, Error> {
        let (range, order, count) = match window {
            // The head is the last item of the log's range.
            Window::Latest => (keys::log_and_head(id), Order::Descending, limit.get() + 1),
            Window::Before(seq) => (keys::entries(id, Seq::START, seq.previous()), Order::Descending, limit.get()),
            Window::After(seq) => (keys::entries(id, seq.next(), Seq::MAX), Order::Ascending, limit.get()),
        };
        let newest = async {
            match window {
                Window::Latest => Ok(None),
                Window::Before(_) | Window::After(_) => self.get::<Head>(keys::head(id), Consistency::Strong).await,
            }
        };
        let (items, head) = tokio::join!(self.query(range, order, count, Consistency::Strong), newest);
        let (mut items, mut head) = (items?, head?);
        if window == Window::Latest && !items.is_empty() {
            head = Some(item::read(items.remove(0))?);
        }
        let entries: Vec<Entry> = items.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let names: Vec<Username> = entries.iter().map(|entry| entry.by.clone()).collect();
        let (row, authors) = tokio::join!(
            self.get::<InboxItem>(keys::inbox_row(user, id), Consistency::Strong),
            self.profiles(&names, Consistency::Eventual)
        );
        let membership = row?.ok_or(Error::NotFound)?.membership;
        let (head, authors) = (head.ok_or(Error::NotFound)?, authors?);

        let visible = head.history.visible_from(membership.joined).max(Seq::START.next());
        let entries: Vec<Entry> = entries.into_iter().filter(|entry| entry.seq >= visible).collect();
        let next = entries.last().map(|last| last.seq).filter(|last| match window {
            Window::Latest | Window::Before(_) => *last > visible,
            Window::After(_) => *last < head.seq,
        });
        Ok(Opened { head, membership, entries, authors, next })
    }

    /// The head and one's own row, read in one trip.
    async fn head_and_row(
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

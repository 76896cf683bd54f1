//! Reading a conversation.

use std::collections::{HashMap, HashSet};

use domain::attachment::Attachment;
use domain::chain::Seq;
use domain::conversation::message::Standing;
use domain::conversation::{Head, State};
use domain::entry::{Act, Entry, Event};
use domain::id::{AttachmentId, ConversationId};
use domain::member::Membership;
use domain::page::Limit;
use domain::text::Username;
use domain::user::Profile;
use futures_util::future::try_join_all;

use crate::Store;
use crate::error::Error;
use crate::item::InboxItem;
use crate::keys;
use crate::log::Revised;
use crate::query::{Consistency, Order};

/// Which part of a log to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The newest entries, newest first, as they now stand.
    Latest,
    /// Those before this place, newest first, as they now stand.
    Before(Seq),
    /// Everything that happened after this place, oldest first.
    After(Seq),
}

/// One element of a conversation, as a member sees it.
#[derive(Clone, Debug)]
pub struct Element {
    /// The entry.
    pub entry: Entry,
    /// The message that it is or revises, as it now stands; none for an event.
    pub standing: Option<Standing>,
}

/// Part of a conversation, as one of its members sees it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The conversation.
    pub head: Head,
    /// One's own side of it.
    pub membership: Membership,
    /// What is in it.
    pub elements: Vec<Element>,
    /// Who wrote and did it.
    pub authors: HashMap<Username, Profile>,
    /// The attachments of its messages, as they are now.
    pub attachments: HashMap<AttachmentId, Attachment>,
    /// Where to go on, in the direction of the window.
    pub next: Option<Seq>,
}

impl Store {
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
        let (range, order) = match window {
            // The head is the last item of the log's range.
            Window::Latest => (keys::log_and_head(id), Order::Descending),
            Window::Before(seq) => (keys::entries(id, Seq::START, seq.previous()), Order::Descending),
            Window::After(seq) => (keys::entries(id, seq.next(), Seq::MAX), Order::Ascending),
        };
        // Backwards a revision shows in what it revises, forwards it is something that happened.
        let counts = |entry: &Entry| order == Order::Ascending || !is_revision(entry);
        let newest = async {
            match window {
                Window::Latest => Ok(None),
                Window::Before(_) | Window::After(_) => self.get::<Head>(keys::head(id), Consistency::Strong).await,
            }
        };
        let (part, head) = tokio::join!(self.part(range, order, limit.get(), counts), newest);
        let part = part?;
        let head = head?.or(part.head);
        let revised =
            if order == Order::Ascending { self.revised_before(id, &part.entries).await? } else { Vec::new() };
        let names: Vec<Username> = part.entries.iter().chain(&revised).map(|found| found.entry.by.clone()).collect();
        let attached: Vec<AttachmentId> =
            part.entries.iter().chain(&revised).flat_map(|found| attached(&found.entry)).collect();
        let attachments = async {
            if attached.is_empty() {
                Ok(HashMap::new())
            } else {
                self.attachments(&attached, Consistency::Strong).await
            }
        };
        let (row, authors, attachments) = tokio::join!(
            self.get::<InboxItem>(keys::inbox_row(user, id), Consistency::Strong),
            self.profiles(&names, Consistency::Eventual),
            attachments
        );
        let membership = row?.ok_or(Error::NotFound)?.membership;
        let head = head.filter(|head| head.state != State::Deleted).ok_or(Error::NotFound)?;

        let visible = head.history.visible_from(membership.joined).max(Seq::START.next());
        let last = part.entries.last().map(|last| last.entry.seq);
        let next = last.filter(|last| match window {
            Window::Latest | Window::Before(_) => *last > visible,
            Window::After(_) => *last < head.seq,
        });
        let elements = elements(part.entries, &revised, visible, order);
        Ok(Opened { head, membership, elements, authors: authors?, attachments: attachments?, next })
    }

    /// The messages that these entries revise and that are not among them, as they now stand.
    pub(crate) async fn revised_before(&self, id: ConversationId, entries: &[Revised]) -> Result<Vec<Revised>, Error> {
        let there: HashSet<Seq> = entries.iter().map(|found| found.entry.seq).collect();
        let missing: HashSet<Seq> =
            entries.iter().filter_map(|found| revises(&found.entry)).filter(|seq| !there.contains(seq)).collect();
        let found = try_join_all(missing.into_iter().map(|seq| self.revised(id, seq))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

const fn revises(entry: &Entry) -> Option<Seq> {
    match entry.act {
        Act::Revision { revises, .. } => Some(revises),
        Act::Message(_) | Act::Event { .. } => None,
    }
}

/// The message that an event is about, if it is about one.
const fn is_about(entry: &Entry) -> Option<Seq> {
    match entry.act {
        Act::Event { event: Event::AttachmentBlocked { message, .. } } => Some(message),
        Act::Event { .. } | Act::Message(_) | Act::Revision { .. } => None,
    }
}

/// The attachments of a message.
fn attached(entry: &Entry) -> Vec<AttachmentId> {
    match &entry.act {
        Act::Message(message) => message.attachments.iter().map(|attached| attached.id).collect(),
        Act::Event { .. } | Act::Revision { .. } => Vec::new(),
    }
}

const fn is_revision(entry: &Entry) -> bool {
    revises(entry).is_some()
}

/// What somebody sees of some entries who may see everything from `visible` on: nothing that was done later to what
/// was said before, either.
fn elements(entries: Vec<Revised>, revised: &[Revised], visible: Seq, order: Order) -> Vec<Element> {
    let standings: HashMap<Seq, Standing> =
        entries.iter().chain(revised).filter_map(Revised::standing).map(|standing| (standing.seq, standing)).collect();
    entries
        .into_iter()
        .map(|found| found.entry)
        .filter(|entry| entry.seq >= visible && is_about(entry).is_none_or(|message| message >= visible))
        .filter_map(|entry| match revises(&entry) {
            Some(_) if order == Order::Descending => None,
            Some(seq) if seq < visible => None,
            Some(seq) => standings.get(&seq).cloned().map(|standing| Element { entry, standing: Some(standing) }),
            None => Some(Element { standing: standings.get(&entry.seq).cloned(), entry }),
        })
        .collect()
}

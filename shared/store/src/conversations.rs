//! Starting a conversation, and reading one.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, Get, TransactGetItem, TransactWriteItem};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::message::{self, Draft};
use domain::conversation::{Creation, Head, History, Signature, State, apply, create, founded, seal};
use domain::entry::Entry;
use domain::id::{ConversationId, EntryId, IdempotencyKey};
use domain::member::{Change, Membership, changes};
use domain::project::ProjectId;
use domain::retention::Retention;
use domain::text::{Title, Username};
use futures_util::future::try_join_all;

use crate::Store;
use crate::admission::Admission;
use crate::backoff::Backoff;
use crate::commit::{Outcome, Reason, put_if, put_new};
use crate::error::Error;
use crate::inbox::InboxRow;
use crate::item::{self, EntryItem, InboxItem, Item, RetentionItem, Started};
use crate::keys;
use crate::query::{Consistency, Order, failed};

/// A conversation on its way into the table.
#[derive(Clone, Debug)]
pub struct Starting {
    /// Its name.
    pub id: ConversationId,
    /// Who starts it.
    pub by: Admission,
    /// When.
    pub at: Timestamp,
    /// The client's name for this act.
    pub key: IdempotencyKey,
    /// The hash of what the client asked.
    pub request: Digest,
    /// What it is called.
    pub title: Title,
    /// What those who join later may see.
    pub history: History,
    /// The project it is labelled with; one of its creator's.
    pub project: Option<ProjectId>,
    /// Who else belongs to it, as asked.
    pub others: Vec<Username>,
    /// Its first message.
    pub message: Option<Draft>,
    /// The names of the entries that record its start and its first message.
    pub entry_ids: [EntryId; 2],
}

/// A conversation that was started, as its creator sees it.
#[derive(Clone, Debug)]
pub struct Created {
    /// The conversation.
    pub head: Head,
    /// The creator's side of it.
    pub membership: Membership,
    /// Whether an earlier request with the same key had started it.
    pub replayed: bool,
}

/// How many members' rows the first transaction writes: two items each, and the table takes a hundred.
const FIRST_MEMBERS: usize = 45;
/// How many members' rows each further transaction writes, beside noting that it did.
const MORE_MEMBERS: usize = 49;
/// How many conversations are read at one instant: two items each, and the table gives a hundred.
const PAIRS: usize = 50;
/// Where the idempotency item stands in each of these transactions.
const STARTED: usize = 0;
/// Where it is checked in the first of them that the creator's account is active: there is never a conversation of which
/// nobody active is an administrator.
const ACTIVE: usize = 1;

impl Store {
    /// Starts a conversation, with its first message and its members in one transaction.
    ///
    /// The first entry names every member. Beyond forty-five, their rows follow in further transactions before this
    /// returns: nobody is told of a conversation that is half there, and a retry completes one that is.
    pub async fn create_conversation(&self, mut starting: Starting) -> Result<Created, Error> {
        let by = starting.by.profile.username.clone();
        starting.others = match self.known(&starting).await {
            Ok(others) => others,
            Err(error) => return self.started_before(&starting, error).await,
        };
        let signature = |n: usize| Signature { id: starting.entry_ids[n], by: by.clone(), at: starting.at };
        let creation = Creation {
            id: starting.id,
            title: starting.title.clone(),
            history: starting.history,
            project: starting.project.clone(),
            others: starting.others.clone(),
        };
        let (mut head, first) = create(creation, signature(0));
        let mut entries = vec![first];
        if let Some(draft) = starting.message.clone() {
            let act = message::send(&head, draft)?;
            let entry = seal(&head, signature(1), act);
            head = apply(&head, &entry);
            entries.push(entry);
        }
        let rows = rows(&head, &entries);
        let started = Started {
            conversation: head.id,
            last: head.seq,
            request: starting.request,
            rows: rows.len().min(FIRST_MEMBERS),
        };
        let mut tries = Backoff::new();
        loop {
            match self.transact(self.start_items(&starting, &started, &head, &entries, &rows)?).await? {
                Outcome::Committed => {
                    self.put_rows(&starting, started, &rows).await?;
                    let membership = creators(rows).ok_or(Error::NotFound)?;
                    return Ok(Created { head, membership, replayed: false });
                }
                Outcome::Rejected(mut reasons) => {
                    if let Some(found) = reasons.get_mut(STARTED).and_then(Reason::take) {
                        // Under this key of the person's something else may have been done.
                        let started = item::read_own::<Started>(found)?.ok_or(Error::KeyReuse(starting.key))?;
                        return self.started(&starting, started).await;
                    }
                    if reasons.get(ACTIVE).is_some_and(Reason::condition_failed) {
                        return Err(Error::Disabled);
                    }
                    if reasons.iter().any(Reason::condition_failed) {
                        return Err(Error::Corrupt { entity: "conversation", why: "its id is taken" });
                    }
                }
                Outcome::Throttled => {}
                Outcome::Unknown => match self.done_before(&starting).await {
                    Ok(Some(started)) => return self.started(&starting, started).await,
                    Ok(None) | Err(_) => tries.unheard(),
                },
            }
            if !tries.again().await {
                return Err(tries.answer(Error::Busy));
            }
        }
    }

    /// Somebody named may have left since an earlier request with the same key; its answer is still the answer.
    async fn started_before(&self, starting: &Starting, error: Error) -> Result<Created, Error> {
        if !matches!(error, Error::UnknownPeople(_) | Error::Protected(_)) {
            return Err(error);
        }
        match self.done_before(starting).await? {
            Some(started) => self.started(starting, started).await,
            None => Err(error),
        }
    }

    /// What an earlier request with the same key started.
    async fn done_before(&self, starting: &Starting) -> Result<Option<Started>, Error> {
        let key = keys::creation(&starting.by.profile.username, starting.key);
        match self.batch(vec![key], Consistency::Strong).await?.pop() {
            Some(found) => item::read_own(found)?.map(Some).ok_or(Error::KeyReuse(starting.key)),
            None => Ok(None),
        }
    }

    /// The people named, spelled as the institution writes them.
    async fn known(&self, starting: &Starting) -> Result<Vec<Username>, Error> {
        let Starting { by: Admission { profile, settings, .. }, others: names, .. } = starting;
        let profiles = self.profiles(names, Consistency::Strong).await?;
        let places = |wrong: &dyn Fn(&Username) -> bool| -> Vec<usize> {
            names.iter().enumerate().filter(|(_, name)| wrong(name)).map(|(n, _)| n).collect()
        };
        let unknown = places(&|name| !profiles.get(name).is_some_and(|other| other.active));
        if !unknown.is_empty() {
            return Err(Error::UnknownPeople(unknown));
        }
        let protected = places(&|name| !profiles.get(name).is_some_and(|other| settings.lets_approach(profile, other)));
        if !protected.is_empty() {
            return Err(Error::Protected(protected));
        }
        Ok(profiles.into_values().map(|profile| profile.username).collect())
    }

    fn start_items(
        &self,
        starting: &Starting,
        started: &Started,
        head: &Head,
        entries: &[Entry],
        rows: &[Change],
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut items = vec![
            put_new(&self.table, keys::creation(&starting.by.profile.username, starting.key), started)?,
            self.is_active(&starting.by.profile.username)?,
            put_new(&self.table, keys::head(head.id), head)?,
            put_new(
                &self.table,
                keys::retention(head.id),
                &RetentionItem::new(Retention::begun(head.id, head.created_at), 1),
            )?,
        ];
        for (n, entry) in entries.iter().enumerate() {
            let key = (n == 0).then_some(starting.key);
            items.push(put_new(
                &self.table,
                keys::entry(head.id, entry.seq),
                &EntryItem { entry: entry.clone(), key },
            )?);
        }
        items.extend(self.row_items(head.id, &rows[..started.rows])?);
        Ok(items)
    }

    fn row_items(&self, id: ConversationId, rows: &[Change]) -> Result<Vec<TransactWriteItem>, Error> {
        let mut items = Vec::new();
        for row in rows {
            items.extend(self.change_items(id, row.clone(), None)?);
        }
        Ok(items)
    }

    /// Puts the rows that are not there yet.
    ///
    /// Each transaction notes how far it came, on condition that nobody came further: what was put once is never put
    /// again, so that a late retry does not bring back whoever was removed meanwhile.
    async fn put_rows(&self, starting: &Starting, started: Started, rows: &[Change]) -> Result<(), Error> {
        let mut there = started.rows;
        let mut tries = Backoff::new();
        while there < rows.len() {
            let next = rows.len().min(there + MORE_MEMBERS);
            let mut items = vec![put_if(
                &self.table,
                keys::creation(&starting.by.profile.username, starting.key),
                &Started { rows: next, ..started },
                "#rows = :there",
                &[("#rows", "rows")],
                vec![(":there", AttributeValue::N(there.to_string()))],
            )?];
            items.extend(self.row_items(started.conversation, &rows[there..next])?);
            let further = match self.transact(items).await? {
                Outcome::Committed => Some(next),
                // An attempt whose answer was lost, or another request with the same key, came further.
                Outcome::Rejected(mut reasons) => match reasons.get_mut(STARTED) {
                    Some(reason) => reason.found::<Started>()?.map(|started| started.rows),
                    None => None,
                },
                Outcome::Throttled | Outcome::Unknown => None,
            };
            if let Some(further) = further {
                (there, tries) = (further, Backoff::new());
            } else if !tries.again().await {
                return Err(Error::OutcomeUnknown);
            }
        }
        Ok(())
    }

    /// The first answer again, from the log: what the conversation was when it had just been started.
    async fn started(&self, starting: &Starting, started: Started) -> Result<Created, Error> {
        if started.request != starting.request {
            return Err(Error::KeyReuse(starting.key));
        }
        let id = started.conversation;
        let range = keys::entries(id, Seq::START.next(), started.last);
        // From here on it is known that it was started, though it may not be shown.
        let items = self.query(range, Order::Ascending, 2, Consistency::Strong).await.map_err(Error::unsure)?;
        let entries: Vec<Entry> = items.into_iter().map(item::read::<Entry>).collect::<Result<_, _>>()?;
        let missing = || Error::Corrupt { entity: "log", why: "its first entry is missing" };
        let (first, later) = entries.split_first().ok_or_else(missing)?;
        let head = founded(id, first).ok_or_else(missing)?;
        let head = later.iter().fold(head, |head, entry| apply(&head, entry));
        let rows = rows(&head, &entries);
        self.put_rows(starting, started, &rows).await?;
        // Whoever was removed since learns nothing, not even what they started themselves.
        let row = self.get::<InboxItem>(keys::inbox_row(&starting.by.profile.username, id), Consistency::Strong).await;
        let row = row.map_err(Error::unsure)?;
        let membership = row.and(creators(rows)).ok_or(Error::NotFound)?;
        Ok(Created { head, membership, replayed: first.id != starting.entry_ids[0] })
    }

    /// A conversation and one's own side of it, as they were at one instant.
    pub async fn conversation(&self, id: ConversationId, user: &Username) -> Result<(Head, Membership), Error> {
        let row = self.conversations(&[id], user).await?.pop().ok_or(Error::NotFound)?;
        Ok((row.head, row.membership))
    }

    /// Those of these conversations that a user may see, each as it was at one instant.
    pub(crate) async fn conversations(&self, ids: &[ConversationId], user: &Username) -> Result<Vec<InboxRow>, Error> {
        let some = ids.chunks(PAIRS).map(|ids| self.some_conversations(ids, user));
        Ok(try_join_all(some).await?.into_iter().flatten().collect())
    }

    async fn some_conversations(&self, ids: &[ConversationId], user: &Username) -> Result<Vec<InboxRow>, Error> {
        let get = |key| {
            let get = Get::builder().table_name(&*self.table).set_key(Some(item::key(key))).build();
            get.map(|get| TransactGetItem::builder().get(get).build()).map_err(|error| Error::Misused(error.into()))
        };
        let pairs = ids.iter().flat_map(|id| [keys::head(*id), keys::inbox_row(user, *id)]);
        let pairs: Vec<TransactGetItem> = pairs.map(get).collect::<Result<_, _>>()?;
        let mut tries = Backoff::new();
        let answer = loop {
            match self.client.transact_get_items().set_transact_items(Some(pairs.clone())).send().await {
                Ok(answer) => break answer,
                // Somebody is writing there just now.
                Err(error) if error.code() == Some("TransactionCanceledException") && tries.again().await => {}
                Err(error) => return Err(failed(error)),
            }
        };
        let found: Vec<Option<Item>> =
            answer.responses.unwrap_or_default().into_iter().map(|response| response.item).collect();
        let mut rows = Vec::new();
        for pair in found.chunks(2) {
            if let [Some(head), Some(row)] = pair {
                let head = item::read::<Head>(head.clone())?;
                let membership = item::read::<InboxItem>(row.clone())?.membership;
                rows.push(InboxRow { head, membership });
            }
        }
        rows.retain(|row| row.head.state != State::Deleted);
        Ok(rows)
    }
}

/// What the log of a new conversation says of its members: their rows, the creator's first.
fn rows(head: &Head, entries: &[Entry]) -> Vec<Change> {
    entries.first().map(|first| changes(first, head)).unwrap_or_default()
}

fn creators(rows: Vec<Change>) -> Option<Membership> {
    rows.into_iter().find_map(|row| match row {
        Change::Begins(_, membership) => Some(membership),
        Change::Ends(_) | Change::Role(..) => None,
    })
}

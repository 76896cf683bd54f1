//! Starting a conversation, and reading one.

use aws_sdk_dynamodb::types::{Get, TransactGetItem, TransactWriteItem};
use domain::clock::Timestamp;
use domain::conversation::{
    Command, Creation, Draft, Head, History, Role, Signature, apply, create, decide, founded, seal,
};
use domain::entry::{Act, Digest, Entry, Event, Seq};
use domain::id::{ConversationId, EntryId, IdempotencyKey};
use domain::member::{Member, Membership};
use domain::text::{Title, Username};
use domain::unread::Mark;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, Reason, put_new};
use crate::error::Error;
use crate::item::{self, InboxItem, Started};
use crate::keys;
use crate::query::{Consistency, Order, failed};

/// A conversation on its way into the table.
#[derive(Clone, Debug)]
pub struct Starting {
    /// Its name.
    pub id: ConversationId,
    /// Who starts it.
    pub by: Username,
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
/// How many members' rows each further transaction writes.
const MORE_MEMBERS: usize = 50;
/// Where the idempotency item stands in the first transaction.
const STARTED: usize = 0;

impl Store {
    /// Starts a conversation, with its first message and its members in one transaction.
    ///
    /// The first entry names every member. Beyond forty-five, their rows follow in further transactions before this
    /// returns: nobody is told of a conversation that is half there, and a retry completes one that is.
    pub async fn create_conversation(&self, mut starting: Starting) -> Result<Created, Error> {
        starting.others = self.known(&starting.others).await?;
        let signature = |n: usize| Signature { id: starting.entry_ids[n], by: starting.by.clone(), at: starting.at };
        let creation = Creation {
            id: starting.id,
            title: starting.title.clone(),
            history: starting.history,
            others: starting.others.clone(),
        };
        let (mut head, first) = create(creation, signature(0));
        let mut entries = vec![first];
        if let Some(draft) = starting.message.clone() {
            let act = decide(&head, &starting.by, starting.at, Command::Send(draft))?;
            let entry = seal(&head, signature(1), act);
            head = apply(&head, &entry);
            entries.push(entry);
        }
        let rows = rows(&head, &entries);
        let mut tries = Backoff::new();
        let mut unsure = false;
        loop {
            match self.transact(self.start_items(&starting, &head, &entries, &rows)?).await? {
                Outcome::Committed => {
                    self.put_rows(starting.id, &rows).await?;
                    let membership = rows.into_iter().next().map(|(_, row)| row.membership).ok_or(Error::NotFound)?;
                    return Ok(Created { head, membership, replayed: false });
                }
                Outcome::Rejected(mut reasons) => {
                    let reason = reasons.get_mut(STARTED).filter(|reason| reason.condition_failed());
                    if let Some(reason) = reason
                        && let Some(started) = reason.found::<Started>()?
                    {
                        return self.started(&starting, started).await;
                    }
                    if reasons.iter().any(Reason::condition_failed) {
                        return Err(Error::Corrupt { entity: "conversation", source: "its id is taken".into() });
                    }
                }
                Outcome::Unknown => {
                    let key = keys::creation(&starting.by, starting.key);
                    match self.get::<Started>(key, Consistency::Strong).await {
                        Ok(Some(started)) => return self.started(&starting, started).await,
                        Ok(None) | Err(_) => unsure = true,
                    }
                }
            }
            if !tries.again().await {
                return Err(if unsure { Error::OutcomeUnknown } else { Error::Busy });
            }
        }
    }

    /// The people named, spelled as the institution writes them.
    async fn known(&self, names: &[Username]) -> Result<Vec<Username>, Error> {
        let profiles = self.profiles(names, Consistency::Strong).await?;
        let unknown: Vec<usize> = names
            .iter()
            .enumerate()
            .filter(|(_, name)| !profiles.get(*name).is_some_and(|profile| profile.active))
            .map(|(n, _)| n)
            .collect();
        if unknown.is_empty() {
            Ok(profiles.into_values().map(|profile| profile.username).collect())
        } else {
            Err(Error::UnknownPeople(unknown))
        }
    }

    fn start_items(
        &self,
        starting: &Starting,
        head: &Head,
        entries: &[Entry],
        rows: &[(Member, InboxItem)],
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let started = Started { conversation: head.id, last: head.seq, request: starting.request };
        let mut items = vec![
            put_new(&self.table, keys::creation(&starting.by, starting.key), &started)?,
            put_new(&self.table, keys::head(head.id), head)?,
        ];
        for entry in entries {
            items.push(put_new(&self.table, keys::entry(head.id, entry.seq), entry)?);
        }
        items.extend(self.row_items(head.id, rows.iter().take(FIRST_MEMBERS))?);
        Ok(items)
    }

    fn row_items<'a>(
        &self,
        id: ConversationId,
        rows: impl Iterator<Item = &'a (Member, InboxItem)>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut items = Vec::new();
        for (member, row) in rows {
            items.push(put_new(&self.table, keys::participant(id, &member.username), member)?);
            items.push(put_new(&self.table, keys::inbox_row(&member.username, id), row)?);
        }
        Ok(items)
    }

    /// Puts the rows that the first transaction had no room for. A batch that is there already stays as it is.
    async fn put_rows(&self, id: ConversationId, rows: &[(Member, InboxItem)]) -> Result<(), Error> {
        for batch in rows.get(FIRST_MEMBERS..).unwrap_or_default().chunks(MORE_MEMBERS) {
            let mut tries = Backoff::new();
            loop {
                match self.transact(self.row_items(id, batch.iter())?).await? {
                    Outcome::Committed => break,
                    Outcome::Rejected(reasons) if reasons.iter().any(Reason::condition_failed) => break,
                    Outcome::Rejected(_) | Outcome::Unknown => {}
                }
                if !tries.again().await {
                    return Err(Error::OutcomeUnknown);
                }
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
        let items = self.query(range, Order::Ascending, 2, Consistency::Strong).await?;
        let entries: Vec<Entry> = items.into_iter().map(item::read::<Entry>).collect::<Result<_, _>>()?;
        let missing = || Error::Corrupt { entity: "log", source: "its first entry is missing".into() };
        let (first, later) = entries.split_first().ok_or_else(missing)?;
        let head = founded(id, first).ok_or_else(missing)?;
        let head = later.iter().fold(head, |head, entry| apply(&head, entry));
        let rows = rows(&head, &entries);
        self.put_rows(id, &rows).await?;
        // Whoever was removed since learns nothing, not even what they started themselves.
        let row = self.get::<InboxItem>(keys::inbox_row(&starting.by, id), Consistency::Strong).await?;
        let first_row = rows.into_iter().next().map(|(_, row)| row.membership);
        let membership = row.and(first_row).ok_or(Error::NotFound)?;
        Ok(Created { head, membership, replayed: first.id != starting.entry_ids[0] })
    }

    /// A conversation and one's own side of it, as they were at one instant.
    pub async fn conversation(&self, id: ConversationId, user: &Username) -> Result<(Head, Membership), Error> {
        let get = |key| {
            let get = Get::builder().table_name(&*self.table).set_key(Some(item::key(key))).build();
            get.map(|get| TransactGetItem::builder().get(get).build()).map_err(|error| Error::Misused(error.into()))
        };
        let answer = self
            .client
            .transact_get_items()
            .transact_items(get(keys::head(id))?)
            .transact_items(get(keys::inbox_row(user, id))?)
            .send()
            .await
            .map_err(failed)?;
        let mut items = answer.responses.unwrap_or_default().into_iter().map(|response| response.item);
        match (items.next().flatten(), items.next().flatten()) {
            (Some(head), Some(row)) => Ok((item::read(head)?, item::read::<InboxItem>(row)?.membership)),
            _ => Err(Error::NotFound),
        }
    }
}

/// What the log of a new conversation says of its members: their rows, the creator's first.
fn rows(head: &Head, entries: &[Entry]) -> Vec<(Member, InboxItem)> {
    let Some(Entry { seq: joined, by, at, act: Act::Event { event: Event::Created { members, .. } }, .. }) =
        entries.first()
    else {
        return Vec::new();
    };
    let row = |name: &Username| {
        let role = if name == by { Role::Administrator } else { Role::Member };
        let mut membership = Membership::begin(role, *joined, 0);
        if name == by {
            membership.read = Mark { seq: head.seq, messages: head.messages };
        }
        let member = Member { username: name.clone(), role, joined: *joined, joined_at: *at };
        (member, InboxItem { conversation: head.id, membership })
    };
    members.iter().map(row).collect()
}

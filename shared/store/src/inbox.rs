//! A user's conversations, and what the user made of them.

use std::cmp::Reverse;

use domain::broadcast::Reader;
use domain::clock::Timestamp;
use domain::conversation::{Head, State};
use domain::id::ConversationId;
use domain::inbox::Copy;
use domain::member::{Membership, Notify};
use domain::text::Username;
use domain::user::{InstitutionRole, Profile};

use crate::Store;
use crate::broadcasts::Own;
use crate::commit::attribute;
use crate::error::Error;
use crate::item::{self, InboxItem};
use crate::keys;
use crate::query::{Consistency, Order};
use crate::row::{RowUpdate, Updated};

/// A conversation in somebody's inbox.
#[derive(Clone, Debug)]
pub struct InboxRow {
    /// The conversation.
    pub head: Head,
    /// One's own side of it.
    pub membership: Membership,
}

/// What waits for somebody.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Their active conversations, in no order.
    pub conversations: Vec<InboxRow>,
    /// How many broadcasts they have not read.
    pub broadcasts: u64,
}

/// What somebody makes of a conversation; what is not said stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preference {
    /// Whether it stands first in the inbox.
    pub pinned: Option<bool>,
    /// Of what one wants to be told.
    pub notify: Option<Notify>,
}

impl Store {
    /// The conversations of a user that are in this state, in no order.
    ///
    /// One's own rows hold what there is to show, as it was last delivered. Only of conversations with very many members
    /// and of archived ones the head is read, at one instant with the row that permits to see it.
    pub async fn inbox(&self, user: &Username, state: State) -> Result<Vec<InboxRow>, Error> {
        let rows = self.inbox_rows(user).await?;
        self.with_heads(user, rows, state).await
    }

    /// What waits for somebody: their active conversations, and how many broadcasts they have not read.
    pub async fn waiting(
        &self,
        profile: &Profile,
        roles: &[InstitutionRole],
        now: Timestamp,
    ) -> Result<Waiting, Error> {
        let (all, own) = tokio::join!(self.newest_broadcasts(), self.own(&profile.username));
        let Own { read, projects, conversations } = own?;
        let reader = Reader { profile, roles, projects: &projects };
        let unread = all?.iter().filter(|one| one.is_shown(reader, now) && !read.contains(&one.id)).count();
        let conversations = self.with_heads(&profile.username, conversations, State::Active).await?;
        Ok(Waiting { conversations, broadcasts: unread as u64 })
    }

    /// Those of a user's rows that show a conversation in this state, each with its head.
    pub(crate) async fn with_heads(
        &self,
        user: &Username,
        own: Vec<InboxItem>,
        state: State,
    ) -> Result<Vec<InboxRow>, Error> {
        let mut rows = Vec::new();
        let mut elsewhere = Vec::new();
        for row in own {
            let InboxItem { conversation, membership } = row;
            match (&membership.delivered.copy, state) {
                (Copy::Here(head), State::Active) => rows.push(InboxRow { head: head.clone(), membership }),
                (Copy::Elsewhere, State::Active) | (Copy::Archived, State::Archived) => elsewhere.push(conversation),
                (Copy::Here(_) | Copy::Elsewhere | Copy::Archived, _) => {}
            }
        }
        let found = self.conversations(&elsewhere, user).await?;
        rows.extend(found.into_iter().filter(|row| row.head.state == state));
        Ok(rows)
    }

    pub(crate) async fn inbox_rows(&self, user: &Username) -> Result<Vec<InboxItem>, Error> {
        let rows = self.query(keys::inbox(user), Order::Ascending, usize::MAX, Consistency::Strong).await?;
        rows.into_iter().map(item::read).collect()
    }

    /// Pins a conversation, or says of what in it one wants to be told.
    pub async fn prefer(
        &self,
        id: ConversationId,
        user: &Username,
        preference: Preference,
        now: Timestamp,
    ) -> Result<InboxRow, Error> {
        let (head, membership) = self.for_member(id, user).await?;
        let mut set = Vec::new();
        if let Some(pinned) = preference.pinned {
            set.push(("pinned", attribute(&pinned)?));
        }
        if let Some(notify) = preference.notify {
            set.push(("notify", attribute(&notify)?));
        }
        if set.is_empty() {
            return Ok(InboxRow { head, membership });
        }
        let update = RowUpdate {
            set,
            condition: "#joined = :joined",
            names: &["joined"],
            values: vec![(":joined", attribute(&membership.joined)?)],
        };
        match self.update_row(user, id, update).await? {
            Updated::Done(row) => {
                // What was not to be mailed may be now, and the other way about; and whoever says the same again may not have
                // been heard to the end.
                if preference.notify.is_some() && row.membership.counts(&head).messages > 0 {
                    self.ask_for_look(user, now).await.map_err(Error::unsure)?;
                }
                Ok(InboxRow { head, membership: row.membership })
            }
            Updated::Refused(_) => Err(Error::NotFound),
        }
    }

    /// The newest active conversation of exactly these two, if there is one.
    pub async fn direct(&self, user: &Username, other: &Username) -> Result<Option<InboxRow>, Error> {
        let mut rows = self.inbox(user, State::Active).await?;
        rows.retain(|row| row.head.members_count == 2);
        let keys = rows.iter().map(|row| keys::participant(row.head.id, other)).collect();
        let theirs = self.batch(keys, Consistency::Strong).await?;
        rows.retain(|row| theirs.iter().any(|found| item::lies_at(found, &keys::participant(row.head.id, other))));
        // Ids are sorted by the time of their making. The copies may be old: each is looked at as it is now.
        rows.sort_unstable_by_key(|row| Reverse(row.head.id));
        for row in rows {
            match self.conversation(row.head.id, user).await {
                Ok((head, membership)) if head.members_count == 2 && head.state == State::Active => {
                    return Ok(Some(InboxRow { head, membership }));
                }
                Ok(_) | Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

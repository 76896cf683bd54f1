//! Who takes over what somebody administers whose account is disabled.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::conversation::manage::succeed;
use domain::conversation::{Head, Role, Signature, State, apply, seal};
use domain::entry::Entry;
use domain::id::{ConversationId, EntryId};
use domain::member::{Change, Member, changes};
use domain::text::Username;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, check, put_new};
use crate::error::Error;
use crate::keys;
use crate::manage::AT_ONCE as REQUESTS;
use crate::query::Consistency;

/// How many members are looked at at once for one whose account is active.
const AT_ONCE: usize = 100;

impl Store {
    /// Lets others take over what these people administer.
    pub(crate) async fn hand_over_all(
        &self,
        names: &[&Username],
        signature: &Signature,
        mint: &mut impl FnMut() -> EntryId,
    ) -> Result<(), Error> {
        // An institution sends the names of all who ever left, of whom few administer anything.
        let leaving: HashSet<&Username> = names.iter().copied().collect();
        let asked: Vec<_> = names.iter().map(|name| self.administered((*name).clone())).collect();
        let found: Vec<_> = stream::iter(asked).buffer_unordered(REQUESTS).collect().await;
        for part in found {
            for (conversation, name) in part? {
                let signature = Signature { id: mint(), ..signature.clone() };
                // Of some it may be done already.
                self.hand_over(conversation, &name, &leaving, &signature).await.map_err(Error::unsure)?;
            }
        }
        Ok(())
    }

    /// The conversations that somebody administers.
    async fn administered(&self, name: Username) -> Result<Vec<(ConversationId, Username)>, Error> {
        let rows = self.inbox_rows(&name).await?.into_iter();
        let own = rows.filter(|row| row.membership.role == Role::Administrator);
        Ok(own.map(|row| (row.conversation, name.clone())).collect())
    }

    /// Lets somebody who is not leaving, too, take over a conversation that `name` administers, as one entry of its log;
    /// changes nothing if `name` does not, or if there is nobody who could.
    async fn hand_over(
        &self,
        id: ConversationId,
        name: &Username,
        leaving: &HashSet<&Username>,
        signature: &Signature,
    ) -> Result<(), Error> {
        let mut tries = Backoff::new();
        loop {
            // As everywhere, what is read after the head is as it was when the entry is written, or nothing is written.
            let head = self.get::<Head>(keys::head(id), Consistency::Strong).await?;
            let Some(head) = head.filter(|head| head.state != State::Deleted) else { return Ok(()) };
            let members = self.participants(id).await?;
            let Some(member) = members.iter().find(|member| member.username == *name) else { return Ok(()) };
            let candidates = self.first_active(&members, leaving).await?;
            let Some(act) = succeed(&head, member, &candidates) else { return Ok(()) };
            let entry = seal(&head, signature.clone(), act);
            let items = self.succession_items(id, &head, &entry)?;
            // After a lost answer the next look finds that there is nothing left to do.
            if matches!(self.transact(items).await?, Outcome::Committed) {
                return Ok(());
            }
            if !tries.again().await {
                return Err(Error::Busy);
            }
        }
    }

    /// The other administrators and the longest-standing members whose accounts are active, as many as are needed to
    /// choose from.
    async fn first_active(&self, members: &[Member], besides: &HashSet<&Username>) -> Result<Vec<Member>, Error> {
        let mut others: Vec<&Member> = members.iter().filter(|member| !besides.contains(&member.username)).collect();
        others.sort_by_key(|member| (member.role != Role::Administrator, member.joined, &member.username));
        for some in others.chunks(AT_ONCE) {
            let names: Vec<Username> = some.iter().map(|member| member.username.clone()).collect();
            let profiles = self.profiles(&names, Consistency::Strong).await?;
            let active: HashSet<&Username> =
                profiles.values().filter(|profile| profile.active).map(|profile| &profile.username).collect();
            let found: Vec<Member> = some
                .iter()
                .filter(|member| active.contains(&member.username))
                .map(|member| (*member).clone())
                .collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn succession_items(
        &self,
        id: ConversationId,
        head: &Head,
        entry: &Entry,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let next = apply(head, entry);
        let mut items = vec![self.head_item(head, &next)?, put_new(&self.table, keys::entry(id, entry.seq), entry)?];
        for change in changes(entry, &next) {
            if let Change::Role(name, Role::Administrator) = &change {
                items.push(self.is_active(name)?);
            }
            items.extend(self.change_items(id, change, None)?);
        }
        Ok(items)
    }

    /// Lets the rest be written only if an account is active in that instant: whose account is disabled next is
    /// succeeded next.
    pub(crate) fn is_active(&self, name: &Username) -> Result<TransactWriteItem, Error> {
        let active = vec![(":active", attribute(&true)?)];
        check(&self.table, keys::profile(name), "#active = :active", &[("#active", "active")], active)
    }
}

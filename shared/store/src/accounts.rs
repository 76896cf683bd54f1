//! Accounts, as system administrators set them.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::clock::Timestamp;
use domain::conversation::Signature;
use domain::id::EntryId;
use domain::institution::log::{Act, UserChange};
use domain::text::Username;
use domain::user::{Account, Profile};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Store;
use crate::error::Error;
use crate::institution::{Decided, ROOM};
use crate::manage::AT_ONCE;
use crate::query::Consistency;

/// What became of something that was to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsert {
    /// It was not there before.
    Created,
    /// It is different now.
    Updated,
    /// It was so already.
    Unchanged,
}

impl Store {
    /// Sets accounts, and says of each what became of it. Setting the same again changes nothing, so whoever was
    /// interrupted asks again for all.
    ///
    /// As many as a transaction has room for are one entry of the institution's log. Whose account is disabled is
    /// succeeded where they were an administrator, before and after: at no time is there a conversation of which nobody
    /// active is one, and whoever becomes one in between is succeeded as well.
    pub async fn set_accounts(
        &self,
        signature: &Signature,
        accounts: &[Account],
        mut mint: impl FnMut() -> EntryId,
    ) -> Result<Vec<Upsert>, Error> {
        let disabled: Vec<&Username> =
            accounts.iter().filter(|account| !account.active).map(|account| &account.username).collect();
        self.hand_over_all(&disabled, signature, &mut mint).await?;
        let mut done = Vec::with_capacity(accounts.len());
        while done.len() < accounts.len() {
            let signature = Signature { id: mint(), ..signature.clone() };
            let set = self.set_some(&signature, &accounts[done.len()..]).await;
            done.extend(set.map_err(|error| if done.is_empty() { error } else { error.unsure() })?);
        }
        self.admitted.forget(accounts.iter().map(|account| &account.username));
        self.hand_over_all(&disabled, signature, &mut mint).await.map_err(Error::unsure)?;
        Ok(done)
    }

    /// Sets the first of some accounts, as many as one transaction has room for; returns what became of each.
    async fn set_some(&self, signature: &Signature, accounts: &[Account]) -> Result<Vec<Upsert>, Error> {
        // Of the longest names a transaction has room for few, of ordinary ones for about thirty.
        let some = &accounts[..accounts.len().min(ROOM)];
        let decide = |_| async move {
            let names: Vec<Username> = some.iter().map(|account| account.username.clone()).collect();
            let known = self.profiles(&names, Consistency::Strong).await?;
            let made: Vec<_> =
                some.iter().map(|account| self.set_one(known.get(&account.username), account, signature.at)).collect();
            // Whom mail reaches anew is looked up: of a thousand who change their addresses not one after the other.
            let mut made = stream::iter(made).buffered(AT_ONCE);
            let mut pack = Pack::default();
            for account in some {
                // Whoever is named twice is set twice, one entry after the other.
                if pack.changed.contains(&account.username) {
                    break;
                }
                let Some((is, items)) = made.try_next().await?.flatten() else {
                    pack.done.push(Upsert::Unchanged);
                    continue;
                };
                if !pack.items.is_empty() && pack.items.len() + items.len() > ROOM {
                    break;
                }
                let created = !known.contains_key(&account.username);
                pack.items.extend(items);
                pack.done.push(if created { Upsert::Created } else { Upsert::Updated });
                pack.changes.push(UserChange {
                    username: is.username.clone(),
                    created,
                    name: is.name.clone(),
                    email: is.email.clone(),
                    active: is.active,
                });
                pack.changed.insert(is.username);
            }
            let Pack { items, done, changes, .. } = pack;
            Ok(if changes.is_empty() {
                Decided::Nothing(done)
            } else {
                Decided::Record { act: Act::UsersChanged { users: changes }, items, then: done }
            })
        };
        self.record(signature, decide).await
    }

    /// An account as it is to be, and what that writes; nothing if it is so already.
    async fn set_one(
        &self,
        was: Option<&Profile>,
        account: &Account,
        now: Timestamp,
    ) -> Result<Option<(Profile, Vec<TransactWriteItem>)>, Error> {
        let Some(is) = Profile::set(was, account, now) else { return Ok(None) };
        let items = self.profile_items(was, &is, now).await?;
        Ok(Some((is, items)))
    }
}

/// Accounts that are set together.
#[derive(Default)]
struct Pack {
    items: Vec<TransactWriteItem>,
    done: Vec<Upsert>,
    changes: Vec<UserChange>,
    changed: HashSet<Username>,
}

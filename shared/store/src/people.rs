//! Profiles, and the directory by which people are found.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::text::Username;
use domain::user::{Profile, Search, Token};

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, Reason, delete, put_if, put_new};
use crate::error::Error;
use crate::item::{self, DirectoryItem};
use crate::keys;
use crate::query::{Consistency, Order};

/// The people this process knows to have a profile.
#[derive(Debug, Default)]
pub(crate) struct Met(Mutex<HashSet<Username>>);

impl Met {
    const MAX: usize = 10_000;

    fn knows(&self, name: &Username) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    fn add(&self, name: Username) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if met.len() >= Self::MAX {
            met.clear();
        }
        met.insert(name);
    }
}

/// How many directory rows a search reads at most for one beginning: enough for any that is worth reading.
const MAX_ROWS: usize = 200;

impl Store {
    /// Makes sure that a person who calls has a profile. Costs nothing for somebody met before.
    pub async fn meet(&self, profile: &Profile) -> Result<(), Error> {
        if self.met.knows(&profile.username) {
            return Ok(());
        }
        if self.profile(&profile.username, Consistency::Strong).await?.is_none() {
            self.write_profile(None, profile).await?;
        }
        self.met.add(profile.username.clone());
        Ok(())
    }

    /// Somebody with an active account, to everybody who asks.
    pub async fn colleague(&self, name: &Username) -> Result<Profile, Error> {
        let profile = self.profile(name, Consistency::Strong).await?;
        profile.filter(|profile| profile.active).ok_or(Error::NotFound)
    }

    /// A person's profile, brought up to date with what the person's token says.
    pub async fn introduce(&self, said: &Profile) -> Result<Profile, Error> {
        let known = self.profile(&said.username, Consistency::Strong).await?;
        let current = match known {
            Some(known) if known.name == said.name && known.email == said.email => known,
            Some(known) => {
                let current = Profile { name: said.name.clone(), email: said.email.clone(), ..known.clone() };
                self.write_profile(Some(&known), &current).await?;
                current
            }
            None => {
                self.write_profile(None, said).await?;
                said.clone()
            }
        };
        self.met.add(said.username.clone());
        Ok(current)
    }

    pub(crate) async fn profile(&self, name: &Username, consistency: Consistency) -> Result<Option<Profile>, Error> {
        self.get(keys::profile(name), consistency).await
    }

    /// Writes a profile and its directory rows in one transaction, if it is still as it was.
    async fn write_profile(&self, was: Option<&Profile>, is: &Profile) -> Result<(), Error> {
        let mut tries = Backoff::new();
        loop {
            match self.transact(self.profile_items(was, is)?).await? {
                Outcome::Committed => return Ok(()),
                // Somebody else was quicker, or an attempt of ours whose answer was lost: it is there.
                Outcome::Rejected(reasons) if reasons.iter().any(Reason::condition_failed) => return Ok(()),
                Outcome::Rejected(_) | Outcome::Throttled | Outcome::Unknown => {}
            }
            if !tries.again().await {
                return Err(Error::Unavailable(None));
            }
        }
    }

    fn profile_items(&self, was: Option<&Profile>, is: &Profile) -> Result<Vec<TransactWriteItem>, Error> {
        let key = keys::profile(&is.username);
        let mut items = vec![match was {
            None => put_new(&self.table, key, is)?,
            Some(was) => put_if(
                &self.table,
                key,
                is,
                "#name = :name",
                &[("#name", "name")],
                vec![(":name", AttributeValue::S(was.name.as_str().to_owned()))],
            )?,
        }];
        let tokens: HashSet<Token> = is.tokens().into_iter().collect();
        let row = DirectoryItem { username: is.username.clone(), name: is.name.clone() };
        for token in &tokens {
            // A row may be there with an older spelling of the name: it says nothing that could be lost.
            let key = keys::directory(token, &is.username);
            items.push(put_if(
                &self.table,
                key,
                &row,
                "attribute_not_exists(pk) OR username = :user",
                &[],
                vec![(":user", AttributeValue::S(is.username.as_str().to_owned()))],
            )?);
        }
        let old: HashSet<Token> = was.map(Profile::tokens).unwrap_or_default().into_iter().collect();
        for token in old.difference(&tokens) {
            let key = keys::directory(token, &is.username);
            items.push(delete(&self.table, key, "attribute_exists(pk)", &[], vec![])?);
        }
        Ok(items)
    }

    /// The profiles of these people, those that exist.
    pub(crate) async fn profiles(
        &self,
        names: &[Username],
        consistency: Consistency,
    ) -> Result<HashMap<Username, Profile>, Error> {
        let unique: HashSet<&Username> = names.iter().collect();
        let found = self.batch(unique.into_iter().map(keys::profile).collect(), consistency).await?;
        found
            .into_iter()
            .map(|found| item::read::<Profile>(found).map(|profile| (profile.username.clone(), profile)))
            .collect()
    }

    /// The people a search finds, sorted by name, at most [`Search::MAX_HITS`].
    pub async fn search(&self, search: &Search) -> Result<Vec<Profile>, Error> {
        let mut rows: Vec<DirectoryItem> = Vec::new();
        for lookup in search.lookups() {
            let range = keys::directory_prefix(&lookup);
            for found in self.query(range, Order::Ascending, MAX_ROWS, Consistency::Eventual).await? {
                let row = item::read::<DirectoryItem>(found)?;
                if search.finds(&row.username, &row.name) && !rows.iter().any(|r| r.username == row.username) {
                    rows.push(row);
                }
            }
        }
        rows.sort_by(|a, b| (&a.name, &a.username).cmp(&(&b.name, &b.username)));
        rows.truncate(Search::MAX_HITS);
        Ok(rows
            .into_iter()
            .map(|row| Profile { username: row.username, name: row.name, email: None, active: true })
            .collect())
    }
}

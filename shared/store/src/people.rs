//! Profiles, and the directory by which people are found.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::clock::Timestamp;
use domain::text::Username;
use domain::user::{Introduction, Profile, Search, Token};
use futures_util::future::try_join_all;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, delete, put_if, put_new};
use crate::error::Error;
use crate::item::{self, DirectoryItem, RosterItem};
use crate::keys;
use crate::query::{Consistency, Order};

/// How many directory rows a search reads at most for one beginning: some names are as common as that, and whoever
/// wants to read more should type more.
const MAX_ROWS: usize = 2_000;

impl Store {
    /// Makes the profile of somebody who calls for the first time.
    pub(crate) async fn meet(&self, said: &Introduction, now: Timestamp) -> Result<Profile, Error> {
        self.bring_up_to_date(None, said, now, |known| match known {
            Some(known) => known.clone(),
            None => Profile::introduced(said, now),
        })
        .await
    }

    /// A caller's profile, brought up to date with what the person's token says.
    pub async fn introduce(&self, known: &Profile, said: &Introduction, now: Timestamp) -> Result<Profile, Error> {
        if known.reintroduced(said) == *known {
            return Ok(known.clone());
        }
        let current = self
            .bring_up_to_date(Some(known.clone()), said, now, |known| match known {
                Some(known) => known.reintroduced(said),
                None => Profile::introduced(said, now),
            })
            .await?;
        self.admitted.remember(Arc::new(current.clone()));
        Ok(current)
    }

    /// Writes what a profile shall be, made from what it is, and returns it. `known` is a guess that the write verifies.
    async fn bring_up_to_date(
        &self,
        known: Option<Profile>,
        said: &Introduction,
        now: Timestamp,
        wanted: impl Fn(Option<&Profile>) -> Profile,
    ) -> Result<Profile, Error> {
        let mut was = known;
        let mut tries = Backoff::new();
        loop {
            let is = wanted(was.as_ref());
            if was.as_ref() == Some(&is) {
                return Ok(is);
            }
            // Whatever became of it, what is there afterwards says.
            if matches!(self.transact(self.profile_items(was.as_ref(), &is, now).await?).await?, Outcome::Committed) {
                return Ok(is);
            }
            if !tries.again().await {
                return Err(Error::Unavailable(None));
            }
            was = self.profile(&said.username, Consistency::Strong).await?;
        }
    }

    /// Somebody with an active account, to everybody who asks.
    pub async fn colleague(&self, name: &Username) -> Result<Profile, Error> {
        let profile = self.profile(name, Consistency::Strong).await?;
        profile.filter(|profile| profile.active).ok_or(Error::NotFound)
    }

    pub(crate) async fn profile(&self, name: &Username, consistency: Consistency) -> Result<Option<Profile>, Error> {
        self.get(keys::profile(name), consistency).await
    }

    /// A profile and its directory rows, if it is still as it was; and a look at what waits for whom it makes reachable.
    pub(crate) async fn profile_items(
        &self,
        was: Option<&Profile>,
        is: &Profile,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let key = keys::profile(&is.username);
        let mut items = vec![match was {
            None => put_new(&self.table, key, is)?,
            Some(was) => {
                let values = vec![(":version", attribute(&was.version)?)];
                // Profiles that are older than their versions have none.
                let unchanged = "attribute_not_exists(#version) OR #version = :version";
                put_if(&self.table, key, is, unchanged, &[("#version", "version")], values)?
            }
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
        if was.is_none() {
            // Whoever says what they want before they are known is listed already.
            let row = RosterItem { username: is.username.clone(), broadcasts: None };
            let new = "attribute_not_exists(broadcasts)";
            items.push(put_if(&self.table, keys::roster(&is.username), &row, new, &[], vec![])?);
        }
        let old: HashSet<Token> = was.map(Profile::tokens).unwrap_or_default().into_iter().collect();
        for token in old.difference(&tokens) {
            let key = keys::directory(token, &is.username);
            items.push(delete(&self.table, key, "attribute_exists(pk)", &[], vec![])?);
        }
        if was.is_some_and(|was| is.reachable_anew(was)) {
            items.push(self.look_item(&is.username, now).await?);
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
        let lookups = search.lookups();
        let found = try_join_all(lookups.iter().map(|lookup| self.found(search, lookup))).await?;
        let mut rows: Vec<DirectoryItem> = Vec::new();
        for row in found.into_iter().flatten() {
            if !rows.iter().any(|other| other.username == row.username) {
                rows.push(row);
            }
        }
        rows.sort_by(|a, b| (&a.name, &a.username).cmp(&(&b.name, &b.username)));
        rows.truncate(Search::MAX_HITS);
        Ok(rows
            .into_iter()
            .map(|row| Profile { name: row.name, active: true, ..Profile::gone(&row.username) })
            .collect())
    }

    /// The first people that a search finds below one beginning.
    async fn found(&self, search: &Search, lookup: &Token) -> Result<Vec<DirectoryItem>, Error> {
        let mut rows: Vec<DirectoryItem> = Vec::new();
        let mut left = MAX_ROWS;
        // A single word finds nearly every row that begins with it; of several, one is looked up and the others choose.
        let page = if search.words() > 1 { MAX_ROWS } else { 2 * Search::MAX_HITS };
        let take = |found| {
            let row = item::read::<DirectoryItem>(found)?;
            if search.finds(&row.username, &row.name) && !rows.iter().any(|other| other.username == row.username) {
                rows.push(row);
            }
            left -= 1;
            let enough = left == 0 || rows.len() == Search::MAX_HITS;
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        self.query_while(keys::directory_prefix(lookup), Order::Ascending, page, Consistency::Eventual, take).await?;
        Ok(rows)
    }
}

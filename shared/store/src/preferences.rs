//! What somebody wants to be mailed about.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::notice::Suppression;
use domain::preferences::Preferences;
use domain::text::Username;
use domain::user::Profile;
use futures_util::future::try_join;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, put_if, put_new, update_if};
use crate::error::Error;
use crate::item::{self, PreferencesItem, RosterItem, Suppressed};
use crate::keys;
use crate::query::Consistency;

impl Store {
    /// What somebody said they want, if they ever did, and how often they said it.
    pub async fn preferences(&self, name: &Username) -> Result<(Option<Preferences>, Seq), Error> {
        let found = self.get::<PreferencesItem>(keys::preferences(name), Consistency::Strong).await?;
        Ok(found.map_or((None, Seq::START), |found| (Some(found.preferences), found.rev)))
    }

    /// What somebody said they want, and why no mail goes to their address, if none does.
    pub async fn mail_standing(&self, profile: &Profile) -> Result<(Option<Preferences>, Option<Suppression>), Error> {
        let mut wanted = vec![keys::preferences(&profile.username)];
        wanted.extend(profile.email.as_ref().map(keys::suppression));
        let (mut said, mut suppressed) = (None, None);
        for found in self.batch(wanted, Consistency::Strong).await? {
            if item::is::<PreferencesItem>(&found) {
                said = Some(item::read::<PreferencesItem>(found)?.preferences);
            } else {
                suppressed = Some(item::read::<Suppressed>(found)?.state);
            }
        }
        Ok((said, suppressed))
    }

    /// Says what somebody wants, as `change` makes it of what they said before, if nobody said anything else since
    /// `seen`; returns it and how often they said something.
    pub async fn set_preferences(
        &self,
        name: &Username,
        seen: Option<Seq>,
        now: Timestamp,
        change: impl Fn(Option<Preferences>) -> Preferences,
    ) -> Result<(Preferences, Seq), Error> {
        let mut tries = Backoff::new();
        loop {
            let found = try_join(self.preferences(name), self.look_item(name, now)).await;
            let ((was, rev), look) = found.map_err(|error| tries.answer(error))?;
            let is = change(was.clone());
            // Also of whoever saw an older state: RFC 9110, 13.1.1 lets what was applied already be answered as it was.
            if was.as_ref() == Some(&is) {
                return Ok((is, rev));
            }
            if seen.is_some_and(|seen| seen != rev) {
                return Err(tries.answer(Error::VersionConflict));
            }
            let mut items = self.preferences_items(name, was.as_ref(), &is, rev)?;
            items.push(look);
            match self.transact(items).await? {
                Outcome::Committed => return Ok((is, rev.next())),
                // What is there now says whether it was this.
                Outcome::Unknown => tries.unheard(),
                Outcome::Rejected(_) | Outcome::Throttled => {}
            }
            if !tries.again().await {
                return Err(tries.answer(Error::Unavailable(None)));
            }
        }
    }

    /// Preferences, if they are as they were, and with them what the list of everybody says of who wants broadcasts.
    fn preferences_items(
        &self,
        name: &Username,
        was: Option<&Preferences>,
        is: &Preferences,
        rev: Seq,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let item = PreferencesItem { preferences: is.clone(), rev: rev.next() };
        let key = keys::preferences(name);
        let mut items = vec![match was {
            None => put_new(&self.table, key, &item)?,
            Some(_) => {
                put_if(&self.table, key, &item, "#rev = :rev", &[("#rev", "rev")], vec![(":rev", attribute(&rev)?)])?
            }
        }];
        if was.is_none_or(|was| was.broadcasts != is.broadcasts) {
            let update = "SET broadcasts = :wanted, username = if_not_exists(username, :name), entity = :entity";
            let values = vec![
                (":wanted", attribute(&is.broadcasts)?),
                (":name", attribute(name)?),
                (":entity", attribute(&<RosterItem as crate::item::Entity>::NAME)?),
            ];
            let any = "attribute_exists(pk) OR attribute_not_exists(pk)";
            items.push(update_if(&self.table, keys::roster(name), update, any, &[], values)?);
        }
        Ok(items)
    }
}

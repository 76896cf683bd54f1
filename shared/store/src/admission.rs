//! Who may use the messenger at this moment, and how the institution set it up.
//!
//! Both are read once a minute for each person and process: whoever is disabled is out within that minute, without a
//! read for every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use domain::clock::Timestamp;
use domain::institution::Settings;
use domain::session::Seen;
use domain::text::Username;
use domain::user::{Introduction, Profile};

use crate::Store;
use crate::commit::attribute;
use crate::error::Error;
use crate::item::{self, Entity, SettingsItem};
use crate::keys;
use crate::query::{Consistency, failed};

/// How long what was read is good for.
const GOOD_FOR: Duration = Duration::from_mins(1);

/// Somebody who calls, as far as the table knows them.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The person.
    pub profile: Arc<Profile>,
    /// How the institution set the messenger up.
    pub settings: Arc<Settings>,
}

/// What this process knows, and since when.
#[derive(Debug, Default)]
pub(crate) struct Admitted(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    people: HashMap<Username, Person>,
    settings: Option<(Arc<Settings>, Timestamp)>,
}

/// What is known of somebody.
#[derive(Clone, Debug)]
struct Person {
    profile: Arc<Profile>,
    since: Timestamp,
    seen: Option<Seen>,
}

impl Admitted {
    /// About one megabyte.
    const MAX: usize = 4_000;

    fn with<T>(&self, see: impl FnOnce(&mut Known) -> T) -> T {
        see(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn of(&self, name: &Username, now: Timestamp) -> (Option<Person>, Option<Arc<Settings>>) {
        self.with(|known| {
            let person = known.people.get(name).filter(|person| now.since(person.since) < GOOD_FOR);
            (person.cloned(), known.settings(now))
        })
    }

    fn put(&self, profile: Arc<Profile>, seen: Option<Seen>, now: Timestamp) {
        self.with(|known| {
            if known.people.len() >= Self::MAX {
                known.people.clear();
            }
            known.people.insert(profile.username.clone(), Person { profile, since: now, seen });
        });
    }

    /// Takes note of a profile that has just been brought up to date.
    ///
    /// It says nothing newer of who signed out.
    pub(crate) fn remember(&self, profile: Arc<Profile>) {
        self.with(|known| {
            if let Some(person) = known.people.get_mut(&profile.username) {
                person.profile = profile;
            }
        });
    }

    fn seen(&self, name: &Username) -> Option<Seen> {
        self.with(|known| known.people.get(name).and_then(|person| person.seen))
    }

    fn note(&self, name: &Username, seen: Seen) {
        self.with(|known| {
            if let Some(person) = known.people.get_mut(name) {
                person.seen = Some(seen);
            }
        });
    }

    /// The settings, as they were at most a minute ago.
    pub(crate) fn settings(&self, now: Timestamp) -> Option<Arc<Settings>> {
        self.with(|known| known.settings(now))
    }

    pub(crate) fn remember_settings(&self, settings: Arc<Settings>, now: Timestamp) {
        self.with(|known| known.settings = Some((settings, now)));
    }

    /// Forgets people who have just been changed.
    pub(crate) fn forget<'a>(&self, names: impl IntoIterator<Item = &'a Username>) {
        self.with(|known| names.into_iter().for_each(|name| drop(known.people.remove(name))));
    }

    /// Forgets settings that have just been changed.
    pub(crate) fn forget_settings(&self) {
        self.with(|known| known.settings = None);
    }
}

impl Known {
    fn settings(&self, now: Timestamp) -> Option<Arc<Settings>> {
        self.settings.as_ref().filter(|(_, since)| now.since(*since) < GOOD_FOR).map(|(is, _)| is.clone())
    }
}

impl Store {
    /// Somebody who calls; the first call makes their profile, from what the identity provider says of them. Whoever signed
    /// out, or did nothing for longer than `idle_limit`, is not let in with a token from before.
    pub async fn admit(
        &self,
        said: &Introduction,
        idle_limit: Option<Duration>,
        now: Timestamp,
    ) -> Result<Admission, Error> {
        let over = |seen: Option<Seen>| {
            let ends = |seen: Seen| said.at.is_some_and(|issued| seen.ends(issued, idle_limit, now));
            seen.is_some_and(ends)
        };
        if let (Some(person), Some(settings)) = self.admitted.of(&said.username, now) {
            // Another token of the same person may have been let in, and this one be from before they signed out.
            if over(person.seen) {
                return Err(Error::SignedOut);
            }
            return Ok(Admission { profile: person.profile, settings });
        }
        let wanted = vec![keys::profile(&said.username), keys::settings(), keys::seen(&said.username)];
        let (mut profile, mut set_up, mut seen) = (None, None, None);
        for found in self.batch(wanted, Consistency::Strong).await? {
            if item::is::<SettingsItem>(&found) {
                set_up = Some(item::read::<SettingsItem>(found)?.settings);
            } else if item::is::<Seen>(&found) {
                seen = Some(item::read(found)?);
            } else {
                profile = Some(item::read::<Profile>(found)?);
            }
        }
        if over(seen) {
            return Err(Error::SignedOut);
        }
        let profile = match profile {
            Some(profile) => profile,
            None => self.meet(said, now).await?,
        };
        let (profile, settings) = (Arc::new(profile), Arc::new(set_up.unwrap_or_default()));
        self.admitted.put(profile.clone(), seen, now);
        self.admitted.remember_settings(settings.clone(), now);
        Ok(Admission { profile, settings })
    }

    /// Notes that somebody who was let in does something now; once a minute is enough.
    pub async fn note_seen(&self, name: &Username, now: Timestamp) -> Result<(), Error> {
        let was = self.admitted.seen(name);
        if was.is_some_and(|was| was.signed_out.is_none_or(|left| left < was.at) && now.since(was.at) < GOOD_FOR) {
            return Ok(());
        }
        let is = Seen::noted(was.as_ref(), now);
        let update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::seen(name))))
            .update_expression("SET #at = :at, #since = :since, entity = :entity")
            .condition_expression("attribute_not_exists(pk) OR #at < :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_names("#since", "since")
            .expression_attribute_values(":at", attribute(&is.at)?)
            .expression_attribute_values(":since", attribute(&is.since)?)
            .expression_attribute_values(":entity", attribute(&Seen::NAME)?);
        self.admitted.note(name, is);
        match update.send().await {
            // What came before they were gone for a while counts as having come while they were away.
            Ok(_) if was.is_some() && is.since == Some(now) => self.look_early(name, now).await,
            Ok(_) => Ok(()),
            // Another process noted something later.
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Notes that somebody goes: tokens from before are worth nothing, and what waits for them may be mailed.
    ///
    /// Everybody knows at the latest after a minute.
    pub async fn sign_out(&self, name: &Username, now: Timestamp) -> Result<(), Error> {
        let was = self.get::<Seen>(keys::seen(name), Consistency::Strong).await?;
        let is = Seen::leaving(was.as_ref(), now);
        let update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::seen(name))))
            .update_expression("SET signed_out = :out, #at = if_not_exists(#at, :at), entity = :entity")
            .condition_expression("attribute_not_exists(signed_out) OR signed_out < :out")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":out", attribute(&is.signed_out)?)
            .expression_attribute_values(":at", attribute(&is.at)?)
            .expression_attribute_values(":entity", attribute(&Seen::NAME)?);
        match update.send().await {
            Ok(_) => {}
            // They went later than now, by another clock.
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => {}
            Err(error) => return Err(failed(error).unsure()),
        }
        self.admitted.forget([name]);
        self.look_early(name, now).await.map_err(Error::unsure)
    }
}

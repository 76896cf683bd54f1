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
    /// Whether it is to be noted that they do something now: once a minute is enough.
    pub unnoted: bool,
}

/// What this process knows, and since when.
#[derive(Debug, Default)]
pub(crate) struct Admitted(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    people: HashMap<Username, (Arc<Profile>, Timestamp)>,
    settings: Option<(Arc<Settings>, Timestamp)>,
}

impl Admitted {
    /// About one megabyte.
    const MAX: usize = 4_000;

    fn with<T>(&self, see: impl FnOnce(&mut Known) -> T) -> T {
        see(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn of(&self, name: &Username, now: Timestamp) -> (Option<Arc<Profile>>, Option<Arc<Settings>>) {
        let good = |since: &Timestamp| now.since(*since) < GOOD_FOR;
        self.with(|known| {
            let person = known.people.get(name).filter(|(_, since)| good(since)).map(|(person, _)| person.clone());
            let settings = known.settings.as_ref().filter(|(_, since)| good(since)).map(|(is, _)| is.clone());
            (person, settings)
        })
    }

    pub(crate) fn remember(&self, profile: Arc<Profile>, now: Timestamp) {
        self.with(|known| {
            if known.people.len() >= Self::MAX {
                known.people.clear();
            }
            known.people.insert(profile.username.clone(), (profile, now));
        });
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

impl Store {
    /// Somebody who calls; the first call makes their profile, from what the identity provider says of them. Whoever did
    /// nothing for longer than `idle_limit` is not let in with a token from before.
    pub async fn admit(
        &self,
        said: &Introduction,
        idle_limit: Option<Duration>,
        now: Timestamp,
    ) -> Result<Admission, Error> {
        let (person, settings) = self.admitted.of(&said.username, now);
        if let (Some(profile), Some(settings)) = (&person, &settings) {
            return Ok(Admission { profile: profile.clone(), settings: settings.clone(), unnoted: false });
        }
        let mut wanted = vec![keys::profile(&said.username), keys::settings()];
        if idle_limit.is_some() {
            wanted.push(keys::seen(&said.username));
        }
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
        if let (Some(seen), Some(issued), Some(limit)) = (seen, said.at, idle_limit)
            && Seen::ends(&seen, issued, limit, now)
        {
            return Err(Error::SignedOut);
        }
        let profile = match profile {
            Some(profile) => profile,
            None => self.meet(said, now).await?,
        };
        let (profile, settings) = (Arc::new(profile), Arc::new(set_up.unwrap_or_default()));
        self.admitted.remember(profile.clone(), now);
        self.admitted.with(|known| known.settings = Some((settings.clone(), now)));
        Ok(Admission { profile, settings, unnoted: idle_limit.is_some() })
    }

    /// Notes that somebody does something now.
    pub async fn note_seen(&self, name: &Username, now: Timestamp) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::seen(name))))
            .update_expression("SET #at = :at, entity = :entity")
            .condition_expression("attribute_not_exists(pk) OR #at < :at")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":at", attribute(&now)?)
            .expression_attribute_values(":entity", attribute(&Seen::NAME)?);
        match update.send().await {
            Ok(_) => Ok(()),
            // Another process noted something later.
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

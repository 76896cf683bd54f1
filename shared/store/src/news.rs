//! When it is to be looked whether somebody is told of what has come for them.

use std::collections::HashMap;

use domain::institution::Settings;
use domain::notice::due::Due;
use domain::notice::{Circumstances, Decision, Item, Notices, Reason, Verdict};
use domain::preferences::Preferences;
use domain::session::Seen;
use domain::text::Username;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::due::Timing;
use crate::error::Error;
use crate::item::{self, Dated, PreferencesItem};
use crate::keys;
use crate::manage::AT_ONCE;
use crate::query::Consistency;

/// How many people are read at once: each has two items, and one request reads a hundred.
const TOGETHER: usize = 50;

/// Somebody, and what has come for them; nothing, if it is something that they silenced.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) name: Username,
    pub(crate) items: Vec<Item>,
}

/// What is known of somebody to whom something has come.
#[derive(Debug, Default)]
struct Known {
    preferences: Option<Preferences>,
    seen: Option<Seen>,
}

impl Store {
    /// Notes when it is to be looked whether somebody is to be told of news, and returns for whom that is now.
    pub(crate) async fn owe(&self, news: Vec<News>, timing: &Timing) -> Result<Vec<Username>, Error> {
        let settings = self.current_settings(timing.now()).await?;
        let mut now_due = Vec::new();
        for some in news.chunks(TOGETHER) {
            let notices = self.notices_of(some).await?;
            let mut open = Vec::new();
            for News { name, items } in some {
                let notices = notices.get(name).cloned().unwrap_or_default();
                if items.is_empty() {
                    self.skip(name, items, notices, Reason::Muted, timing).await?;
                    continue;
                }
                let urgent = items.iter().any(|item| item.urgent);
                if !notices.covers(urgent, timing.now()) {
                    open.push((name, items, notices));
                } else if urgent {
                    // The look is due already, and need not wait for the next sweep.
                    now_due.push(name.clone());
                }
            }
            let names: Vec<&Username> = open.iter().map(|(name, ..)| *name).collect();
            let mut known = self.circumstances_of(&names).await?;
            let owed: Vec<_> = open
                .into_iter()
                .map(|(name, items, notices)| {
                    let known = known.remove(name).unwrap_or_default();
                    self.owe_one(name, items, notices, known, &settings, timing)
                })
                .collect();
            let results: Vec<_> = stream::iter(owed).buffer_unordered(AT_ONCE).collect().await;
            for due in results {
                now_due.extend(due?);
            }
        }
        Ok(now_due)
    }

    async fn owe_one(
        &self,
        name: &Username,
        items: &[Item],
        notices: Notices,
        known: Known,
        settings: &Settings,
        timing: &Timing,
    ) -> Result<Option<Username>, Error> {
        let now = timing.now();
        let preferences = settings.mail.effective(known.preferences.as_ref());
        let items: Vec<Item> = items.iter().copied().filter(|item| item.is_wanted(&preferences)).collect();
        if items.is_empty() {
            return Ok(None);
        }
        let short_delay = settings.mail.short_delay();
        let seen = known.seen.as_ref();
        let due = match (Circumstances { preferences: &preferences, short_delay, seen, notices: &notices })
            .judge(&items, now)
        {
            Verdict::Mail(rule, reason) => Due { at: now, rule, reason },
            Verdict::Hold(due) => due,
            Verdict::Skip(reason) => {
                self.skip(name, &items, notices, reason, timing).await?;
                return Ok(None);
            }
        };
        let marked = self.change_timed(keys::notices(name), Some(notices), |was| was.marked(due)).await?;
        Ok(marked.filter(|_| due.at <= now).map(|_| name.clone()))
    }

    /// Writes down why nothing is mailed, once a day: so that whoever wonders can find out.
    async fn skip(
        &self,
        name: &Username,
        items: &[Item],
        notices: Notices,
        reason: Reason,
        timing: &Timing,
    ) -> Result<(), Error> {
        let now = timing.now();
        let skipped = self.change_timed(keys::notices(name), Some(notices), |was| was.skipping(reason, now)).await?;
        if skipped.is_none() {
            return Ok(());
        }
        self.note_decision(name, timing.ids.mint(), &Decision::skipped(items, reason, now)).await
    }

    async fn notices_of(&self, some: &[News]) -> Result<HashMap<Username, Notices>, Error> {
        let by_key: HashMap<_, _> = some.iter().map(|News { name, .. }| (keys::notices(name), name)).collect();
        let mut notices = HashMap::new();
        for found in self.batch(by_key.keys().cloned().collect(), Consistency::Strong).await? {
            let Some(name) = item::key_of(&found).and_then(|key| by_key.get(&key).copied()) else { continue };
            notices.insert(name.clone(), item::read::<Dated<Notices>>(found)?.value);
        }
        Ok(notices)
    }

    async fn circumstances_of(&self, names: &[&Username]) -> Result<HashMap<Username, Known>, Error> {
        let by_key: HashMap<_, _> =
            names.iter().flat_map(|name| [(keys::preferences(name), *name), (keys::seen(name), *name)]).collect();
        let mut known: HashMap<Username, Known> = HashMap::new();
        for found in self.batch(by_key.keys().cloned().collect(), Consistency::Strong).await? {
            let Some(name) = item::key_of(&found).and_then(|key| by_key.get(&key).copied()) else { continue };
            let known = known.entry(name.clone()).or_default();
            if item::is::<Seen>(&found) {
                known.seen = Some(item::read(found)?);
            } else {
                known.preferences = Some(item::read::<PreferencesItem>(found)?.preferences);
            }
        }
        Ok(known)
    }
}

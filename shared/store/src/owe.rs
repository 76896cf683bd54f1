//! Who is to be told of something that has come, and when it is to be looked whether they still are.

use std::collections::HashMap;

use domain::clock::Timestamp;
use domain::id::{BroadcastId, ConversationId};
use domain::institution::Settings;
use domain::notice::due::{Claim, Due};
use domain::notice::spread::{Reached, Spread};
use domain::notice::{Circumstances, Decision, DecisionResult, Item, Notices, Reason, Rule, Skipped, Verdict};
use domain::preferences::Preferences;
use domain::project::Collaborator;
use domain::session::Seen;
use domain::text::Username;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::due::Timing;
use crate::error::Error;
use crate::item::{self, BroadcastItem, Dated, InboxItem, PreferencesItem};
use crate::keys;
use crate::manage::AT_ONCE;
use crate::query::{Consistency, Order};

/// How many people are gone through before it is written down how far that is.
const PAGE: usize = 500;

/// How many of them are read at once: each has two items, and one request reads a hundred.
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
        let items: Vec<Item> = items.iter().copied().filter(|item| !item.broadcast || preferences.broadcasts).collect();
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
        let mark = |was: &Notices| Some(Notices { timer: was.timer.mark(due)?, ..was.clone() });
        let marked = self.change_timed(keys::notices(name), Some(notices), mark).await?;
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
        if notices.was_skipped(reason, now) {
            return Ok(());
        }
        let skip = |was: &Notices| Some(Notices { skipped: Some(Skipped { reason, at: now }), ..was.clone() });
        self.change_timed(keys::notices(name), Some(notices), skip).await?;
        let rule = if items.iter().any(|item| item.urgent) { Rule::Instant } else { Rule::Digest };
        let broadcasts = items.iter().filter(|item| item.broadcast).count() as u64;
        // What they silenced is one message, or some: how many is not counted for them.
        let messages = (items.len() as u64 - broadcasts).max(u64::from(items.is_empty()));
        let conversations = u64::from(messages > 0);
        let result = DecisionResult::Skipped;
        let decision = Decision { at: now, rule, result, reason, messages, conversations, broadcasts, until: None };
        self.note_decision(name, timing.ids.mint(), &decision).await
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

    /// Notes that something has come to a conversation with very many members.
    pub(crate) async fn spread_conversation(&self, id: ConversationId, at: Timestamp) -> Result<(), Error> {
        self.change_timed(keys::conversation_spread(id), None, |was: &Spread| was.with(at)).await.map(drop)
    }

    /// Notes that people are to be told of a broadcast when it begins. Told of it again, once it has begun, it does
    /// nothing.
    pub async fn spread_broadcast(&self, id: BroadcastId) -> Result<(), Error> {
        let Some(BroadcastItem { broadcast, .. }) = self.get(keys::broadcast(id), Consistency::Strong).await? else {
            return Ok(());
        };
        if broadcast.withdrawn {
            return Ok(());
        }
        let at = broadcast.announcement.from;
        let spread = |was: &Spread| if was.done.is_none() { was.with(at) } else { None };
        self.change_timed(keys::broadcast_spread(id), None, spread).await.map(drop)
    }

    /// Claims the spreading of something to very many people that is due at `due_at`; nothing if it is not due any more,
    /// or another one does it.
    pub async fn claim_spread(
        &self,
        subject: &keys::Subject,
        due_at: Timestamp,
        timing: &Timing,
    ) -> Result<Option<(Spread, Claim)>, Error> {
        let Some(key) = spread_key(subject) else { return Ok(None) };
        let by = timing.ids.mint();
        let claim = |was: &Spread| Some(Spread { timer: was.timer.claim(due_at, by, timing.now())?.0, ..was.clone() });
        let claimed = self.change_timed(key, None, claim).await?;
        Ok(claimed.and_then(|spread| spread.timer.claim.map(|claim| (spread, claim))))
    }

    /// Spreads a page further, and returns how far that is; nothing when everybody was reached.
    pub async fn spread_page(
        &self,
        subject: &keys::Subject,
        spread: &Spread,
        claim: Claim,
        timing: &Timing,
    ) -> Result<Option<Spread>, Error> {
        let Some(key) = spread_key(subject) else { return Ok(None) };
        let page = match subject {
            keys::Subject::Conversation(id) => self.conversation_page(*id, spread, timing).await?,
            keys::Subject::Broadcast(id) => self.broadcast_page(*id, spread, timing).await?,
            keys::Subject::Person(_) => None,
        };
        let Some((news, reached)) = page else { return Ok(None) };
        // Many at once: the sweep finds them, they need not be called one by one.
        self.owe(news, timing).await?;
        self.change_timed(key, None, |was: &Spread| was.having(claim, reached.clone())).await
    }

    /// Ends the spreading: everybody was reached, or it is to go on soon.
    pub async fn end_spread(
        &self,
        subject: &keys::Subject,
        claim: Claim,
        all: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(key) = spread_key(subject) else { return Ok(()) };
        self.change_timed(key, None, |was: &Spread| was.ended(claim, all, now)).await.map(drop)
    }

    async fn conversation_page(
        &self,
        id: ConversationId,
        spread: &Spread,
        timing: &Timing,
    ) -> Result<Option<(Vec<News>, Reached)>, Error> {
        use domain::conversation::{Head, State};

        let Some(head) = self.get::<Head>(keys::head(id), Consistency::Strong).await? else { return Ok(None) };
        if head.state != State::Active {
            return Ok(None);
        }
        let after = spread.reached.as_ref().map(|reached| &reached.name);
        let range = keys::participants_after(id, after);
        let found = self.query(range, Order::Ascending, PAGE, Consistency::Strong).await?;
        let mut names = Vec::with_capacity(found.len());
        for found in found {
            names.push(item::read::<domain::member::Member>(found)?.username);
        }
        let Some(last) = names.last().cloned() else { return Ok(None) };
        let rows: HashMap<Username, InboxItem> = self.rows_of(id, &names).await?;
        let at = spread.since.unwrap_or(timing.now());
        let news = rows.into_iter().filter_map(|(name, row)| {
            let membership = row.membership;
            let waits = membership.pending(&head).messages > 0 && membership.old_news() < head.seq;
            waits.then(|| News { name, items: vec![Item { at, urgent: false, broadcast: false }] })
        });
        Ok(Some((news.collect(), Reached { part: 0, name: last })))
    }

    async fn broadcast_page(
        &self,
        id: BroadcastId,
        spread: &Spread,
        timing: &Timing,
    ) -> Result<Option<(Vec<News>, Reached)>, Error> {
        use domain::broadcast::{Audience, Group};

        let Some(BroadcastItem { broadcast, .. }) = self.get(keys::broadcast(id), Consistency::Strong).await? else {
            return Ok(None);
        };
        let announcement = &broadcast.announcement;
        if broadcast.withdrawn || announcement.end() <= timing.now() {
            return Ok(None);
        }
        let item = Item { at: announcement.from, urgent: announcement.important, broadcast: true };
        let news = |name: Username| News { name, items: vec![item] };
        if let Audience::Only(Group { roles, projects, usernames }) = &announcement.audience
            && roles.is_empty()
        {
            // They are few, and named: one page, whose last name says that it was done.
            if spread.reached.is_some() {
                return Ok(None);
            }
            let mut names = usernames.clone();
            for project in projects {
                for found in
                    self.query(keys::collaborators(project), Order::Ascending, usize::MAX, Consistency::Strong).await?
                {
                    names.push(item::read::<Collaborator>(found)?.username);
                }
            }
            names.sort();
            names.dedup();
            let Some(last) = names.last().cloned() else { return Ok(None) };
            return Ok(Some((names.into_iter().map(news).collect(), Reached { part: 0, name: last })));
        }
        let by_default = self.current_settings(timing.now()).await?.mail.clone();
        let wanted_by_default = by_default.defaults.broadcasts;
        let (mut part, mut after) = match &spread.reached {
            Some(reached) => (reached.part, Some(reached.name.clone())),
            None => (0, None),
        };
        while part < keys::ROSTERS {
            let rows = self.roster(part, after.as_ref(), PAGE).await?;
            let Some(last) = rows.last().map(|row| row.username.clone()) else {
                (part, after) = (part + 1, None);
                continue;
            };
            let wants = |row: &item::RosterItem| row.broadcasts.unwrap_or(wanted_by_default) || wanted_by_default;
            let news = rows.into_iter().filter(wants).map(|row| news(row.username)).collect();
            return Ok(Some((news, Reached { part, name: last })));
        }
        Ok(None)
    }
}

/// Where it is written down how far something was spread.
fn spread_key(subject: &keys::Subject) -> Option<keys::Key> {
    match subject {
        keys::Subject::Conversation(id) => Some(keys::conversation_spread(*id)),
        keys::Subject::Broadcast(id) => Some(keys::broadcast_spread(*id)),
        keys::Subject::Person(_) => None,
    }
}

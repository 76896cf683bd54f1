//! Something that has come for very many people: they are gone through page by page, and how far that is is written down.

use std::collections::HashMap;
use std::ops::ControlFlow;

use domain::broadcast::{Audience, Group};
use domain::clock::Timestamp;
use domain::conversation::{Head, State};
use domain::id::{BroadcastId, ConversationId};
use domain::member::Member;
use domain::notice::Item;
use domain::notice::due::Claim;
use domain::notice::spread::{Reached, Spread};
use domain::project::Collaborator;
use domain::text::Username;

use crate::Store;
use crate::due::Timing;
use crate::error::Error;
use crate::item::{self, BroadcastItem, InboxItem, RosterItem};
use crate::keys::{self, Key, Subject};
use crate::news::News;
use crate::query::{Consistency, Order};

/// How many people are gone through before it is written down how far that is.
const PAGE: usize = 500;

impl Store {
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
        subject: &Subject,
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
        subject: &Subject,
        spread: &Spread,
        claim: Claim,
        timing: &Timing,
    ) -> Result<Option<Spread>, Error> {
        let Some(key) = spread_key(subject) else { return Ok(None) };
        let page = match subject {
            Subject::Conversation(id) => self.conversation_page(*id, spread, timing).await?,
            Subject::Broadcast(id) => self.broadcast_page(*id, spread, timing).await?,
            Subject::Person(_) => None,
        };
        let Some((news, reached)) = page else { return Ok(None) };
        // Many at once: the sweep finds them, they need not be called one by one.
        self.owe(news, timing).await?;
        self.change_timed(key, None, |was: &Spread| was.having(claim, reached.clone())).await
    }

    /// Ends the spreading: everybody was reached, or it is to go on soon.
    pub async fn end_spread(&self, subject: &Subject, claim: Claim, all: bool, now: Timestamp) -> Result<(), Error> {
        let Some(key) = spread_key(subject) else { return Ok(()) };
        self.change_timed(key, None, |was: &Spread| was.ended(claim, all, now)).await.map(drop)
    }

    async fn conversation_page(
        &self,
        id: ConversationId,
        spread: &Spread,
        timing: &Timing,
    ) -> Result<Option<(Vec<News>, Reached)>, Error> {
        let Some(head) = self.get::<Head>(keys::head(id), Consistency::Strong).await? else { return Ok(None) };
        if head.state != State::Active {
            return Ok(None);
        }
        let after = spread.reached.as_ref().map(|reached| &reached.name);
        let range = keys::participants_after(id, after);
        let found = self.query(range, Order::Ascending, PAGE, Consistency::Strong).await?;
        let mut names = Vec::with_capacity(found.len());
        for found in found {
            names.push(item::read::<Member>(found)?.username);
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
        // What they said and what holds for everybody may differ, and which of them counts is decided for each: only who
        // is told by neither is passed over here.
        let by_default = self.current_settings(timing.now()).await?.mail.defaults.broadcasts;
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
            let may_want = |row: &RosterItem| by_default || row.broadcasts == Some(true);
            let news = rows.into_iter().filter(may_want).map(|row| news(row.username)).collect();
            return Ok(Some((news, Reached { part, name: last })));
        }
        Ok(None)
    }

    /// The people of one part of the list of everybody, after this one, at most `limit`.
    async fn roster(&self, part: u8, after: Option<&Username>, limit: usize) -> Result<Vec<RosterItem>, Error> {
        let mut found = Vec::new();
        let take = |row| {
            found.push(item::read(row)?);
            Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        let range = keys::roster_after(part, after);
        self.query_while(range, Order::Ascending, limit, Consistency::Eventual, take).await?;
        Ok(found)
    }
}

/// Where it is written down how far something was spread.
fn spread_key(subject: &Subject) -> Option<Key> {
    match subject {
        Subject::Conversation(id) => Some(keys::conversation_spread(*id)),
        Subject::Broadcast(id) => Some(keys::broadcast_spread(*id)),
        Subject::Person(_) => None,
    }
}

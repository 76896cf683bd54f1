//! What waits for somebody, when they are told of it by mail, and what became of that.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::broadcast::{Broadcast, Reader};
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::State;
use domain::id::{BroadcastId, LookId};
use domain::institution::Settings;
use domain::notice::due::{Claim, Due};
use domain::notice::{Decision, DigestFacts, Item, Notices, Outcome, Suppression};
use domain::preferences::Preferences;
use domain::session::Seen;
use domain::text::{Email, Username};
use domain::user::Profile;

use crate::Store;
use crate::broadcasts::Own;
use crate::commit::attribute;
use crate::error::Error;
use crate::inbox::InboxRow;
use crate::item::{self, Looked, PreferencesItem, Suppressed};
use crate::keys;
use crate::log::Revised;
use crate::put::Put;
use crate::query::{Consistency, Order, failed};
use crate::row::RowUpdate;

/// For how long people can see what came of looks.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// How many entries are read at a time to find the first message that is news.
const PAGE: usize = 20;

/// All that waits for somebody, and what decides whether they are told of it.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Who.
    pub profile: Profile,
    /// What they said they want, if they ever did.
    pub preferences: Option<Preferences>,
    /// When they were there.
    pub seen: Option<Seen>,
    /// Why no mail goes to their address, if none does.
    pub suppressed: Option<Suppression>,
    /// How much of it there is.
    pub facts: DigestFacts,
    /// What of it no mail told of yet.
    pub news: Vec<Item>,
    /// Whether something waits where they silenced it.
    pub silenced: bool,
    /// Up to where a mail tells of each conversation.
    covered: Vec<(InboxRow, Seq)>,
    /// The broadcasts among it.
    pub broadcasts: BTreeSet<BroadcastId>,
}

/// What somebody can know of their mails.
#[derive(Clone, Debug)]
pub struct NoticeLog {
    /// When it is to be looked next, if it is.
    pub pending: Option<Due>,
    /// What came of the looks so far, the newest first.
    pub decisions: Vec<Decision>,
    /// Where the rest begins.
    pub next: Option<String>,
}

/// A look that was claimed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// What was told before.
    pub notices: Notices,
    /// The claim.
    pub claim: Claim,
    /// What somebody who looked before and did not come back had written down of the mail of this window.
    pub begun: Option<Decision>,
}

/// Who begins to send the mail of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Whoever asks: nobody has begun before.
    Ours,
    /// Somebody began before, and may have sent it.
    Anothers,
}

impl Store {
    /// The settings, as they were at most a minute ago.
    pub async fn current_settings(&self, now: Timestamp) -> Result<Arc<Settings>, Error> {
        if let Some(settings) = self.admitted.settings(now) {
            return Ok(settings);
        }
        let settings = Arc::new(self.settings().await?.0);
        self.admitted.remember_settings(settings.clone(), now);
        Ok(settings)
    }

    /// Asks for a look at what waits for somebody. What was said about why nothing is mailed is said anew.
    pub async fn ask_for_look(&self, name: &Username, now: Timestamp) -> Result<(), Error> {
        let ask = |was: &Notices| Some(was.asked(now)).filter(|is| is != was);
        self.change_timed(keys::notices(name), None, ask).await.map(drop)
    }

    /// The same as part of the transaction that makes it worth one: so none is forgotten, whoever is interrupted.
    ///
    /// It is put even where a look is due anyway: that one may read before the rest of the transaction is there.
    pub(crate) async fn look_item(&self, name: &Username, now: Timestamp) -> Result<TransactWriteItem, Error> {
        let was: Notices = self.timed(keys::notices(name)).await?;
        self.timed_item(keys::notices(name), &was, was.asked(now))
    }

    /// Has what is to be looked at later looked at now, if there is anything.
    pub(crate) async fn look_early(&self, name: &Username, now: Timestamp) -> Result<(), Error> {
        let early = |was: &Notices| {
            was.timer.due?;
            was.marked(Due::now(now))
        };
        self.change_timed(keys::notices(name), None, early).await.map(drop)
    }

    /// When the next look at somebody is due, if one is.
    pub async fn next_look(&self, name: &Username) -> Result<Option<Timestamp>, Error> {
        Ok(self.timed::<Notices>(keys::notices(name)).await?.timer.due.map(|due| due.at))
    }

    /// Claims the look at somebody that is due at `due_at`; nothing if it is not due any more, or another one looks.
    pub async fn claim_look(
        &self,
        name: &Username,
        due_at: Timestamp,
        by: LookId,
        now: Timestamp,
    ) -> Result<Option<Claimed>, Error> {
        let was: Notices = self.timed(keys::notices(name)).await?;
        let taken_over = was.timer.claim.is_some();
        let claim = |was: &Notices| Some(Notices { timer: was.timer.claim(due_at, by, now)?.0, ..was.clone() });
        let claimed = self.change_timed(keys::notices(name), Some(was), claim).await?;
        let Some((notices, claim)) = claimed.and_then(|notices| notices.timer.claim.map(|claim| (notices, claim)))
        else {
            return Ok(None);
        };
        // Whoever looked before and did not come back may have sent the mail of this window.
        let begun = if taken_over {
            self.get::<Looked>(keys::mail(name, claim.window), Consistency::Strong).await?
        } else {
            None
        };
        Ok(Some(Claimed { notices, claim, begun: begun.map(|begun| begun.decision) }))
    }

    /// All that waits for somebody now. It is read after the look was claimed: whatever comes later asks for another.
    pub async fn waits(
        &self,
        name: &Username,
        notices: &Notices,
        policy: &Settings,
        now: Timestamp,
    ) -> Result<Waits, Error> {
        let wanted = vec![keys::profile(name), keys::preferences(name), keys::seen(name)];
        let (found, own, newest) =
            tokio::join!(self.batch(wanted, Consistency::Strong), self.own(name), self.newest_broadcasts());
        let (mut profile, mut said, mut seen) = (None, None, None);
        for found in found? {
            if item::is::<Profile>(&found) {
                profile = Some(item::read::<Profile>(found)?);
            } else if item::is::<Seen>(&found) {
                seen = Some(item::read::<Seen>(found)?);
            } else {
                said = Some(item::read::<PreferencesItem>(found)?.preferences);
            }
        }
        let profile = profile.unwrap_or_else(|| Profile::gone(name));
        let Own { read, projects, conversations } = own?;
        let rows = self.with_heads(name, conversations, State::Active).await?;
        let is_silenced =
            |row: &InboxRow| !row.membership.counts_in_badge() && row.membership.counts(&row.head).messages > 0;
        let silenced = rows.iter().any(is_silenced);
        let suppressed = async {
            match &profile.email {
                Some(email) => self.suppression(email).await,
                None => Ok(None),
            }
        };
        let (suppressed, covered) = tokio::join!(suppressed, self.news_of(name, rows, notices.failed_at()));
        let mut waits = Waits {
            suppressed: suppressed?,
            preferences: said,
            seen,
            facts: DigestFacts::default(),
            news: Vec::new(),
            silenced,
            covered: Vec::new(),
            broadcasts: BTreeSet::new(),
            profile,
        };
        for (row, news) in covered? {
            waits.add(row, news);
        }
        if policy.mail.effective(waits.preferences.as_ref()).broadcasts {
            let reader = Reader { profile: &waits.profile, roles: &waits.profile.roles, projects: &projects };
            let shown = newest?.into_iter().filter(|one| one.is_shown(reader, now) && !read.contains(&one.id));
            let unread: Vec<Broadcast> = shown.collect();
            waits.facts.broadcasts = unread.len() as u64;
            waits.facts.important |= unread.iter().any(|one| one.announcement.important);
            let told = |one: &&Broadcast| !notices.told.contains(&one.id);
            waits.news.extend(unread.iter().filter(told).map(news_of_broadcast));
            waits.broadcasts = unread.iter().map(|one| one.id).collect();
        }
        Ok(waits)
    }

    /// What in these conversations is news to their member.
    async fn news_of(
        &self,
        name: &Username,
        rows: Vec<InboxRow>,
        failed_at: Option<Timestamp>,
    ) -> Result<Vec<(InboxRow, Vec<Item>)>, Error> {
        let rows = rows.into_iter().filter(|row| row.membership.pending(&row.head).messages > 0);
        let read: Vec<_> = rows.map(|row| self.news_in(name, row, failed_at)).collect();
        futures_util::future::try_join_all(read).await
    }

    /// The first of each kind that is news decides when somebody is told. After a mail that failed so does the first of
    /// each that came later, and all that came since the last news is read for it.
    async fn news_in(
        &self,
        name: &Username,
        row: InboxRow,
        failed_at: Option<Timestamp>,
    ) -> Result<(InboxRow, Vec<Item>), Error> {
        let InboxRow { head, membership } = &row;
        let mut news: Vec<Item> = Vec::new();
        if failed_at.is_none() {
            for seq in membership.urgent_news(head) {
                // As it stands now: it may have been taken back since, or mention somebody else.
                let standing = self.revised(head.id, seq).await?.and_then(|found| found.standing());
                let (said, _) = membership.news(name, &standing);
                news.extend(said.into_iter().filter(|item| item.urgent));
                if !news.is_empty() {
                    break;
                }
            }
            if !membership.counts_in_badge() {
                return Ok((row, news));
            }
        }
        let mut from = membership.old_news().next();
        while from <= head.seq {
            let range = keys::entries(head.id, from, head.seq);
            let part = self.part(range, Order::Ascending, PAGE, |_| true).await?.entries;
            let Some(last) = part.last() else { break };
            from = last.entry.seq.next();
            let standings: Vec<_> = part.iter().filter_map(Revised::standing).collect();
            for item in membership.news(name, &standings).0 {
                let later = |item: &Item| failed_at.is_some_and(|failed| item.at > failed);
                let alike = |other: &Item| other.urgent == item.urgent && later(other) == later(&item);
                if !news.iter().any(alike) {
                    news.push(item);
                }
            }
            // Whether there is something ordinary is all that is still to be known.
            if failed_at.is_none() && news.iter().any(|item| !item.urgent) {
                break;
            }
        }
        Ok((row, news))
    }

    /// Begins to send the mail of a window: at most one who asks may go on.
    pub async fn begin_mail(&self, name: &Username, claim: Claim, decision: &Decision) -> Result<Beginning, Error> {
        let looked =
            Looked { look: claim.by, decision: decision.clone(), message_id: None, expires: expiry(decision.at) };
        match self.put_new(keys::mail(name, claim.window), &looked).await? {
            Put::Done => Ok(Beginning::Ours),
            Put::Refused(Some(found)) if found.look == claim.by => Ok(Beginning::Ours),
            Put::Refused(_) => Ok(Beginning::Anothers),
        }
    }

    /// Writes down what became of the mail of a window.
    pub async fn end_mail(
        &self,
        name: &Username,
        claim: Claim,
        decision: &Decision,
        message_id: Option<&str>,
    ) -> Result<(), Error> {
        let mut update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::mail(name, claim.window))))
            .condition_expression("#look = :look")
            .expression_attribute_names("#look", "look")
            .expression_attribute_names("#result", "result")
            .expression_attribute_names("#reason", "reason")
            .expression_attribute_values(":look", attribute(&claim.by)?)
            .expression_attribute_values(":result", attribute(&decision.result)?)
            .expression_attribute_values(":reason", attribute(&decision.reason)?);
        let mut set = "SET #result = :result, #reason = :reason".to_owned();
        if let Some(id) = message_id {
            set.push_str(", message_id = :id");
            update = update.expression_attribute_values(":id", attribute(&id)?);
        }
        if let Some(until) = decision.until {
            set.push_str(", #until = :until");
            update = update.expression_attribute_names("#until", "until");
            update = update.expression_attribute_values(":until", attribute(&until)?);
        }
        update = update.update_expression(set);
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed(error).unsure()),
        }
    }

    /// Notes that a mail told of all that waited: none of it is news any more.
    pub async fn cover(&self, name: &Username, waits: &Waits) -> Result<(), Error> {
        let rows = waits.covered.iter().filter(|(row, to)| row.membership.noticed < *to);
        let updates: Vec<_> = rows.map(|(row, to)| self.cover_row(name, row, *to)).collect();
        futures_util::future::try_join_all(updates).await.map(drop)
    }

    async fn cover_row(&self, name: &Username, row: &InboxRow, to: Seq) -> Result<(), Error> {
        let update = RowUpdate {
            set: vec![("noticed", attribute(&to)?)],
            condition: "#joined = :joined AND (attribute_not_exists(#noticed) OR #noticed < :noticed)",
            names: &["joined"],
            values: vec![(":joined", attribute(&row.membership.joined)?)],
        };
        self.update_row(name, row.head.id, update).await.map(drop)
    }

    /// Ends a look, and writes down what came of it unless that is the mail, which was written down before. `known` is what
    /// the look was claimed with: a guess that the write verifies.
    pub async fn end_look(
        &self,
        name: &Username,
        known: &Notices,
        claim: Claim,
        outcome: &Outcome,
        decision: Option<&Decision>,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(decision) = decision {
            self.note_decision(name, claim.by, decision).await?;
        }
        let end = |was: &Notices| was.looked(claim, outcome.clone(), now);
        self.change_timed(keys::notices(name), Some(known.clone()), end).await.map(drop)
    }

    pub(crate) async fn note_decision(&self, name: &Username, by: LookId, decision: &Decision) -> Result<(), Error> {
        let looked = Looked { look: by, decision: decision.clone(), message_id: None, expires: expiry(decision.at) };
        self.put_new(keys::look(name, decision.at, by), &looked).await.map(drop)
    }

    /// What somebody can know of their mails: at most `limit` of the looks before a place in their order.
    pub async fn notice_log(&self, name: &Username, before: Option<&str>, limit: usize) -> Result<NoticeLog, Error> {
        let range = keys::looks(name, before);
        let looks = self.query(range, Order::Descending, limit + 2, Consistency::Eventual);
        let (notices, looks) = tokio::join!(self.timed::<Notices>(keys::notices(name)), looks);
        let mut decisions = Vec::new();
        let (mut last, mut more) = (None, false);
        for found in looks? {
            let place = item::key_of(&found).and_then(|key| keys::place_of_look(&key).map(str::to_owned));
            // The place itself is not before it.
            if place.as_deref() == before {
                continue;
            }
            if decisions.len() == limit {
                more = true;
                break;
            }
            decisions.push(item::read::<Looked>(found)?.decision);
            last = place;
        }
        Ok(NoticeLog { pending: notices?.timer.due, decisions, next: last.filter(|_| more) })
    }

    /// Why no mail goes to an address, if none does.
    pub(crate) async fn suppression(&self, email: &Email) -> Result<Option<Suppression>, Error> {
        let found = self.get::<Suppressed>(keys::suppression(email), Consistency::Strong).await?;
        Ok(found.map(|found| found.state))
    }
}

fn expiry(at: Timestamp) -> i64 {
    at.after(KEPT).as_seconds()
}

fn news_of_broadcast(broadcast: &Broadcast) -> Item {
    Item { at: broadcast.announcement.from, urgent: broadcast.announcement.important, broadcast: true }
}

impl Waits {
    fn add(&mut self, row: InboxRow, news: Vec<Item>) {
        let pending = row.membership.pending(&row.head);
        self.facts.messages += pending.messages;
        self.facts.conversations += 1;
        self.facts.important |= pending.important;
        self.facts.mentioned |= pending.mentioned;
        self.news.extend(news);
        let to = row.head.seq;
        self.covered.push((row, to));
    }
}

//! The rules of notices once more: from all that ever happened, without a row, a timer or a claim.
//!
//! Everything that happened is remembered in order. At every tick, and whenever a message is delivered, it is worked
//! out from the beginning who is to get a mail.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::clock::Timestamp;

use presence::Presence;
use wants::Wants;

mod presence;
mod wall;
pub(super) mod wants;

/// After how long somebody is told of an ordinary message at the earliest.
const SHORT_DELAY: Duration = Duration::from_mins(5);

/// How long it is from one instant notice to the next.
const COALESCING: Duration = Duration::from_mins(1);

/// A person, by number.
pub(super) type Who = usize;

/// A conversation, by number.
pub(super) type Place = usize;

/// By which rule a mail goes. Of two that are due at the same time the first one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    Instant,
    Digest,
}

/// A message, as it now stands.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) by: Who,
    pub(super) at: Timestamp,
    pub(super) seq: u64,
    pub(super) mentions: BTreeSet<Who>,
    pub(super) important: bool,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Somebody did something that shows that they are there, and it was noted.
    Here(Who),
    SignedOut(Who),
    Wants(Who, Wants),
    Joined(Who, Place),
    Left(Who, Place),
    Said(Place, Message),
    /// It says something else now, which was written when it first was.
    Edited(Place, Message),
    Withdrawn(Place, u64),
    /// Somebody's read mark is there now, before or behind where it was.
    Read(Who, Place, u64),
    Silenced(Who, Place, bool),
    Archived(Place, bool),
    /// A mail was sent, which tells of these conversations.
    Mailed(Who, Rule, BTreeSet<Place>),
}

/// A mail that somebody must get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mail {
    pub(super) at: Timestamp,
    pub(super) to: Who,
    pub(super) messages: u64,
    pub(super) conversations: u64,
}

/// What somebody has of a conversation.
#[derive(Clone, Copy, Debug, Default)]
struct Own {
    member: bool,
    /// What was the newest message when they joined.
    joined: u64,
    /// Up to where they have read.
    read: u64,
    /// Up to where nothing is news: a mail told of it, or it was once read.
    known: u64,
    silenced: bool,
}

/// A message that waits for somebody.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    place: Place,
    seq: u64,
    at: Timestamp,
    urgent: bool,
    news: bool,
}

/// All that ever happened, and the mails that had to come of it.
#[derive(Debug)]
pub(super) struct Reference {
    people: usize,
    places: usize,
    events: Vec<(Timestamp, Event)>,
    mails: Vec<Mail>,
}

impl Reference {
    /// So many people, and so many conversations in which nobody is yet.
    pub(super) fn new(people: usize, places: usize) -> Self {
        Self { people, places, events: Vec::new(), mails: Vec::new() }
    }

    /// Something happens.
    pub(super) fn note(&mut self, at: Timestamp, event: Event) {
        self.events.push((at, event));
    }

    /// Somebody does something, which shows that they are there. It is noted once a minute.
    pub(super) fn acts(&mut self, who: Who, now: Timestamp) {
        if !self.presence(who).is_some_and(|presence| presence.is_fresh(now)) {
            self.note(now, Event::Here(who));
        }
    }

    /// Something happens to a message, and is delivered: whoever is to be told of it at this moment is, if it did not
    /// wait for them before, or was not urgent.
    pub(super) fn deliver(&mut self, now: Timestamp, event: Event, place: Place, seq: u64) {
        let waits = |reference: &Self, who| {
            let mut waiting = reference.waiting(who);
            waiting.retain(|waiting| (waiting.place, waiting.seq) == (place, seq));
            waiting
        };
        let before: Vec<_> = (0..self.people).map(|who| waits(self, who)).collect();
        self.note(now, event);
        for (who, before) in before.into_iter().enumerate() {
            let after = waits(self, who);
            let urgent = |waiting: &[Waiting]| waiting.iter().any(|waiting| waiting.urgent);
            let comes = before.is_empty() || urgent(&after) && !urgent(&before);
            if comes && self.due(who, &after, now).is_some_and(|(due, _)| due <= now) {
                self.look(who, now, now);
            }
        }
    }

    /// Time passes, with a tick at every whole minute.
    pub(super) fn passes(&mut self, from: Timestamp, to: Timestamp) {
        for tick in ticks(from, to) {
            self.tick(tick, tick);
        }
    }

    /// A tick of the schedule is handled: everything is looked at that is due at or before it.
    pub(super) fn tick(&mut self, until: Timestamp, now: Timestamp) {
        for who in 0..self.people {
            self.look(who, until, now);
        }
    }

    /// The mails that had to come, all of them.
    pub(super) fn mails(&self) -> &[Mail] {
        &self.mails
    }

    /// The place of the newest message of a conversation.
    pub(super) fn newest(&self, place: Place) -> u64 {
        self.messages(place).iter().map(|message| message.seq).max().unwrap_or(1)
    }

    /// A message, as it now stands.
    pub(super) fn message(&self, place: Place, seq: u64) -> Option<Message> {
        self.messages(place).into_iter().find(|message| message.seq == seq)
    }

    fn look(&mut self, who: Who, until: Timestamp, now: Timestamp) {
        let waiting = self.waiting(who);
        let Some((_, rule)) = self.due(who, &waiting, now).filter(|(due, _)| *due <= until) else { return };
        let places: BTreeSet<Place> = waiting.iter().map(|waiting| waiting.place).collect();
        let (messages, conversations) = (waiting.len() as u64, places.len() as u64);
        self.mails.push(Mail { at: now, to: who, messages, conversations });
        self.note(now, Event::Mailed(who, rule, places));
    }

    /// When somebody is to be told of what waits for them, and by which rule, as things are now.
    fn due(&self, who: Who, waiting: &[Waiting], now: Timestamp) -> Option<(Timestamp, Rule)> {
        let news: Vec<&Waiting> = waiting.iter().filter(|waiting| waiting.news).collect();
        let instant = self.instant(who, &news, now).map(|due| (due, Rule::Instant));
        let digest = self.digest(who, &news, now).map(|due| (due, Rule::Digest));
        instant.into_iter().chain(digest).min()
    }

    fn instant(&self, who: Who, news: &[&Waiting], now: Timestamp) -> Option<Timestamp> {
        let (wants, presence) = (self.wants(who), self.presence(who).unwrap_or_default());
        let urgent = news.iter().filter(|waiting| wants.instant && waiting.urgent);
        let first = urgent.map(|news| if wants.always { news.at } else { presence.away_from(news.at) }).min()?;
        let last = self.last_mail(who, |rule| rule == Rule::Instant);
        let due = last.map_or(first, |last| first.max(last.after(COALESCING)));
        Some(if wants.always { due } else { presence.gone(due, now) })
    }

    fn digest(&self, who: Who, news: &[&Waiting], now: Timestamp) -> Option<Timestamp> {
        let (wants, presence) = (self.wants(who), self.presence(who).unwrap_or_default());
        let first = news.iter().map(|news| presence.away_from(news.at)).min()?;
        let due = match (wants.frequency, wants.interval()) {
            ("none", _) => return None,
            ("daily", _) => wall::next(wants.zone, wants.daily_at, first),
            (_, interval) => {
                let wait = if wants.trailing { interval.max(SHORT_DELAY) } else { SHORT_DELAY };
                let last = self.last_mail(who, |_| true);
                last.map_or(first.after(wait), |last| first.after(wait).max(last.after(interval)))
            }
        };
        let due = presence.gone(due, now);
        Some(wants.quiet_end(due.max(now)).unwrap_or(due))
    }

    fn last_mail(&self, who: Who, counts: impl Fn(Rule) -> bool) -> Option<Timestamp> {
        let mails = self.events.iter().filter_map(|(at, event)| match event {
            Event::Mailed(to, rule, _) if *to == who && counts(*rule) => Some(*at),
            _ => None,
        });
        mails.max()
    }

    fn wants(&self, who: Who) -> Wants {
        let said = self.events.iter().rev().find_map(|(_, event)| match event {
            Event::Wants(by, wants) if *by == who => Some(*wants),
            _ => None,
        });
        said.unwrap_or_default()
    }

    fn presence(&self, who: Who) -> Option<Presence> {
        let mut presence: Option<Presence> = None;
        for (at, event) in &self.events {
            match event {
                Event::Here(by) if *by == who => presence = Some(Presence::noted(presence, *at)),
                Event::SignedOut(by) if *by == who => presence = presence.map(|was| was.signed_out(*at)),
                _ => {}
            }
        }
        presence
    }

    /// The messages of a conversation that were not taken back.
    fn messages(&self, place: Place) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for (_, event) in &self.events {
            match event {
                Event::Said(there, message) if *there == place => messages.push(message.clone()),
                Event::Edited(there, message) if *there == place => {
                    messages.retain(|before| before.seq != message.seq);
                    messages.push(message.clone());
                }
                Event::Withdrawn(there, seq) if *there == place => messages.retain(|before| before.seq != *seq),
                _ => {}
            }
        }
        messages
    }

    fn is_archived(&self, place: Place) -> bool {
        let last = self.events.iter().rev().find_map(|(_, event)| match event {
            Event::Archived(there, archived) if *there == place => Some(*archived),
            _ => None,
        });
        last.unwrap_or(false)
    }

    fn own(&self, who: Who, place: Place) -> Own {
        let mut own = Own::default();
        let mut newest = 0;
        for (_, event) in &self.events {
            match event {
                Event::Joined(by, there) if (*by, *there) == (who, place) => {
                    own = Own { member: true, joined: newest, read: newest, known: newest, silenced: false };
                }
                Event::Left(by, there) if (*by, *there) == (who, place) => own.member = false,
                Event::Silenced(by, there, silenced) if (*by, *there) == (who, place) => own.silenced = *silenced,
                Event::Said(there, message) if *there == place => {
                    newest = message.seq;
                    // Whoever says something has read what was said before.
                    if message.by == who {
                        (own.read, own.known) = (newest, newest);
                    }
                }
                Event::Read(by, there, seq) if (*by, *there) == (who, place) => {
                    own.known = own.known.max(own.read).max(*seq);
                    own.read = *seq;
                }
                Event::Mailed(to, _, places) if *to == who && places.contains(&place) => own.known = newest,
                _ => {}
            }
        }
        own
    }

    /// What waits for somebody, whether or not a mail told of it.
    fn waiting(&self, who: Who) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for place in 0..self.places {
            let own = self.own(who, place);
            if !own.member || self.is_archived(place) {
                continue;
            }
            for Message { by, at, seq, mentions, important } in self.messages(place) {
                let urgent = important || mentions.contains(&who);
                if by != who && seq > own.joined.max(own.read) && (urgent || !own.silenced) {
                    waiting.push(Waiting { place, seq, at, urgent, news: seq > own.known });
                }
            }
        }
        waiting
    }
}

/// The ticks after one moment, up to another.
pub(super) fn ticks(from: Timestamp, to: Timestamp) -> impl DoubleEndedIterator<Item = Timestamp> {
    let (first, last) = (from.as_seconds().div_euclid(60) + 1, to.as_seconds().div_euclid(60));
    (first..=last).map(|minute| Timestamp::from_millis(minute * 60_000))
}

//! The state of all conversations, by a few maps, and what each act makes of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Ask, Call};
use super::check::Expected;
use super::stage::Look;
use super::step::{NOBODY, Notify, Text};

/// A rule that is wrong on purpose, to see that somebody notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Messages can be edited for ten minutes.
    TenMinutesToEdit,
    /// Who was removed goes on seeing the conversation.
    FormerMembersSee,
    /// One's own messages count as unread.
    OwnMessagesAreUnread,
    /// Whoever joins sees everything in every conversation.
    NothingIsHidden,
    /// The last administrator may leave the others alone.
    LastAdministratorLeaves,
    /// A send with a known key is sent once more.
    RepeatsAreSentAgain,
    /// Reading an older message moves the mark back.
    MarksGoBack,
}

impl Flaw {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::TenMinutesToEdit,
        Self::FormerMembersSee,
        Self::OwnMessagesAreUnread,
        Self::NothingIsHidden,
        Self::LastAdministratorLeaves,
        Self::RepeatsAreSentAgain,
        Self::MarksGoBack,
    ];
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// What the people are called, and last somebody who is not known.
    pub(super) names: Vec<String>,
    /// The time, in milliseconds.
    pub(super) now: i64,
    /// The conversations that were started.
    pub(super) conversations: BTreeMap<usize, Conversation>,
    /// How many were asked for.
    pub(super) slots: usize,
    /// How many idempotency keys were used.
    pub(super) keys: u64,
    /// What was sent, or would have been.
    pub(super) sends: Vec<Call>,
    /// What is wrong with the rules.
    flaw: Option<Flaw>,
}

/// A conversation.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) title: usize,
    pub(super) state: State,
    /// Whether those who join later see only what is said from then on.
    pub(super) from_join: bool,
    pub(super) members: BTreeMap<usize, Member>,
    /// Who was a member, as they were then.
    pub(super) former: BTreeMap<usize, Member>,
    pub(super) log: Vec<Entry>,
    /// What was sent with which key by whom, as it was sent.
    pub(super) done: BTreeMap<(usize, u64), Sent>,
    pub(super) flaw: Option<Flaw>,
}

/// Whether a conversation takes messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Archived,
    Deleted,
}

/// Somebody in a conversation.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) administrator: bool,
    /// The entry with which they joined.
    pub(super) joined: u64,
    /// The last entry they have read.
    pub(super) read: u64,
    pub(super) pinned: bool,
    pub(super) notify: Notify,
}

impl Member {
    /// Whoever joins has nothing to catch up with.
    pub(super) const fn since(joined: u64) -> Self {
        Self { administrator: false, joined, read: joined, pinned: false, notify: Notify::All }
    }
}

/// An entry of a log; its place is its number.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) by: usize,
    pub(super) at: i64,
    pub(super) what: What,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A message, as it now stands.
    Message(Message),
    Event(Event),
    /// Something was done to the message at this place.
    Revision(u64),
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) text: Text,
    pub(super) important: bool,
    /// The members whom the text names.
    pub(super) named: Vec<usize>,
    pub(super) edited_at: Option<i64>,
    pub(super) withdrawn: bool,
}

/// A message as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) seq: u64,
    pub(super) at: i64,
    pub(super) message: Message,
}

/// What happened to a conversation.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Created,
    Joined(Vec<usize>),
    Left,
    Removed(usize),
    RoleChanged(usize, bool),
    Renamed(usize),
    Archived,
    Unarchived,
}

/// What an answer tells.
#[derive(Debug)]
pub(super) enum Told {
    /// That it is done.
    Nothing,
    /// The conversation that was started.
    Started,
    /// The conversation.
    Conversation,
    /// What was sent with a key, now or before.
    Sent { key: u64, replayed: bool },
    /// A message as it now stands.
    Message(u64),
    /// The read mark, and what is unread.
    Mark,
    /// What became of each who was to be added.
    Added(Vec<(usize, &'static str)>),
    /// A member.
    Member(usize),
}

/// Why something is not done.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) problem: &'static str,
    /// Who could take over.
    pub(super) candidates: Vec<usize>,
}

impl Refusal {
    pub(super) const fn new(status: u16, problem: &'static str) -> Self {
        Self { status, problem, candidates: Vec::new() }
    }
}

pub(super) const NOT_FOUND: Refusal = Refusal::new(404, "not-found");

impl Model {
    /// Nothing yet.
    pub(super) fn new(names: Vec<String>, now: i64, flaw: Option<Flaw>) -> Self {
        Self { names, now, conversations: BTreeMap::new(), slots: 0, keys: 0, sends: Vec::new(), flaw }
    }

    /// Does what is asked, if the rules allow it, and says what the answer must be.
    pub(super) fn apply(&mut self, call: &Call) -> Expected {
        match self.attempt(call) {
            Ok(told) => self.tells(call, told),
            Err(refusal) => self.refuses(&refusal),
        }
    }

    fn attempt(&mut self, call: &Call) -> Result<Told, Refusal> {
        let (by, now) = (call.by, self.now);
        match &call.ask {
            Ask::Start { others, from_join, title, message } => {
                if others.contains(&NOBODY) {
                    return Err(Refusal::new(422, "user-not-found"));
                }
                let mut started = Conversation::new(by, now, others, *from_join, *title, self.flaw);
                if let Some(text) = message {
                    started.first(call, now, text);
                }
                self.conversations.insert(call.slot, started);
                Ok(Told::Started)
            }
            Ask::Send { key, text, important } => self.seat(call)?.send(call, now, *key, text, *important),
            Ask::Edit { seq, text, important } => self.seat(call)?.edit(call, now, *seq, text.as_ref(), *important),
            Ask::Withdraw { seq } => self.seat(call)?.withdraw(by, now, *seq),
            Ask::Read { seq } => self.seat(call)?.read(by, *seq),
            Ask::Unread { seq } => self.seat(call)?.unread(by, *seq),
            Ask::Settings { pinned, notify } => self.seat(call)?.settings(by, *pinned, *notify),
            Ask::Add { whom } => self.seat(call)?.add(by, now, whom),
            Ask::Remove { whom } => self.seat(call)?.remove(by, now, *whom),
            Ask::Leave => self.seat(call)?.remove(by, now, by),
            Ask::SetRole { whom, administrator } => self.seat(call)?.set_role(by, now, *whom, *administrator),
            Ask::Rename { title, seen } => self.seat(call)?.rename(by, now, *title, *seen),
            Ask::Archive { archived, seen } => self.seat(call)?.archive(by, now, *archived, *seen),
            Ask::Delete { title, seen } => self.seat(call)?.delete(by, *title, *seen),
        }
    }

    /// The conversation, for a member; to everybody else there is none.
    fn seat(&mut self, call: &Call) -> Result<&mut Conversation, Refusal> {
        let there = self.conversations.get_mut(&call.slot).filter(|there| there.state != State::Deleted);
        there.filter(|there| there.members.contains_key(&call.by)).ok_or(NOT_FOUND)
    }

    fn tells(&self, call: &Call, told: Told) -> Expected {
        let (slot, by) = (call.slot, call.by);
        let shown = || self.sees(Look::Conversation, slot, by).unwrap_or_default();
        match told {
            Told::Nothing => Expected::done(204, json!({})),
            Told::Started => Expected::done(201, shown()),
            Told::Conversation => {
                let shown = shown();
                // What others do meanwhile changes the rest.
                let sure = match call.ask {
                    Ask::Settings { .. } => json!({ "pinned": shown["pinned"], "notify": shown["notify"] }),
                    Ask::Rename { .. } => json!({ "title": shown["title"] }),
                    _ => json!({ "state": shown["state"] }),
                };
                Expected { alone: shown, ..Expected::done(200, sure) }
            }
            Told::Sent { key, replayed } => {
                let sent = self.conversations[&slot].done.get(&(by, key));
                let shown = sent.map(|sent| self.message(sent.seq, by, sent.at, &sent.message));
                Expected { replayed, ..Expected::done(201, shown.unwrap_or_default()) }
            }
            Told::Message(seq) => Expected::done(200, self.item(&self.conversations[&slot], seq)),
            Told::Mark => {
                let shown = shown();
                Expected::done(200, json!({ "seq": shown["read"], "unread": shown["unread"] }))
            }
            Told::Added(outcomes) => {
                let row = |(who, outcome): (usize, &str)| json!({ "username": self.names[who], "outcome": outcome });
                let rows: Vec<Value> = outcomes.into_iter().map(row).collect();
                Expected::done(200, json!({ "results": rows }))
            }
            Told::Member(whom) => {
                let member = self.conversations[&slot].members.get(&whom);
                let shown = member.map(|member| self.member(&self.conversations[&slot], whom, member));
                Expected { alone: shown.unwrap_or_default(), ..Expected::done(200, json!({})) }
            }
        }
    }

    fn refuses(&self, refusal: &Refusal) -> Expected {
        let candidates: Vec<&String> = refusal.candidates.iter().map(|who| &self.names[*who]).collect();
        let alone = if candidates.is_empty() { json!({}) } else { json!({ "candidates": candidates }) };
        let (status, problem) = (refusal.status, refusal.problem);
        Expected { status, problem, replayed: false, shows: json!({}), alone }
    }
}

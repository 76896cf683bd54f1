//! What is asked, once it is known which person, conversation and entry the indices of a step mean.

use super::model::{Conversation, Model, What};
use super::step::{Act, Notify, Op, Place, Seen, Text, Twist};

/// What one person asks.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Who.
    pub(super) by: usize,
    /// Where, in the order in which conversations were asked for.
    pub(super) slot: usize,
    /// What.
    pub(super) ask: Ask,
    /// Who was a member when it was looked up whom the text names, if that is not who is one when it is written.
    pub(super) among: Option<Vec<usize>>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Start { others: Vec<usize>, from_join: bool, title: usize, message: Option<Text> },
    Send { key: u64, text: Text, important: bool },
    Edit { seq: u64, text: Option<Text>, important: Option<bool> },
    Withdraw { seq: u64 },
    Read { seq: u64 },
    Unread { seq: u64 },
    Settings { pinned: Option<bool>, notify: Option<Notify> },
    Add { whom: Vec<usize> },
    Remove { whom: usize },
    Leave,
    SetRole { whom: usize, administrator: bool },
    Rename { title: usize, seen: Option<u64> },
    Archive { archived: bool, seen: Option<u64> },
    Delete { title: usize, seen: Option<u64> },
}

impl Model {
    /// What somebody asks in the present state; nothing if there is nothing to repeat.
    pub(super) fn call(&mut self, op: &Op) -> Option<Call> {
        let mut slot = op.conversation;
        if matches!(op.act, Act::Start { .. }) {
            slot = self.slots;
            self.slots += 1;
        }
        let there = self.conversations.get(&slot);
        let seq = |place: &Place| there.map_or(1, |conversation| conversation.at(*place));
        let rev = |seen: &Seen| there.and_then(|conversation| conversation.version(*seen));
        let ask = match &op.act {
            Act::Start { with, from_join, title, message } => {
                Ask::Start { others: with.clone(), from_join: *from_join, title: *title, message: message.clone() }
            }
            Act::Send { text, important } => {
                self.keys += 1;
                Ask::Send { key: self.keys, text: text.clone(), important: *important }
            }
            Act::Repeat { back, twist } => return self.repeat(op.by, *back, *twist),
            Act::Edit { place, text, important } => {
                Ask::Edit { seq: seq(place), text: text.clone(), important: *important }
            }
            Act::Withdraw(place) => Ask::Withdraw { seq: seq(place) },
            Act::Read(place) => Ask::Read { seq: seq(place) },
            Act::Unread(place) => Ask::Unread { seq: seq(place) },
            Act::Settings { pinned, notify } => Ask::Settings { pinned: *pinned, notify: *notify },
            Act::Add(whom) => Ask::Add { whom: whom.clone() },
            Act::Remove(whom) => Ask::Remove { whom: *whom },
            Act::Leave => Ask::Leave,
            Act::SetRole { whom, administrator } => Ask::SetRole { whom: *whom, administrator: *administrator },
            Act::Rename { title, seen } => Ask::Rename { title: *title, seen: rev(seen) },
            Act::Archive { archived, seen } => Ask::Archive { archived: *archived, seen: rev(seen) },
            Act::Delete { confirmed, seen } => {
                let title = there.map_or(0, |conversation| conversation.title) + usize::from(!*confirmed);
                Ask::Delete { title, seen: rev(seen) }
            }
        };
        let call = Call { by: self.caller(op, slot, &ask), slot, ask, among: None };
        if matches!(call.ask, Ask::Send { .. }) {
            self.sends.push(call.clone());
        }
        Some(call)
    }

    /// One of the last sends again, whatever became of it.
    fn repeat(&self, by: usize, back: usize, twist: Twist) -> Option<Call> {
        let oldest = self.sends.len().checked_sub(1)?;
        let mut again = self.sends.get(oldest.saturating_sub(back))?.clone();
        match (twist, &mut again.ask) {
            (Twist::OtherBody, Ask::Send { text, .. }) => text.word += 1,
            (Twist::OtherPerson, _) => again.by = by,
            _ => {}
        }
        Some(again)
    }

    fn caller(&self, op: &Op, slot: usize, ask: &Ask) -> usize {
        let there = self.conversations.get(&slot).filter(|_| op.rightly);
        let may = there.map(|conversation| conversation.entitled(ask)).unwrap_or_default();
        may.get(op.by % may.len().max(1)).copied().unwrap_or(op.by)
    }
}

impl Conversation {
    fn at(&self, place: Place) -> u64 {
        match place {
            Place::Message(back) => {
                let messages = self.entries().filter(|(_, entry)| matches!(entry.what, What::Message(_)));
                let places: Vec<u64> = messages.map(|(seq, _)| seq).collect();
                places.get(places.len().saturating_sub(back + 1)).copied().unwrap_or(1)
            }
            Place::Entry(back) => self.head().saturating_sub(back),
            Place::Beyond => self.head() + 1,
        }
    }

    fn version(&self, seen: Seen) -> Option<u64> {
        match seen {
            Seen::NotSaid => None,
            Seen::Newest => Some(self.rev()),
            Seen::Older => Some(self.rev() - 1),
        }
    }

    /// Those who may do it, as things are.
    fn entitled(&self, ask: &Ask) -> Vec<usize> {
        match ask {
            Ask::Edit { seq, .. } | Ask::Withdraw { seq } => {
                self.entry(*seq).map(|entry| entry.by).into_iter().collect()
            }
            Ask::Add { .. }
            | Ask::Remove { .. }
            | Ask::SetRole { .. }
            | Ask::Rename { .. }
            | Ask::Archive { .. }
            | Ask::Delete { .. } => {
                self.members.iter().filter(|(_, member)| member.administrator).map(|(who, _)| *who).collect()
            }
            Ask::Start { .. }
            | Ask::Send { .. }
            | Ask::Read { .. }
            | Ask::Unread { .. }
            | Ask::Settings { .. }
            | Ask::Leave => self.members.keys().copied().collect(),
        }
    }
}

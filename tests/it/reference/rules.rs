//! The rules of one conversation, in the order in which a refusal is said.

use std::collections::BTreeMap;

use super::call::Call;
use super::model::{Conversation, Entry, Event, Flaw, Member, Message, NOT_FOUND, Refusal, Sent, State, Told, What};
use super::step::{NOBODY, Notify, Text};

const NOT_AN_ADMINISTRATOR: Refusal = Refusal::new(403, "not-an-administrator");
const NOT_THE_AUTHOR: Refusal = Refusal::new(403, "not-the-author");
const ARCHIVED: Refusal = Refusal::new(409, "conversation-archived");
const EDIT_WINDOW_CLOSED: Refusal = Refusal::new(409, "edit-window-closed");
const KEY_REUSE: Refusal = Refusal::new(409, "idempotency-key-reuse");
const NOT_A_MEMBER: Refusal = Refusal::new(409, "not-a-member");
const VERSION_CONFLICT: Refusal = Refusal::new(412, "version-conflict");
const VALIDATION: Refusal = Refusal::new(422, "validation");

const MINUTE: i64 = 60_000;

impl Message {
    /// What somebody writes who may name these people.
    fn new(text: &Text, important: bool, among: &[usize]) -> Self {
        let named = text.tags.iter().copied().filter(|who| among.contains(who)).collect();
        Self { text: text.clone(), important, named, edited_at: None, withdrawn: false }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        (&self.text, self.important, &self.named) == (&other.text, other.important, &other.named)
    }
}

impl Conversation {
    /// Whoever starts it is its administrator; the others are members from the start.
    pub(super) fn new(
        by: usize,
        now: i64,
        others: &[usize],
        from_join: bool,
        title: usize,
        flaw: Option<Flaw>,
    ) -> Self {
        let mut members: BTreeMap<usize, Member> = others.iter().map(|other| (*other, Member::since(1))).collect();
        members.insert(by, Member { administrator: true, ..Member::since(1) });
        let log = vec![Entry { by, at: now, what: What::Event(Event::Created) }];
        let (former, done) = (BTreeMap::new(), BTreeMap::new());
        Self { title, state: State::Active, from_join, members, former, log, done, flaw }
    }

    /// The message it was started with. Only who wrote it has read it.
    pub(super) fn first(&mut self, call: &Call, now: i64, text: &Text) {
        let message = self.draft(call, text, false);
        self.say(call.by, now, message);
    }

    pub(super) fn send(
        &mut self,
        call: &Call,
        now: i64,
        key: u64,
        text: &Text,
        important: bool,
    ) -> Result<Told, Refusal> {
        if let Some(Sent { message: sent, .. }) = self.done.get(&(call.by, key))
            && self.flaw != Some(Flaw::RepeatsAreSentAgain)
        {
            // Whom it names was decided when it was sent.
            let same = (&sent.text, sent.important) == (text, important);
            return if same { Ok(Told::Sent { key, replayed: true }) } else { Err(KEY_REUSE) };
        }
        self.takes_messages()?;
        let message = self.draft(call, text, important);
        let seq = self.say(call.by, now, message.clone());
        self.done.insert((call.by, key), Sent { seq, at: now, message });
        Ok(Told::Sent { key, replayed: false })
    }

    pub(super) fn edit(
        &mut self,
        call: &Call,
        now: i64,
        seq: u64,
        text: Option<&Text>,
        important: Option<bool>,
    ) -> Result<Told, Refusal> {
        let (author, at, present) = self.found(call.by, seq)?;
        self.takes_messages()?;
        if author != call.by {
            return Err(NOT_THE_AUTHOR);
        }
        if present.withdrawn {
            return Err(EDIT_WINDOW_CLOSED);
        }
        let important = important.unwrap_or(present.important);
        let next = match text {
            Some(text) => self.draft(call, text, important),
            None => Message { important, ..present.clone() },
        };
        // To say it once more is no edit, and never too late.
        if next.says_the_same(&present) {
            return Ok(Told::Message(seq));
        }
        let minutes = if self.flaw == Some(Flaw::TenMinutesToEdit) { 10 } else { 15 };
        if now - at > minutes * MINUTE {
            return Err(EDIT_WINDOW_CLOSED);
        }
        self.revise(call.by, now, seq, Message { edited_at: Some(now), ..next });
        Ok(Told::Message(seq))
    }

    pub(super) fn withdraw(&mut self, by: usize, now: i64, seq: u64) -> Result<Told, Refusal> {
        let (author, _, present) = self.found(by, seq)?;
        self.takes_messages()?;
        if author != by {
            return Err(NOT_THE_AUTHOR);
        }
        if !present.withdrawn {
            self.revise(by, now, seq, Message { withdrawn: true, ..present });
        }
        Ok(Told::Nothing)
    }

    pub(super) fn read(&mut self, by: usize, seq: u64) -> Result<Told, Refusal> {
        if seq == 0 || seq > self.head() {
            return Err(VALIDATION);
        }
        let back = self.flaw == Some(Flaw::MarksGoBack);
        let own = self.members.get_mut(&by).ok_or(NOT_FOUND)?;
        own.read = if back { seq } else { own.read.max(seq) };
        Ok(Told::Mark)
    }

    /// The mark goes just before the entry, wherever it was; what one cannot see cannot be unread.
    pub(super) fn unread(&mut self, by: usize, seq: u64) -> Result<Told, Refusal> {
        if seq > self.head() {
            return Err(VALIDATION);
        }
        let (from_join, flaw) = (self.from_join, self.flaw);
        let own = self.members.get_mut(&by).ok_or(NOT_FOUND)?;
        own.read = seq.max(first_visible(from_join, own, flaw)) - 1;
        Ok(Told::Mark)
    }

    pub(super) fn settings(
        &mut self,
        by: usize,
        pinned: Option<bool>,
        notify: Option<Notify>,
    ) -> Result<Told, Refusal> {
        let own = self.members.get_mut(&by).ok_or(NOT_FOUND)?;
        own.pinned = pinned.unwrap_or(own.pinned);
        own.notify = notify.unwrap_or(own.notify);
        Ok(Told::Conversation)
    }

    pub(super) fn add(&mut self, by: usize, now: i64, whom: &[usize]) -> Result<Told, Refusal> {
        self.managed_by(by)?;
        let known: Vec<usize> = whom.iter().copied().filter(|who| *who != NOBODY).collect();
        if !known.is_empty() {
            self.takes_messages()?;
        }
        let new: Vec<usize> = known.into_iter().filter(|who| !self.members.contains_key(who)).collect();
        let outcome = |who: &usize| match *who {
            NOBODY => "unknown_user",
            who if new.contains(&who) => "added",
            _ => "already_member",
        };
        let outcomes = whom.iter().map(|who| (*who, outcome(who))).collect();
        if !new.is_empty() {
            let joined = self.append(by, now, What::Event(Event::Joined(new.clone())));
            self.members.extend(new.into_iter().map(|who| (who, Member::since(joined))));
        }
        Ok(Told::Added(outcomes))
    }

    /// An administrator removes anybody, everybody may leave.
    pub(super) fn remove(&mut self, by: usize, now: i64, whom: usize) -> Result<Told, Refusal> {
        let leaves = whom == by;
        if !leaves {
            self.managed_by(by)?;
        }
        let member = self.members.get(&whom).ok_or(NOT_FOUND)?;
        // Whoever is alone may go.
        let needed = self.members.len() > 1 && member.administrator && self.administrators() == 1;
        if needed && self.flaw != Some(Flaw::LastAdministratorLeaves) {
            return Err(self.last_administrator(whom));
        }
        self.former.insert(whom, member.clone());
        self.members.remove(&whom);
        self.append(by, now, What::Event(if leaves { Event::Left } else { Event::Removed(whom) }));
        if self.members.is_empty() {
            self.state = State::Archived;
        }
        Ok(Told::Nothing)
    }

    pub(super) fn set_role(&mut self, by: usize, now: i64, whom: usize, administrator: bool) -> Result<Told, Refusal> {
        self.managed_by(by)?;
        let administrators = self.administrators();
        let member = self.members.get_mut(&whom).ok_or(NOT_A_MEMBER)?;
        if member.administrator == administrator {
            return Ok(Told::Member(whom));
        }
        if !administrator && administrators == 1 {
            return Err(self.last_administrator(whom));
        }
        member.administrator = administrator;
        self.append(by, now, What::Event(Event::RoleChanged(whom, administrator)));
        Ok(Told::Member(whom))
    }

    pub(super) fn rename(&mut self, by: usize, now: i64, title: usize, seen: Option<u64>) -> Result<Told, Refusal> {
        self.managed_by(by)?;
        self.takes_messages()?;
        self.is_as_seen(seen)?;
        if self.title != title {
            self.title = title;
            self.append(by, now, What::Event(Event::Renamed(title)));
        }
        Ok(Told::Conversation)
    }

    pub(super) fn archive(&mut self, by: usize, now: i64, archived: bool, seen: Option<u64>) -> Result<Told, Refusal> {
        self.managed_by(by)?;
        self.is_as_seen(seen)?;
        let (state, event) =
            if archived { (State::Archived, Event::Archived) } else { (State::Active, Event::Unarchived) };
        if self.state != state {
            self.state = state;
            self.append(by, now, What::Event(event));
        }
        Ok(Told::Conversation)
    }

    /// The title is said once more, to be sure.
    pub(super) fn delete(&mut self, by: usize, title: usize, seen: Option<u64>) -> Result<Told, Refusal> {
        self.managed_by(by)?;
        if self.title != title {
            return Err(VALIDATION);
        }
        self.is_as_seen(seen)?;
        // Nobody sees the entry that says so.
        self.state = State::Deleted;
        Ok(Told::Nothing)
    }

    fn managed_by(&self, by: usize) -> Result<(), Refusal> {
        if self.members.get(&by).is_some_and(|own| own.administrator) { Ok(()) } else { Err(NOT_AN_ADMINISTRATOR) }
    }

    fn takes_messages(&self) -> Result<(), Refusal> {
        if self.state == State::Active { Ok(()) } else { Err(ARCHIVED) }
    }

    fn is_as_seen(&self, seen: Option<u64>) -> Result<(), Refusal> {
        if seen.is_none_or(|seen| seen == self.rev()) { Ok(()) } else { Err(VERSION_CONFLICT) }
    }

    /// The others could take over, those who have been there longest first.
    fn last_administrator(&self, besides: usize) -> Refusal {
        let others = self.members.iter().filter(|(who, member)| **who != besides && !member.administrator);
        let mut others: Vec<(u64, usize)> = others.map(|(who, member)| (member.joined, *who)).collect();
        others.sort_unstable();
        let candidates = others.into_iter().map(|(_, who)| who).collect();
        Refusal { candidates, ..Refusal::new(409, "last-administrator") }
    }

    fn draft(&self, call: &Call, text: &Text, important: bool) -> Message {
        let present = || self.members.keys().copied().collect();
        Message::new(text, important, &call.among.clone().unwrap_or_else(present))
    }

    /// Whoever says something has read up to there.
    fn say(&mut self, by: usize, now: i64, message: Message) -> u64 {
        let seq = self.append(by, now, What::Message(message));
        if let Some(own) = self.members.get_mut(&by) {
            own.read = seq;
        }
        seq
    }

    fn revise(&mut self, by: usize, now: i64, seq: u64, next: Message) {
        if let Some(entry) = index(seq).and_then(|index| self.log.get_mut(index)) {
            entry.what = What::Message(next);
        }
        self.append(by, now, What::Revision(seq));
    }

    fn append(&mut self, by: usize, at: i64, what: What) -> u64 {
        self.log.push(Entry { by, at, what });
        self.head()
    }

    /// A message that somebody can see: its author, its time, and how it stands.
    fn found(&self, by: usize, seq: u64) -> Result<(usize, i64, Message), Refusal> {
        let own = self.members.get(&by).ok_or(NOT_FOUND)?;
        match self.entry(seq).filter(|_| seq >= self.visible_from(own)) {
            Some(Entry { by, at, what: What::Message(message) }) => Ok((*by, *at, message.clone())),
            _ => Err(NOT_FOUND),
        }
    }

    /// The first entry that a member sees.
    pub(super) fn visible_from(&self, member: &Member) -> u64 {
        first_visible(self.from_join, member, self.flaw)
    }

    pub(super) fn administrators(&self) -> usize {
        self.members.values().filter(|member| member.administrator).count()
    }

    /// The place of the last entry.
    pub(super) fn head(&self) -> u64 {
        self.log.len() as u64
    }

    /// The place of the last event.
    pub(super) fn rev(&self) -> u64 {
        self.entries().filter(|(_, entry)| matches!(entry.what, What::Event(_))).map(|(seq, _)| seq).max().unwrap_or(0)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (1..).zip(&self.log)
    }

    pub(super) fn entry(&self, seq: u64) -> Option<&Entry> {
        self.log.get(index(seq)?)
    }
}

fn index(seq: u64) -> Option<usize> {
    usize::try_from(seq.checked_sub(1)?).ok()
}

fn first_visible(from_join: bool, member: &Member, flaw: Option<Flaw>) -> u64 {
    if from_join && flaw != Some(Flaw::NothingIsHidden) { member.joined } else { 1 }
}

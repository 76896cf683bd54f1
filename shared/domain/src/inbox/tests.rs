//! Properties of delivery: whatever is delivered, in whatever order and however often, the row ends the same and its
//! counts are those of the log.

use proptest::prelude::*;

use super::*;
use crate::conversation::message::{self, Draft};
use crate::conversation::{Creation, History, Signature, apply, create, founded, seal};
use crate::entry::Entry;
use crate::mention::Mention;
use crate::text::{Body, Title};

fn name(n: u8) -> Username {
    format!("person.{n}").parse().unwrap()
}

fn draft(of: u8, important: bool, names: Option<u8>) -> Draft {
    let mention = |n| Mention { username: name(n), start: 0, end: 9 };
    Draft {
        body: Some(Body::try_from(format!("text {of}")).unwrap()),
        important,
        mentions: names.map(mention).into_iter().collect(),
        attachments: Vec::new(),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send { by: u8, important: bool, names: Option<u8> },
    Edit { message: usize, important: bool, names: Option<u8> },
    Withdraw { message: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let names = || prop::option::of(0_u8..3);
    prop_oneof![
        4 => (0_u8..3, any::<bool>(), names()).prop_map(|(by, important, names)| Step::Send { by, important, names }),
        1 => (0_usize..20, any::<bool>(), names())
            .prop_map(|(message, important, names)| Step::Edit { message, important, names }),
        1 => (0_usize..20).prop_map(|message| Step::Withdraw { message }),
    ]
}

struct Log {
    head: Head,
    entries: Vec<Entry>,
}

impl Log {
    fn start() -> Self {
        let creation = Creation {
            id: uuid::Uuid::from_u128(7).into(),
            title: Title::try_from("Ward 4".to_owned()).unwrap(),
            history: History::All,
            project: None,
            others: vec![name(1), name(2)],
        };
        let (head, first) = create(creation, signature(1, 0));
        Self { head, entries: vec![first] }
    }

    fn standing(&self, seq: Seq) -> Option<Standing> {
        Standing::of(self.entries.iter().find(|entry| entry.seq == seq)?, &self.entries)
    }

    fn standings(&self) -> Vec<Standing> {
        self.entries.iter().filter_map(|entry| self.standing(entry.seq)).collect()
    }

    /// Does a step, if it is allowed, and returns the message that it touched.
    fn take(&mut self, step: &Step) -> Option<Seq> {
        let n = self.entries.len() as u128 + 1;
        let target = |n: usize| self.standings().get(n).cloned();
        let (by, act) = match step {
            Step::Send { by, important, names } => {
                (name(*by), message::send(&self.head, draft(*by, *important, *names)).ok()?)
            }
            Step::Edit { message, important, names } => {
                let standing = target(*message)?;
                let draft = draft(9, *important, *names);
                (standing.by.clone(), message::edit(&self.head, &standing.by, standing.at, &standing, draft).ok()??)
            }
            Step::Withdraw { message } => {
                let standing = target(*message)?;
                (standing.by.clone(), message::withdraw(&self.head, &standing.by, &standing).ok()??)
            }
        };
        let touched = match &act {
            crate::entry::Act::Revision { revises, .. } => *revises,
            _ => self.head.seq.next(),
        };
        let entry = seal(&self.head, Signature { by, ..signature(n, 0) }, act);
        self.head = apply(&self.head, &entry);
        self.entries.push(entry);
        Some(touched)
    }
}

fn signature(n: u128, by: u8) -> Signature {
    Signature {
        id: uuid::Uuid::from_u128(n).into(),
        by: name(by),
        at: crate::clock::Timestamp::from_millis(1_772_355_600_000),
    }
}

fn membership(log: &Log, read: u64) -> Membership {
    let first = &log.entries[0];
    let mut own = Membership::begin(crate::conversation::Role::Member, first, &log.head);
    let seq = Seq::try_from(read).unwrap();
    if seq > own.read.seq {
        let messages = log.entries.iter().find(|entry| entry.seq == seq).map_or(own.read.messages, |e| e.messages);
        own.read = Mark { seq, messages };
    }
    own
}

/// What the log says is unread, counted one by one.
fn counted(log: &Log, reader: &Username, read: Mark) -> Counts {
    let unread = log.standings().into_iter().filter(|m| m.seq > read.seq && m.by != *reader && m.message.is_some());
    unread.fold(Counts::default(), |counts, standing| {
        let said = standing.message.unwrap();
        Counts {
            messages: counts.messages + 1,
            mentions: counts.mentions + u64::from(said.mentions.iter().any(|mention| mention.username == *reader)),
            important: counts.important + u64::from(said.important),
        }
    })
}

proptest! {
    #[test]
    fn the_row_counts_what_the_log_says_however_it_was_delivered(
        steps in prop::collection::vec(step(), 0..40),
        reader in 0_u8..3,
        read in 0_u64..50,
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let mut log = Log::start();
        let mut own = membership(&log, 0);
        let reader = name(reader);
        let mut touched = Vec::new();
        for step in &steps {
            touched.extend(log.take(step));
        }
        own.read = membership(&log, read.min(log.head.seq.get())).read;
        // Some of it comes in any order and often, and everything comes at least once.
        let again: Vec<Seq> =
            if touched.is_empty() { vec![] } else { order.iter().map(|i| *i.get(&touched)).collect() };
        for seq in again.into_iter().chain(touched) {
            let standing = log.standing(seq).unwrap();
            own.delivered = own.delivered.deliver(&reader, own.read, &log.head, &[standing]);
        }
        prop_assert_eq!(own.counts(&log.head), counted(&log, &reader, own.read));
        let rebuilt = Delivered::default().deliver(&reader, own.read, &log.head, &log.standings());
        prop_assert_eq!(&own.delivered, &rebuilt);
        let again = rebuilt.deliver(&reader, own.read, &log.head, &log.standings());
        prop_assert_eq!(again, rebuilt);
    }
}

#[test]
fn an_older_head_does_not_replace_a_newer_one() {
    let mut log = Log::start();
    let old = log.head.clone();
    log.take(&Step::Send { by: 1, important: false, names: None });
    let row = Delivered::with(&log.head);
    assert_eq!((row.seq, &row.copy), (log.head.seq, &Copy::Here(log.head.clone())));
    assert_eq!(row.deliver(&name(0), Mark::default(), &old, &[]), row);
}

#[test]
fn a_row_remembers_the_latest_hundred_and_no_copy_of_what_is_big_or_archived() {
    let mut log = Log::start();
    for _ in 0..130 {
        log.take(&Step::Send { by: 1, important: true, names: Some(0) });
    }
    let row = Delivered::default().deliver(&name(0), Mark::default(), &log.head, &log.standings());
    assert_eq!((row.mentions.len(), row.important.len()), (MAX_MARKED, MAX_MARKED));
    assert_eq!(row.mentions.last(), Some(&log.head.seq));
    let full = Head { members_count: MAX_COPIES, ..log.head.clone() };
    assert_eq!(Copy::of(&full), Copy::Here(full));
    let big = Head { members_count: MAX_COPIES + 1, ..log.head.clone() };
    assert_eq!(Copy::of(&big), Copy::Elsewhere);
    assert_eq!(Copy::of(&Head { state: State::Archived, ..big }), Copy::Archived);
}

#[test]
fn where_there_are_too_many_only_those_are_written_to_whom_it_concerns() {
    let first = Log::start().entries.remove(0);
    let says = |important, names| Message::from(draft(1, important, names));
    let only = |names: &[u8]| Recipients::Only(names.iter().map(|n| name(*n)).collect());
    let everybody = || Recipients::Everybody;
    let message = Act::Message(says(false, None));
    let edited = Act::Revision { revises: first.seq, change: Change::Edited(says(false, None)) };
    let withdrawn = Act::Revision { revises: first.seq, change: Change::Withdrawn };
    let event = |event| Act::Event { event };
    let joined = |n: u8| event(Event::Joined { members: (0..n).map(name).collect() });
    let renamed = event(Event::Renamed { title: Title::try_from("Ward 5".to_owned()).unwrap() });
    let many = MAX_COPIES + 1;
    for (act, members, versions, expected) in [
        (&message, MAX_COPIES, vec![says(false, None)], everybody()),
        (&message, many, vec![says(false, None)], only(&[])),
        (&message, many, vec![says(false, Some(1))], only(&[1])),
        (&message, many, vec![says(true, None)], everybody()),
        // Whoever is no more named has to be told that, too.
        (&edited, many, vec![says(false, Some(1)), says(false, Some(2))], only(&[1, 2])),
        (&edited, many, vec![says(true, None), says(false, None)], everybody()),
        (&withdrawn, many, vec![says(false, None)], everybody()),
        (&event(Event::Archived), many, vec![], everybody()),
        (&event(Event::Unarchived), many, vec![], everybody()),
        (&renamed, many, vec![], only(&[])),
        // Those who joined made it too large: the rows of all must say that the head is elsewhere.
        (&joined(1), many, vec![], everybody()),
        (&joined(3), many + 2, vec![], everybody()),
        (&joined(1), many + 1, vec![], only(&[])),
    ] {
        let entry = Entry { act: act.clone(), members, ..first.clone() };
        assert_eq!(Recipients::of(&entry, &versions), expected, "{act:?} of {members}");
    }
    assert_eq!(only(&[1]).and(only(&[2])), only(&[1, 2]));
    assert_eq!((only(&[1]).and(everybody()), everybody().and(only(&[1]))), (everybody(), everybody()));
}

fn folded(log: &[Entry]) -> Head {
    let first = founded(uuid::Uuid::from_u128(7).into(), &log[0]).unwrap();
    log[1..].iter().fold(first, |head, entry| apply(&head, entry))
}

/// A log of these messages, from the second place on, and the row of somebody to whom all of it was delivered.
fn delivered(messages: &[(u8, bool, Option<u8>)]) -> (Log, Membership) {
    let mut log = Log::start();
    for (by, important, names) in messages {
        log.take(&Step::Send { by: *by, important: *important, names: *names });
    }
    let mut own = membership(&log, 1);
    own.delivered = own.delivered.deliver(&name(0), own.read, &log.head, &log.standings());
    (log, own)
}

#[test]
fn whoever_silenced_a_conversation_is_told_of_what_is_urgent_and_of_that_once() {
    let pending = |messages, important, mentioned| Pending { messages, important, mentioned };
    let ordinary = (1, false, None);
    for (messages, all, silenced) in [
        (vec![], pending(0, false, false), pending(0, false, false)),
        (vec![ordinary], pending(1, false, false), pending(0, false, false)),
        (vec![ordinary, (1, true, None)], pending(2, true, false), pending(1, true, false)),
        (vec![ordinary, (1, false, Some(0))], pending(2, false, true), pending(1, false, true)),
        (vec![ordinary, (1, true, Some(0))], pending(2, true, true), pending(1, true, true)),
        (vec![ordinary, (1, false, Some(2)), (0, true, None)], pending(2, false, false), pending(0, false, false)),
    ] {
        let (log, own) = delivered(&messages);
        assert_eq!(own.pending(&log.head), all, "{messages:?}");
        for notify in [Notify::Mentions, Notify::Nothing] {
            assert_eq!(Membership { notify, ..own.clone() }.pending(&log.head), silenced, "{messages:?}");
        }
    }
}

#[test]
fn a_row_that_is_older_than_the_read_mark_or_newer_than_the_head_counts_what_lies_between() {
    let urgent = (1, true, Some(0));
    let (log, own) = delivered(&[urgent, (0, false, None), urgent, (0, false, None), urgent]);
    let counts = |messages| Counts { messages, mentions: messages, important: messages };
    for (read, last, between) in
        [(1, 6, 3), (2, 6, 2), (3, 6, 2), (4, 6, 1), (6, 6, 0), (1, 5, 2), (2, 4, 1), (2, 3, 0)]
    {
        let head = folded(&log.entries[..last]);
        let own = Membership { read: membership(&log, read).read, ..own.clone() };
        assert_eq!(own.counts(&head), counts(between), "{read} to {last}");
        let silenced = Membership { notify: Notify::Nothing, ..own };
        assert_eq!(silenced.pending(&head).messages, between, "{read} to {last}");
    }
}

#[test]
fn what_was_read_is_not_remembered() {
    let (log, own) = delivered(&[(1, true, Some(0)), (0, false, None), (1, true, Some(0))]);
    for (read, uncounted, urgent) in [(1, 1, 2), (2, 1, 1), (3, 0, 1), (4, 0, 0)] {
        let row = own.delivered.deliver(&name(0), membership(&log, read).read, &log.head, &log.standings());
        assert_eq!(
            (row.uncounted.len(), row.mentions.len(), row.important.len()),
            (uncounted, urgent, urgent),
            "{read}"
        );
    }
}

#[test]
fn what_was_read_or_told_of_is_no_news_nor_is_what_one_wrote_oneself() {
    let (mut log, own) = delivered(&[
        (1, false, None),
        (1, true, None),
        (0, true, Some(0)),
        (1, false, Some(0)),
        (1, false, Some(2)),
        (1, true, None),
    ]);
    log.take(&Step::Withdraw { message: 5 });
    let own = Membership { delivered: own.delivered.deliver(&name(0), own.read, &log.head, &log.standings()), ..own };
    let seq = |n: u64| Seq::try_from(n).unwrap();
    for (read, noticed, notify, news, silenced, first_urgent) in [
        (1, 0, Notify::All, vec![false, true, true, false], false, Some(3)),
        (2, 0, Notify::All, vec![true, true, false], false, Some(3)),
        (1, 3, Notify::All, vec![true, false], false, Some(5)),
        (3, 1, Notify::All, vec![true, false], false, Some(5)),
        (5, 0, Notify::All, vec![false], false, None),
        (6, 0, Notify::All, vec![], false, None),
        (1, 0, Notify::Mentions, vec![true, true], true, Some(3)),
        (5, 0, Notify::Nothing, vec![], true, None),
        (6, 0, Notify::Nothing, vec![], false, None),
    ] {
        let own = Membership { read: membership(&log, read).read, noticed: seq(noticed), notify, ..own.clone() };
        let items: Vec<Item> = news.iter().map(|urgent| Item::message(signature(0, 0).at, *urgent)).collect();
        assert_eq!(own.news(&name(0), &log.standings()), (items, silenced), "{read}, {noticed}, {notify:?}");
        assert_eq!(own.urgent_news(&log.head).next(), first_urgent.map(seq), "{read}, {noticed}, {notify:?}");
    }
    let before = folded(&log.entries[..2]);
    assert_eq!(own.urgent_news(&before).next(), None, "that head knows of nothing urgent yet");
}

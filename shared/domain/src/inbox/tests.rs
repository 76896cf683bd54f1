//! Properties of delivery: whatever is delivered, in whatever order and however often, the row ends the same and its
//! counts are those of the log.

use proptest::prelude::*;

use super::*;
use crate::conversation::message::{self, Draft};
use crate::conversation::{Creation, History, Signature, apply, create, seal};
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
    let big = Head { members_count: MAX_COPIES + 1, ..log.head.clone() };
    assert_eq!(Copy::of(&big), Copy::Elsewhere);
    assert_eq!(Copy::of(&Head { state: State::Archived, ..big }), Copy::Archived);
}

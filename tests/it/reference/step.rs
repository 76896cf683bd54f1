//! What people try: indices, so that a sequence that fails shrinks to few and small ones.

use std::ops::RangeInclusive;

use proptest::prelude::*;

/// How many people there are.
pub(super) const PEOPLE: usize = 5;

/// An index for somebody whom the institution does not know.
pub(super) const NOBODY: usize = PEOPLE;

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// One person acts.
    Alone(Op),
    /// Two people act at the same moment, each through a process of their own.
    Together(Op, Op),
    /// So many seconds go by.
    Wait(u32),
}

/// What one person tries.
#[derive(Clone, Debug)]
pub(super) struct Op {
    /// Who; with `rightly` the index is one into those who may do it, if there are any.
    pub(super) by: usize,
    pub(super) rightly: bool,
    /// Where, in the order in which conversations were asked for. There may be no such conversation.
    pub(super) conversation: usize,
    pub(super) act: Act,
}

/// What is tried.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Start { with: Vec<usize>, from_join: bool, title: usize, message: Option<Text> },
    Send { text: Text, important: bool },
    Repeat { back: usize, twist: Twist },
    Edit { place: Place, text: Option<Text>, important: Option<bool> },
    Withdraw(Place),
    Read(Place),
    Unread(Place),
    Settings { pinned: Option<bool>, notify: Option<Notify> },
    Add(Vec<usize>),
    Remove(usize),
    Leave,
    SetRole { whom: usize, administrator: bool },
    Rename { title: usize, seen: Seen },
    Archive { archived: bool, seen: Seen },
    Delete { confirmed: bool, seen: Seen },
}

/// What somebody writes: whom it means to mention, and a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) tags: Vec<usize>,
    pub(super) word: usize,
}

impl Text {
    /// As it is written.
    pub(super) fn written(&self, names: &[String]) -> String {
        let tags = self.tags.iter().map(|who| format!("@{}", names[*who]));
        tags.chain([format!("word {}", self.word)]).collect::<Vec<_>>().join(" ")
    }
}

/// An entry of a log.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// A message, counted from the newest; the first entry if there is none.
    Message(usize),
    /// Any entry, counted from the newest; the place before the first if there are not so many.
    Entry(u64),
    /// The one that comes next.
    Beyond,
}

/// How a send differs from the one that it repeats.
#[derive(Clone, Copy, Debug)]
pub(super) enum Twist {
    Nothing,
    OtherBody,
    OtherPerson,
}

/// Of what somebody wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notify {
    All,
    Mentions,
    Nothing,
}

/// Which version somebody says to have seen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen {
    NotSaid,
    Newest,
    Older,
}

/// With what every sequence begins: two conversations with a message. The second hides what was said before one joined.
pub(super) fn opening() -> [Step; 2] {
    let start = |by, with, from_join| {
        let message = Some(Text { tags: Vec::new(), word: 0 });
        let act = Act::Start { with, from_join, title: 0, message };
        Step::Alone(Op { by, rightly: false, conversation: 0, act })
    };
    [start(0, vec![1, 2], false), start(1, vec![0, 3], true)]
}

/// Any step.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let together = (op(), op(), prop::bool::weighted(0.8)).prop_map(|(one, mut other, same_place)| {
        if same_place {
            other.conversation = one.conversation;
        }
        Step::Together(one, other)
    });
    // With the second that each step takes, an edit is just in time or just too late.
    let seconds = prop_oneof![1 => Just(60_u32), 2 => Just(720_u32), 1 => Just(898_u32), 1 => Just(899_u32)];
    prop_oneof![
        8 => op().prop_map(Step::Alone),
        4 => together,
        2 => seconds.prop_map(Step::Wait),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let conversation = prop_oneof![5 => Just(0_usize), 4 => Just(1_usize), 1 => Just(2_usize)];
    let act = prop_oneof![9 => speaking(), 4 => reading(), 6 => managing()];
    (person(), prop::bool::weighted(0.75), conversation, act).prop_map(|(by, rightly, conversation, act)| Op {
        by,
        rightly,
        conversation,
        act,
    })
}

fn speaking() -> impl Strategy<Value = Act> {
    let twist = prop_oneof![3 => Just(Twist::Nothing), 2 => Just(Twist::OtherBody), 1 => Just(Twist::OtherPerson)];
    let important = || prop::bool::weighted(0.3);
    prop_oneof![
        6 => (text(), important()).prop_map(|(text, important)| Act::Send { text, important }),
        2 => (0_usize..4, twist).prop_map(|(back, twist)| Act::Repeat { back, twist }),
        5 => (message(), prop::option::weighted(0.8, text()), prop::option::of(important()))
            .prop_map(|(place, text, important)| Act::Edit { place, text, important }),
        2 => message().prop_map(Act::Withdraw),
    ]
}

fn reading() -> impl Strategy<Value = Act> {
    let notify = prop_oneof![Just(Notify::All), Just(Notify::Mentions), Just(Notify::Nothing)];
    prop_oneof![
        4 => place().prop_map(Act::Read),
        3 => place().prop_map(Act::Unread),
        2 => (prop::option::of(any::<bool>()), prop::option::of(notify))
            .prop_map(|(pinned, notify)| Act::Settings { pinned, notify }),
    ]
}

fn managing() -> impl Strategy<Value = Act> {
    let start = (some_of(PEOPLE, 0..=4), prop::bool::weighted(0.1), any::<bool>(), title(), prop::option::of(text()))
        .prop_map(|(mut with, strange, from_join, title, message)| {
            with.extend(strange.then_some(NOBODY));
            Act::Start { with, from_join, title, message }
        });
    prop_oneof![
        1 => start,
        4 => some_of(PEOPLE + 1, 1..=3).prop_map(Act::Add),
        3 => (0..PEOPLE).prop_map(Act::Remove),
        1 => Just(Act::Leave),
        3 => (0..PEOPLE, any::<bool>()).prop_map(|(whom, administrator)| Act::SetRole { whom, administrator }),
        1 => (title(), seen()).prop_map(|(title, seen)| Act::Rename { title, seen }),
        3 => (any::<bool>(), seen()).prop_map(|(archived, seen)| Act::Archive { archived, seen }),
        1 => (prop::bool::weighted(0.6), seen()).prop_map(|(confirmed, seen)| Act::Delete { confirmed, seen }),
    ]
}

fn person() -> impl Strategy<Value = usize> {
    prop_oneof![
        4 => Just(0_usize),
        3 => Just(1_usize),
        2 => Just(2_usize),
        2 => Just(3_usize),
        1 => Just(4_usize),
    ]
}

/// So many of the first `of` people, each once.
fn some_of(of: usize, how_many: RangeInclusive<usize>) -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence((0..of).collect::<Vec<_>>(), how_many)
}

fn text() -> impl Strategy<Value = Text> {
    (some_of(PEOPLE + 1, 0..=2), 0_usize..3).prop_map(|(tags, word)| Text { tags, word })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        6 => (0_usize..4).prop_map(Place::Message),
        3 => (0_u64..9).prop_map(Place::Entry),
        1 => Just(Place::Beyond),
    ]
}

/// Nearly always a message.
fn message() -> impl Strategy<Value = Place> {
    prop_oneof![9 => (0_usize..4).prop_map(Place::Message), 1 => (0_u64..9).prop_map(Place::Entry)]
}

fn title() -> impl Strategy<Value = usize> {
    0_usize..3
}

fn seen() -> impl Strategy<Value = Seen> {
    prop_oneof![6 => Just(Seen::NotSaid), 2 => Just(Seen::Newest), 1 => Just(Seen::Older)]
}

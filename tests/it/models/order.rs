//! Order of messages: everyone sees the entries as 1, 2, 3 … and nobody who pages by number misses one.
//!
//! A send is one transaction: the head goes from n to n + 1 if it still is n, and entry n + 1 is put.
//! A writer may have learned n long ago; if the head has moved, the transaction is cancelled and says where the head is.
//! A reader asks for what comes after the last number it has seen.
//!
//! The obvious version adds one to a counter and then puts the entry under the number it got.
//! It is wrong in five steps: two writers take 1 and 2, the second puts, a reader reads 2 and goes on from there,
//! the first puts 1, which that reader never sees.
//! In three steps it shows a hole to everyone, and a writer that dies in between makes the hole permanent.

use std::collections::BTreeMap;

use stateright::{Model, Property};

use super::{assert_breaks, assert_holds};

const NOTHING_SKIPPED: &str = "a reader has seen, once and in order, every entry up to its position";
const NO_GAP: &str = "the numbers of the entries are dense";
const ACKNOWLEDGED_STAYS: &str = "an acknowledged entry is the one stored under its number";

const WRITERS: usize = 4;
const READERS: usize = 2;
const PAGE: usize = 2;

type Seq = usize;

/// How a writer gets its number.
#[derive(Clone, Copy, PartialEq)]
enum Design {
    /// Head and entry in one conditional transaction.
    OneTransaction,
    /// The number first, the entry in a second call.
    CountThenPut,
}

#[derive(Clone)]
struct Order {
    design: Design,
}

#[derive(Clone, Debug, Default, Hash, PartialEq)]
struct State {
    head: Seq,
    /// Who wrote which entry.
    log: BTreeMap<Seq, usize>,
    writers: [Writer; WRITERS],
    /// What each reader has seen, in the order it saw it. The last one is its position.
    readers: [Vec<Seq>; READERS],
}

#[derive(Clone, Debug, Default, Hash, PartialEq)]
enum Writer {
    #[default]
    Idle,
    /// Means to write this number.
    Holds(Seq),
    Acknowledged(Seq),
    /// Killed on the way.
    Dead,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    /// A writer learns its number.
    Take(usize),
    /// A writer that has its number writes the entry.
    Write(usize),
    /// A writer is killed between its two calls.
    Die(usize),
    /// A reader asks for the next page.
    Page(usize),
}

impl Model for Order {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, writer) in state.writers.iter().enumerate() {
            match writer {
                Writer::Idle => actions.push(Action::Take(index)),
                Writer::Holds(_) => actions.extend([Action::Write(index), Action::Die(index)]),
                Writer::Acknowledged(_) | Writer::Dead => {}
            }
        }
        actions.extend((0..READERS).map(Action::Page));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Take(writer) => {
                let seq = state.head + 1;
                state.writers[writer] = Writer::Holds(seq);
                if self.design == Design::CountThenPut {
                    state.head = seq;
                }
            }
            Action::Write(writer) => {
                let Writer::Holds(seq) = state.writers[writer] else { return None };
                if self.design == Design::OneTransaction {
                    let next = state.head + 1;
                    if seq != next {
                        // Cancelled; the reasons carry the head, so that the next try needs no read.
                        state.writers[writer] = Writer::Holds(next);
                        return Some(state);
                    }
                    state.head = next;
                }
                state.log.insert(seq, writer);
                state.writers[writer] = Writer::Acknowledged(seq);
            }
            Action::Die(writer) => state.writers[writer] = Writer::Dead,
            Action::Page(reader) => {
                let seen = &mut state.readers[reader];
                let position = seen.last().map_or(0, |&seq| seq);
                seen.extend(state.log.range(position + 1..).map(|(&seq, _)| seq).take(PAGE));
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOTHING_SKIPPED, |_, state: &State| {
                state.readers.iter().all(|seen| {
                    let position = seen.last().map_or(0, |&seq| seq);
                    seen.iter().eq(state.log.range(..=position).map(|(seq, _)| seq))
                })
            }),
            Property::always(NO_GAP, |_, state: &State| state.log.keys().copied().eq(1..=state.log.len())),
            Property::always(ACKNOWLEDGED_STAYS, |_, state: &State| {
                state.writers.iter().enumerate().all(|(index, writer)| match writer {
                    Writer::Acknowledged(seq) => state.log.get(seq) == Some(&index),
                    _ => true,
                })
            }),
            Property::sometimes("every message is written and read by everyone", |_, state: &State| {
                state.readers.iter().all(|seen| seen.len() == WRITERS)
            }),
            Property::sometimes("a writer holds a number that is taken", |_, state: &State| {
                state.writers.iter().any(|writer| matches!(writer, Writer::Holds(seq) if *seq <= state.head))
            }),
        ]
    }
}

#[test]
fn head_and_entry_in_one_transaction_keep_the_order() {
    assert_holds(Order { design: Design::OneTransaction }, 6_000);
}

#[test]
fn a_counter_and_then_a_put_let_a_reader_step_over_an_entry() {
    let wrong = Order { design: Design::CountThenPut };
    assert_breaks(&wrong, NOTHING_SKIPPED, 5);
    assert_breaks(&wrong, NO_GAP, 3);
}

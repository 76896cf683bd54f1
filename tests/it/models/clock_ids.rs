//! What messages are sorted by: the dense number, not the id.
//!
//! The id of a message is a UUIDv7, so it begins with the time of the function that made it.
//! It names the message; its place is the number that the head gave out, in the way that the model of the order proves.
//!
//! The obvious version has no head and sorts by the id, which "is ordered by time".
//! But every function has its own clock.
//! It is wrong in three steps: a function whose clock is ahead stores a message, a reader reads it and goes on from
//! there, a function whose clock is right stores another, which sorts before the reader's position and is never seen.
//! In two steps an answer stands above its question.
//! The model gives the wrong version every advantage: a message is stored in the moment its id is made, and with
//! perfect clocks it does hold.

use std::collections::BTreeMap;

use stateright::{Model, Property};

use super::{assert_breaks, assert_holds};

const NOTHING_SKIPPED: &str = "a reader has seen, once and in order, every message up to its position";
const LATER_IS_BELOW: &str = "what was sent later stands below";

const WRITERS: usize = 2;
const READERS: usize = 2;
const PAGE: usize = 2;
const MESSAGES: usize = 6;

/// What the sort key is made of.
#[derive(Clone, Copy, PartialEq)]
enum Design {
    DenseNumber,
    ClockId,
}

/// A sort key: the number or time, then what makes it unique.
type Place = (usize, usize);

#[derive(Clone)]
struct ClockIds {
    design: Design,
    /// How far each writer's clock is ahead.
    ahead: [usize; WRITERS],
}

#[derive(Clone, Debug, Default, Hash, PartialEq)]
struct State {
    /// The true time, which nobody knows. Every send takes one tick.
    now: usize,
    /// When the message at each place was truly sent.
    log: BTreeMap<Place, usize>,
    /// What each reader has seen, in the order it saw it. The last one is its position.
    readers: [Vec<Place>; READERS],
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Send(usize),
    /// A reader asks for the next page.
    Page(usize),
}

impl Model for ClockIds {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.now < MESSAGES {
            actions.extend((0..WRITERS).map(Action::Send));
        }
        actions.extend((0..READERS).map(Action::Page));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Send(writer) => {
                state.now += 1;
                let head = state.log.len();
                let place = match self.design {
                    Design::DenseNumber => head + 1,
                    Design::ClockId => state.now + self.ahead[writer],
                };
                state.log.insert((place, writer), state.now);
            }
            Action::Page(reader) => {
                let position = state.readers[reader].last().copied().unwrap_or_default();
                let page = state.log.keys().copied().filter(|&place| place > position).take(PAGE);
                state.readers[reader].extend(page);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOTHING_SKIPPED, |_, state: &State| {
                state.readers.iter().all(|seen| {
                    let position = seen.last().copied().unwrap_or_default();
                    seen.iter().eq(state.log.keys().take_while(|&&place| place <= position))
                })
            }),
            Property::always(LATER_IS_BELOW, |_, state: &State| state.log.values().is_sorted()),
            Property::sometimes("every message is sent and read by everyone", |_, state: &State| {
                state.readers.iter().all(|seen| seen.len() == MESSAGES)
            }),
        ]
    }
}

#[test]
fn dense_numbers_keep_the_order_whatever_the_clocks_say() {
    assert_holds(ClockIds { design: Design::DenseNumber, ahead: [3, 0] }, 4_000);
}

#[test]
fn clock_ids_let_a_reader_step_over_a_message() {
    let wrong = ClockIds { design: Design::ClockId, ahead: [3, 0] };
    assert_breaks(&wrong, NOTHING_SKIPPED, 3);
    assert_breaks(&wrong, LATER_IS_BELOW, 2);
}

#[test]
fn clock_ids_would_do_if_clocks_were_perfect() {
    assert_holds(ClockIds { design: Design::ClockId, ahead: [0, 0] }, 4_000);
}

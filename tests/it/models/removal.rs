//! Reading while one is being removed: a removed member never gets what was sent after the removal.
//!
//! A request first queries the entries, **then** reads the membership with strong consistency, then answers.
//! Whoever is a member at the second call was allowed to see all that the first call found.
//!
//! The obvious version checks the membership first.
//! It is wrong in five steps: the check passes, the member is removed, a message is sent, the query finds it, and the
//! answer carries it out.
//! The right order with an eventually consistent check is wrong too, and worse: the check may pass long after the
//! removal, so that a request begun after it gets an answer, in four steps.

use stateright::{Model, Property};

use super::{assert_breaks, assert_holds};

const NOTHING_AFTER_REMOVAL: &str = "no answer to a removed member has what was sent after the removal";
const NO_LATE_REQUEST: &str = "no request that a removed member begins is answered";

/// Requests of the one member who is removed and added again, say from two devices.
const REQUESTS: usize = 2;
const EVENTS: usize = 5;

/// In which order a request makes its two calls, and how good the second is.
#[derive(Clone, Copy, PartialEq)]
enum Design {
    QueryThenCheck,
    CheckThenQuery,
    QueryThenStaleCheck,
}

#[derive(Clone)]
struct Removal {
    design: Design,
}

#[derive(Clone, Debug, Default, Hash, PartialEq)]
struct State {
    log: Vec<Event>,
    requests: [Request; REQUESTS],
}

#[derive(Clone, Debug, Hash, PartialEq)]
enum Event {
    Sent,
    Removed,
    Added,
}

/// A request and what it knows. Moments and pages are lengths of the log, which only grows.
#[derive(Clone, Debug, Default, Hash, PartialEq)]
enum Request {
    #[default]
    Idle,
    Queried {
        began: usize,
        page: usize,
    },
    Checked {
        began: usize,
    },
    /// Has made both calls and may answer.
    Ready {
        began: usize,
        page: usize,
    },
    Answered {
        began: usize,
        page: usize,
        at: usize,
    },
    Refused,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Log(Event),
    Query(usize),
    /// A request reads the membership, as it was at some moment.
    Check(usize, usize),
    Answer(usize),
}

impl State {
    /// The removal that is in force at a moment, as its position in the log.
    fn removal(&self, moment: usize) -> Option<usize> {
        let last = self.log[..moment].iter().rposition(|event| *event != Event::Sent)?;
        (self.log[last] == Event::Removed).then_some(last)
    }

    /// Every answer: when its request began, how much of the log it carries, and the removal then in force.
    fn answers(&self) -> impl Iterator<Item = (usize, usize, Option<usize>)> {
        self.requests.iter().filter_map(|request| match *request {
            Request::Answered { began, page, at } => Some((began, page, self.removal(at))),
            _ => None,
        })
    }
}

impl Model for Removal {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let now = state.log.len();
        if now < EVENTS {
            let change = if state.removal(now).is_some() { Event::Added } else { Event::Removed };
            actions.extend([Action::Log(Event::Sent), Action::Log(change)]);
        }
        for (index, request) in state.requests.iter().enumerate() {
            match (request, self.design) {
                (Request::Idle, Design::CheckThenQuery) | (Request::Queried { .. }, Design::QueryThenCheck) => {
                    actions.push(Action::Check(index, now));
                }
                (Request::Queried { .. }, _) => actions.extend((0..=now).map(|moment| Action::Check(index, moment))),
                (Request::Idle | Request::Checked { .. }, _) => actions.push(Action::Query(index)),
                (Request::Ready { .. }, _) => actions.push(Action::Answer(index)),
                (Request::Answered { .. } | Request::Refused, _) => {}
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let now = last.log.len();
        match action {
            Action::Log(event) => state.log.push(event),
            Action::Query(index) => {
                state.requests[index] = match last.requests[index] {
                    Request::Checked { began } => Request::Ready { began, page: now },
                    _ => Request::Queried { began: now, page: now },
                };
            }
            Action::Check(index, moment) => {
                state.requests[index] = match last.requests[index] {
                    _ if last.removal(moment).is_some() => Request::Refused,
                    Request::Queried { began, page } => Request::Ready { began, page },
                    _ => Request::Checked { began: now },
                };
            }
            Action::Answer(index) => {
                let Request::Ready { began, page } = last.requests[index] else { return None };
                state.requests[index] = Request::Answered { began, page, at: now };
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOTHING_AFTER_REMOVAL, |_, state: &State| {
                state.answers().all(|(_, page, removal)| removal.is_none_or(|removal| page <= removal + 1))
            }),
            Property::always(NO_LATE_REQUEST, |_, state: &State| {
                state.answers().all(|(began, _, removal)| removal.is_none_or(|removal| began <= removal))
            }),
            Property::sometimes("a request is refused", |_, state: &State| state.requests.contains(&Request::Refused)),
            Property::sometimes("a request in flight is answered after the removal", |_, state: &State| {
                state.answers().any(|(_, page, removal)| page > 0 && removal.is_some())
            }),
        ]
    }
}

#[test]
fn query_then_check_shows_a_removed_member_nothing_sent_later() {
    assert_holds(Removal { design: Design::QueryThenCheck }, 40_000);
}

#[test]
fn check_then_query_shows_a_removed_member_what_was_sent_later() {
    assert_breaks(&Removal { design: Design::CheckThenQuery }, NOTHING_AFTER_REMOVAL, 5);
}

#[test]
fn a_stale_check_answers_a_member_removed_before() {
    let wrong = Removal { design: Design::QueryThenStaleCheck };
    assert_breaks(&wrong, NO_LATE_REQUEST, 4);
    assert_breaks(&wrong, NOTHING_AFTER_REMOVAL, 5);
}

//! The answer after a fault: what the caller is told is what is stored.
//!
//! A send is one transaction: the head goes from n to n + 1, entry n + 1 is put, the idempotency item of the key is put
//! if there is none, and the sender must be a member.
//! Where the head is, a writer guesses from what it remembers. If the guess is wrong the transaction is cancelled, and
//! its reasons carry the head and the idempotency item, if there is one: then the answer is made from that.
//! If it ended in an error instead, nobody knows whether it was applied: the idempotency item is read before anything
//! is answered.
//!
//! The obvious versions are wrong:
//! - *Map the error to an answer.* In three steps the answer to a transaction is lost, the SDK sends it again, it meets
//!   its own write, and the failed condition becomes the refusal of a message that is stored.
//! - *Look for the key in a call of its own, before.* In five steps the answer is lost, the SDK's second try finds only
//!   that the head has moved, and the message is stored again under the next number.
//!   In seven steps it needs no fault: two sends of one key both find nothing and are stored one after the other.
//! - *Write the idempotency item in a call of its own, after.* In five steps, the same way.
//! - *Trust the remembered head.* In four steps two writers remember the same one and the second overwrites the first.

use std::collections::BTreeSet;

use stateright::{Model, Property};

use super::{assert_breaks, assert_holds};

mod table;

use table::{Cancelled, Design, Item, Request, Table};

const STORED_ONCE: &str = "an acknowledged message is stored exactly once, where the answer says";
const NOT_STORED: &str = "a refused message is not stored";
const ONE_ENTRY: &str = "a key never has two entries";

/// How often the SDK sends a transaction that is not answered.
const SENDS: u8 = 2;
/// How many heads a writer tries: the one it remembers, then those that cancellations tell it.
const RACES: u8 = 2;

#[derive(Clone)]
struct Answers {
    design: Design,
    /// One function is called for each.
    requests: &'static [Request],
    /// What may become of a write.
    fates: &'static [Fate],
}

#[derive(Clone, Debug, Hash, PartialEq)]
struct State {
    table: Table,
    writers: Vec<Writer>,
    /// Transactions still on their way although their writer has given them up: whose, and with which guess.
    late: BTreeSet<(usize, usize)>,
}

/// What a function does next.
#[derive(Clone, Copy, Debug, Hash, PartialEq)]
enum Writer {
    Idle,
    /// Ask whether the key is known, in a call of its own, before committing with this guess.
    Checking(usize),
    /// Send the transaction.
    Committing {
        guess: usize,
        sends: u8,
        races: u8,
    },
    /// Write the idempotency item for this number, in a call of its own.
    Marking(usize),
    /// Read the idempotency item, not knowing what became of the transaction.
    ReadingBack,
    Answered(Answer),
}

#[derive(Clone, Copy, Debug, Hash, PartialEq)]
enum Answer {
    Created(usize),
    /// A definite no.
    Refused,
    /// Ask again, with the same key.
    Unknown,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Served,
    Dropped,
    AnswerLost,
    ErrorBefore,
    ErrorAfter,
    /// Given up as lost, but still on its way.
    Late,
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    /// A request reaches a function that remembers this head.
    Start(usize, usize),
    /// A function makes its next call.
    Call(usize, Fate),
    /// A function is killed, so that its client gets no answer.
    Kill(usize),
    /// A late transaction arrives.
    Arrive(usize, usize),
    /// The sender is removed.
    Remove,
}

impl Answers {
    /// Makes the call that the function is about to make, and returns what it does then.
    fn call(&self, state: &mut State, index: usize, fate: Fate) -> Writer {
        let request = self.requests[index];
        let table = &mut state.table;
        let served = fate == Fate::Served;
        let applied = matches!(fate, Fate::Served | Fate::AnswerLost | Fate::ErrorAfter);
        match state.writers[index] {
            Writer::Checking(guess) if served => match table.items.get(&request.key) {
                Some(item) => replay(request, *item),
                None => Writer::Committing { guess, sends: SENDS, races: RACES },
            },
            Writer::Committing { guess, sends, races } => {
                if fate == Fate::Late {
                    state.late.insert((index, guess));
                }
                let outcome = applied.then(|| table.commit(request, guess, self.design));
                match outcome.filter(|_| served) {
                    Some(Ok(seq)) if self.design == Design::ItemApart => Writer::Marking(seq),
                    Some(Ok(seq)) => Writer::Answered(Answer::Created(seq)),
                    Some(Err(reasons)) => self.after_cancellation(request, &reasons, races),
                    None if sends > 1 => Writer::Committing { guess, sends: sends - 1, races },
                    None if self.design == Design::Ours => Writer::ReadingBack,
                    None => Writer::Answered(Answer::Unknown),
                }
            }
            Writer::Marking(seq) if applied => {
                table.mark(request, seq);
                Writer::Answered(if served { Answer::Created(seq) } else { Answer::Unknown })
            }
            Writer::ReadingBack if served => match table.items.get(&request.key) {
                Some(item) => replay(request, *item),
                None => Writer::Answered(Answer::Unknown),
            },
            _ => Writer::Answered(Answer::Unknown),
        }
    }

    fn after_cancellation(&self, request: Request, reasons: &Cancelled, races: u8) -> Writer {
        match reasons.item {
            Some(_) if self.design == Design::ErrorsAsAnswers => Writer::Answered(Answer::Refused),
            Some(item) => replay(request, item),
            None if reasons.removed => Writer::Answered(Answer::Refused),
            None if races > 1 => Writer::Committing { guess: reasons.head, sends: SENDS, races: races - 1 },
            None => Writer::Answered(Answer::Unknown),
        }
    }

    fn answers(&self, state: &State) -> impl Iterator<Item = (Request, Answer)> {
        self.requests.iter().zip(&state.writers).filter_map(|(request, writer)| match writer {
            Writer::Answered(answer) => Some((*request, *answer)),
            _ => None,
        })
    }
}

/// The answer to a key that is known.
fn replay(request: Request, item: Item) -> Writer {
    Writer::Answered(if item.body == request.body { Answer::Created(item.seq) } else { Answer::Refused })
}

impl Model for Answers {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { table: Table::default(), writers: vec![Writer::Idle; self.requests.len()], late: BTreeSet::new() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, writer) in state.writers.iter().enumerate() {
            let fates = match writer {
                Writer::Idle => {
                    actions.extend((0..=state.table.log.len()).map(|head| Action::Start(index, head)));
                    continue;
                }
                Writer::Answered(_) => continue,
                // A read has no effect: all that matters is whether its answer arrives.
                Writer::Checking(_) | Writer::ReadingBack => &[Fate::Served, Fate::Dropped],
                Writer::Committing { .. } | Writer::Marking(_) => self.fates,
            };
            actions.extend(fates.iter().map(|fate| Action::Call(index, *fate)));
            actions.push(Action::Kill(index));
        }
        actions.extend(state.late.iter().map(|&(index, guess)| Action::Arrive(index, guess)));
        if !state.table.removed {
            actions.push(Action::Remove);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Start(index, guess) => {
                state.writers[index] = match self.design {
                    Design::CheckApart | Design::ItemApart => Writer::Checking(guess),
                    _ => Writer::Committing { guess, sends: SENDS, races: RACES },
                };
            }
            Action::Call(index, fate) => state.writers[index] = self.call(&mut state, index, fate),
            Action::Kill(index) => state.writers[index] = Writer::Answered(Answer::Unknown),
            Action::Arrive(index, guess) => {
                state.late.remove(&(index, guess));
                // Nobody waits for the outcome.
                let _ = state.table.commit(self.requests[index], guess, self.design);
            }
            Action::Remove => state.table.remove(),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(STORED_ONCE, |model, state: &State| {
                model.answers(state).all(|(request, answer)| match answer {
                    Answer::Created(seq) => {
                        state.table.log.get(seq - 1) == Some(&Some(request))
                            && state.table.count(|other| other == request) == 1
                    }
                    _ => true,
                })
            }),
            Property::always(NOT_STORED, |model, state: &State| {
                let mut refused = model.answers(state).filter(|(_, answer)| *answer == Answer::Refused);
                refused.all(|(request, _)| state.table.count(|other| other == request) == 0)
            }),
            Property::always(ONE_ENTRY, |model, state: &State| {
                model.requests.iter().all(|request| state.table.count(|other| other.key == request.key) <= 1)
            }),
            Property::sometimes("a retry gets the answer of the first", |model, state: &State| {
                let created = model.answers(state).filter(|(_, answer)| matches!(answer, Answer::Created(_)));
                created.filter(|(request, _)| *request == FIRST).count() == 2
            }),
            Property::sometimes("a message without an answer is stored", |model, state: &State| {
                let mut unknown = model.answers(state).filter(|(_, answer)| *answer == Answer::Unknown);
                unknown.any(|(request, _)| state.table.count(|other| other == request) == 1)
            }),
            Property::sometimes("someone is refused", |model, state: &State| {
                model.answers(state).any(|(_, answer)| answer == Answer::Refused)
            }),
        ]
    }
}

const FIRST: Request = Request { key: 'a', body: 1 };
const SAME_KEY_OTHER_BODY: Request = Request { key: 'a', body: 2 };
const OTHER: Request = Request { key: 'b', body: 1 };

/// A message, the client's retry of it, and another message.
const RETRY: &[Request] = &[FIRST, FIRST, OTHER];
const ALL_FATES: &[Fate] =
    &[Fate::Served, Fate::Dropped, Fate::AnswerLost, Fate::ErrorBefore, Fate::ErrorAfter, Fate::Late];

fn retrying(design: Design) -> Answers {
    Answers { design, requests: RETRY, fates: ALL_FATES }
}

#[test]
fn one_transaction_and_a_look_after_an_error_keep_answers_true() {
    assert_holds(retrying(Design::Ours), 40_000);
}

#[test]
fn a_key_used_again_for_another_body_is_told_apart() {
    let requests = &[FIRST, FIRST, SAME_KEY_OTHER_BODY];
    assert_holds(Answers { requests, ..retrying(Design::Ours) }, 18_000);
}

#[test]
fn errors_as_answers_refuse_what_is_stored() {
    assert_breaks(&retrying(Design::ErrorsAsAnswers), NOT_STORED, 3);
}

#[test]
fn a_check_apart_stores_a_message_twice() {
    assert_breaks(&retrying(Design::CheckApart), ONE_ENTRY, 5);
    let calm = Answers { fates: &[Fate::Served], ..retrying(Design::CheckApart) };
    assert_breaks(&calm, ONE_ENTRY, 7);
}

#[test]
fn an_item_apart_stores_a_message_twice() {
    assert_breaks(&retrying(Design::ItemApart), ONE_ENTRY, 5);
}

#[test]
fn a_trusted_hint_loses_an_acknowledged_message() {
    assert_breaks(&retrying(Design::TrustedHint), STORED_ONCE, 4);
}

//! One notice for each window: whatever is killed, comes twice or comes late, no window has two mails, and nothing that
//! came is forgotten.
//!
//! Every person has an item: the window that is *due*, the *claim* of a look under way, and what came up meanwhile, to
//! be looked at *again*. It has a version, and whoever writes it says which one they have read.
//! A delivery writes the row of its message, **then** reads the item. If a look is under way, which may have read the
//! rows before, it notes that somebody must look again. Otherwise a look that is to come will see the row; if there is
//! none, or only a later one, it writes what is due.
//! A look claims, **then** reads the rows. If there is news it puts an item into the ledger for its window, **then**
//! sends, marks the rows as told of, and finishes: what is due next is what was noted meanwhile.
//! What is due stays until then, so that whoever finds an old claim looks anew. If they find the window in the ledger,
//! a mail may have left: they send nothing, and look again in a later window.
//!
//! The obvious versions are wrong:
//! - *Send, then write the ledger.* In eleven steps a look is killed in between and the next one sends again.
//!   In ten it is not killed, only slow.
//! - *Let the claim alone decide who sends.* In as many steps, the same way: a claim that can be taken over is no proof
//!   that its mail did not leave.
//! - *Read the rows, then claim.* In eleven steps and without a fault: a message comes in between, its delivery finds
//!   that a look is to come, and that look has already looked.
//! - *Finish without asking what came up.* In twelve steps and without a fault: the message that came after the rows
//!   were read is forgotten.
//! - *Take what is due when claiming.* In five steps the look is killed and nobody knows that there was one.
//!
//! After a fault a message may be told of twice, in mails for two windows: nobody can know whether a mail left.

use std::collections::{BTreeMap, BTreeSet};

use stateright::{Model, Property};

use super::{assert_breaks, assert_holds};

const ONE_MAIL: &str = "no window has two mails";
const NOTHING_FORGOTTEN: &str = "a look is to come, or under way, while something that came is untold";
const TOLD_ONCE: &str = "without a fault nothing is told twice";

/// How many look at the same time.
const LOOKERS: usize = 2;

/// A message, in a row of its own. It makes the window due that has the next number.
type Message = usize;
type Window = usize;
type Version = usize;
/// Tells a look from all others.
type Run = usize;
type News = BTreeSet<Message>;

/// In which order a look makes its calls, and what it relies on.
#[derive(Clone, Copy, PartialEq)]
enum Design {
    Ours,
    SendThenLedger,
    /// There is no ledger.
    ClaimAlone,
    ReadThenClaim,
    /// The end of a look drops what came up during it.
    ForgetAgain,
    ClaimTakesDue,
}

#[derive(Clone)]
struct Claims {
    design: Design,
    /// What is delivered, in any order. What is here twice comes twice.
    deliveries: &'static [Message],
    /// How many looks sweeps may begin.
    looks: usize,
    /// How many looks may be killed.
    crashes: usize,
    /// How many claims may get old although the look goes on.
    haste: usize,
}

#[derive(Clone, Debug, Default, Hash, PartialEq)]
struct State {
    item: Item,
    /// The messages that whoever reads the rows can see.
    rows: BTreeSet<Message>,
    /// Those that the rows say were told of.
    told: BTreeSet<Message>,
    ledger: BTreeSet<Window>,
    /// Every mail that left: for which window, and what it told.
    mails: Vec<(Window, News)>,
    deliveries: Vec<Delivery>,
    /// The looks under way.
    looks: BTreeMap<Run, Look>,
    /// How many looks there were.
    begun: usize,
    crashes: usize,
    haste: usize,
}

#[derive(Clone, Copy, Debug, Default, Hash, PartialEq)]
struct Item {
    version: Version,
    due: Option<Window>,
    claim: Option<Claim>,
    again: Option<Window>,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq)]
struct Claim {
    run: Run,
    /// Whether others may take it over. Until one does, it still is the look's own.
    old: bool,
}

/// What a delivery does next.
#[derive(Clone, Copy, Debug, Hash, PartialEq)]
enum Delivery {
    WriteRow,
    ReadItem,
    /// Write the item, if it is still this version.
    WriteItem(Version),
    Done,
}

#[derive(Clone, Debug, Hash, PartialEq)]
struct Look {
    window: Window,
    step: Step,
}

/// What a look does next.
#[derive(Clone, Debug, Hash, PartialEq)]
enum Step {
    /// Claim, having read the rows.
    Claim(News),
    Read,
    PutLedger(News),
    Send(News),
    MarkRows(News),
    /// Let go of the claim, and look again in this window.
    Finish(Option<Window>),
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    /// A delivery makes its next call.
    Deliver(usize),
    /// A sweep finds that something is due.
    Look,
    /// A look makes its next call.
    Step(Run),
    /// A look is killed between two calls.
    Crash(Run),
    /// The claim gets old.
    Age,
}

impl Item {
    /// The item with a look in this window; nothing if one comes before that and will see what there is to see now.
    fn mark(self, window: Window) -> Option<Self> {
        let sooner = |than: Option<Window>| than.is_none_or(|than| window < than);
        match self.claim {
            Some(_) => sooner(self.again).then_some(Self { again: Some(window), ..self }),
            None => sooner(self.due).then_some(Self { due: Some(window), ..self }),
        }
    }

    /// The window that may be claimed.
    fn free(self) -> Option<Window> {
        self.due.filter(|_| self.claim.is_none_or(|claim| claim.old))
    }
}

impl State {
    fn write(&mut self, item: Item) {
        self.item = Item { version: self.item.version + 1, ..item };
    }

    fn news(&self) -> News {
        &self.rows - &self.told
    }

    fn times_told(&self, message: Message) -> usize {
        self.mails.iter().filter(|(_, told)| told.contains(&message)).count()
    }

    /// Whether a look is to come, or one that is alive has the claim.
    fn has_look(&self) -> bool {
        self.item.due.is_some() || self.item.claim.is_some_and(|claim| self.looks.contains_key(&claim.run))
    }

    fn is_faultless(&self) -> bool {
        self.crashes + self.haste == 0
    }
}

impl Claims {
    /// Makes the next call of a delivery, and returns the one after it.
    fn deliver(&self, state: &mut State, index: usize) -> Delivery {
        let message = self.deliveries[index];
        let marked = state.item.mark(message + 1);
        match (state.deliveries[index], marked) {
            (Delivery::WriteRow, _) => {
                state.rows.insert(message);
                Delivery::ReadItem
            }
            (Delivery::ReadItem, Some(_)) => Delivery::WriteItem(state.item.version),
            (Delivery::WriteItem(version), Some(marked)) if version == state.item.version => {
                state.write(marked);
                Delivery::Done
            }
            (Delivery::WriteItem(_), _) => Delivery::ReadItem,
            (Delivery::ReadItem, None) | (Delivery::Done, _) => Delivery::Done,
        }
    }

    /// Makes the next call of a look, and returns the one after it.
    fn step(&self, state: &mut State, run: Run, look: Look) -> Option<Step> {
        let Look { window, step } = look;
        let ledger_last = self.design == Design::SendThenLedger;
        // A mail for this window may have left.
        let unknown = Step::Finish(Some(window + 1));
        Some(match step {
            Step::Claim(news) => {
                if state.item.free() != Some(window) {
                    return None;
                }
                self.claim(state, run);
                self.after_reading(news)
            }
            Step::Read => self.after_reading(state.news()),
            Step::PutLedger(news) => {
                let first = state.ledger.insert(window);
                if ledger_last {
                    Step::MarkRows(news)
                } else if first {
                    Step::Send(news)
                } else {
                    unknown
                }
            }
            Step::Send(_) if ledger_last && state.ledger.contains(&window) => unknown,
            Step::Send(news) => {
                state.mails.push((window, news.clone()));
                if ledger_last { Step::PutLedger(news) } else { Step::MarkRows(news) }
            }
            Step::MarkRows(news) => {
                state.told.extend(news);
                Step::Finish(None)
            }
            Step::Finish(next) => {
                self.finish(state, run, next);
                return None;
            }
        })
    }

    fn claim(&self, state: &mut State, run: Run) {
        let due = state.item.due.filter(|_| self.design != Design::ClaimTakesDue);
        state.write(Item { due, claim: Some(Claim { run, old: false }), ..state.item });
    }

    fn after_reading(&self, news: News) -> Step {
        match self.design {
            _ if news.is_empty() => Step::Finish(None),
            Design::SendThenLedger | Design::ClaimAlone => Step::Send(news),
            _ => Step::PutLedger(news),
        }
    }

    fn finish(&self, state: &mut State, run: Run, next: Option<Window>) {
        if state.item.claim.is_some_and(|claim| claim.run == run) {
            let again = state.item.again.filter(|_| self.design != Design::ForgetAgain);
            let due = [next, again].into_iter().flatten().min();
            state.write(Item { due, claim: None, again: None, ..state.item });
        }
    }

    /// What has been delivered.
    fn delivered(&self, state: &State) -> impl Iterator<Item = Message> {
        let deliveries = self.deliveries.iter().zip(&state.deliveries);
        deliveries.filter(|(_, delivery)| **delivery == Delivery::Done).map(|(message, _)| *message)
    }

    /// Whether everything came and was told, and nothing is left to do.
    fn is_settled(&self, state: &State) -> bool {
        let told = self.delivered(state).filter(|message| state.times_told(*message) > 0);
        told.count() == self.deliveries.len() && state.item.due.is_none() && state.looks.is_empty()
    }
}

impl Model for Claims {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State { deliveries: vec![Delivery::WriteRow; self.deliveries.len()], ..State::default() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let coming = state.deliveries.iter().enumerate().filter(|(_, delivery)| **delivery != Delivery::Done);
        actions.extend(coming.map(|(index, _)| Action::Deliver(index)));
        if state.item.free().is_some() && state.looks.len() < LOOKERS && state.begun < self.looks {
            actions.push(Action::Look);
        }
        for &run in state.looks.keys() {
            actions.push(Action::Step(run));
            if state.crashes < self.crashes {
                actions.push(Action::Crash(run));
            }
        }
        if let Some(Claim { run, old: false }) = state.item.claim
            && (state.haste < self.haste || !state.looks.contains_key(&run))
        {
            actions.push(Action::Age);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Deliver(index) => state.deliveries[index] = self.deliver(&mut state, index),
            Action::Look => {
                let (run, window) = (state.begun, state.item.due?);
                let step = if self.design == Design::ReadThenClaim {
                    Step::Claim(state.news())
                } else {
                    self.claim(&mut state, run);
                    Step::Read
                };
                state.looks.insert(run, Look { window, step });
                state.begun += 1;
            }
            Action::Step(run) => {
                let look = state.looks.remove(&run)?;
                let window = look.window;
                if let Some(step) = self.step(&mut state, run, look) {
                    state.looks.insert(run, Look { window, step });
                }
            }
            Action::Crash(run) => {
                state.looks.remove(&run);
                state.crashes += 1;
            }
            Action::Age => {
                let claim = state.item.claim.as_mut()?;
                claim.old = true;
                if state.looks.contains_key(&claim.run) {
                    state.haste += 1;
                }
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_MAIL, |_, state: &State| {
                let windows: BTreeSet<Window> = state.mails.iter().map(|(window, _)| *window).collect();
                windows.len() == state.mails.len()
            }),
            // A mail tells only what was in the rows when its look read them, so what it tells had come before.
            Property::always(NOTHING_FORGOTTEN, |model, state: &State| {
                model.delivered(state).all(|message| state.times_told(message) > 0 || state.has_look())
            }),
            Property::always(TOLD_ONCE, |model, state: &State| {
                !state.is_faultless() || model.deliveries.iter().all(|message| state.times_told(*message) <= 1)
            }),
            Property::sometimes("everything is told in two mails, without a fault", |model, state: &State| {
                model.is_settled(state) && state.is_faultless() && state.mails.len() == 2
            }),
            Property::sometimes("everything is told after a fault", |model, state: &State| {
                model.is_settled(state) && !state.is_faultless()
            }),
            Property::sometimes("something is told twice, after a fault", |model, state: &State| {
                model.deliveries.iter().any(|message| state.times_told(*message) == 2)
            }),
            Property::sometimes("a look goes on although another one has the claim", |_, state: &State| {
                state.item.claim.is_some_and(|claim| state.looks.keys().any(|run| *run != claim.run))
            }),
            Property::sometimes("a look finds that a mail may have left", |_, state: &State| {
                state.looks.values().any(|look| matches!(look.step, Step::Finish(Some(_))))
            }),
        ]
    }
}

const TWO: &[Message] = &[0, 1];
const TWO_AND_ONE_AGAIN: &[Message] = &[0, 1, 0];

/// Nothing goes wrong.
fn calm(design: Design) -> Claims {
    Claims { design, deliveries: TWO, looks: 2, crashes: 0, haste: 0 }
}

#[test]
fn a_claim_and_a_ledger_send_one_mail_and_forget_nothing() {
    assert_holds(Claims { looks: 4, crashes: 1, haste: 1, ..calm(Design::Ours) }, 26_000);
}

#[test]
fn what_comes_twice_makes_no_second_mail() {
    assert_holds(Claims { deliveries: TWO_AND_ONE_AGAIN, looks: 3, haste: 1, ..calm(Design::Ours) }, 36_000);
}

#[test]
fn a_ledger_written_after_the_mail_sends_two() {
    assert_breaks(&Claims { crashes: 1, ..calm(Design::SendThenLedger) }, ONE_MAIL, 11);
    assert_breaks(&Claims { haste: 1, ..calm(Design::SendThenLedger) }, ONE_MAIL, 10);
}

#[test]
fn a_claim_without_a_ledger_sends_two() {
    assert_breaks(&Claims { crashes: 1, ..calm(Design::ClaimAlone) }, ONE_MAIL, 11);
    assert_breaks(&Claims { haste: 1, ..calm(Design::ClaimAlone) }, ONE_MAIL, 10);
}

#[test]
fn rows_read_before_the_claim_forget_what_comes_between() {
    assert_breaks(&calm(Design::ReadThenClaim), NOTHING_FORGOTTEN, 11);
}

#[test]
fn an_end_that_does_not_ask_forgets_what_came_meanwhile() {
    assert_breaks(&calm(Design::ForgetAgain), NOTHING_FORGOTTEN, 12);
}

#[test]
fn a_claim_that_takes_what_is_due_forgets_it_when_killed() {
    assert_breaks(&Claims { crashes: 1, ..calm(Design::ClaimTakesDue) }, NOTHING_FORGOTTEN, 5);
}

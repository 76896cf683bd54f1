//! What can go wrong between a function and the table.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One thing that goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Drop,
    /// It is done, and nobody hears of it.
    LoseTheAnswer,
    /// The table fails, and does nothing.
    ServerError,
    /// The table refuses for now.
    Throttle,
    /// Another transaction is in the way.
    Conflict,
    /// It takes its time.
    Delay(Duration),
}

impl Fault {
    /// Every kind, the delay a short one.
    pub const ALL: [Self; 6] = [
        Self::Drop,
        Self::LoseTheAnswer,
        Self::ServerError,
        Self::Throttle,
        Self::Conflict,
        Self::Delay(Duration::from_millis(2)),
    ];
}

/// All that the table is asked to do by functions, as requests name it.
pub const OPERATIONS: [&str; 8] = [
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "TransactGetItems",
    "TransactWriteItems",
];

/// What goes wrong, request by request.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    /// What happens to the next requests of this operation, in order.
    next: VecDeque<(&'static str, Option<Fault>)>,
    /// How many of a hundred requests go wrong besides, and the dice for it.
    percent: u8,
    dice: Option<fastrand::Rng>,
}

impl Faults {
    /// The next requests of `operation` (such as `TransactWriteItems`) meet these faults, in order; `None` lets one
    /// through.
    pub fn plan(&self, operation: &'static str, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.lock().next.extend(faults.into_iter().map(|fault| (operation, fault)));
    }

    /// From now on, this many of a hundred requests meet some fault, chosen from `seed`.
    pub fn at_random(&self, percent: u8, seed: u64) {
        let mut plan = self.lock();
        plan.percent = percent;
        plan.dice = Some(fastrand::Rng::with_seed(seed));
    }

    /// From now on nothing goes wrong.
    pub fn stop(&self) {
        *self.lock() = Plan::default();
    }

    /// How many planned faults no request has met yet.
    pub fn left(&self) -> usize {
        self.lock().next.len()
    }

    /// The fault for a request that goes out now.
    pub(crate) fn next(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.lock();
        if let Some(place) = plan.next.iter().position(|(planned, _)| *planned == operation) {
            return plan.next.remove(place).and_then(|(_, fault)| fault);
        }
        let percent = plan.percent;
        let dice = plan.dice.as_mut()?;
        (dice.u8(0..100) < percent).then(|| Fault::ALL[dice.usize(0..Fault::ALL.len())])
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

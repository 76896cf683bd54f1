//! Chooses whose request goes next, so that a race happens in an order that a test names.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::faults::{Fault, OPERATIONS};
use crate::world::World;

tokio::task_local! {
    /// Who is acting, for the turnstile.
    static WHO: &'static str;
}

/// Runs `act` under a name by which the turnstile knows its requests.
pub async fn named<T>(who: &'static str, act: impl Future<Output = T>) -> T {
    WHO.scope(who, act).await
}

/// A request that waits.
#[derive(Debug)]
struct Waiting {
    who: &'static str,
    operation: String,
    go: oneshot::Sender<()>,
}

/// Holds requests until they are let through. Requests of nobody named pass at once.
#[derive(Clone, Debug, Default)]
pub struct Turnstile {
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    arrived: Arc<Notify>,
}

impl Turnstile {
    pub(crate) async fn pass(&self, operation: &str) {
        let Ok(who) = WHO.try_with(|who| *who) else { return };
        let (go, gone) = oneshot::channel();
        let waiting = Waiting { who, operation: operation.to_owned(), go };
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push_back(waiting);
        self.arrived.notify_waiters();
        let _ = gone.await;
    }

    /// Waits until a request of `who` is here, and says what it is.
    pub async fn wait_for(&self, who: &str) -> String {
        loop {
            let arrived = self.arrived.notified();
            if let Some(operation) = self.find(who) {
                return operation;
            }
            arrived.await;
        }
    }

    /// Waits for a request of `who` and lets it through; says what it was.
    pub async fn let_through(&self, who: &str) -> String {
        let operation = self.wait_for(who).await;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = waiting.iter().position(|waiting| waiting.who == who)
            && let Some(request) = waiting.remove(place)
        {
            let _ = request.go.send(());
        }
        operation
    }

    /// The names whose requests wait now.
    pub fn waiting(&self) -> Vec<&'static str> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|waiting| waiting.who).collect()
    }

    fn find(&self, who: &str) -> Option<String> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.iter().find(|waiting| waiting.who == who).map(|waiting| waiting.operation.clone())
    }
}

/// Lets `act` make `before` requests to the table, then does `meanwhile`, then lets the rest through. Nothing if `act`
/// makes fewer; otherwise what it came to, and what it asked after the interruption.
pub async fn interrupted<T: Send + 'static>(
    world: &World,
    before: usize,
    act: impl Future<Output = T> + Send + 'static,
    meanwhile: impl Future<Output = ()>,
) -> Option<(T, Vec<String>)> {
    let turnstile = Turnstile::default();
    world.wire().hold(turnstile.clone());
    let mut acting = tokio::spawn(named("actor", act));
    for _ in 0..before {
        tokio::select! {
            done = &mut acting => {
                done.expect("an act that ends well");
                return None;
            }
            _ = turnstile.let_through("actor") => {}
        }
    }
    meanwhile.await;
    let mut asked = Vec::new();
    loop {
        tokio::select! {
            done = &mut acting => return Some((done.expect("an act that ends well"), asked)),
            operation = turnstile.let_through("actor") => asked.push(operation),
        }
    }
}

/// What a function knows of its last request to the table when it dies.
#[derive(Clone, Copy, Debug)]
pub enum Last {
    /// Its answer.
    Answered,
    /// Nothing, though it was done.
    Unanswered,
    /// Nothing: it has only just gone out.
    JustSent,
}

/// Lets `act` make so many requests to the table and ends it there; says whether it had not ended by itself. An act that
/// fails has not ended: whoever is let through to the end must come to a good one.
pub async fn dies<T: Send + 'static>(
    process: &World,
    requests: usize,
    last: Last,
    act: impl Future<Output = T> + Send + 'static,
) -> bool {
    let turnstile = Turnstile::default();
    process.wire().hold(turnstile.clone());
    let mut acting = tokio::spawn(named("it", act));
    for request in 1..=requests {
        tokio::select! {
            operation = turnstile.wait_for("it") => {
                if request == requests && matches!(last, Last::Unanswered) {
                    let operation = OPERATIONS.into_iter().find(|name| **name == *operation).expect("an operation");
                    process.wire().faults.plan(operation, [Some(Fault::LoseTheAnswer)]);
                }
                turnstile.let_through("it").await;
            }
            done = &mut acting => {
                done.expect("an act that ends well");
                return false;
            }
        }
    }
    if !matches!(last, Last::JustSent) {
        tokio::select! {
            _ = turnstile.wait_for("it") => {}
            done = &mut acting => {
                done.expect("an act that ends well");
                return false;
            }
        }
    }
    acting.abort();
    if let Err(error) = acting.await {
        assert!(error.is_cancelled(), "it had failed before: {error}");
    }
    process.wire().faults.stop();
    true
}

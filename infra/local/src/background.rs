//! What happens without a request: time that passes, and what it sets off.

use std::sync::Arc;
use std::time::Duration;

use domain::clock::{Clock, Hand, Timestamp};
use tokio::sync::Mutex;

/// Moves the stack's one clock and runs what is due. Cheap to clone.
///
/// Nothing is asynchronous yet: no function reads the table's stream and none runs on a schedule. When one does, it is
/// run from [`Background::settle`], and from [`Background::advance`] for every tick in between.
#[derive(Clone, Debug)]
pub struct Background {
    clock: Clock,
    hand: Hand,
    /// One move of the clock at a time, so that ticks run in order.
    turn: Arc<Mutex<()>>,
}

impl Background {
    /// Runs on `clock`, which `hand` moves.
    pub fn new(clock: Clock, hand: Hand) -> Self {
        Self { clock, hand, turn: Arc::default() }
    }

    /// Moves the clock forward, settles, and returns what time it is then.
    pub async fn advance(&self, by: Duration) -> Timestamp {
        let _turn = self.turn.lock().await;
        self.hand.advance(by);
        self.clock.now()
    }

    /// Returns when everything that earlier requests set off is done.
    pub async fn settle(&self) {
        let _turn = self.turn.lock().await;
    }
}

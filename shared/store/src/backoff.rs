//! How long to wait between tries, and what may be said after them.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// Full jitter: a random time up to 10 ms, doubled with each try, up to 300 ms.
///
/// Eight tries, or as many as begin within ten seconds: API Gateway gives up on us after thirty.
#[derive(Debug)]
pub(crate) struct Backoff {
    tries: u32,
    started: Instant,
    unheard: bool,
}

impl Backoff {
    const TRIES: u32 = 8;
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(crate) fn new() -> Self {
        Self { tries: 0, started: Instant::now(), unheard: false }
    }

    /// Waits, and says whether there is another try.
    pub(crate) async fn again(&mut self) -> bool {
        self.tries += 1;
        if self.tries >= Self::TRIES || self.started.elapsed() > Self::PATIENCE {
            return false;
        }
        // Losing once is ordinary and the winner's state is at hand: the second try need not wait.
        if self.waited() {
            let most = (10_u64 << (self.tries - 1)).min(300);
            tokio::time::sleep(Duration::from_micros(fastrand::u64(0..most * 1_000))).await;
        }
        true
    }

    /// Whether the present try was waited for: what was known before may be old by now.
    pub(crate) const fn waited(&self) -> bool {
        self.tries > 1
    }

    /// Notes that the present try may have been written.
    pub(crate) const fn unheard(&mut self) {
        self.unheard = true;
    }

    /// An error as it may be answered: once a try was not heard of, nobody can say that nothing was written.
    pub(crate) fn answer(&self, error: Error) -> Error {
        if self.unheard { error.unsure() } else { error }
    }
}

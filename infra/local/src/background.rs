//! What happens without a request: the table's stream is delivered, and time that passes sets things off.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;
use domain::clock::{Clock, Hand, Timestamp};
use tokio::sync::Mutex;

use crate::stream::Stream;

/// How often it is looked whether there is something to deliver.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Moves the stack's one clock and runs what is due. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Background {
    clock: Clock,
    hand: Hand,
    stream: Arc<Stream>,
    delivery: delivery::App,
    /// One move of the clock at a time, so that ticks run in order.
    turn: Arc<Mutex<()>>,
}

impl Background {
    /// Runs on `clock`, which `hand` moves, and delivers `stream`.
    pub fn new(clock: Clock, hand: Hand, stream: Stream, delivery: delivery::App) -> Self {
        Self { clock, hand, stream: Arc::new(stream), delivery, turn: Arc::default() }
    }

    /// The clock it runs on.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The function that delivers.
    pub fn delivery(&self) -> &delivery::App {
        &self.delivery
    }

    /// Moves the clock forward, settles, and returns what time it is then.
    pub async fn advance(&self, by: Duration) -> Timestamp {
        {
            let _turn = self.turn.lock().await;
            self.hand.advance(by);
        }
        self.settle().await;
        self.clock.now()
    }

    /// Returns when everything that earlier requests set off is done.
    pub async fn settle(&self) {
        let _turn = self.turn.lock().await;
        if let Err(error) = self.stream.drain(&self.delivery).await {
            tracing::error!(error = format!("{error:#}"), "The table's stream could not be read");
        }
    }

    /// Settles before somebody looks into an inbox: here it shows whatever was answered before it was asked, in the cloud
    /// a moment later.
    pub fn before(&self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self.clone(), settled))
    }

    /// Settles again and again.
    pub async fn run(self) {
        loop {
            self.settle().await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn settled(State(background): State<Background>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET && matches!(request.uri().path(), "/v1/conversations" | "/v1/unread") {
        background.settle().await;
    }
    next.run(request).await
}

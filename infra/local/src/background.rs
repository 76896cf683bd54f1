//! What happens without a request: the table's stream is delivered, events are routed, and time that passes sets things
//! off.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;
use domain::clock::{Clock, Hand, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::schedule::Schedule;
use crate::stream::Stream;

/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The functions that no request invokes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Functions {
    /// Gets the table's stream.
    pub delivery: delivery::App,
    /// Gets the table's stream, too.
    pub trail: trail::App,
    /// Gets the schedule's ticks, and is told what cannot wait for one.
    pub digest: digest::App,
    /// Hears what became of mails.
    pub mail_events: mail_events::App,
    /// Hears what was found in attachments.
    pub scan_results: scan_results::App,
    /// Gets the schedule's hours, and makes back-ups.
    pub jobs: jobs::App,
    /// Gets the schedule's hours.
    pub retention: retention::App,
    /// Makes previews of pictures.
    pub previews: previews::App,
}

/// Moves the stack's one clock and runs what is due. Cheap to clone.
#[derive(Clone)]
pub struct Background {
    clock: Clock,
    hand: Hand,
    stream: Arc<Stream>,
    schedule: Arc<Schedule>,
    functions: Functions,
    events: Arc<dyn Fn() -> Vec<Value> + Send + Sync>,
    /// One move of the clock at a time, so that ticks run in order.
    turn: Arc<Mutex<()>>,
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Background {
    /// Runs on `clock`, which `hand` moves: delivers `stream`, keeps `schedule`, and routes what `events` returns: what
    /// came onto the bus since it was last asked.
    pub fn new(
        clock: Clock,
        hand: Hand,
        stream: Stream,
        schedule: Schedule,
        functions: Functions,
        events: impl Fn() -> Vec<Value> + Send + Sync + 'static,
    ) -> Self {
        let (stream, schedule, events) = (Arc::new(stream), Arc::new(schedule), Arc::new(events));
        Self { clock, hand, stream, schedule, functions, events, turn: Arc::default() }
    }

    /// The clock it runs on.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The functions it invokes.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Moves the clock forward and runs the ticks that lie in between, each at its time; returns what time it is then.
    ///
    /// A tick that would find nothing due is passed over.
    pub async fn advance(&self, by: Duration) -> Timestamp {
        let _turn = self.turn.lock().await;
        let mut left = by;
        loop {
            self.finish().await;
            let now = self.clock.now();
            let Some(tick) = self.next_tick(now).await.filter(|tick| tick.since(now) <= left) else { break };
            let step = tick.since(now);
            self.hand.advance(step);
            left = left.saturating_sub(step);
            self.tick(tick).await;
        }
        self.hand.advance(left);
        self.finish().await;
        self.clock.now()
    }

    /// Returns when everything that earlier requests set off is done.
    pub async fn settle(&self) {
        let _turn = self.turn.lock().await;
        self.finish().await;
    }

    /// Settles before somebody looks into an inbox, or at what came of mails: here it shows whatever was answered
    /// before it was asked, in the cloud a moment later.
    pub fn before(&self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self.clone(), settled))
    }

    /// Settles again and again, and ticks each minute, the whole hours among them.
    pub async fn run(self) {
        let mut ticked = Schedule::minute(self.clock.now());
        loop {
            {
                let _turn = self.turn.lock().await;
                self.finish().await;
                let minute = Schedule::minute(self.clock.now());
                if minute > ticked {
                    // Of an hour whose minute was missed, as by a laptop that slept, this is the tick.
                    let hour = Schedule::hour(minute);
                    if hour > ticked && hour < minute {
                        self.tick(hour).await;
                    }
                    ticked = minute;
                    self.tick(minute).await;
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Delivers what the table's stream holds. What comes of that is left for whoever routes it.
    pub async fn deliver(&self) {
        if let Err(error) = self.stream.drain(&self.functions.delivery, Some(&self.functions.trail)).await {
            tracing::error!(error = format!("{error:#}"), "The table's stream could not be read");
        }
    }

    /// Delivers and routes until nothing is left to do at this time.
    async fn finish(&self) {
        loop {
            self.deliver().await;
            let mut routed = false;
            for event in (self.events)() {
                routed |= self.route(event).await;
            }
            if !routed {
                return;
            }
        }
    }

    /// Invokes the function that is told of such an event, and returns whether there is one.
    async fn route(&self, event: Value) -> bool {
        let Functions { digest, mail_events, scan_results, jobs, previews, .. } = &self.functions;
        let done = match (event["source"].as_str(), event["detail-type"].as_str()) {
            (Some("confer"), Some("NoticeDue")) => digest.handle(event, None).await,
            (Some("confer"), Some("BackupDue")) => jobs.handle(event, None).await,
            (Some("confer"), Some("PreviewDue")) => previews.handle(event).await,
            (Some("aws.ses"), _) => mail_events.handle(event).await,
            (Some("aws.guardduty"), _) => scan_results.handle(event).await,
            _ => return false,
        };
        if let Err(error) = done {
            tracing::error!(error, "An event could not be dealt with");
        }
        true
    }

    async fn next_tick(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.schedule.next(now).await;
        next.inspect_err(|error| tracing::error!(error = format!("{error:#}"), "What is due could not be read"))
            .ok()
            .flatten()
    }

    async fn tick(&self, minute: Timestamp) {
        let Functions { digest, jobs, retention, .. } = &self.functions;
        let mut done = vec![digest.handle(Schedule::event(minute), None).await];
        if Schedule::hour(minute) == minute {
            // Before the one that removes the bytes of what goes.
            done.push(retention.handle(Schedule::event(minute), None).await);
            done.push(jobs.handle(Schedule::event(minute), None).await);
        }
        for error in done.into_iter().filter_map(Result::err) {
            tracing::error!(error, "A tick of the schedule failed");
        }
    }
}

async fn settled(State(background): State<Background>, request: Request, next: Next) -> Response {
    let late = ["/v1/conversations", "/v1/unread", "/v1/me/notifications"];
    if request.method() == Method::GET && late.contains(&request.uri().path()) {
        background.settle().await;
    }
    next.run(request).await
}

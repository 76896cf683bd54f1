//! Mails people that something waits for them, never what.
//!
//! A schedule invokes it every minute to look at whatever is due, and the event bus at once for somebody to whom something
//! urgent has come. Both may come twice, late or at the same moment: whoever looks claims it first, and the mail of a window
//! is written down before it is sent.

mod look;
mod mail;
mod mailer;
mod sweep;

use std::sync::Arc;

use domain::clock::Timestamp;
use futures_util::FutureExt as _;
pub use mail::{ApiUrl, PanelUrl, UnsubscribeUrl, UrlError};
pub use mailer::Mailer;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Purpose, Store, Timing};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    timing: Timing,
    mailer: Mailer,
    panel: Arc<PanelUrl>,
    api: Arc<ApiUrl>,
}

/// What invokes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Event {
    /// The schedule's minute, as the schedule says it: a tick that comes late is still the tick of its minute.
    Tick { scheduled_at: Timestamp },
    /// From the event bus: something is due.
    Notice { detail: NoticeDue },
}

/// What delivery says.
#[derive(Deserialize)]
struct NoticeDue {
    /// For whom, sealed; for very many, if that is not said.
    reference: Option<String>,
}

impl App {
    /// What it needs.
    pub fn new(store: Store, timing: Timing, mailer: Mailer, panel: PanelUrl, api: ApiUrl) -> Self {
        Self { store, timing, mailer, panel: Arc::new(panel), api: Arc::new(api) }
    }

    /// Does what an event asks, until shortly before the deadline: what is left over stays due.
    pub async fn handle(&self, event: Value, deadline: Option<Timestamp>) -> Result<Value, lambda_runtime::Error> {
        let report = match api::event::read(event)? {
            Event::Tick { scheduled_at } => self.sweep(scheduled_at, deadline).boxed().await,
            Event::Notice { detail: NoticeDue { reference: Some(reference) } } => {
                let name = self.store.unseal(Purpose::Notice, &reference).await?;
                match name {
                    Some(name) => self.look_now(&name).boxed().await?,
                    None => sweep::Report::default(),
                }
            }
            Event::Notice { detail: NoticeDue { reference: None } } => {
                self.sweep(self.timing.now(), deadline).boxed().await
            }
        };
        // What failed stays due, and the next tick comes to it. A failure that lasts shows in the alarms.
        Ok(json!(report))
    }
}

//! Hears from the malware scanner whether attachments are clean.
//!
//! EventBridge invokes it with what the scanner found, at least once, late, and in any order; the rules of the domain say
//! what a verdict changes, so that comes to the same.

mod finding;

use domain::clock::Clock;
use domain::conversation::Signature;
use domain::id::Ids;
use finding::Event;
use serde_json::{Value, json};
use store::{Judged, Store};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
}

impl App {
    /// Notes what an event says of an attachment, and says what came of it.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        let Event { detail } = api::event::read(event)?;
        let Some((object, version, verdict)) = detail.finding() else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        let signature = |by| Signature { id: self.ids.mint(), by, at: self.clock.now() };
        let judged = self.store.judge_attachment(&object, &version, verdict, signature).await?;
        tracing::info!(attachment.id = %object.attachment(), verdict = ?verdict, judged = ?judged, "An attachment was scanned");
        let outcome = match judged {
            Judged::Unknown => "unknown",
            Judged::Same => "same",
            Judged::Now(_) => "noted",
        };
        Ok(json!({ "outcome": outcome }))
    }
}

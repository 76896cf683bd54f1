//! Hears from the mail service what became of mails, and stops writing to addresses that do not take them.
//!
//! EventBridge invokes it with what SES tells, at least once, late, and in any order. What it does depends on nothing but
//! the event, and what weighs more stays: so that comes to the same.

mod feedback;

use feedback::{Event, Feedback};
use serde_json::{Value, json};
use store::Store;

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
}

impl App {
    /// Does what an event asks, and says how many addresses get no mail because of it.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        let Event { detail } = api::event::read(event)?;
        let (kind, message_id) = (detail.kind(), detail.message_id().map(str::to_owned));
        match detail.feedback() {
            Feedback::Suppress { addresses, state, at } => {
                for address in &addresses {
                    self.store.suppress(address, state, at).await?;
                }
                tracing::warn!(kind, message_id, addresses = addresses.len(), "No mail goes there any more");
                Ok(json!({ "suppressed": addresses.len() }))
            }
            Feedback::Note => {
                tracing::warn!(kind, message_id, "A mail is late, or was not sent");
                Ok(json!({ "suppressed": 0 }))
            }
        }
    }
}

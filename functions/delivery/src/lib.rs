//! Brings what is appended to logs to the inboxes of members, notes whom it is to be told by mail and when, and tells
//! other systems that it happened.
//!
//! The table's stream invokes it, at least once for every change and in order for each conversation. What it does with
//! an entry depends on what is true of it now, so that it may come twice, late, or in another order. An entry that
//! cannot be delivered fails alone: the stream comes again from there, and what was delivered is not delivered anew.

mod bus;
mod command;
mod stream;

pub use bus::{Bus, Untold};
use serde_json::{Value, json};
use store::{Store, Timing};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Where other systems hear what happened.
    pub bus: Bus,
    /// Tells when it is to be looked whether people are to be told by mail.
    pub timing: Timing,
}

impl App {
    /// Does what an event asks: changes of the table from its stream, or an operator's command.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        if let Some(command) = event.get("rebuild") {
            let conversations = command::rebuild(self, api::event::read(command.clone())?).await?;
            return Ok(json!({ "conversations": conversations }));
        }
        let answer = stream::deliver(self, api::event::read(event)?).await;
        Ok(serde_json::to_value(answer)?)
    }
}

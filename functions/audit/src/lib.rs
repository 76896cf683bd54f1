//! What auditors see: who did what and when, and, with a reason, what was written.

mod break_glass;
mod conversation;
mod institution;
mod verify;

use domain::clock::Clock;
use domain::id::Ids;
use store::Store;

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

api::routes! {
    institution::read_institution_log,
    verify::verify_institution_log,
    conversation::read_conversation_log,
    verify::verify_conversation_log,
    break_glass::break_glass,
}

//! What auditors see: who did what and when, and, with a reason, what was written.

mod break_glass;
mod conversation;
mod institution;
mod verify;

use domain::clock::Clock;
use domain::id::Ids;
use store::Store;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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

/// Its routes and their part of the contract.
pub fn routes() -> OpenApiRouter<App> {
    api::document::router()
        .routes(routes!(institution::read_institution_log))
        .routes(routes!(verify::verify_institution_log))
        .routes(routes!(conversation::read_conversation_log))
        .routes(routes!(verify::verify_conversation_log))
        .routes(routes!(break_glass::break_glass))
}

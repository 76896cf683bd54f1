//! Starting conversations, the inbox, and reading one.

mod create;
mod get;
mod inbox;

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
        .routes(routes!(create::create_conversation, inbox::list_conversations))
        .routes(routes!(get::get_conversation))
}

//! Who I am, and finding colleagues.

mod health;
mod me;
mod search;

use domain::clock::Clock;
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
}

/// Its routes and their part of the contract.
pub fn routes() -> OpenApiRouter<App> {
    api::document::router()
        .routes(routes!(me::get_me))
        .routes(routes!(search::search_users))
        .routes(routes!(health::get_health))
}

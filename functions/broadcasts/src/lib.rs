//! What the institution tells people.

mod correct;
mod list;
mod list_all;
mod mark_read;
mod send;
mod view;
mod withdraw;

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
        .routes(routes!(list::list_broadcasts))
        .routes(routes!(mark_read::mark_broadcast_read))
        .routes(routes!(send::send_broadcast, list_all::list_all_broadcasts))
        .routes(routes!(correct::correct_broadcast))
        .routes(routes!(withdraw::withdraw_broadcast))
}

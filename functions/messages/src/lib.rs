//! Reading and sending in one conversation, read marks and unread counts.

mod list;
mod mark_read;
mod send;
mod unread;
mod view;

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
        .routes(routes!(send::send_message, list::list_messages))
        .routes(routes!(mark_read::mark_read))
        .routes(routes!(unread::count_unread))
}

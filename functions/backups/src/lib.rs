//! Back-ups of conversations: asking for one, and fetching it.
//!
//! They are made by `jobs`, which hears of it by the table's stream. This function says who may have which.

mod get;
mod request;
mod view;

use bucket::Bucket;
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
    /// Where back-ups are.
    pub bucket: Bucket,
}

/// Its routes and their part of the contract.
pub fn routes() -> OpenApiRouter<App> {
    api::document::router().routes(routes!(request::request_backup)).routes(routes!(get::get_backup))
}

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

api::routes! {
    request::request_backup,
    get::get_backup,
}

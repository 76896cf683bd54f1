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
    list::list_broadcasts,
    mark_read::mark_broadcast_read,
    send::send_broadcast,
    list_all::list_all_broadcasts,
    correct::correct_broadcast,
    withdraw::withdraw_broadcast,
}

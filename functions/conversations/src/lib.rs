//! Conversations: starting and managing them, their members, the inbox.

mod acting;
mod archive;
mod create;
mod direct;
mod get;
mod inbox;
mod label;
mod member;
mod members;
mod settings;
mod update;

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
        .routes(routes!(get::get_conversation, update::update_conversation))
        .routes(routes!(archive::archive_conversation))
        .routes(routes!(archive::unarchive_conversation))
        .routes(routes!(archive::delete_conversation))
        .routes(routes!(members::list_members, members::add_members))
        .routes(routes!(member::update_member, member::remove_member))
        .routes(routes!(settings::update_settings))
        .routes(routes!(direct::open_direct))
}

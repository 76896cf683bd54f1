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
    create::create_conversation,
    inbox::list_conversations,
    get::get_conversation,
    update::update_conversation,
    archive::archive_conversation,
    archive::unarchive_conversation,
    archive::delete_conversation,
    members::list_members,
    members::add_members,
    member::update_member,
    member::remove_member,
    settings::update_settings,
    direct::open_direct,
}

//! Who I am, what I am mailed about, finding colleagues, and what system administrators set.

mod health;
mod holds;
mod import;
mod me;
mod notifications;
mod preferences;
mod presence;
mod projects;
mod search;
mod set_project;
mod set_user;
mod settings;
mod suggested;
mod suppressions;
mod unsubscribe;

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
        .routes(routes!(me::get_me))
        .routes(routes!(preferences::get_preferences, preferences::set_preferences))
        .routes(routes!(presence::note_presence))
        .routes(routes!(presence::log_out))
        .routes(routes!(notifications::list_notifications))
        .routes(routes!(unsubscribe::ask_to_unsubscribe, unsubscribe::unsubscribe))
        .routes(routes!(search::search_users))
        .routes(routes!(suggested::suggest_users))
        .routes(routes!(projects::list_projects))
        .routes(routes!(set_user::set_user))
        .routes(routes!(set_project::set_project))
        .routes(routes!(import::import_people))
        .routes(routes!(settings::get_settings, settings::set_settings))
        .routes(routes!(holds::list_holds, holds::place_hold))
        .routes(routes!(holds::lift_hold))
        .routes(routes!(suppressions::list_suppressions))
        .routes(routes!(suppressions::lift_suppression))
        .routes(routes!(health::get_health))
}

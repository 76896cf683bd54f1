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
    me::get_me,
    preferences::get_preferences,
    preferences::set_preferences,
    presence::note_presence,
    presence::log_out,
    notifications::list_notifications,
    unsubscribe::ask_to_unsubscribe,
    unsubscribe::unsubscribe,
    search::search_users,
    suggested::suggest_users,
    projects::list_projects,
    set_user::set_user,
    set_project::set_project,
    import::import_people,
    settings::get_settings,
    settings::set_settings,
    holds::list_holds,
    holds::place_hold,
    holds::lift_hold,
    suppressions::list_suppressions,
    suppressions::lift_suppression,
    health::get_health,
}

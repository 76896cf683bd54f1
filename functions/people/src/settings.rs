//! `GET` and `PUT /v1/admin/settings`

use api::{IfMatch, Json, Problem, SystemAdministrator, Versioned};
use axum::extract::State;
use domain::institution::Settings;
use domain::text::Notice;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// How the institution set the messenger up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct SettingsView {
    /// Whether people may use the messenger. While they may not, everything is kept.
    messenger_enabled: bool,
    /// What people are told who try while it is not enabled.
    #[schema(value_type = Option<String>)]
    closed_reason: Option<Notice>,
    /// Whether only system administrators may start a conversation with a system administrator.
    protect_admins: bool,
    /// Whether auditors may read what conversations hold, with a reason.
    break_glass: bool,
}

/// How the institution sets the messenger up: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSettings {
    /// Whether people may use the messenger. While they may not, everything is kept.
    messenger_enabled: bool,
    /// What people are told who try while it is not enabled.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    closed_reason: Option<Notice>,
    /// Whether only system administrators may start a conversation with a system administrator.
    protect_admins: bool,
    /// Whether auditors may read what conversations hold, with a reason.
    break_glass: bool,
}

impl From<Settings> for SettingsView {
    fn from(settings: Settings) -> Self {
        let Settings { messenger_enabled, closed_reason, protect_admins, break_glass } = settings;
        Self { messenger_enabled, closed_reason, protect_admins, break_glass }
    }
}

/// Read the settings.
///
/// For system administrators.
#[utoipa::path(get, path = "/v1/admin/settings", tag = "people",
    responses((status = 200, body = SettingsView, description = "The settings."), Problem))]
pub(crate) async fn get_settings(
    State(app): State<App>,
    _: SystemAdministrator,
) -> Result<Versioned<SettingsView>, Problem> {
    let (settings, rev) = app.store.settings().await?;
    Ok(Versioned(settings.into(), rev))
}

/// Set the messenger up.
///
/// For system administrators. It is so everywhere at the latest after a minute.
#[utoipa::path(put, path = "/v1/admin/settings", tag = "people",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the version you have seen.")),
    request_body = SetSettings,
    responses((status = 200, body = SettingsView, description = "The settings as they are now."), Problem))]
pub(crate) async fn set_settings(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    IfMatch(seen): IfMatch,
    Json(asked): Json<SetSettings>,
) -> Result<Versioned<SettingsView>, Problem> {
    let SetSettings { messenger_enabled, closed_reason, protect_admins, break_glass } = asked;
    let wanted = Settings { messenger_enabled, closed_reason, protect_admins, break_glass };
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let (settings, rev) = app.store.set_up(&signature, &wanted, seen).await?;
    Ok(Versioned(settings.into(), rev))
}

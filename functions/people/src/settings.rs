//! `GET` and `PUT /v1/admin/settings`

use std::collections::BTreeSet;

use api::{IfMatch, Json, Problem, SystemAdministrator, Versioned, schema};
use axum::extract::State;
use domain::attachment::DeniedTypes;
use domain::institution::{BackupBy, Settings};
use domain::preferences::{Field, MailPolicy};
use domain::retention::Period;
use domain::text::ClosedReason;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::preferences::{PreferencesView, SetPreferences};

/// How the institution set the messenger up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct SettingsView {
    /// Whether people may use the messenger. While they may not, everything is kept.
    messenger_enabled: bool,
    /// What people are told who try while it is not enabled.
    #[schema(value_type = Option<schema::ClosedReason>)]
    closed_reason: Option<ClosedReason>,
    /// Whether only system administrators may start a conversation with a system administrator.
    protect_admins: bool,
    /// Whether auditors may read what conversations hold, with a reason.
    break_glass: bool,
    /// What is decided about mails.
    mail: MailPolicyView,
    /// Who may back up a conversation: `member`, everybody in it; `administrator`; `nobody`.
    #[schema(value_type = schema::BackupBy)]
    backup_by: BackupBy,
    /// The types of attachments that nobody may upload, as `application/pdf`, or `video/*` for all of a kind; in order.
    #[schema(value_type = Vec<schema::TypePattern>)]
    denied_types: DeniedTypes,
    /// For how many days messages are kept, of projects that say nothing else.
    #[schema(value_type = schema::RetentionDays)]
    retention_days: Period,
}

/// What the institution decides about mails.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailPolicy)]
pub(crate) struct MailPolicyView {
    /// What holds for whoever never said what they want.
    defaults: PreferencesView,
    /// The parts of it that hold for everybody.
    #[schema(value_type = Vec<schema::Preference>)]
    locked: BTreeSet<Field>,
    /// After how many minutes somebody is told of an ordinary message at the earliest.
    short_delay_minutes: u8,
}

impl From<MailPolicy> for MailPolicyView {
    fn from(MailPolicy { defaults, locked, short_delay_minutes }: MailPolicy) -> Self {
        Self { defaults: defaults.into(), locked, short_delay_minutes }
    }
}

/// What the institution decides about mails: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetMailPolicy {
    /// What holds for whoever never said what they want.
    defaults: SetPreferences,
    /// The parts of it that hold for everybody, by their names.
    #[schema(value_type = Vec<schema::Preference>)]
    locked: BTreeSet<Field>,
    /// After how many minutes somebody is told of an ordinary message at the earliest.
    #[serde(deserialize_with = "short_delay")]
    #[schema(value_type = u64, minimum = 0, maximum = 60, example = 5)]
    short_delay_minutes: u8,
}

fn short_delay<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let minutes = u64::deserialize(deserializer)?;
    let minutes = u8::try_from(minutes).ok().filter(|minutes| *minutes <= MailPolicy::MAX_SHORT_DELAY);
    minutes.ok_or_else(|| serde::de::Error::custom("must be at most 60"))
}

/// How the institution sets the messenger up: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSettings {
    /// Whether people may use the messenger. While they may not, everything is kept.
    messenger_enabled: bool,
    /// What people are told who try while it is not enabled.
    #[serde(default)]
    #[schema(value_type = Option<schema::ClosedReason>)]
    closed_reason: Option<ClosedReason>,
    /// Whether only system administrators may start a conversation with a system administrator.
    protect_admins: bool,
    /// Whether auditors may read what conversations hold, with a reason.
    break_glass: bool,
    /// What is decided about mails; as it was, if that is not said.
    #[serde(default)]
    mail: Option<SetMailPolicy>,
    /// Who may back up a conversation; as it was, if that is not said.
    #[serde(default)]
    #[schema(value_type = Option<schema::BackupBy>)]
    backup_by: Option<BackupBy>,
    /// The types of attachments that nobody may upload: at most 100, as `application/pdf`, or `video/*` for all of a
    /// kind; as they were, if that is not said. What was asked for before can still be uploaded and sent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<schema::TypePattern>>, max_items = 100)]
    denied_types: Option<DeniedTypes>,
    /// For how many days messages are kept, of projects that say nothing else; as it was, if that is not said. What is
    /// older is removed, within 30 days where the period was made shorter, and nothing brings it back.
    #[serde(default)]
    #[schema(value_type = Option<schema::RetentionDays>)]
    retention_days: Option<Period>,
}

impl From<Settings> for SettingsView {
    fn from(settings: Settings) -> Self {
        let Settings {
            messenger_enabled,
            closed_reason,
            protect_admins,
            break_glass,
            mail,
            backup_by,
            denied_types,
            retention,
        } = settings;
        Self {
            messenger_enabled,
            closed_reason,
            protect_admins,
            break_glass,
            mail: mail.into(),
            backup_by,
            denied_types,
            retention_days: retention,
        }
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
    params(("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen.")),
    request_body = SetSettings,
    responses((status = 200, body = SettingsView, description = "The settings as they are now."), Problem))]
pub(crate) async fn set_settings(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    IfMatch(seen): IfMatch,
    Json(asked): Json<SetSettings>,
) -> Result<Versioned<SettingsView>, Problem> {
    let mail = asked.mail.map(|SetMailPolicy { defaults, locked, short_delay_minutes }| MailPolicy {
        defaults: defaults.into(),
        locked,
        short_delay_minutes,
    });
    let change = |was: &Settings| Settings {
        messenger_enabled: asked.messenger_enabled,
        closed_reason: asked.closed_reason.clone(),
        protect_admins: asked.protect_admins,
        break_glass: asked.break_glass,
        mail: mail.clone().unwrap_or_else(|| was.mail.clone()),
        backup_by: asked.backup_by.unwrap_or(was.backup_by),
        denied_types: asked.denied_types.clone().unwrap_or_else(|| was.denied_types.clone()),
        retention: asked.retention_days.unwrap_or(was.retention),
    };
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let (settings, rev) = app.store.set_up(&signature, seen, change).await?;
    Ok(Versioned(settings.into(), rev))
}

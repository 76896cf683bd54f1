//! `GET` and `PUT /v1/me/preferences`

use api::{Caller, IfMatch, Json, Problem, Versioned, schema};
use axum::extract::State;
use domain::preferences::{DigestMode, Frequency, InstantWhen, Language, Preferences, QuietHours, TimeOfDay, Zone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// What I want to be mailed about, and when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preferences)]
pub(crate) struct PreferencesView {
    /// How often digests come at most.
    #[schema(value_type = schema::Frequency)]
    frequency: Frequency,
    /// When the first digest after a quiet time comes: `leading`, after a short delay; `trailing`, when the interval is
    /// over.
    #[schema(value_type = schema::DigestMode)]
    digest_mode: DigestMode,
    /// Whether messages that mention me or are important come at once, whatever the frequency.
    instant: bool,
    /// When they do: `offline`, when I am not there, or as soon as I leave without having read it; `always`.
    #[schema(value_type = schema::InstantWhen)]
    instant_when: InstantWhen,
    /// Whether broadcasts are mailed.
    broadcasts: bool,
    /// When the daily digest comes, by the clock on the wall.
    #[schema(value_type = schema::TimeOfDay)]
    daily_at: TimeOfDay,
    /// By which clock: a name of the IANA database.
    #[schema(value_type = schema::TimeZone)]
    timezone: Zone,
    /// The language of mails.
    #[schema(value_type = schema::Language)]
    language: Language,
    /// When no digest comes. Instant notices do.
    quiet_hours: Option<QuietView>,
}

/// From one time of the day to another, over midnight if that is earlier.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuietHours)]
pub(crate) struct QuietView {
    /// When they begin.
    #[schema(value_type = schema::TimeOfDay)]
    from: TimeOfDay,
    /// When they end.
    #[schema(value_type = schema::TimeOfDay)]
    to: TimeOfDay,
}

/// What I want from now on: all of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPreferences {
    /// How often digests come at most.
    #[schema(value_type = schema::Frequency)]
    frequency: Frequency,
    /// When the first digest after a quiet time comes.
    #[schema(value_type = schema::DigestMode)]
    digest_mode: DigestMode,
    /// Whether messages that mention me or are important come at once, whatever the frequency.
    instant: bool,
    /// When they do.
    #[schema(value_type = schema::InstantWhen)]
    instant_when: InstantWhen,
    /// Whether broadcasts are mailed.
    broadcasts: bool,
    /// When the daily digest comes, by the clock on the wall.
    #[schema(value_type = schema::TimeOfDay)]
    daily_at: TimeOfDay,
    /// By which clock: a name of the IANA database.
    #[schema(value_type = schema::TimeZone)]
    timezone: Zone,
    /// The language of mails.
    #[schema(value_type = schema::Language)]
    language: Language,
    /// When no digest comes; at no time, if that is not said.
    #[serde(default)]
    quiet_hours: Option<SetQuietHours>,
}

/// From one time of the day to another, over midnight if that is earlier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetQuietHours {
    /// When they begin.
    #[schema(value_type = schema::TimeOfDay)]
    from: TimeOfDay,
    /// When they end.
    #[schema(value_type = schema::TimeOfDay)]
    to: TimeOfDay,
}

impl From<Preferences> for PreferencesView {
    fn from(preferences: Preferences) -> Self {
        let Preferences {
            frequency,
            digest_mode,
            instant,
            instant_when,
            broadcasts,
            daily_at,
            timezone,
            language,
            quiet_hours,
        } = preferences;
        let quiet_hours = quiet_hours.map(|QuietHours { from, to }| QuietView { from, to });
        Self { frequency, digest_mode, instant, instant_when, broadcasts, daily_at, timezone, language, quiet_hours }
    }
}

impl From<SetPreferences> for Preferences {
    fn from(asked: SetPreferences) -> Self {
        let SetPreferences {
            frequency,
            digest_mode,
            instant,
            instant_when,
            broadcasts,
            daily_at,
            timezone,
            language,
            quiet_hours,
        } = asked;
        let quiet_hours = quiet_hours.map(|SetQuietHours { from, to }| QuietHours { from, to });
        Self { frequency, digest_mode, instant, instant_when, broadcasts, daily_at, timezone, language, quiet_hours }
    }
}

/// What I want to be mailed about.
///
/// What the institution decides for everybody is as it decided; the rest, until I say something, is as it suggests.
#[utoipa::path(get, path = "/v1/me/preferences", tag = "people",
    responses((status = 200, body = PreferencesView, description = "My preferences."), Problem))]
pub(crate) async fn get_preferences(
    State(app): State<App>,
    caller: Caller,
) -> Result<Versioned<PreferencesView>, Problem> {
    let (said, rev) = app.store.preferences(caller.username()).await?;
    Ok(Versioned(caller.admission.settings.mail.effective(said.as_ref()).into(), rev))
}

/// Say what I want to be mailed about.
///
/// What waits is looked at anew within a minute. Saying what I have said already changes nothing, whatever the version.
#[utoipa::path(put, path = "/v1/me/preferences", tag = "people",
    params(("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen.")),
    request_body = SetPreferences,
    responses((status = 200, body = PreferencesView, description = "My preferences as they are now."), Problem))]
pub(crate) async fn set_preferences(
    State(app): State<App>,
    caller: Caller,
    IfMatch(seen): IfMatch,
    Json(asked): Json<SetPreferences>,
) -> Result<Versioned<PreferencesView>, Problem> {
    let wanted = Preferences::from(asked);
    let policy = &caller.admission.settings.mail;
    let forbidden = policy.forbidden(&wanted);
    if !forbidden.is_empty() {
        return Err(store::Error::Locked(forbidden).into());
    }
    let now = app.clock.now();
    let change = |_| wanted.clone();
    let (preferences, rev) = app.store.set_preferences(caller.username(), seen, now, change).await?;
    Ok(Versioned(policy.effective(Some(&preferences)).into(), rev))
}

//! `GET /v1/me`

use api::{Caller, Problem, schema};
use axum::extract::State;
use domain::notice::Suppression;
use domain::text::{DisplayName, Email, Username};
use domain::user::{InstitutionRole, Profile};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::preferences::PreferencesView;

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// My username.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// What people call me.
    #[schema(value_type = schema::DisplayName)]
    name: DisplayName,
    /// Where notices go.
    #[schema(value_type = Option<schema::Email>)]
    email: Option<Email>,
    /// How mail fares there: `ok`; `missing`, where no address is known; `bounced`, when it came back; `complained`, when
    /// somebody there complained. To all but the first no mail goes.
    #[schema(value_type = String, pattern = "^(ok|missing|bounced|complained)$")]
    email_state: &'static str,
    /// My roles at the institution: `system_administrator`, `auditor`.
    #[schema(value_type = Vec<schema::InstitutionRole>)]
    roles: Vec<InstitutionRole>,
    /// What I want to be mailed about.
    preferences: PreferencesView,
}

const fn email_state(profile: &Profile, suppressed: Option<Suppression>) -> &'static str {
    match (&profile.email, suppressed) {
        (None, _) => "missing",
        (Some(_), None) => "ok",
        (Some(_), Some(Suppression::Bounced)) => "bounced",
        (Some(_), Some(Suppression::Complained)) => "complained",
    }
}

/// Who I am.
///
/// The first call makes the profile from the token; later ones keep it up to date.
#[utoipa::path(get, path = "/v1/me", tag = "people",
    responses((status = 200, body = Me, description = "You."), Problem))]
pub(crate) async fn get_me(State(app): State<App>, caller: Caller) -> Result<axum::Json<Me>, Problem> {
    let profile = app.store.introduce(caller.profile(), &caller.said, app.clock.now()).await?;
    let (said, suppressed) = app.store.mail_standing(&profile).await?;
    let preferences = caller.admission.settings.mail.effective(said.as_ref()).into();
    let email_state = email_state(&profile, suppressed);
    let Profile { username, name, email, .. } = profile;
    Ok(axum::Json(Me { username, name, email, email_state, roles: caller.said.roles, preferences }))
}

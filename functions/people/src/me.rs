//! `GET /v1/me`

use api::{Caller, Problem};
use axum::extract::State;
use domain::text::{DisplayName, Email, Username};
use domain::user::InstitutionRole;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// My username.
    #[schema(value_type = String)]
    username: Username,
    /// What people call me.
    #[schema(value_type = String)]
    name: DisplayName,
    /// Where notices go.
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    /// My roles at the institution: `system_administrator`, `auditor`.
    #[schema(value_type = Vec<String>)]
    roles: Vec<InstitutionRole>,
}

/// Who I am.
///
/// The first call makes the profile from the token; later ones keep it up to date.
#[utoipa::path(get, path = "/v1/me", tag = "people",
    responses((status = 200, body = Me, description = "You."), Problem))]
pub(crate) async fn get_me(State(app): State<App>, caller: Caller) -> Result<axum::Json<Me>, Problem> {
    let profile = app.store.introduce(caller.profile(), &caller.said, app.clock.now()).await?;
    let roles = caller.said.roles;
    Ok(axum::Json(Me { username: profile.username, name: profile.name, email: profile.email, roles }))
}

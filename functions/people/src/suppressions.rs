//! `GET /v1/admin/suppressions` and `POST /v1/admin/suppressions/lift`

use api::{Json, Problem, SystemAdministrator, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::notice::Suppression;
use domain::text::Email;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// The addresses to which no mail goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suppressions {
    /// At most 1,000.
    items: Vec<SuppressedAddress>,
}

/// An address to which no mail goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressedAddress {
    /// Which.
    #[schema(value_type = schema::Email)]
    email: Email,
    /// Why: mail to it came back for good, or its receiver complained.
    #[schema(value_type = schema::Suppression)]
    state: Suppression,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
}

/// An address that takes mail again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiftSuppression {
    /// Which.
    #[schema(value_type = schema::Email)]
    email: Email,
}

/// The addresses to which no mail goes, because it came back or somebody complained.
///
/// For system administrators.
#[utoipa::path(get, path = "/v1/admin/suppressions", tag = "people",
    responses((status = 200, body = Suppressions, description = "They are."), Problem))]
pub(crate) async fn list_suppressions(
    State(app): State<App>,
    _: SystemAdministrator,
) -> Result<axum::Json<Suppressions>, Problem> {
    let suppressed = app.store.suppressed().await?.into_iter();
    let items = suppressed.map(|one| SuppressedAddress { email: one.email, state: one.state, at: one.at });
    Ok(axum::Json(Suppressions { items: items.collect() }))
}

/// Send mail to an address again.
///
/// For system administrators, once its owner says that it works. To one to which mail goes it changes nothing.
#[utoipa::path(post, path = "/v1/admin/suppressions/lift", tag = "people", request_body = LiftSuppression,
    responses((status = 204, description = "Mail goes there."), Problem))]
pub(crate) async fn lift_suppression(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Json(LiftSuppression { email }): Json<LiftSuppression>,
) -> Result<StatusCode, Problem> {
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    app.store.lift_suppression(&signature, &email).await?;
    Ok(StatusCode::NO_CONTENT)
}

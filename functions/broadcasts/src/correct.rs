//! `PATCH /v1/admin/broadcasts/{id}`

use api::{Json, Path, Problem, SystemAdministrator, schema};
use axum::extract::State;
use domain::broadcast::Correction;
use domain::clock::Timestamp;
use domain::id::BroadcastId;
use domain::text::Body;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::view::SentBroadcast;

/// How the broadcast shall be; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectBroadcast {
    /// What it says.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Body)]
    body: Option<Body>,
    /// Whether it is important.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(nullable = false)]
    important: Option<bool>,
    /// Until when it is shown.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = String, format = DateTime, nullable = false, example = "2030-03-02T09:00:00.000Z")]
    until: Option<Timestamp>,
}

/// Correct a broadcast.
///
/// For system administrators. Every former version is kept in the institution's log.
#[utoipa::path(patch, path = "/v1/admin/broadcasts/{id}", tag = "broadcasts",
    params(("id" = schema::Id, Path, description = "The broadcast.")),
    request_body = CorrectBroadcast,
    responses((status = 200, body = SentBroadcast, description = "The broadcast as it now stands."), Problem))]
pub(crate) async fn correct_broadcast(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Path(id): Path<BroadcastId>,
    Json(CorrectBroadcast { body, important, until }): Json<CorrectBroadcast>,
) -> Result<axum::Json<SentBroadcast>, Problem> {
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let correction = Correction { body, important, until };
    Ok(axum::Json(app.store.correct_broadcast(&signature, id, &correction).await?.into()))
}

//! `POST /v1/me/presence` and `POST /v1/me/logout`

use api::{Caller, Json, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// Whether I look.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Presence {
    /// Whether the page is in front of me.
    visible: bool,
}

/// Say that I am there.
///
/// Once a minute while the page is visible. Whoever was not heard of for five minutes is not there, and is told by mail of
/// what comes; a page that nobody looks at says so, and counts for nothing.
#[utoipa::path(post, path = "/v1/me/presence", tag = "people", request_body = Presence,
    responses((status = 204, description = "It is noted."), Problem))]
pub(crate) async fn note_presence(
    State(app): State<App>,
    caller: Caller,
    Json(presence): Json<Presence>,
) -> Result<StatusCode, Problem> {
    if presence.visible {
        app.store.note_seen(caller.username(), app.clock.now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out.
///
/// Takes no body. From now on I am not there, and access tokens that were issued before are refused, everywhere at the latest after a
/// minute.
#[utoipa::path(post, path = "/v1/me/logout", tag = "people",
    responses((status = 204, description = "I am signed out."), Problem))]
pub(crate) async fn log_out(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    app.store.sign_out(caller.username(), app.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

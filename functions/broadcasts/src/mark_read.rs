//! `PUT /v1/broadcasts/{id}/read`

use api::{Caller, Path, Problem, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::BroadcastId;

use crate::App;

/// Mark a broadcast as read.
///
/// Takes no body. Once it is read it stays so, also when it is corrected.
#[utoipa::path(put, path = "/v1/broadcasts/{id}/read", tag = "broadcasts",
    params(("id" = schema::Id, Path, description = "The broadcast.")),
    responses((status = 204, description = "It is read."), Problem))]
pub(crate) async fn mark_broadcast_read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BroadcastId>,
) -> Result<StatusCode, Problem> {
    app.store.read_broadcast(caller.profile(), caller.roles(), id, app.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /v1/admin/broadcasts/{id}/withdraw`

use api::{Path, Problem, SystemAdministrator, schema};
use axum::extract::State;
use domain::id::BroadcastId;

use crate::App;
use crate::view::SentBroadcast;

/// Take a broadcast back.
///
/// For system administrators. Nobody sees it from then on. To take back what was taken back changes nothing. Takes no body.
#[utoipa::path(post, path = "/v1/admin/broadcasts/{id}/withdraw", tag = "broadcasts",
    params(("id" = schema::Id, Path, description = "The broadcast.")),
    responses((status = 200, body = SentBroadcast, description = "It is taken back."), Problem))]
pub(crate) async fn withdraw_broadcast(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Path(id): Path<BroadcastId>,
) -> Result<axum::Json<SentBroadcast>, Problem> {
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    Ok(axum::Json(app.store.withdraw_broadcast(&signature, id).await?.into()))
}

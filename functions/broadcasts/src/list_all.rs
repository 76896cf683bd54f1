//! `GET /v1/admin/broadcasts`

use api::{Problem, SystemAdministrator};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::view::SentBroadcast;

/// All broadcasts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllBroadcasts {
    /// The newest first, at most 200: older ones are in the institution's log.
    items: Vec<SentBroadcast>,
}

/// All broadcasts.
///
/// For system administrators: also those of others, those that are not shown yet or no more, and those taken back.
#[utoipa::path(get, path = "/v1/admin/broadcasts", tag = "broadcasts",
    responses((status = 200, body = AllBroadcasts, description = "The newest of them."), Problem))]
pub(crate) async fn list_all_broadcasts(
    State(app): State<App>,
    _: SystemAdministrator,
) -> Result<axum::Json<AllBroadcasts>, Problem> {
    let all = app.store.all_broadcasts().await?;
    Ok(axum::Json(AllBroadcasts { items: all.into_iter().map(SentBroadcast::from).collect() }))
}

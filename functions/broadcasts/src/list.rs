//! `GET /v1/broadcasts`

use api::{Caller, IfNoneMatch, Problem};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::view::BroadcastView;

/// Broadcasts for me.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Broadcasts {
    /// All of them, the one that began last first.
    items: Vec<BroadcastView>,
}

/// Broadcasts for me.
///
/// Those that are shown now. Reading the list marks nothing as read.
#[utoipa::path(get, path = "/v1/broadcasts", tag = "broadcasts",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer you have.")),
    responses(
        (status = 200, body = Broadcasts, description = "What is announced to you."),
        (status = 304, description = "What you have is what there is."),
        Problem,
    ))]
pub(crate) async fn list_broadcasts(
    State(app): State<App>,
    caller: Caller,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let seen = app.store.broadcasts(caller.profile(), caller.roles(), app.clock.now()).await?;
    known.answer(&Broadcasts { items: seen.into_iter().map(BroadcastView::from).collect() })
}

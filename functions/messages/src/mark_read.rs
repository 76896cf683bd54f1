//! `PUT /v1/conversations/{id}/read`

use api::{Caller, Json, Path, Problem, schema};
use axum::extract::State;
use domain::chain::Seq;
use domain::id::ConversationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// How far I have read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRead {
    /// The place of the newest entry I have seen on screen.
    #[schema(value_type = schema::Seq)]
    seq: Seq,
    /// Whether that entry and what came after it is to be unread again.
    #[serde(default)]
    unread: bool,
}

/// How far I have read, and what is left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reading {
    /// How far I have read.
    #[schema(value_type = schema::Seq)]
    seq: Seq,
    /// How many messages are left.
    unread: u64,
}

/// Mark as read, or as unread.
///
/// The mark moves only forward: an older place than the present one changes nothing. With `unread` it is set to just
/// before the place; one's own messages never count as unread.
#[utoipa::path(put, path = "/v1/conversations/{id}/read", tag = "messages",
    params(("id" = schema::Id, Path, description = "The conversation.")),
    request_body = MarkRead,
    responses((status = 200, body = Reading, description = "How far you have read now."), Problem))]
pub(crate) async fn mark_read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Json(MarkRead { seq, unread }): Json<MarkRead>,
) -> Result<axum::Json<Reading>, Problem> {
    let user = caller.username();
    let reading =
        if unread { app.store.mark_unread(id, user, seq).await } else { app.store.mark_read(id, user, seq).await };
    let store::Reading { read, unread } = reading?;
    Ok(axum::Json(Reading { seq: read.seq, unread }))
}

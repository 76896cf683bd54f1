//! `GET /v1/unread`

use api::{Caller, Problem};
use axum::extract::State;
use domain::unread::unread;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// What I have not read.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Unread {
    /// How many messages.
    messages: u64,
    /// In how many conversations.
    conversations: u64,
}

/// How much I have not read.
#[utoipa::path(get, path = "/v1/unread", tag = "messages",
    responses((status = 200, body = Unread, description = "What you have not read."), Problem))]
pub(crate) async fn count_unread(State(app): State<App>, caller: Caller) -> Result<axum::Json<Unread>, Problem> {
    let rows = app.store.inbox(&caller.username).await?;
    if rows.is_empty() {
        // Whoever is in a conversation was known before.
        app.store.meet(&caller.profile()).await?;
    }
    let counts = rows.into_iter().map(|row| unread(row.head.messages, row.membership.read, 0));
    let total = counts.filter(|n| *n > 0).fold(Unread::default(), |total, n| Unread {
        messages: total.messages + n,
        conversations: total.conversations + 1,
    });
    Ok(axum::Json(total))
}

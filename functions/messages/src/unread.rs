//! `GET /v1/unread`

use api::{Caller, IfNoneMatch, Problem};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// What I have not read.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Unread {
    /// How many messages, of conversations that are not silenced.
    messages: u64,
    /// In how many conversations.
    conversations: u64,
    /// How many messages that mention me, of all conversations. From 100 in one conversation on they are not counted.
    mentions: u64,
    /// How many important messages, of all conversations. From 100 in one conversation on they are not counted.
    important: u64,
    /// How many broadcasts.
    broadcasts: u64,
}

/// How much I have not read.
#[utoipa::path(get, path = "/v1/unread", tag = "messages",
    params(("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer you have.")),
    responses(
        (status = 200, body = Unread, description = "What you have not read."),
        (status = 304, description = "What you have is what there is."),
        Problem,
    ))]
pub(crate) async fn count_unread(
    axum::extract::State(app): axum::extract::State<App>,
    caller: Caller,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let waiting = app.store.waiting(caller.profile(), caller.roles(), app.clock.now()).await?;
    let mut total = Unread { broadcasts: waiting.broadcasts, ..Unread::default() };
    for row in waiting.conversations {
        let counts = row.membership.counts(&row.head);
        if counts.messages > 0 && row.membership.counts_in_badge() {
            total.messages += counts.messages;
            total.conversations += 1;
        }
        total.mentions += counts.mentions;
        total.important += counts.important;
    }
    known.answer(&total)
}

//! `GET /v1/conversations`

use std::cmp::Reverse;

use api::view::Conversation;
use api::{Caller, Problem, Query, cursor};
use axum::extract::State;
use domain::clock::Timestamp;
use domain::id::ConversationId;
use domain::page::Limit;
use serde::{Deserialize, Serialize};
use store::InboxRow;
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Which part of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many conversations: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on: `next` of the answer before.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
}

/// Part of the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    /// Conversations, the one with the latest activity first.
    items: Vec<Conversation>,
    /// Where to go on, as `cursor`; nothing at the end.
    next: Option<String>,
}

/// The place of a conversation in the inbox: latest activity first, and no two in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Position(Reverse<Timestamp>, Reverse<ConversationId>);

impl Position {
    fn of(row: &InboxRow) -> Self {
        Self(Reverse(row.head.active_at()), Reverse(row.head.id))
    }
}

/// My inbox.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations", params(Part),
    responses((status = 200, body = Inbox, description = "My conversations, the one with the latest activity first."), Problem))]
pub(crate) async fn list_conversations(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<axum::Json<Inbox>, Problem> {
    let user = &caller.username;
    let after = part.cursor.as_deref().map(|cursor| cursor::read::<Position>("inbox", user, cursor)).transpose()?;
    let mut rows = app.store.inbox(user).await?;
    if rows.is_empty() {
        // Whoever is in a conversation was known before.
        app.store.meet(&caller.profile()).await?;
    }
    rows.sort_by_key(Position::of);
    rows.retain(|row| after.is_none_or(|after| Position::of(row) > after));
    let more = rows.len() > part.limit.get();
    rows.truncate(part.limit.get());
    let next = match rows.last() {
        Some(last) if more => Some(cursor::write("inbox", user, &Position::of(last))?),
        _ => None,
    };
    let items = rows.into_iter().map(|row| Conversation::new(row.head, &row.membership)).collect();
    Ok(axum::Json(Inbox { items, next }))
}

//! `GET /v1/conversations`

use std::cmp::Reverse;

use api::view::Conversation;
use api::{Caller, IfNoneMatch, Problem, Query, cursor, schema};
use axum::response::Response;
use domain::clock::Timestamp;
use domain::conversation::State;
use domain::id::ConversationId;
use domain::page::Limit;
use domain::project::ProjectId;
use serde::{Deserialize, Serialize};
use store::InboxRow;
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Which part of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `active` (default) or `archived`.
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^(active|archived)$")]
    state: Shelf,
    /// `all` (default), `unread` or `pinned`.
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^(all|unread|pinned)$")]
    filter: Filter,
    /// Only conversations that are labelled with this project.
    #[serde(default)]
    #[param(value_type = Option<schema::ProjectId>)]
    project_id: Option<ProjectId>,
    /// How many conversations: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on: `next` of the answer before.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
}

/// Where conversations are kept.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shelf {
    #[default]
    Active,
    Archived,
}

/// Which conversations.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Filter {
    #[default]
    All,
    Unread,
    Pinned,
}

impl Filter {
    fn takes(self, row: &InboxRow) -> bool {
        match self {
            Self::All => true,
            Self::Unread => row.membership.counts(&row.head).messages > 0,
            Self::Pinned => row.membership.pinned,
        }
    }
}

/// Part of the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    /// Conversations: those that are pinned first, then the one with the latest activity.
    items: Vec<Conversation>,
    /// Where to go on, as `cursor`; nothing at the end.
    next: Option<String>,
}

/// The place of a conversation in the inbox: pinned first, then the latest activity, and no two in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Position(Reverse<bool>, Reverse<Timestamp>, Reverse<ConversationId>);

impl Position {
    fn of(row: &InboxRow) -> Self {
        Self(Reverse(row.membership.pinned), Reverse(row.head.active_at()), Reverse(row.head.id))
    }
}

/// My inbox.
#[utoipa::path(get, path = "/v1/conversations", tag = "conversations", params(
        Part,
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the answer you have."),
    ),
    responses(
        (status = 200, body = Inbox, description = "My conversations."),
        (status = 304, description = "What you have is what there is."),
        Problem,
    ))]
pub(crate) async fn list_conversations(
    axum::extract::State(app): axum::extract::State<App>,
    caller: Caller,
    known: IfNoneMatch,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    let user = caller.username();
    let state = match part.state {
        Shelf::Active => State::Active,
        Shelf::Archived => State::Archived,
    };
    let after = part.cursor.as_deref().map(|cursor| cursor::read::<Position>("inbox", user, cursor)).transpose()?;
    let mut rows = app.store.inbox(user, state).await?;
    rows.retain(|row| part.filter.takes(row));
    rows.retain(|row| part.project_id.is_none() || row.head.project == part.project_id);
    rows.sort_by_key(Position::of);
    rows.retain(|row| after.is_none_or(|after| Position::of(row) > after));
    let more = rows.len() > part.limit.get();
    rows.truncate(part.limit.get());
    let next = match rows.last() {
        Some(last) if more => Some(cursor::write("inbox", user, &Position::of(last))?),
        _ => None,
    };
    let items = rows.into_iter().map(|row| Conversation::new(row.head, &row.membership)).collect();
    known.answer(&Inbox { items, next })
}

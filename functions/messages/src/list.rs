//! `GET /v1/conversations/{id}/messages`

use api::view::Conversation;
use api::{Caller, Path, Problem, Query, schema};
use axum::extract::State;
use domain::chain::Seq;
use domain::id::ConversationId;
use domain::page::Limit;
use serde::{Deserialize, Serialize};
use store::Window;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::view::Item;

/// Which part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many entries: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Only entries before this place, newest first.
    #[serde(default)]
    #[param(value_type = Option<schema::Seq>)]
    before: Option<Seq>,
    /// Only entries after this place, oldest first. Not together with `before`.
    #[serde(default)]
    #[param(value_type = Option<schema::Seq>)]
    after: Option<Seq>,
}

/// Part of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// The entries.
    items: Vec<Item>,
    /// Where to go on: as `before`, or as `after` if that was asked; nothing at the end.
    #[schema(value_type = Option<schema::Seq>)]
    next: Option<Seq>,
    /// The conversation, as you see it.
    conversation: Conversation,
}

/// Read messages.
///
/// Newest first, as the messages now stand. With `after` everything that happened since, oldest first: there an edit or a
/// withdrawal is an item of kind `revision`, so that who follows misses nothing. Reading marks nothing as read.
#[utoipa::path(get, path = "/v1/conversations/{id}/messages", tag = "messages",
    params(("id" = schema::Id, Path, description = "The conversation."), Part),
    responses((status = 200, body = Page, description = "Part of the conversation."), Problem))]
pub(crate) async fn list_messages(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Query(part): Query<Part>,
) -> Result<axum::Json<Page>, Problem> {
    let window = match (part.before, part.after) {
        (None, None) => Window::Latest,
        (Some(before), None) => Window::Before(before),
        (None, Some(after)) => Window::After(after),
        (Some(_), Some(_)) => {
            return Err(Problem::at(
                api::Kind::Validation,
                "after",
                "conflict",
                "may not be given together with before",
            ));
        }
    };
    let opened = Box::pin(app.store.open(id, caller.username(), window, part.limit)).await?;
    Ok(axum::Json(Page {
        items: Item::all(opened.elements, &opened.authors, &opened.attachments),
        next: opened.next,
        conversation: Conversation::new(opened.head, &opened.membership),
    }))
}

//! `GET /v1/conversations/{id}`

use api::view::Conversation;
use api::{Caller, Path, Problem, Shown, schema};
use axum::extract::State;
use domain::id::ConversationId;

use crate::App;

/// Read one conversation.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "conversations",
    params(("id" = schema::Id, Path, description = "The conversation.")),
    responses((status = 200, body = Conversation, description = "The conversation, as you see it."), Problem))]
pub(crate) async fn get_conversation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Result<Shown, Problem> {
    let (head, membership) = app.store.conversation(id, caller.username()).await?;
    Ok(Shown(Conversation::new(head, &membership)))
}

//! `POST /v1/conversations/{id}/archive`, `/unarchive` and `/delete`

use api::view::Conversation;
use api::{Caller, IfMatch, Json, Path, Problem, Shown, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::ConversationId;
use domain::text::Title;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;

/// Archive a conversation.
///
/// For its administrators. It is kept for reading and takes no more messages. Archiving what is archived changes
/// nothing. Takes no body.
#[utoipa::path(post, path = "/v1/conversations/{id}/archive", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen."),
    ),
    responses((status = 200, body = Conversation, description = "It is archived."), Problem))]
pub(crate) async fn archive_conversation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    if_match: IfMatch,
) -> Result<Shown, Problem> {
    set(&app, &caller, id, if_match, true).await
}

/// Take a conversation out of the archive.
///
/// For its administrators. Takes no body.
#[utoipa::path(post, path = "/v1/conversations/{id}/unarchive", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen."),
    ),
    responses((status = 200, body = Conversation, description = "It takes messages again."), Problem))]
pub(crate) async fn unarchive_conversation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    if_match: IfMatch,
) -> Result<Shown, Problem> {
    set(&app, &caller, id, if_match, false).await
}

async fn set(
    app: &App,
    caller: &Caller,
    id: ConversationId,
    IfMatch(if_match): IfMatch,
    archived: bool,
) -> Result<Shown, Problem> {
    let acted = app.store.archive(&app.acting(caller, id, if_match), archived).await?;
    let own = acted.membership.ok_or(store::Error::NotFound)?;
    Ok(Shown(Conversation::new(acted.head, &own)))
}

/// What shall be deleted, said once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteConversation {
    /// The title of the conversation, to be sure.
    #[schema(value_type = schema::Title)]
    title: Title,
}

/// Delete a conversation.
///
/// For its administrators. It is gone for everybody at once; its records stay as long as the institution must keep
/// them.
#[utoipa::path(post, path = "/v1/conversations/{id}/delete", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen."),
    ),
    request_body = DeleteConversation,
    responses((status = 204, description = "It is gone."), Problem))]
pub(crate) async fn delete_conversation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    IfMatch(if_match): IfMatch,
    Json(DeleteConversation { title }): Json<DeleteConversation>,
) -> Result<StatusCode, Problem> {
    app.store.delete_conversation(&app.acting(&caller, id, if_match), title).await?;
    Ok(StatusCode::NO_CONTENT)
}

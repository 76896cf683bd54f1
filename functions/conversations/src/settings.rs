//! `PATCH /v1/conversations/{id}/settings`

use api::view::Conversation;
use api::{Caller, Json, Path, Problem, Shown, schema};
use axum::extract::State;
use domain::id::ConversationId;
use domain::member::Notify;
use serde::Deserialize;
use store::Preference;
use utoipa::ToSchema;

use crate::App;

/// What I make of a conversation; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateSettings {
    /// Whether it stands first in my inbox.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// Of what I want to be told: `all`, `mentions` or `nothing`. What mentions me or is important always is.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Notify)]
    notify: Option<Notify>,
}

/// Pin a conversation, or silence it.
///
/// For oneself only.
#[utoipa::path(patch, path = "/v1/conversations/{id}/settings", tag = "conversations",
    params(("id" = schema::Id, Path, description = "The conversation.")),
    request_body = UpdateSettings,
    responses((status = 200, body = Conversation, description = "The conversation, as you see it now."), Problem))]
pub(crate) async fn update_settings(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Json(UpdateSettings { pinned, notify }): Json<UpdateSettings>,
) -> Result<Shown, Problem> {
    let row = app.store.prefer(id, caller.username(), Preference { pinned, notify }, app.clock.now()).await?;
    Ok(Shown(Conversation::new(row.head, &row.membership)))
}

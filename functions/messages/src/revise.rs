//! `PATCH` and `DELETE /v1/conversations/{id}/messages/{seq}`

use api::{Caller, Json, Kind, Path, Problem, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::chain::Seq;
use domain::id::ConversationId;
use domain::mention::tags;
use domain::text::Body;
use serde::Deserialize;
use store::{Acting, Edit, Quota};
use utoipa::ToSchema;

use crate::App;
use crate::view::Item;

/// How the message shall be; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessage {
    /// What it says.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Body)]
    body: Option<Body>,
    /// Whether it is important.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(nullable = false)]
    important: Option<bool>,
}

/// Edit a message.
///
/// For its author, for 15 minutes. What it said before is kept for auditors.
#[utoipa::path(patch, path = "/v1/conversations/{id}/messages/{seq}", tag = "messages",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("seq" = schema::Seq, Path, description = "The place of the message."),
    ),
    request_body = EditMessage,
    responses((status = 200, body = Item, description = "The message as it now stands."), Problem))]
pub(crate) async fn edit_message(
    State(app): State<App>,
    caller: Caller,
    Path((id, seq)): Path<(ConversationId, Seq)>,
    Json(EditMessage { body, important }): Json<EditMessage>,
) -> Result<axum::Json<Item>, Problem> {
    app.store.spend(caller.username(), Quota::SENDS, app.clock.now()).await?;
    let said = match body {
        Some(body) => {
            let tags = tags(&body).map_err(|_| Kind::TooManyMentions)?;
            let mentions = app.mentions(id, &tags).await?;
            Some((body, mentions))
        }
        None => None,
    };
    let standing = app.store.edit(&app.acting(&caller, id), seq, &Edit { said, important }).await?;
    let known = app.store.attachments_said(standing.message.as_ref()).await.map_err(store::Error::unsure)?;
    Ok(axum::Json(Item::message(standing, caller.profile(), &known)))
}

/// Take a message back.
///
/// For its author. Its place stays, without its text, which is kept for auditors. To take back what was taken back
/// changes nothing.
#[utoipa::path(delete, path = "/v1/conversations/{id}/messages/{seq}", tag = "messages",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("seq" = schema::Seq, Path, description = "The place of the message."),
    ),
    responses((status = 204, description = "It is taken back."), Problem))]
pub(crate) async fn withdraw_message(
    State(app): State<App>,
    caller: Caller,
    Path((id, seq)): Path<(ConversationId, Seq)>,
) -> Result<StatusCode, Problem> {
    app.store.withdraw(&app.acting(&caller, id), seq).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl App {
    /// Somebody acts now.
    fn acting(&self, caller: &Caller, conversation: ConversationId) -> Acting {
        let signature = caller.signature(self.ids.mint(), self.clock.now());
        Acting { conversation, signature, if_match: None }
    }
}

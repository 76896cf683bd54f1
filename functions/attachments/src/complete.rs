//! `POST /v1/conversations/{id}/attachments/{attachment}/complete`

use api::{Caller, Kind, Path, Problem, schema, view};
use axum::extract::State;
use domain::attachment::State as AttachmentState;
use domain::id::{AttachmentId, ConversationId};

use crate::App;

/// Say that an attachment was uploaded.
///
/// Takes no body. What was stored is held against what was promised; if it is something else it is removed. From then on
/// the attachment can be part of a message, and is fetched once it was found clean. Saying it twice answers the same.
#[utoipa::path(post, path = "/v1/conversations/{id}/attachments/{attachment}/complete", tag = "attachments",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("attachment" = schema::Id, Path, description = "The attachment."),
    ),
    responses((status = 200, body = view::Attachment, description = "The attachment as it is now."), Problem))]
pub(crate) async fn complete_attachment(
    State(app): State<App>,
    caller: Caller,
    Path((id, attachment)): Path<(ConversationId, AttachmentId)>,
) -> Result<axum::Json<view::Attachment>, Problem> {
    let attachment = app.store.own_attachment(id, caller.username(), attachment).await?;
    if attachment.state() != AttachmentState::Pending {
        return Ok(axum::Json(view::Attachment::from(&attachment)));
    }
    let uploaded =
        app.bucket.look(&attachment).await.map_err(store::Error::from)?.ok_or(Kind::AttachmentNotUploaded)?;
    if !attachment.is_as_declared(&uploaded) {
        // The object first: until it is given up, a repetition comes back here. What is put there afterwards by the same link
        // is removed when it is cleaned up.
        app.bucket.remove(&attachment.object, Some(&uploaded.version)).await.map_err(store::Error::from)?;
        app.store.give_up_attachment(attachment.id).await?;
        return Err(Kind::AttachmentMismatch.into());
    }
    let attachment = app.store.complete_attachment(attachment.id, &uploaded.version).await?;
    Ok(axum::Json(view::Attachment::from(&attachment)))
}

//! `GET /v1/conversations/{id}/attachments/{attachment}`

use api::{Caller, Kind, Path, Problem, schema, view};
use axum::extract::State;
use domain::attachment::{DOWNLOAD_GOOD_FOR, Preview, State as AttachmentState};
use domain::id::{AttachmentId, ConversationId};

use crate::App;
use crate::view::{FetchedAttachment, PreviewView};

/// Fetch an attachment.
///
/// The answer says where, for a minute. Only what was found clean can be fetched. Of a picture there is a small one to
/// look at, a moment after it was found clean.
#[utoipa::path(get, path = "/v1/conversations/{id}/attachments/{attachment}", tag = "attachments",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("attachment" = schema::Id, Path, description = "The attachment."),
    ),
    responses((status = 200, body = FetchedAttachment, description = "Where it is."), Problem))]
pub(crate) async fn download_attachment(
    State(app): State<App>,
    caller: Caller,
    Path((id, attachment)): Path<(ConversationId, AttachmentId)>,
) -> Result<axum::Json<FetchedAttachment>, Problem> {
    let attachment = app.store.visible_attachment(id, caller.username(), attachment).await?;
    match attachment.state() {
        AttachmentState::Clean => {}
        AttachmentState::Pending => return Err(Kind::AttachmentNotUploaded.into()),
        AttachmentState::Scanning => return Err(Kind::AttachmentScanning.into()),
        AttachmentState::Blocked => return Err(Kind::AttachmentQuarantined.into()),
        AttachmentState::Removed => return Err(Kind::NotFound.into()),
    }
    let link = app.bucket.download(&attachment).await.map_err(store::Error::from)?;
    let expires_at = app.clock.now().after(DOWNLOAD_GOOD_FOR);
    let download = view::Download { url: link.url, expires_at };
    let preview = match attachment.preview {
        Some(Preview::Made { width, height }) => {
            let link = app.bucket.show_preview(&attachment).await.map_err(store::Error::from)?;
            Some(PreviewView { url: link.url, expires_at, width, height })
        }
        Some(Preview::Impossible) | None => None,
    };
    Ok(axum::Json(FetchedAttachment { attachment: view::Attachment::from(&attachment), download, preview }))
}

//! `POST /v1/conversations/{id}/attachments`

use api::{Caller, Created, Idempotency, Json, Kind, Path, Problem, random, request_digest, schema, view};
use axum::extract::State;
use domain::attachment::{Attachment, ContentType, Declared, FileName, ObjectKey, Size, UPLOAD_GOOD_FOR};
use domain::chain::Digest;
use domain::id::ConversationId;
use serde::{Deserialize, Serialize};
use store::Quota;
use utoipa::ToSchema;

use crate::App;
use crate::view::{RequestedAttachment, Upload};

/// What is to be uploaded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestAttachment {
    /// What it is called, for display only: folders and characters that are not shown are left out.
    #[schema(value_type = String, min_length = 1, max_length = 1000, example = "scan.pdf")]
    name: FileName,
    /// What it is, such as `application/pdf`.
    #[schema(value_type = schema::ContentType)]
    content_type: ContentType,
    /// How many bytes it has: 1 to 52,428,800.
    #[schema(value_type = schema::Size)]
    size: Size,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schema(value_type = schema::Sha256)]
    sha256: Digest,
}

/// Ask to upload an attachment.
///
/// The answer says how: a request straight to the storage, good for five minutes, for exactly these bytes and once. What
/// is not part of a message within a day is removed. Asked again with the same key, it is the same attachment with a new
/// link; none, if the institution denies its type since.
#[utoipa::path(post, path = "/v1/conversations/{id}/attachments", tag = "attachments",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated."),
    ),
    request_body = RequestAttachment,
    responses((status = 201, body = RequestedAttachment, description = "It can be uploaded."), Problem))]
pub(crate) async fn request_attachment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Idempotency(key): Idempotency,
    Json(asked): Json<RequestAttachment>,
) -> Result<Created<RequestedAttachment>, Problem> {
    let request = request_digest("request_attachment", &id.to_string(), &asked)?;
    let RequestAttachment { name, content_type, size, sha256 } = asked;
    // Also where it was asked for before: a new link would let in what is denied now.
    if !caller.admission.settings.permits(&content_type) {
        let message = "is not taken by your institution";
        return Err(Problem::at(Kind::AttachmentTypeDenied, "/content_type", "denied", message));
    }
    let now = app.clock.now();
    app.store.spend(caller.username(), Quota::UPLOADS, now).await?;
    let attachment = app.ids.mint();
    let object = ObjectKey::new(attachment, random());
    let declared = Declared { name, content_type, size, sha256 };
    let attachment = Attachment::requested(attachment, id, caller.username().clone(), declared, object, now);
    let (attachment, replayed) = app.store.request_attachment(&attachment, key, request).await?;
    let link = app.bucket.upload(&attachment).await.map_err(store::Error::from)?;
    let upload = Upload::new(link, now.after(UPLOAD_GOOD_FOR));
    let attachment = view::Attachment::from(&attachment);
    Ok(Created { made: RequestedAttachment { attachment, upload }, replayed })
}

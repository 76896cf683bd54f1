//! Makes previews of pictures, out of the pixels alone: where and when one was taken is not in them.
//!
//! Pictures are what strangers made to be decoded, so nothing else is done here, with no more memory and rights than that
//! takes.

mod picture;

use bucket::{Bucket, BucketError};
use domain::attachment::Preview;
use domain::id::AttachmentId;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Store;

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Where attachments and previews are.
    pub bucket: Bucket,
}

/// That a picture has no preview yet, as the event bus says it.
#[derive(Deserialize)]
struct PreviewDue {
    detail: Which,
}

#[derive(Deserialize)]
struct Which {
    attachment_id: AttachmentId,
}

impl App {
    /// Makes the preview of an attachment, if it is to have one; says what came of it.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        let PreviewDue { detail: Which { attachment_id } } = api::event::read(event)?;
        let found = self.store.scanned_attachment(attachment_id).await?;
        let Some(attachment) = found.filter(domain::attachment::Attachment::lacks_preview) else {
            return Ok(json!({ "outcome": "nothing" }));
        };
        let bytes = match self.bucket.read(&attachment).await {
            Ok(bytes) => bytes.collect().await?.to_vec(),
            Err(BucketError::Missing) => return Ok(json!({ "outcome": "nothing" })),
            Err(error) => return Err(error.into()),
        };
        // Whatever goes wrong in there is the picture's fault.
        let made = tokio::task::spawn_blocking(move || picture::preview(&bytes)).await.ok().flatten();
        let preview = match made {
            Some(picture::Made { bytes, width, height }) => {
                self.bucket.put_preview(&attachment.object, bytes).await?;
                Preview::Made { width, height }
            }
            None => Preview::Impossible,
        };
        self.store.note_preview(attachment_id, preview).await?;
        tracing::info!(attachment.id = %attachment_id, preview = ?preview, "A picture was looked at");
        Ok(json!({ "outcome": preview }))
    }
}

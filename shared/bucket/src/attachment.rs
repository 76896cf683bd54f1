//! What was uploaded.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::attachment::{Attachment, ObjectKey, Uploaded};
use domain::chain::Digest;

use crate::{Bucket, BucketError, failed, is_hidden, is_missing, named};

/// What previews are.
pub(crate) const PREVIEW: &str = "image/jpeg";

/// How many of the first bytes tell what something is.
const FIRST: usize = 4_096;

impl Bucket {
    /// What was uploaded, if anything was.
    pub async fn look(&self, attachment: &Attachment) -> Result<Option<Uploaded>, BucketError> {
        let head = self
            .client
            .head_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await;
        let head = match head {
            Ok(head) => head,
            // The links of whoever asks have the same rights: none of them lists.
            Err(error) if is_hidden(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let size = head.content_length.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
        let sha256 = head.checksum_sha256.and_then(|text| STANDARD.decode(text).ok());
        let sha256 = sha256.and_then(|bytes| Digest::try_from(bytes.as_slice()).ok());
        let encoded = head.content_encoding.is_some_and(|encoding| !encoding.is_empty());
        let version = head.version_id.clone().unwrap_or_default();
        let uploaded = Uploaded { version, size, sha256, encoded, first: Vec::new() };
        if !attachment.has_bytes(&uploaded) {
            return Ok(Some(uploaded));
        }
        let first = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .set_version_id(head.version_id.clone())
            .range(format!("bytes=0-{}", FIRST - 1))
            .send()
            .await
            .map_err(failed)?;
        let first = first.body.collect().await.map_err(|error| BucketError::Unavailable(error.into()))?.to_vec();
        Ok(Some(Uploaded { first, ..uploaded }))
    }

    /// The bytes of an attachment, of the version that was found to be what was declared.
    pub async fn read(&self, attachment: &Attachment) -> Result<ByteStream, BucketError> {
        let get = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .set_version_id(named(attachment.version.as_deref()));
        match get.send().await {
            Ok(got) => Ok(got.body),
            Err(error) if is_missing(&error) => Err(BucketError::Missing),
            Err(error) => Err(failed(error)),
        }
    }

    /// Takes away what was uploaded: this version of it, or without one whichever is there. That nothing is there is no
    /// failure.
    pub async fn remove(&self, object: &ObjectKey, version: Option<&str>) -> Result<(), BucketError> {
        self.delete(object.as_str(), version).await
    }

    /// Puts the preview of what lies at a key.
    pub async fn put_preview(&self, object: &ObjectKey, bytes: Vec<u8>) -> Result<(), BucketError> {
        self.put(&object.preview(), PREVIEW, bytes).await
    }

    /// Takes the preview away of what lies at a key. That there is none is no failure.
    pub async fn remove_preview(&self, object: &ObjectKey) -> Result<(), BucketError> {
        self.delete(&object.preview(), None).await
    }
}

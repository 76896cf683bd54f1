//! Links that permit one request to whoever has them.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::attachment::{Attachment, DOWNLOAD_GOOD_FOR, UPLOAD_GOOD_FOR};
use domain::backup::{Backup, LINK_GOOD_FOR};

use crate::attachment::PREVIEW;
use crate::{Bucket, BucketError, named};

/// A link that permits one request.
#[derive(Debug)]
pub struct Link {
    /// How.
    pub method: String,
    /// Where.
    pub url: String,
    /// With what.
    pub headers: BTreeMap<String, String>,
}

/// What is fetched is kept by nobody on the way.
const NOT_KEPT: &str = "private, no-store";

impl Bucket {
    /// A link by which the promised bytes can be put, and no others, once.
    pub async fn upload(&self, attachment: &Attachment) -> Result<Link, BucketError> {
        let length = i64::try_from(attachment.size.get()).unwrap_or(i64::MAX);
        let put = self
            .client
            .put_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .content_length(length)
            .content_type(attachment.content_type.as_str())
            .checksum_sha256(STANDARD.encode(attachment.sha256.as_bytes()))
            .if_none_match("*");
        let signed = put.presigned(good_for(UPLOAD_GOOD_FOR)?).await;
        Ok(Link::of(&signed.map_err(|error| BucketError::Unsigned(error.into()))?))
    }

    /// A link by which a clean attachment can be fetched, as something to save and never to show.
    pub async fn download(&self, attachment: &Attachment) -> Result<Link, BucketError> {
        let get = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .set_version_id(named(attachment.version.as_deref()))
            .response_content_disposition(attachment.name.disposition())
            .response_content_type(attachment.content_type.served_as())
            .response_cache_control(NOT_KEPT);
        let signed = get.presigned(good_for(DOWNLOAD_GOOD_FOR)?).await;
        Ok(Link::of(&signed.map_err(|error| BucketError::Unsigned(error.into()))?))
    }

    /// A link by which the preview of a clean attachment can be shown: it is made here, of nothing but pixels.
    pub async fn show_preview(&self, attachment: &Attachment) -> Result<Link, BucketError> {
        let get = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(attachment.object.preview())
            .response_content_disposition("inline")
            .response_content_type(PREVIEW)
            .response_cache_control(NOT_KEPT);
        let signed = get.presigned(good_for(DOWNLOAD_GOOD_FOR)?).await;
        Ok(Link::of(&signed.map_err(|error| BucketError::Unsigned(error.into()))?))
    }

    /// A link by which a back-up can be fetched. The name to save it under is one that says nothing.
    pub async fn download_backup(&self, backup: &Backup) -> Result<Link, BucketError> {
        let day = &backup.at.to_string()[..10];
        let get = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(backup.archive.as_str())
            .response_content_disposition(format!("attachment; filename=\"conversation-{day}.zip\""))
            .response_content_type("application/zip")
            .response_cache_control(NOT_KEPT);
        let signed = get.presigned(good_for(LINK_GOOD_FOR)?).await;
        Ok(Link::of(&signed.map_err(|error| BucketError::Unsigned(error.into()))?))
    }
}

fn good_for(time: Duration) -> Result<PresigningConfig, BucketError> {
    PresigningConfig::expires_in(time).map_err(|error| BucketError::Unsigned(error.into()))
}

impl Link {
    fn of(signed: &PresignedRequest) -> Self {
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { method: signed.method().to_owned(), url: signed.uri().to_owned(), headers }
    }
}

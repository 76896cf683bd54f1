//! The bucket, reached by links that are signed here and by a look at what was uploaded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::ChecksumMode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::attachment::{Attachment, DOWNLOAD_GOOD_FOR, UPLOAD_GOOD_FOR, Uploaded};
use domain::chain::Digest;
use store::{BoxError, Cloud};

/// How many of the first bytes tell what something is.
const FIRST: usize = 4_096;

/// The bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: Arc<str>,
}

/// A link that permits one request.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// The bucket does not do what it is asked. Never holds what somebody wrote.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketError {
    #[error("the bucket did not answer")]
    Unavailable(#[source] BoxError),
    #[error("a link cannot be signed")]
    Unsigned(#[source] BoxError),
}

impl Bucket {
    /// The bucket of this name.
    pub fn new(cloud: &Cloud, name: &str) -> Self {
        let settings = &cloud.settings;
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(settings.credentials.clone())
            .http_client(cloud.http.clone())
            // An emulator's host names no bucket.
            .force_path_style(settings.endpoint.is_some());
        config.set_endpoint_url(settings.endpoint.clone());
        Self { client: Client::from_conf(config.build()), name: name.into() }
    }

    /// A link by which the promised bytes can be put, and no others, once.
    pub(crate) async fn upload(&self, attachment: &Attachment) -> Result<Link, BucketError> {
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
        let signed =
            put.presigned(good_for(UPLOAD_GOOD_FOR)?).await.map_err(|error| BucketError::Unsigned(error.into()))?;
        Ok(Link::of(&signed))
    }

    /// A link by which a clean attachment can be fetched, as something to save and never to show.
    pub(crate) async fn download(&self, attachment: &Attachment) -> Result<Link, BucketError> {
        let version = attachment.version.clone().filter(|version| !version.is_empty());
        let get = self
            .client
            .get_object()
            .bucket(&*self.name)
            .key(attachment.object.as_str())
            .set_version_id(version)
            .response_content_disposition(attachment.name.disposition())
            .response_content_type(attachment.content_type.served_as())
            .response_cache_control("private, no-store");
        let signed =
            get.presigned(good_for(DOWNLOAD_GOOD_FOR)?).await.map_err(|error| BucketError::Unsigned(error.into()))?;
        Ok(Link::of(&signed))
    }

    /// What was uploaded, if anything was.
    pub(crate) async fn look(&self, attachment: &Attachment) -> Result<Option<Uploaded>, BucketError> {
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
            // Whoever may not list a bucket is told that an object is forbidden that is not there.
            Err(error) if error.raw_response().is_some_and(|raw| matches!(raw.status().as_u16(), 403 | 404)) => {
                return Ok(None);
            }
            Err(error) => return Err(unavailable(error)),
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
            .map_err(unavailable)?;
        let first = first.body.collect().await.map_err(|error| BucketError::Unavailable(error.into()))?.to_vec();
        Ok(Some(Uploaded { first, ..uploaded }))
    }

    /// Takes away what was uploaded and is not what was promised.
    pub(crate) async fn remove(&self, attachment: &Attachment, version: &str) -> Result<(), BucketError> {
        let version = Some(version.to_owned()).filter(|version| !version.is_empty());
        let delete = self.client.delete_object().bucket(&*self.name).key(attachment.object.as_str());
        delete.set_version_id(version).send().await.map(drop).map_err(unavailable)
    }
}

fn good_for(time: Duration) -> Result<PresigningConfig, BucketError> {
    PresigningConfig::expires_in(time).map_err(|error| BucketError::Unsigned(error.into()))
}

fn unavailable<E>(error: SdkError<E>) -> BucketError
where
    E: std::error::Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    BucketError::Unavailable(error.into())
}

impl Link {
    fn of(signed: &PresignedRequest) -> Self {
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { method: signed.method().to_owned(), url: signed.uri().to_owned(), headers }
    }
}

//! The one bucket: attachments, their previews, and back-ups. And the one beside it, in which the trail of logs is.
//!
//! **Invariant:** which object is asked for is a key of the domain, never a text; what an object is served as is said by
//! the link, and is nothing that a browser runs.

mod archive;
mod attachment;
mod link;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use store::{Answered, BoxError, Cloud};

pub use archive::{PART, Part, Upload};
pub use link::Link;

/// The bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: Arc<str>,
}

/// The bucket does not do what it is asked. Never holds what somebody wrote.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// It did not answer.
    #[error("the bucket did not answer{}", Answered::said(Some(.0)))]
    Unavailable(#[source] BoxError),
    /// It will not do that, however often it is asked.
    #[error("the bucket refused{}", Answered::said(Some(.0)))]
    Refused(#[source] BoxError),
    /// A link cannot be signed.
    #[error("a link cannot be signed")]
    Unsigned(#[source] BoxError),
    /// What is not there cannot be read.
    #[error("an object is not there")]
    Missing,
}

impl BucketError {
    /// Whether the bucket will not do it, however often it is asked.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl From<BucketError> for store::Error {
    fn from(error: BucketError) -> Self {
        let (said, is_ours) = (error.to_string(), matches!(error, BucketError::Unsigned(_) | BucketError::Missing));
        let answered = Answered::called(&said, error);
        if is_ours { Self::Misused(answered) } else { Self::Unavailable(Some(answered)) }
    }
}

impl Bucket {
    /// The bucket of this name.
    pub fn new(cloud: &Cloud, name: &str) -> Self {
        let settings = &cloud.settings;
        // For what somebody waits for. Whatever takes longer says so where it is asked for.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .read_timeout(Duration::from_secs(5))
            .build();
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(settings.credentials.clone())
            .http_client(cloud.http.clone())
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeouts)
            // An emulator's host names no bucket.
            .force_path_style(settings.endpoint.is_some());
        config.set_endpoint_url(settings.endpoint.clone());
        Self { client: Client::from_conf(config.build()), name: name.into() }
    }

    async fn put(&self, key: &str, content_type: &str, bytes: Vec<u8>) -> Result<(), BucketError> {
        let put = self.client.put_object().bucket(&*self.name).key(key).content_type(content_type);
        let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256).body(ByteStream::from(bytes));
        put.customize().config_override(patient()).send().await.map(drop).map_err(failed)
    }

    /// Deletes a version of an object; without one, whichever is there. That nothing is there is no failure.
    async fn delete(&self, key: &str, version: Option<&str>) -> Result<(), BucketError> {
        // Whoever deletes has more to delete, and tries again: rather that than to have no time left for the others.
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5))
            .build();
        let brief = aws_sdk_s3::Config::builder().timeout_config(timeouts);
        let delete = self.client.delete_object().bucket(&*self.name).key(key).set_version_id(named(version));
        delete.customize().config_override(brief).send().await.map(drop).map_err(failed)
    }
}

/// For requests that carry megabytes: to the SDK the time to send them is part of the time to read the answer.
fn patient() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::Config::builder().timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_secs(30)).build())
}

/// In a bucket without versions they have no name.
fn named(version: Option<&str>) -> Option<String> {
    version.filter(|version| !version.is_empty()).map(str::to_owned)
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|raw| raw.status().as_u16())
}

fn failed<E>(error: SdkError<E>) -> BucketError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    // Who was too slow or asked too often may ask again.
    match status(&error) {
        Some(400..=407 | 409..=428 | 430..=499) => BucketError::Refused(Answered::by(error)),
        _ => BucketError::Unavailable(Answered::by(error)),
    }
}

/// Whether an object is not there, to whoever may list the bucket: then what is forbidden is something else.
fn is_missing<E>(error: &SdkError<E>) -> bool {
    status(error) == Some(404)
}

/// Whether an object is not there, or hidden: whoever may not list the bucket is told that what is not there is forbidden
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
fn is_hidden<E>(error: &SdkError<E>) -> bool {
    matches!(status(error), Some(403 | 404))
}

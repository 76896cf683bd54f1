//! The bucket, of which nothing is asked but to delete.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use domain::attachment::ObjectKey;
use store::{BoxError, Cloud};

/// The bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: Arc<str>,
}

/// The bucket does not do what it is asked.
#[derive(Debug, thiserror::Error)]
#[error("the bucket did not delete an object")]
pub(crate) struct BucketError(#[source] BoxError);

impl Bucket {
    /// The bucket of this name.
    pub fn new(cloud: &Cloud, name: &str) -> Self {
        let settings = &cloud.settings;
        // The next run tries again: rather that than to have no time left for the others.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(2))
            .operation_timeout(Duration::from_secs(5))
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

    /// Deletes a version of an object; without one, whichever is there. That nothing is there is no failure.
    pub(crate) async fn delete(&self, object: &ObjectKey, version: Option<&str>) -> Result<(), BucketError> {
        // In a bucket without versions they have no name.
        let version = version.filter(|version| !version.is_empty()).map(str::to_owned);
        let delete = self.client.delete_object().bucket(&*self.name).key(object.as_str()).set_version_id(version);
        delete.send().await.map(drop).map_err(|error| BucketError(error.into()))
    }
}

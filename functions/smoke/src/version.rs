//! The new versions, and the ways to them and to CodeDeploy.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Region};
use store::Cloud;

/// The new version of each function, by the function's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions(BTreeMap<String, String>);

/// The text names no versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not pairs `function=version` with commas between them")]
pub struct VersionsError;

impl Versions {
    /// The new version of a function.
    pub(crate) fn of(&self, function: &str) -> Option<&str> {
        self.0.get(function).map(String::as_str)
    }
}

impl FromStr for Versions {
    type Err = VersionsError;

    fn from_str(text: &str) -> Result<Self, VersionsError> {
        let pair = |pair: &str| {
            let (name, version) = pair.split_once('=')?;
            (!name.is_empty() && !version.is_empty()).then(|| (name.to_owned(), version.to_owned()))
        };
        text.split(',').map(pair).collect::<Option<_>>().map(Self).ok_or(VersionsError)
    }
}

/// Lambda, patient with a version that has never run, and with itself when seven of us ask at once; and CodeDeploy.
pub(crate) fn clients(cloud: &Cloud) -> (aws_sdk_lambda::Client, aws_sdk_codedeploy::Client) {
    let settings = &cloud.settings;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(15))
        .build();
    let retries = RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(200));
    let mut lambda = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(settings.credentials.clone())
        .http_client(cloud.http.clone())
        .retry_config(retries.clone())
        .timeout_config(timeouts.clone());
    lambda.set_endpoint_url(settings.endpoint.clone());
    let mut codedeploy = aws_sdk_codedeploy::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(settings.credentials.clone())
        .http_client(cloud.http.clone())
        .retry_config(retries)
        .timeout_config(timeouts);
    codedeploy.set_endpoint_url(settings.endpoint.clone());
    (aws_sdk_lambda::Client::from_conf(lambda.build()), aws_sdk_codedeploy::Client::from_conf(codedeploy.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_named_by_pairs() {
        let versions: Versions = "audit=arn:aws:lambda:a:1:function:b:7,people=arn:c:8".parse().unwrap();
        assert_eq!(
            (versions.of("audit"), versions.of("people")),
            (Some("arn:aws:lambda:a:1:function:b:7"), Some("arn:c:8"))
        );
        assert_eq!(versions.of("messages"), None);
        for wrong in ["", ",", "audit", "audit=", "=arn", "audit=arn,"] {
            assert_eq!(wrong.parse::<Versions>(), Err(VersionsError), "{wrong}");
        }
    }
}

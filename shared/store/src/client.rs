//! The SDK's client, built for a quick start.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_smithy_http_client::tls;

/// Where the table is and who asks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The AWS region.
    pub region: String,
    /// Another endpoint than the region's, as of an emulator.
    pub endpoint: Option<String>,
    /// The function's own credentials.
    pub credentials: Credentials,
}

/// What a function needs to reach AWS, for the services besides the table that it uses itself.
#[derive(Clone, Debug)]
pub struct Cloud {
    /// Where it is and who asks.
    pub settings: Settings,
    /// How it is reached.
    pub http: SharedHttpClient,
}

/// The certificate authorities of every AWS endpoint (<https://www.amazontrust.com/repository/>).
///
/// Compiled in, because reading the system's 150 is the largest part of a cold start.
const ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// An HTTP client that trusts AWS, and `extra` roots besides (a PEM bundle, as `AWS_CA_BUNDLE` names one).
pub fn http_client(extra: Option<Vec<u8>>) -> SharedHttpClient {
    let mut trusted = tls::TrustStore::empty().with_pem_certificate(ROOTS);
    if let Some(extra) = extra {
        trusted.add_pem_certificate(extra);
    }
    let builder = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc));
    match tls::TlsContext::builder().with_trust_store(trusted).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

/// A DynamoDB client over an HTTP client.
///
/// Its own bucket of retries, because the default one is shared by the process: a burst of faults in one place would
/// stop the retries of all.
pub fn connect(settings: Settings, http: SharedHttpClient) -> aws_sdk_dynamodb::Client {
    let Settings { region, endpoint, credentials } = settings;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build();
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(credentials)
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(20)))
        .retry_partition(RetryPartition::custom("table").token_bucket(TokenBucket::default()).build())
        .timeout_config(timeouts);
    config.set_endpoint_url(endpoint);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// A function's own credentials, as Lambda puts them into the environment.
pub fn credentials(access_key: &str, secret: &str, session: Option<String>) -> Credentials {
    Credentials::new(access_key, secret, session, None, "environment")
}

//! The issuer's public keys.

use std::sync::Arc;

use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use domain::clock::Timestamp;
use http_body_util::BodyExt as _;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::Mutex;

use super::decoding_key;
use crate::problem::Kind;

/// The issuer's public keys: given, or fetched from the address in the configuration and from nowhere else.
#[derive(Clone, Debug)]
pub struct Keys(Source);

#[derive(Clone, Debug)]
enum Source {
    Fixed(Arc<JwkSet>),
    Fetched { url: Arc<str>, cache: Arc<Mutex<Cache>> },
}

#[derive(Debug, Default)]
struct Cache {
    set: Option<JwkSet>,
    tried: Option<Timestamp>,
}

/// A key that is not known makes us ask again, but a flood of such tokens must not become a flood at the issuer.
const SECONDS_BETWEEN_FETCHES: u64 = 60;

/// Larger than any key set.
const MAX_SET: usize = 256 * 1024;

impl Keys {
    /// These keys.
    pub fn fixed(set: JwkSet) -> Self {
        Self(Source::Fixed(Arc::new(set)))
    }

    /// The keys at this address, fetched when they are needed.
    pub fn at(url: &str) -> Self {
        Self(Source::Fetched { url: url.into(), cache: Arc::default() })
    }

    /// The key with this id. An issuer that cannot be reached is no reason to turn anybody away for good.
    pub(super) async fn find(&self, kid: &str, now: Timestamp) -> Result<Option<DecodingKey>, Kind> {
        let (url, cache) = match &self.0 {
            Source::Fixed(set) => return Ok(decoding_key(set, kid)),
            Source::Fetched { url, cache } => (url, cache),
        };
        let mut cache = cache.lock().await;
        if let Some(key) = cache.set.as_ref().and_then(|set| decoding_key(set, kid)) {
            return Ok(Some(key));
        }
        let asked_lately = cache.tried.is_some_and(|tried| now.since(tried).as_secs() < SECONDS_BETWEEN_FETCHES);
        if !(asked_lately && cache.set.is_some()) {
            cache.tried = Some(now);
            match fetch(url).await {
                Ok(set) => cache.set = Some(set),
                Err(error) => {
                    tracing::warn!(error = &*error, "Could not fetch the issuer's keys");
                    return Err(Kind::TemporarilyUnavailable);
                }
            }
        }
        Ok(cache.set.as_ref().and_then(|set| decoding_key(set, kid)))
    }
}

async fn fetch(url: &str) -> Result<JwkSet, store::BoxError> {
    let trusted = tls::TlsContext::builder().with_trust_store(tls::TrustStore::default()).build()?;
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .tls_context(trusted)
        .build();
    let request = HttpRequest::get(url)?;
    let answer = tokio::time::timeout(std::time::Duration::from_secs(3), async {
        let answer = connector.call(request).await?;
        if !answer.status().is_success() {
            return Err(format!("status {}", answer.status().as_u16()).into());
        }
        let body = http_body_util::Limited::new(answer.into_body(), MAX_SET).collect().await?.to_bytes();
        Ok::<_, store::BoxError>(body)
    })
    .await??;
    Ok(serde_json::from_slice(&answer)?)
}

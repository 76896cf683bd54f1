//! The issuer's public keys.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

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
    Fetched(Arc<Fetched>),
}

#[derive(Debug)]
struct Fetched {
    url: Box<str>,
    /// The keys, and when they came.
    known: RwLock<Option<(JwkSet, Timestamp)>>,
    /// The latest try. Held while the issuer is asked, so that it is asked once; whose key is fresh does not wait.
    tried: Mutex<Option<Try>>,
}

#[derive(Clone, Copy, Debug)]
struct Try {
    at: Timestamp,
    failed: bool,
}

/// A key that is not known makes us ask again, but a flood of such tokens must not become a flood at the issuer.
const BETWEEN_FETCHES: Duration = Duration::from_mins(1);

/// When the issuer could not be asked, we ask again as soon as the refusal told the client to come again.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// After this time we ask whether a key was withdrawn.
const FRESH: Duration = Duration::from_hours(1);

/// For this long keys are good while the issuer cannot be asked; as long as API Gateway keeps them.
const USABLE: Duration = Duration::from_hours(2);

/// Larger than any key set.
const MAX_SET: usize = 256 * 1024;

impl Keys {
    /// These keys.
    pub fn fixed(set: JwkSet) -> Self {
        Self(Source::Fixed(Arc::new(set)))
    }

    /// The keys at this address, fetched when they are needed.
    pub fn at(url: &str) -> Self {
        let (known, tried) = (RwLock::default(), Mutex::default());
        Self(Source::Fetched(Arc::new(Fetched { url: url.into(), known, tried })))
    }

    /// The key with this id. An issuer that cannot be reached is no reason to turn anybody away for good.
    pub(super) async fn find(&self, kid: &str, now: Timestamp) -> Result<Option<DecodingKey>, Kind> {
        match &self.0 {
            Source::Fixed(set) => Ok(decoding_key(set, kid)),
            Source::Fetched(keys) => keys.find(kid, now).await,
        }
    }
}

impl Try {
    /// How long to wait before the next one.
    const fn pause(self) -> Duration {
        if self.failed { AFTER_FAILURE } else { BETWEEN_FETCHES }
    }
}

impl Fetched {
    async fn find(&self, kid: &str, now: Timestamp) -> Result<Option<DecodingKey>, Kind> {
        if let Some(key) = self.known(kid, now, FRESH) {
            return Ok(Some(key));
        }
        let mut tried = self.tried.lock().await;
        if tried.is_none_or(|tried| now.since(tried.at) >= tried.pause()) {
            let fetched = fetch(&self.url).await;
            *tried = Some(Try { at: now, failed: fetched.is_err() });
            match fetched {
                Ok(set) => *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some((set, now)),
                Err(error) => tracing::warn!(error = &*error, "Could not fetch the issuer's keys"),
            }
        }
        match self.known(kid, now, USABLE) {
            None if tried.is_some_and(|tried| tried.failed) => Err(Kind::TemporarilyUnavailable),
            key => Ok(key),
        }
    }

    /// The key with this id, if it came lately enough.
    fn known(&self, kid: &str, now: Timestamp, lately: Duration) -> Option<DecodingKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (set, _) = known.as_ref().filter(|(_, since)| now.since(*since) < lately)?;
        decoding_key(set, kid)
    }
}

async fn fetch(url: &str) -> Result<JwkSet, store::BoxError> {
    let trusted = tls::TlsContext::builder().with_trust_store(tls::TrustStore::default()).build()?;
    let connector = Connector::builder()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .tls_context(trusted)
        .build();
    let request = HttpRequest::get(url)?;
    let answer = tokio::time::timeout(Duration::from_secs(3), async {
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

//! The functions' way to the embedded table.
//!
//! The SDK gives every transaction a token, so that the table knows a repeated request. Ours are never repeated, and the
//! engine goes through all tokens of the last ten minutes for each transaction: without them it is as quick after an
//! hour of load as at the start.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// An HTTP client for the embedded table.
pub fn http_client() -> SharedHttpClient {
    SharedHttpClient::new(Tokenless(store::http_client(None)))
}

#[derive(Debug)]
struct Tokenless(SharedHttpClient);

impl HttpClient for Tokenless {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct Connector(SharedHttpConnector);

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Some(body) = request.body().bytes().and_then(without_token) {
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body);
        }
        self.0.call(request)
    }
}

/// The request without its token, if it has one. What looks like a token in somebody's text has backslashes before its
/// quotes.
fn without_token(body: &[u8]) -> Option<String> {
    const FIELD: &str = ",\"ClientRequestToken\":\"";
    let body = std::str::from_utf8(body).ok()?;
    let (before, after) = body.rsplit_once(FIELD)?;
    let (_, rest) = after.split_once('"')?;
    Some([before, rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_taken_out_and_nothing_else() {
        let body = br#"{"TransactItems":[{"S":"a,\"ClientRequestToken\":\"b\""}],"ClientRequestToken":"0f8a","ReturnConsumedCapacity":"TOTAL"}"#;
        let kept = r#"{"TransactItems":[{"S":"a,\"ClientRequestToken\":\"b\""}],"ReturnConsumedCapacity":"TOTAL"}"#;
        assert_eq!(without_token(body).as_deref(), Some(kept));
        assert_eq!(without_token(kept.as_bytes()), None);
    }
}

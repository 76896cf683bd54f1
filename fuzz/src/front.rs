//! The functions that answer requests, behind one edge, as requests reach them after API Gateway.
//!
//! Without `attachments` and `backups`: what they parse is the domain's, and with the client of their bucket the build takes
//! twice as long.

use api::token::Rules;
use api::{Boot, Edge, Identity};
use axum::Router;
use axum::body::Body;
use domain::clock::Clock;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::{Lines, stand_in};

/// The product.
#[derive(Debug)]
pub struct Front {
    router: Router,
    runtime: Runtime,
    lines: Lines,
}

/// What came of a request.
#[derive(Debug)]
pub struct Asked {
    /// The method it had.
    pub method: Method,
    /// The answer's status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// What was logged meanwhile.
    pub logged: String,
}

/// A clock that stands, so that the same input does the same.
pub fn clock() -> Clock {
    Clock::stopped_at("2026-03-01T09:00:00Z".parse().expect("a time")).0
}

/// Whose tokens are accepted, and for whom.
pub fn rules() -> Rules {
    Rules {
        issuer: "https://issuer.example".into(),
        audience: "confer".into(),
        scope: "confer".into(),
        username_claim: "username".into(),
    }
}

/// What API Gateway says of somebody with both roles.
pub fn caller() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "confer", "scope": "confer", "exp": "1772360000", "username": "ada",
        "roles": "[system_administrator auditor]",
    })
}

/// A runtime in which nobody waits: when all sleep, time moves to the first who wakes.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

impl Front {
    /// The product over an empty cloud.
    pub fn new() -> Self {
        let (_, store) = stand_in();
        let (clock, lines) = (clock(), Lines::keep());
        let ids = Boot::ids(&clock);
        macro_rules! serve {
            ($($function:ident),*) => {
                Router::new()$(.merge($function::router().with_state($function::App {
                    store: store.clone(),
                    clock: clock.clone(),
                    ids: ids.clone(),
                })))*
            };
        }
        let routes = serve!(conversations, messages, people, broadcasts, audit);
        let edge = Edge { function: "fuzz", clock, ids, identity: Identity::Gateway(rules()), store, idle_limit: None };
        Self { router: edge.around(routes), runtime: runtime(), lines }
    }

    /// Makes a request that is written like one of HTTP: a line with method and target, lines with headers, an empty line,
    /// and the body. Nothing, if no gateway would hand it on.
    ///
    /// Without another type the body is JSON.
    pub fn ask(&self, written: &[u8]) -> Option<Asked> {
        let (head, body) = match written.windows(2).position(|two| two == b"\n\n") {
            Some(end) => (&written[..end], &written[end + 2..]),
            None => (written, &[][..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let (method, target) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let mut request = Request::new(Body::from(body.to_vec()));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *request.uri_mut() = target.parse::<Uri>().ok().filter(|uri| uri.path().starts_with('/'))?;
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            request.headers_mut().append(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
        }
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().entry(http::header::CONTENT_TYPE).or_insert(json);
        Some(self.answer(request, &caller()))
    }

    /// Makes a request for which API Gateway's authorizer says this.
    pub fn ask_as(&self, claims: &Value) -> Option<Asked> {
        claims.as_object()?;
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static("/v1/me");
        Some(self.answer(request, claims))
    }

    fn answer(&self, mut request: Request<Body>, claims: &Value) -> Asked {
        let context = json!({ "http": { "method": "GET" }, "authorizer": { "jwt": { "claims": claims } } });
        if let Ok(context) = serde_json::from_value(context) {
            request.extensions_mut().insert(RequestContext::ApiGatewayV2(context));
        }
        self.lines.take();
        let method = request.method().clone();
        let (status, headers, body) = self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.into_parts();
            (parts.status, parts.headers, body.collect().await.expect("a whole body").to_bytes().to_vec())
        });
        Asked { method, status, headers, body, logged: self.lines.take() }
    }
}

impl Default for Front {
    fn default() -> Self {
        Self::new()
    }
}

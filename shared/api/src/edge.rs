//! What every request passes on its way in and out.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use domain::chain::Digest;
use domain::clock::Clock;
use domain::id::{Ids, RequestId};
use domain::user::Introduction;
use http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use lambda_http::request::RequestContext;
use store::Store;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::caller::{Caller, Identified, Turned};
use crate::problem::{Kind, Problem, ProblemDocument};
use crate::token::{Claims, Rules, Verifier, handed_on};

/// How a request shows whom it speaks for. There is no way to turn this off.
#[derive(Clone, Debug)]
pub enum Identity {
    /// API Gateway's JWT authorizer verified the token; its claims are checked once more.
    Gateway(Rules),
    /// Nothing stands in front: the bearer token is verified here.
    Bearer(Verifier),
}

/// What every request passes on its way in and out.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The function's name, for the log.
    pub function: &'static str,
    /// Tells the time.
    pub clock: Clock,
    /// Makes request ids.
    pub ids: Ids,
    /// How a request shows whom it speaks for.
    pub identity: Identity,
    /// Where it is known who may call.
    pub store: Store,
    /// After how long without a request somebody must sign in again, if ever.
    pub idle_limit: Option<Duration>,
}

impl Edge {
    /// Puts the edge around a function's routes.
    pub fn around(self, routes: Router) -> Router {
        routes
            .fallback(async || Problem::from(Kind::NotFound))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(Arc::new(self), pass))
    }

    async fn identify(&self, request: &Parts) -> Result<Introduction, Kind> {
        match &self.identity {
            Identity::Gateway(rules) => {
                let claims = gateway_claims(request).ok_or(Kind::Unauthenticated)?;
                rules.introduction(&claims, self.clock.now())
            }
            Identity::Bearer(verifier) => {
                let mut values = request.headers.get_all(AUTHORIZATION).iter();
                let (Some(value), None) = (values.next(), values.next()) else { return Err(Kind::Unauthenticated) };
                let (scheme, token) = value.to_str().unwrap_or_default().split_once(' ').unwrap_or_default();
                if !scheme.eq_ignore_ascii_case("bearer") {
                    return Err(Kind::Unauthenticated);
                }
                verifier.introduction(token.trim()).await
            }
        }
    }

    /// Notes that somebody does something, beside what they do; once a minute is enough.
    async fn note(&self, caller: Option<Arc<Caller>>) {
        if let Some(caller) = caller
            && let Err(error) = self.store.note_seen(caller.username(), self.clock.now()).await
        {
            tracing::warn!(cause = as_error(&error), "Could not note that somebody is here");
        }
    }

    /// Lets somebody in, unless their account is disabled or they were idle for too long.
    async fn admit(&self, said: Introduction) -> Result<Arc<Caller>, Turned> {
        match self.store.admit(&said, self.idle_limit, self.clock.now()).await {
            Ok(admission) if admission.profile.active => Ok(Arc::new(Caller { said, admission })),
            Ok(_) => Err(Kind::YourAccountDisabled.into()),
            Err(store::Error::SignedOut) => Err(Kind::SignedOut.into()),
            Err(error) => {
                let problem = Problem::from(error);
                tracing::warn!(cause = problem.source.as_deref().map(as_error), "Could not see who calls");
                Err(problem.kind.into())
            }
        }
    }
}

/// The claims that API Gateway's authorizer put beside the request, where no client can write.
fn gateway_claims(request: &Parts) -> Option<Claims> {
    let RequestContext::ApiGatewayV2(context) = request.extensions.get::<RequestContext>()? else { return None };
    let claims = &context.authorizer.as_ref()?.jwt.as_ref()?.claims;
    Some(claims.iter().map(|(name, text)| (name.clone(), handed_on(name, text))).collect())
}

async fn pass(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let id: RequestId = edge.ids.mint();
    let bodiless = request.method() == Method::HEAD;
    let (parts, body) = request.into_parts();
    let introduced = edge.identify(&parts).await;
    let mut request = Request::from_parts(parts, body);
    // A name would say who talks to whom; the same person has the same eight bytes in every line.
    let caller_id = introduced.as_ref().map_or_else(
        |_| String::new(),
        |said| Digest::of(said.username.folded().as_bytes()).to_string()[..16].to_owned(),
    );
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "request",
        function = edge.function,
        request.id = %id,
        method = said_method(request.method()),
        route,
        caller.id = caller_id,
    );
    async {
        let began = edge.clock.now();
        let identified = match introduced {
            Ok(said) => edge.admit(said).await,
            Err(kind) => Err(kind.into()),
        };
        let noted = identified.as_ref().ok().filter(|_| is_an_act(request.method(), &route, request.uri())).cloned();
        request.extensions_mut().insert(Identified(identified));
        let (mut response, ()) = tokio::join!(next.run(request), edge.note(noted));
        let problem = refusal(&response);
        if let Some(problem) = &problem {
            response = tell(problem, &response, id);
        }
        if bodiless {
            *response.body_mut() = Body::empty();
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        let duration = edge.clock.now().since(began).as_millis();
        tracing::info!(
            problem = problem.map(|problem| problem.kind.slug()),
            status = response.status().as_u16(),
            duration_ms = u64::try_from(duration).unwrap_or(u64::MAX),
            "Answered"
        );
        response
    }
    .instrument(span)
    .await
}

/// Whether somebody who asks for this is there. What a page asks for by itself, again and again, says nothing of who sits
/// before it; and whether they do, presence says itself.
fn is_an_act(method: &Method, route: &str, uri: &Uri) -> bool {
    let follows =
        || form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).any(|(name, _)| name == "after");
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match route {
        "/v1/unread" | "/v1/conversations" => !reads,
        "/v1/conversations/{id}/messages" => !(reads && follows()),
        "/v1/me/presence" | "/v1/me/logout" => false,
        _ => true,
    }
}

/// The method for the log. One that HTTP does not know can be any word of the client's.
fn said_method(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "none" }
}

/// The problem that an answer is, if it is one.
fn refusal(response: &Response) -> Option<Arc<Problem>> {
    match response.extensions().get::<Arc<Problem>>() {
        Some(problem) => Some(problem.clone()),
        // The router's own refusal has no body of ours.
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Some(Arc::new(Kind::MethodNotAllowed.into())),
        None => None,
    }
}

fn as_error<'a>(cause: &'a (dyn std::error::Error + Send + Sync + 'static)) -> &'a (dyn std::error::Error + 'static) {
    cause
}

/// Writes the document of a problem, and logs the cause of a failure of ours, once.
fn tell(problem: &Problem, response: &Response, id: RequestId) -> Response {
    let status = problem.kind.status();
    let cause = problem.source.as_deref().map(as_error);
    if problem.kind == Kind::Internal {
        tracing::error!(problem = problem.kind.slug(), cause, "Failed");
    } else if status.is_server_error() {
        tracing::warn!(problem = problem.kind.slug(), cause, "Could not answer");
    }
    let mut refusal = (status, axum::Json(ProblemDocument::new(problem, id))).into_response();
    let headers = refusal.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = problem.retry_after() {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if let Some(allow) = response.headers().get(ALLOW) {
        headers.insert(ALLOW, allow.clone());
    }
    refusal
}

/// A fault of ours must not end the sandbox; what it says may hold anything, so it is not said.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

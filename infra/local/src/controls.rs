//! What tests and people may do to the stack, beside the API on its own address.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::{Span, SpanRelativeTo};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::background::Background;
use crate::issuer::{Issuer, Token};
use crate::outbox::Outbox;
use crate::page;
use crate::person::{Person, Role};
use crate::problem::Problem;
use crate::stack::Addresses;

/// Longest username that a token is minted for; the API decides which ones it takes.
const MAX_USERNAME: usize = 1_000;

/// Furthest that the clock moves at once: ten years.
const MAX_ADVANCE: Duration = Duration::from_hours(10 * 365 * 24);

/// What the controls act on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Controls {
    /// Mints tokens.
    pub issuer: Arc<Issuer>,
    /// Holds what was sent.
    pub outbox: Arc<Outbox>,
    /// Moves the clock.
    pub background: Background,
    /// Where everything is.
    pub addresses: Arc<Addresses>,
    /// The API's document.
    pub document: Arc<Value>,
}

impl Controls {
    /// The calls under `/_local/`, the issuer, and the API's document.
    pub fn router(self) -> Router {
        let issuer = self.issuer.router();
        Router::new()
            .route("/_local/", get(page::show))
            // Where people look first.
            .route("/", get(async || Redirect::to("/_local/")))
            .route("/_local", get(async || Redirect::permanent("/_local/")))
            .route("/_local/reference", get(page::reference))
            .route("/_local/token", post(token))
            .route("/_local/outbox", get(outbox).delete(empty_outbox))
            .route("/_local/clock", post(clock))
            .route("/_local/settle", post(settle))
            .route("/openapi.json", get(document))
            .with_state(self)
            .nest("/_local/issuer", issuer)
            .layer(from_fn(only_this_machine))
    }
}

/// Refuses pages of the web that reach 127.0.0.1 under a name of their own, and would read tokens here.
async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        next.run(request).await
    } else {
        Problem::forbidden("The controls answer to 127.0.0.1 and localhost only.").into_response()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenFor {
    username: String,
    roles: Option<Vec<Role>>,
}

/// `POST /_local/token`
async fn token(
    State(controls): State<Controls>,
    request: Result<Json<TokenFor>, JsonRejection>,
) -> Result<Json<Token>, Problem> {
    let TokenFor { username, roles } = body(
        request,
        r#"{"username": "jane.roe", "roles": ["system_administrator", "auditor"]}, roles being optional"#,
    )?;
    if username.trim().is_empty() || username.len() > MAX_USERNAME {
        return Err(Problem::bad_request("A username is neither blank nor endless."));
    }
    let mut person = Person::named(&username);
    if let Some(roles) = roles {
        person.roles = roles;
    }
    Ok(Json(controls.issuer.mint(&person)?))
}

/// `GET /_local/outbox`; people, who open it in a browser, get the page.
async fn outbox(State(controls): State<Controls>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.starts_with("text/html") {
        return Redirect::to("/_local/#outbox").into_response();
    }
    Json(json!({ "items": controls.outbox.items() })).into_response()
}

/// `DELETE /_local/outbox`
async fn empty_outbox(State(controls): State<Controls>) -> Result<StatusCode, Problem> {
    controls.outbox.clear()?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

/// `POST /_local/clock`
async fn clock(
    State(controls): State<Controls>,
    request: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Advance { advance } = body(request, r#"{"advance": "4h"}"#)?;
    let by = duration(&advance).ok_or_else(|| {
        Problem::bad_request("advance is a time like 90s, 15m, 4h or 2d, forward, and at most ten years.")
    })?;
    let now = controls.background.advance(by).await;
    Ok(Json(json!({ "now": now })))
}

/// `POST /_local/settle`
async fn settle(State(controls): State<Controls>) -> StatusCode {
    controls.background.settle().await;
    StatusCode::NO_CONTENT
}

/// `GET /openapi.json`
async fn document(State(controls): State<Controls>) -> Json<Value> {
    Json(Value::clone(&controls.document))
}

/// The parsed body, or what it should have been.
fn body<T>(request: Result<Json<T>, JsonRejection>, shape: &str) -> Result<T, Problem> {
    match request {
        Ok(Json(body)) => Ok(body),
        // JSON that is not what we asked for is as wrong as no JSON; another content type stays 415.
        Err(rejection) => {
            let status = match rejection.status() {
                StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
                status => status,
            };
            Err(Problem::body(status, format!("The body should be application/json like {shape}.")))
        }
    }
}

/// Reads `90s`, `15m`, `4h`, `2d`, `1d 4h`, or ISO 8601. A day has 24 hours: a stack lives in UTC.
fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok().filter(|duration| *duration <= MAX_ADVANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_forward_only() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("4h", 14_400),
            ("2d", 172_800),
            ("1d 4h", 100_800),
            ("PT4H", 14_400),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "4", "-4h", "4h ago", "-PT4H", "four hours", "1mo", "4000d", "99999999999999999999h"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}

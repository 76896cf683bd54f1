//! Answers that say more than their body.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::chain::{Digest, Seq};
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::problem::{Kind, Problem};
use crate::view::Conversation;

/// Something was made: 201, and whether an earlier request with the same key had made it.
#[derive(Debug)]
pub struct Created<T> {
    /// What was made.
    pub made: T,
    /// Whether an earlier request with the same key had made it.
    pub replayed: bool,
}

/// Something is being made: 202, and whether an earlier request with the same key had asked for it.
#[derive(Debug)]
pub struct Accepted<T> {
    /// What is being made.
    pub made: T,
    /// Whether an earlier request with the same key had asked for it.
    pub replayed: bool,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        made(StatusCode::CREATED, self.made, self.replayed)
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        made(StatusCode::ACCEPTED, self.made, self.replayed)
    }
}

fn made(status: StatusCode, made: impl Serialize, replayed: bool) -> Response {
    let mut response = (status, axum::Json(made)).into_response();
    if replayed {
        let replayed = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
    }
    response
}

/// A conversation, with its version as `ETag`.
#[derive(Debug)]
pub struct Shown(pub Conversation);

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let tag = version_tag(self.0.rev);
        tagged(&tag, axum::Json(self.0).into_response())
    }
}

/// Something with its version as `ETag`.
#[derive(Debug)]
pub struct Versioned<T>(pub T, pub Seq);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = version_tag(self.1);
        tagged(&tag, axum::Json(self.0).into_response())
    }
}

/// The `ETag` of a version.
fn version_tag(rev: Seq) -> String {
    format!("\"{rev}\"")
}

/// An answer with an `ETag`.
fn tagged(tag: &str, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The version that must not have changed: the `If-Match` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<Seq>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(IF_MATCH).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        if text == "*" && values.next().is_none() {
            return Ok(Self(None));
        }
        // Nothing that we did not give out matches any version (RFC 9110, section 13.1.1).
        let rev =
            text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|rev| rev.parse::<u64>().ok());
        let rev = rev.and_then(|rev| Seq::try_from(rev).ok()).filter(|_| values.next().is_none());
        rev.map(|rev| Self(Some(rev))).ok_or_else(|| Kind::VersionConflict.into())
    }
}

/// What a client has already: the `If-None-Match` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfNoneMatch(Vec<String>);

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(&parts.headers))
    }
}

impl IfNoneMatch {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        Self(values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect())
    }

    /// The answer, or 304 if the client has it already.
    ///
    /// The tag is a hash of the answer, so that whatever changes in it changes the tag.
    pub fn answer(&self, body: &impl Serialize) -> Result<Response, Problem> {
        let json = serde_json::to_vec(body).map_err(Problem::internal)?;
        let tag = format!("\"{}\"", &Digest::of(&json).to_string()[..32]);
        let had = self.0.iter().any(|known| known == "*" || known.trim_start_matches("W/") == tag);
        if had {
            return Ok(tagged(&tag, StatusCode::NOT_MODIFIED.into_response()));
        }
        let json_type = HeaderValue::from_static("application/json");
        Ok(tagged(&tag, ([(http::header::CONTENT_TYPE, json_type)], json).into_response()))
    }
}

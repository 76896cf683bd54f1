//! Answers that say more than their body.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

/// Something was made: 201, and whether an earlier request with the same key had made it.
#[derive(Debug)]
pub struct Created<T> {
    /// What was made.
    pub made: T,
    /// Whether an earlier request with the same key had made it.
    pub replayed: bool,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, axum::Json(self.made)).into_response();
        if self.replayed {
            let replayed = HeaderName::from_static("idempotency-replayed");
            response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
        }
        response
    }
}

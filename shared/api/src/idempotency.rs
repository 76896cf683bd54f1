//! The client's name for an act, so that repeating it does nothing.

use axum::extract::FromRequestParts;
use domain::chain::Digest;
use domain::id::IdempotencyKey;
use http::request::Parts;
use serde::Serialize;

use crate::problem::{Kind, Problem};

/// The `Idempotency-Key` header: a UUID the client makes for each act, and sends again when it repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency(pub IdempotencyKey);

impl<S: Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let value = values.next().ok_or(Kind::IdempotencyKeyRequired)?;
        if values.next().is_some() {
            return Err(Kind::InvalidIdempotencyKey.into());
        }
        let text = value.to_str().map_err(|_| Kind::InvalidIdempotencyKey)?;
        if text.is_empty() {
            return Err(Kind::IdempotencyKeyRequired.into());
        }
        // Some platforms write UUIDs in capitals.
        let key = text.to_ascii_lowercase().parse().map_err(|_| Kind::InvalidIdempotencyKey)?;
        Ok(Self(key))
    }
}

/// The hash of what a request asks: the operation, its place, and its body as it was understood.
pub fn request_digest(operation: &str, place: &str, body: &impl Serialize) -> Result<Digest, Problem> {
    let asked = serde_json::to_vec(&(operation, place, body)).map_err(Problem::internal)?;
    Ok(Digest::of(&asked))
}

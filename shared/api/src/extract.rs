//! What a request holds, parsed; and what is wrong with it, without saying it back.
//!
//! The parsers' own messages quote the request. Only the place and a reason of ours are passed on.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_path_to_error::{Path as Place, Segment};

use crate::problem::{Kind, Problem};

mod strict;

use strict::Strict;

/// The largest body we read. API Gateway's limit of 10 MB and Lambda's of 6 MB lie above.
const MAX_BODY: usize = 256 * 1024;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_plain_json(request.headers()) {
            return Err(Kind::UnsupportedMediaType.into());
        }
        let body = Limited::new(request.into_body(), MAX_BODY)
            .collect()
            .await
            .map_err(|error| if error.is::<LengthLimitError>() { Kind::BodyTooLarge } else { Kind::MalformedJson })?;
        parse(&body.to_bytes()).map(Json)
    }
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    // Of two values a gateway could have looked at the other one.
    let only = |name| {
        let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
        (values.next(), values.next().is_none())
    };
    let ((content_type, one_type), (encoding, one_encoding)) = (only(CONTENT_TYPE), only(CONTENT_ENCODING));
    let content_type = content_type.unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next() == Some("application/json");
    let utf8 = parts.all(|part| matches!(part, "charset=utf-8" | "charset=\"utf-8\"" | ""));
    let plain = encoding.is_none_or(|encoding| encoding == "identity");
    one_type && one_encoding && json && utf8 && plain
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    read(serde_json::from_slice(body).map_err(|_| Kind::MalformedJson)?)
}

fn read<T: DeserializeOwned>(json: Strict) -> Result<T, Problem> {
    serde_path_to_error::deserialize(json).map_err(|error| wrong(error.path(), &error.inner().to_string()))
}

/// A field that may be left out. If it is there it says something: `null` stands for what is not there only where it does.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A row of a list in which each row stands or falls alone.
#[derive(Clone, Debug)]
pub struct Row(serde_json::Value);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Self)
    }
}

impl Row {
    /// What the row says, or what is wrong with it.
    pub fn parse<T: DeserializeOwned>(self) -> Result<T, Problem> {
        read(Strict(self.0))
    }

    /// The text of a field, if it says one that is valid by itself.
    pub fn named<T: TryFrom<String>>(&self, field: &str) -> Option<T> {
        self.0.get(field)?.as_str().map(str::to_owned)?.try_into().ok()
    }
}

/// The first segments of the place as a JSON pointer. Names that are not ours to say end it.
fn pointer_to(place: &Place, segments: usize) -> String {
    let sayable = place.iter().take(segments).map_while(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } if is_name(key) => Some(key.clone()),
        Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => None,
    });
    sayable.fold(String::new(), |pointer, segment| pointer + "/" + &segment)
}

/// The names of fields that requests of this API have: they may be said back, others may hold anything.
const NAMES: &[&str] = &[
    "active",
    "after",
    "attachments",
    "audience",
    "backup_by",
    "before",
    "body",
    "break_glass",
    "broadcasts",
    "case",
    "closed_reason",
    "content_type",
    "conversation_id",
    "cursor",
    "daily_at",
    "defaults",
    "denied_types",
    "digest_mode",
    "email",
    "filter",
    "frequency",
    "from",
    "history",
    "id",
    "important",
    "instant",
    "instant_when",
    "kind",
    "language",
    "limit",
    "locked",
    "mail",
    "members",
    "message",
    "messenger_enabled",
    "name",
    "notify",
    "pinned",
    "project_id",
    "projects",
    "protect_admins",
    "query",
    "quiet_hours",
    "reason",
    "record_patterns",
    "retention_days",
    "role",
    "roles",
    "seq",
    "sha256",
    "short_delay_minutes",
    "size",
    "state",
    "timezone",
    "title",
    "to",
    "unread",
    "until",
    "username",
    "usernames",
    "users",
    "visible",
];

fn is_name(key: &str) -> bool {
    NAMES.contains(&key)
}

/// What a parser's message means.
fn wrong(place: &Place, message: &str) -> Problem {
    let depth = place.iter().count();
    let pointer = pointer_to(place, depth);
    let field = pointer.rsplit('/').next().unwrap_or_default();
    if message.starts_with("unknown field") {
        // The name of the field is the client's text: the object that holds it must do.
        let parent = pointer_to(place, depth.saturating_sub(1));
        return Problem::at(Kind::UnknownField, parent, "unknown-field", "has a field that is not known here");
    }
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return Problem::at(Kind::Validation, format!("{pointer}/{name}"), "required", "is required");
    }
    let (kind, code, said) = match (field, message) {
        ("body", "is empty") => (Kind::EmptyMessage, "empty", message),
        ("body", long) if long.starts_with("has more than") => (Kind::MessageTooLong, "too-long", long),
        ("size", _) => (Kind::AttachmentSize, "out-of-range", "must be 1 to 52,428,800 bytes"),
        (_, "is empty") => (Kind::Validation, "empty", message),
        (_, long) if long.starts_with("has more than ") && long.ends_with(" characters") => {
            (Kind::Validation, "too-long", long)
        }
        (_, "holds a character that is not allowed here") => (Kind::Validation, "forbidden-character", message),
        (_, "must be 1 to 100") => (Kind::Validation, "out-of-range", message),
        (_, large) if large.starts_with("must be at most ") => (Kind::Validation, "too-large", large),
        _ => (Kind::Validation, "invalid", "is not what the API reference says"),
    };
    Problem::at(kind, pointer, code, said)
}

/// Ids in the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await.map_err(|_| Kind::InvalidId)?;
        Ok(Self(path.0))
    }
}

/// Query parameters.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs).map(Query).map_err(|error| {
            let message = error.inner().to_string();
            if message.starts_with("duplicate field") {
                let name = message.split('`').nth(1).filter(|name| is_name(name)).unwrap_or_default();
                return Problem::at(Kind::Validation, name, "repeated", "may be given once");
            }
            let mut problem = wrong(error.path(), &message);
            for error in &mut problem.errors {
                error.pointer = error.pointer.trim_start_matches('/').to_owned();
            }
            problem
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Account {
        active: bool,
        #[serde(default, deserialize_with = "given")]
        name: Option<String>,
    }

    #[test]
    fn a_row_is_an_object_and_not_a_list_of_its_values() {
        let row = |json: &str| serde_json::from_str::<Row>(json).unwrap().parse::<Account>();
        assert!(row(r#"{ "active": true }"#).unwrap().active);
        assert_eq!(row(r#"[true, "Ann"]"#).unwrap_err().kind, Kind::Validation);
    }

    #[test]
    fn what_may_be_left_out_is_left_out_or_said() {
        let name = |json: &[u8]| parse::<Account>(json).map(|account| account.name);
        assert_eq!(name(br#"{ "active": true }"#).unwrap(), None);
        assert_eq!(name(br#"{ "active": true, "name": "Ann" }"#).unwrap().as_deref(), Some("Ann"));
        assert_eq!(name(br#"{ "active": true, "name": null }"#).unwrap_err().errors[0].pointer, "/name");
    }
}

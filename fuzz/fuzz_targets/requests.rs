//! Requests as strangers write them, through the edge and the handlers of all functions: paths, query strings, headers
//! and bodies.
#![no_main]

use std::sync::LazyLock;

use api::Kind;
use api::problem::BASE;
use fuzz::{Asked, Front, tells};
use http::{Method, StatusCode};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

static FRONT: LazyLock<Front> = LazyLock::new(Front::new);

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(asked) = FRONT.ask(input) else { return Corpus::Reject };
    let Asked { method, status, headers, body, logged } = asked;
    assert!(!tells(&logged), "a log line says what was written: {logged}");
    // The table does not fail, so nothing that was sent can be the reason for a failure of ours.
    assert!(!status.is_server_error(), "{status}: {logged}");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let bodiless = method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    assert!(!bodiless || body.is_empty());
    if status.is_client_error() && !bodiless {
        refused(status, &headers["content-type"], &body);
    }
    if input.starts_with(b"POST /v1/admin/import") && status == StatusCode::OK {
        imported(input, &body);
    }
    Corpus::Keep
});

/// Only what is an object is a row: a list of the same values is none.
fn imported(input: &[u8], body: &[u8]) {
    let sent = input.windows(2).position(|two| two == b"\n\n").map_or(&[][..], |end| &input[end + 2..]);
    let sent: Value = serde_json::from_slice(sent).expect("it was read");
    let rows = ["users", "projects"].into_iter().flat_map(|kind| sent[kind].as_array().into_iter().flatten());
    let answer: Value = serde_json::from_slice(body).expect("JSON");
    let results = answer["results"].as_array().expect("results");
    assert_eq!(rows.clone().count(), results.len());
    for (row, result) in rows.zip(results) {
        assert!(result["outcome"] == "refused" || row.is_object(), "{row} became {result}");
    }
}

/// A refusal is a row of the catalogue, and says nothing that the client wrote.
fn refused(status: StatusCode, content_type: &http::HeaderValue, body: &[u8]) {
    assert_eq!(content_type, "application/problem+json");
    let text = std::str::from_utf8(body).expect("text");
    assert!(!tells(text), "a refusal says what was written: {text}");
    let document: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(document["status"], status.as_u16());
    let slug = document["type"].as_str().and_then(|kind| kind.strip_prefix(BASE)).expect("a slug");
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).expect("a row of the catalogue");
    assert_eq!((kind.status(), Some(kind.detail())), (status, document["detail"].as_str()));
    for error in document["errors"].as_array().into_iter().flatten() {
        let pointer = error["pointer"].as_str().expect("a pointer");
        let named =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(pointer.split('/').all(named), "{pointer}");
    }
}

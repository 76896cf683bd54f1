//! What is wrong with a request as a whole: who sends it, its bytes, its headers.

use serde_json::json;
use tests::actor::key;

use super::{CANARY, Maker, Row, text};

/// Nobody, and somebody who does not belong there; tokens have tests of their own.
pub(super) fn strangers(maker: &Maker<'_>) -> Vec<Row> {
    let (world, conversation) = (&maker.scene.world, &maker.scene.conversation);
    let good = text(&json!({ "title": CANARY, "members": [] }));
    let refusal = (401, "unauthenticated");
    let mut rows = Vec::new();
    for (name, who) in
        [("no token", world.nobody()), ("an empty token", world.bearer("")), ("no real token", world.bearer(CANARY))]
    {
        rows.extend([
            maker.start(name, good.clone(), refusal.0, refusal.1).by(who.clone()),
            // Nobody learns what is wrong with a request before it is known who asks.
            maker.start(name, CANARY, refusal.0, refusal.1).by(who.clone()).with("content-type", &[]),
            maker.send(name, text(&json!({ "body": CANARY })), refusal.0, refusal.1).by(who.clone()),
            maker.read(name, text(&json!({ "seq": 1 })), refusal.0, refusal.1).by(who.clone()),
            maker.search(name, text(&json!({ "query": CANARY })), refusal.0, refusal.1).by(who.clone()),
            maker.get(name, "/v1/conversations", refusal.0, refusal.1).by(who.clone()),
            maker.get(name, "/v1/conversations?limit=0", refusal.0, refusal.1).by(who.clone()),
            maker.get(name, "/v1/conversations/zebra", refusal.0, refusal.1).by(who.clone()),
            maker.get(name, &conversation.path(), refusal.0, refusal.1).by(who.clone()),
            maker.get(name, &conversation.messages(), refusal.0, refusal.1).by(who.clone()),
            maker.get(name, "/v1/unread", refusal.0, refusal.1).by(who.clone()),
            maker.get(name, "/v1/me", refusal.0, refusal.1).by(who),
        ]);
    }
    let eve = &maker.scene.eve;
    rows.extend([
        maker.send("somebody else's", text(&json!({ "body": CANARY })), 404, "not-found").by(eve.clone()),
        maker.read("somebody else's", text(&json!({ "seq": 1 })), 404, "not-found").by(eve.clone()),
        maker.get("somebody else's", &conversation.path(), 404, "not-found").by(eve.clone()),
        maker.get("somebody else's", &conversation.messages(), 404, "not-found").by(eve.clone()),
    ]);
    rows
}

/// Bytes that are not JSON, or JSON with two readings.
pub(super) fn unreadable(maker: &Maker<'_>) -> Vec<Row> {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("white space", b" \r\n".to_vec()),
        ("no JSON", CANARY.into()),
        ("UTF-16", utf16(r#"{"body":"zebra"}"#)),
        ("UTF-16 with its mark", [&[0xff, 0xfe][..], &utf16(r#"{"body":"zebra"}"#)].concat()),
        ("a byte order mark", "\u{feff}{\"body\":\"zebra\"}".into()),
        ("NUL within text", b"{\"body\":\"zebra\0\"}".to_vec()),
        ("NUL after the end", b"{\"body\":\"zebra\"}\0".to_vec()),
        ("a line break within text", b"{\"body\":\"zebra\n\"}".to_vec()),
        ("no UTF-8", b"{\"body\":\"zebra\xff\"}".to_vec()),
        ("half a character", b"{\"body\":\"zebra\xf0\x9f\x91\"}".to_vec()),
        ("too long a form of a character", b"{\"body\":\"zebra\xc0\xaf\"}".to_vec()),
        ("half a character in a name", b"{\"body\xf0\x9f\":\"zebra\"}".to_vec()),
        ("a lone surrogate", br#"{"body":"zebra\ud800"}"#.to_vec()),
        ("the second half of a pair", br#"{"body":"zebra\udc00"}"#.to_vec()),
        ("a pair in the wrong order", br#"{"body":"zebra\udc00\ud800"}"#.to_vec()),
        ("a lone surrogate in an unknown field", br#"{"body":"x","zebra":"\ud800"}"#.to_vec()),
        ("a wrong escape", br#"{"body":"zebra\x41"}"#.to_vec()),
        ("single quotes", b"{'body':'zebra'}".to_vec()),
        ("a name without quotes", b"{body:\"zebra\"}".to_vec()),
        ("a comma too many", br#"{"body":"zebra",}"#.to_vec()),
        ("a comment", br#"{"body":"zebra"/* zebra */}"#.to_vec()),
        ("two objects", br#"{"body":"zebra"}{"body":"zebra"}"#.to_vec()),
        ("not a number", br#"{"body":"zebra","after":NaN}"#.to_vec()),
        ("infinity", br#"{"body":"zebra","after":1e999}"#.to_vec()),
        ("a leading zero", br#"{"body":"zebra","after":01}"#.to_vec()),
        ("a form", b"body=zebra".to_vec()),
        ("10,000 nested lists", "[".repeat(10_000).into()),
        ("10,000 nested lists that end", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into()),
        ("10,000 nested lists in a field", format!("{{\"body\":{}", "[".repeat(10_000)).into()),
        ("10,000 nested objects", "{\"body\":".repeat(10_000).into()),
        (
            "10,000 nested lists in an unknown field",
            format!("{{\"body\":\"x\",\"zebra\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)).into(),
        ),
        ("a name twice", br#"{"body":"zebra","body":"other"}"#.to_vec()),
        ("a name twice, once escaped", br#"{"body":"zebra","\u0062ody":"other"}"#.to_vec()),
        ("a name twice with the same value", br#"{"body":"zebra","body":"zebra"}"#.to_vec()),
        ("an unknown name twice", br#"{"zebra":1,"zebra":2}"#.to_vec()),
        ("a name twice within an unknown field", br#"{"body":"x","zebra":[{"a":1,"a":2}]}"#.to_vec()),
        ("a wrong type, then a name twice", br#"{"body":7,"important":true,"important":false}"#.to_vec()),
        ("a wrong type, then nothing", br#"{"body":7"#.to_vec()),
    ];
    let whole = r#"{"body":"zebra","important":true}"#;
    bodies.extend((1..whole.len()).step_by(3).map(|end| ("cut JSON", whole.as_bytes()[..end].to_vec())));
    let mut rows: Vec<_> =
        bodies.into_iter().map(|(name, body)| maker.send(name, body, 400, "malformed-json")).collect();
    rows.extend([
        maker.start("a title twice", r#"{"title":"zebra","title":"b","members":[]}"#, 400, "malformed-json"),
        maker.start("members twice", r#"{"title":"x","members":[],"members":["ben"]}"#, 400, "malformed-json"),
        maker.start(
            "a name twice within",
            r#"{"title":"x","members":[],"message":{"body":"zebra","body":"y"}}"#,
            400,
            "malformed-json",
        ),
        maker.start(
            "a message twice",
            r#"{"title":"x","members":[],"message":{"body":"x"},"message":{"body":"zebra"}}"#,
            400,
            "malformed-json",
        ),
        maker.read("a place twice", r#"{"seq":1,"seq":2}"#, 400, "malformed-json"),
        maker.search("a query twice", r#"{"query":"ann","query":"zebra"}"#, 400, "malformed-json"),
        maker.start("a byte order mark", "\u{feff}{\"title\":\"zebra\",\"members\":[]}", 400, "malformed-json"),
        maker.read("cut JSON", r#"{"seq":1"#, 400, "malformed-json"),
        maker.search("cut JSON", r#"{"query":"zebra""#, 400, "malformed-json"),
    ]);
    rows
}

/// Bodies of another type, and of another size.
pub(super) fn media_types(maker: &Maker<'_>) -> Vec<Row> {
    let good = || text(&json!({ "body": CANARY }));
    let mut rows = vec![
        maker.send("no content type", good(), 415, "unsupported-media-type").with("content-type", &[]),
        maker
            .send("gzip, really", b"\x1f\x8b\x08\0zebra".to_vec(), 415, "unsupported-media-type")
            .with("content-encoding", &["gzip"]),
    ];
    for content_type in [
        "",
        "text/plain",
        "text/json",
        "application/jsonx",
        "application/json-patch+json",
        "application/problem+json",
        "application/zebra+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=zebra",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset=zebra",
        "application/json; charset=utf-8; charset=utf-16",
        "application/json, text/plain",
        "text/plain; application/json",
        "zebra \u{e9}",
    ] {
        let row = maker.send(content_type, good(), 415, "unsupported-media-type");
        rows.push(row.with("content-type", &[content_type]));
    }
    for encoding in ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "zebra", "\u{e9}"] {
        let row = maker.send(encoding, good(), 415, "unsupported-media-type");
        rows.push(row.with("content-encoding", &[encoding]));
    }
    for (name, types) in [
        ("two types", ["application/json", "text/plain"]),
        ("two types, the other first", ["text/plain", "application/json"]),
    ] {
        rows.push(maker.send(name, good(), 415, "unsupported-media-type").with("content-type", &types));
    }
    let two = maker.send("two encodings", good(), 415, "unsupported-media-type");
    rows.push(two.with("content-encoding", &["identity", "gzip"]));

    let padded = |size: usize| {
        let mut body = json!({ "body": CANARY }).to_string();
        body.push_str(&" ".repeat(size - body.len()));
        body
    };
    rows.extend([
        maker.send("256 KB and a byte", padded(256 * 1024 + 1), 413, "body-too-large"),
        maker.send("six megabytes", padded(6 * 1024 * 1024), 413, "body-too-large"),
        maker.send("six megabytes of nothing", "x".repeat(6 * 1024 * 1024), 413, "body-too-large"),
        maker.start("256 KB and a byte", padded(256 * 1024 + 1), 413, "body-too-large"),
        maker.search("256 KB and a byte", padded(256 * 1024 + 1), 413, "body-too-large"),
        maker.read("256 KB and a byte", padded(256 * 1024 + 1), 413, "body-too-large"),
    ]);
    rows
}

/// Keys of acts.
pub(super) fn keys(maker: &Maker<'_>) -> Vec<Row> {
    let start = |name: &str, slug| maker.start(name, text(&json!({ "title": CANARY, "members": [] })), 400, slug);
    let send = |name: &str, slug| maker.send(name, text(&json!({ "body": CANARY })), 400, slug);
    let mut rows = Vec::new();
    for (name, values) in [("no key", vec![]), ("an empty key", vec![""])] {
        rows.push(start(name, "idempotency-key-required").with("idempotency-key", &values));
        rows.push(send(name, "idempotency-key-required").with("idempotency-key", &values));
    }
    let good = key();
    for value in [
        CANARY.to_owned(),
        "1".to_owned(),
        good.replace('-', ""),
        format!("{{{good}}}"),
        format!("urn:uuid:{good}"),
        format!("\"{good}\""),
        format!("{good}, {good}"),
        format!("{good}#zebra"),
        format!("{good}/.."),
        good[1..].to_owned(),
        "\u{e9}".to_owned(),
        "z".repeat(5_000),
    ] {
        rows.push(start(&value, "invalid-idempotency-key").with("idempotency-key", &[&value]));
        rows.push(send(&value, "invalid-idempotency-key").with("idempotency-key", &[&value]));
    }
    for values in [[good.as_str(), &good], [&good, ""], ["", &good]] {
        rows.push(start("two keys", "invalid-idempotency-key").with("idempotency-key", &values));
        rows.push(send("two keys", "invalid-idempotency-key").with("idempotency-key", &values));
    }
    rows
}

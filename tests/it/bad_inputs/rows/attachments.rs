//! What is wrong with attachments, and with messages that have some.

use http::Method;
use serde_json::{Value, json};
use tests::actor::key;
use tests::beside::{NOTHING, declared};

use super::fields::other_types;
use super::{CANARY, Maker, Row, text};

impl Maker<'_> {
    fn declare(&self, name: &str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Row {
        let path = self.scene.attachments.conversation.attachments();
        Row { body: body.into(), ..self.request(name, Method::POST, &path, status, slug) }
    }

    fn complete(&self, name: &str, path: &str, status: u16, slug: &'static str) -> Row {
        self.request(name, Method::POST, &format!("{path}/complete"), status, slug)
    }
}

/// How large what is to be uploaded is said to be.
pub(super) fn sizes(maker: &Maker<'_>) -> Vec<Row> {
    let sizes = [
        "0",
        "-1",
        "-0.0",
        "1.0",
        "0.5",
        "1e3",
        "1E0",
        "1e300",
        "52428801",
        "4294967297",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "\"50\"",
        "\"zebra\"",
        "null",
        "true",
        "[5]",
        "{\"zebra\":5}",
    ];
    let good = declared("scan.txt", "text/plain", b"hello").to_string();
    let row = |size: &str| {
        let body = good.replace("\"size\":5", &format!("\"size\":{size}"));
        maker.declare(&format!("size {size}"), body, 422, "attachment-size").at("/size")
    };
    sizes.map(row).into()
}

/// What else is said of it.
pub(super) fn declarations(maker: &Maker<'_>) -> Vec<Row> {
    let good = || declared("scan.txt", "text/plain", b"hello");
    let with = |field: &str, value: Value| {
        let mut body = good();
        body[field] = value;
        text(&body)
    };
    let mut rows = Vec::new();
    for (field, pointer) in [("name", "/name"), ("content_type", "/content_type"), ("sha256", "/sha256")] {
        for value in other_types("text") {
            rows.push(maker.declare(field, with(field, value), 422, "validation").at(pointer));
        }
    }
    for (field, pointer) in
        [("name", "/name"), ("content_type", "/content_type"), ("size", "/size"), ("sha256", "/sha256")]
    {
        let mut body = good();
        body.as_object_mut().unwrap().remove(field);
        rows.push(maker.declare(&format!("no {field}"), text(&body), 422, "validation").at(pointer));
    }
    // Nothing is left of them that can be seen.
    for name in
        ["", " ", ".", "..", "/", "\\", "zebra/", "zebra\\", "/zebra/ .", "\u{202e}", "\u{200b}\u{feff}", "\r\n\0"]
    {
        rows.push(maker.declare(&format!("name {name:?}"), with("name", json!(name)), 422, "validation").at("/name"));
    }
    for kind in [
        "",
        "zebra",
        "/",
        "zebra/",
        "/zebra",
        "*/*",
        "zebra/*",
        "zebra/zebra/zebra",
        " zebra/zebra",
        "zebra/zebra ",
        "zebra/zebra; charset=utf-8",
        "zebra/zebra, text/plain",
        "zebra/zebra\r\nx-zebra: 1",
        "zebra/z\u{e9}bra",
        "zebra/\0",
        &format!("zebra/{}", "z".repeat(95)),
    ] {
        let row = maker.declare(&format!("type {kind:?}"), with("content_type", json!(kind)), 422, "validation");
        rows.push(row.at("/content_type"));
    }
    let long = with("name", json!("z".repeat(1_001)));
    rows.push(maker.declare("a long name", long, 422, "validation").at("/name"));
    for sum in ["", CANARY, &"0".repeat(63), &"0".repeat(65), &"A".repeat(64), &"g".repeat(64), &" ".repeat(64)] {
        let row = maker.declare(&format!("sum {sum:?}"), with("sha256", json!(sum)), 422, "validation");
        rows.push(row.at("/sha256"));
    }
    for (name, value) in [
        (CANARY, json!(CANARY)),
        ("state", json!("clean")),
        ("id", json!(NOTHING)),
        ("object", json!("a/zebra")),
        ("bucket", json!(CANARY)),
        ("version", json!("")),
        ("verdict", json!("clean")),
        ("by", json!("ben")),
    ] {
        rows.push(maker.declare(name, with(name, value), 422, "unknown-field").at(""));
    }
    for whole in ["null", "true", "7", "\"zebra\"", "[]", r#"["zebra.txt","text/plain",5,"zebra"]"#] {
        rows.push(maker.declare(whole, whole, 422, "validation").at(""));
    }
    for (name, body) in [
        ("nothing", String::new()),
        ("cut JSON", r#"{"name":"zebra""#.to_owned()),
        ("a name twice", r#"{"name":"zebra","name":"other"}"#.to_owned()),
        ("a size twice", good().to_string().replace("\"size\":5", "\"size\":5,\"size\":6")),
    ] {
        rows.push(maker.declare(name, body, 400, "malformed-json"));
    }
    // A form, and the attachment itself.
    for kind in ["", "text/plain", "multipart/form-data; boundary=zebra", "application/octet-stream"] {
        rows.push(maker.declare(kind, text(&good()), 415, "unsupported-media-type").with("content-type", &[kind]));
    }
    rows.push(maker.declare("the attachment itself", "z".repeat(256 * 1024 + 1), 413, "body-too-large"));
    rows
}

/// Addresses of attachments, and who has none there.
pub(super) fn places(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let there = &scene.attachments.conversation;
    let good = scene.attachments.clean.as_str();
    let mut rows = Vec::new();
    for (name, id) in [
        ("a word", CANARY.to_owned()),
        ("a number", "7".to_owned()),
        ("capitals", good.to_uppercase()),
        ("braces", format!("%7B{good}%7D")),
        ("no hyphens", good.replace('-', "")),
        ("a slash", format!("{good}%2Fzebra")),
        ("two dots", "%2E%2E".to_owned()),
        ("an object", format!("a%2F{good}")),
        ("NUL", format!("{good}%00")),
        ("no UTF-8", "%FF%FE".to_owned()),
        ("5,000 characters", "z".repeat(5_000)),
    ] {
        let path = there.attachment(&id);
        rows.extend([maker.get(name, &path, 400, "invalid-id"), maker.complete(name, &path, 400, "invalid-id")]);
        let path = format!("/v1/conversations/{id}/attachments");
        rows.extend([
            Row {
                path: path.clone(),
                ..maker.declare(name, text(&declared("scan.txt", "text/plain", b"x")), 400, "invalid-id")
            },
            maker.get(name, &format!("{path}/{good}"), 400, "invalid-id"),
            maker.complete(name, &format!("{path}/{good}"), 400, "invalid-id"),
        ]);
    }
    let elsewhere = scene.conversation.attachment(good);
    let (unused, path) = (there.attachment(NOTHING), there.attachment(good));
    for (name, path) in [("nobody's", &unused), ("another conversation's", &elsewhere)] {
        rows.extend([maker.get(name, path, 404, "not-found"), maker.complete(name, path, 404, "not-found")]);
    }
    for rest in ["/", "/zebra", "/complete/", "/complete/zebra"] {
        rows.push(maker.get(rest, &format!("{path}{rest}"), 404, "not-found"));
    }
    rows.push(maker.get("a slash", &format!("{}/", there.attachments()), 404, "not-found"));
    let all = ["TRACE", "BREW", "PUT", "PATCH", "DELETE", "OPTIONS"];
    for (path, other) in [(there.attachments(), "GET"), (path.clone(), "POST"), (format!("{path}/complete"), "GET")] {
        for method in all.into_iter().chain([other]) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            rows.push(maker.request(&format!("{method} {path}"), method, &path, 405, "method-not-allowed"));
        }
    }
    let (world, eve) = (&scene.world, scene.eve.clone());
    for (name, who, status, slug) in [
        ("no token", world.nobody(), 401, "unauthenticated"),
        ("no real token", world.bearer(CANARY), 401, "unauthenticated"),
        ("a stranger", eve, 404, "not-found"),
    ] {
        let sent = there.attachment(&scene.attachments.sent);
        rows.extend([
            maker.declare(name, text(&declared(CANARY, "text/plain", b"x")), status, slug).by(who.clone()),
            maker.get(name, &path, status, slug).by(who.clone()),
            maker.get(name, &sent, status, slug).by(who.clone()),
            maker.complete(name, &path, status, slug).by(who),
        ]);
    }
    rows
}

/// Attachments that are not so far yet, or not any more.
pub(super) fn states(maker: &Maker<'_>) -> Vec<Row> {
    let (all, ben) = (&maker.scene.attachments, &maker.scene.ben);
    let path = |id: &str| all.conversation.attachment(id);
    vec![
        maker.get("not uploaded", &path(&all.pending), 409, "attachment-not-uploaded"),
        maker.complete("not uploaded", &path(&all.pending), 409, "attachment-not-uploaded"),
        maker.get("being scanned", &path(&all.scanning), 409, "attachment-scanning"),
        maker.get("infected", &path(&all.blocked), 410, "attachment-quarantined"),
        maker.get("taken back", &path(&all.withdrawn), 404, "not-found"),
        maker.get("taken back", &path(&all.withdrawn), 404, "not-found").by(ben.clone()),
        // What was not sent is nobody else's, and what was sent is somebody else's to complete.
        maker.get("not sent", &path(&all.clean), 404, "not-found").by(ben.clone()),
        maker.get("not sent", &path(&all.bens), 404, "not-found"),
        maker.complete("somebody else's", &path(&all.pending), 404, "not-found").by(ben.clone()),
        maker.complete("somebody else's", &path(&all.sent), 404, "not-found").by(ben.clone()),
        maker.get("not uploaded, somebody else's", &path(&all.pending), 404, "not-found").by(ben.clone()),
    ]
}

/// Messages with attachments.
pub(super) fn messages(maker: &Maker<'_>) -> Vec<Row> {
    let all = &maker.scene.attachments;
    let send = |name: &str, attachments: Value, slug: &'static str| {
        let body = text(&json!({ "body": CANARY, "attachments": attachments }));
        let path = all.conversation.messages();
        Row { body, ..maker.request(name, Method::POST, &path, 422, slug) }
    };
    let mut rows = Vec::new();
    for (name, id) in [
        ("nobody's", NOTHING),
        ("not uploaded", all.pending.as_str()),
        ("infected", all.blocked.as_str()),
        ("sent already", all.sent.as_str()),
        ("taken back", all.withdrawn.as_str()),
        ("somebody else's", all.bens.as_str()),
    ] {
        rows.push(send(name, json!([id]), "attachment-not-usable"));
        rows.push(send(name, json!([all.clean, id]), "attachment-not-usable"));
    }
    let elsewhere = text(&json!({ "attachments": [all.clean] }));
    rows.push(maker.send("another conversation's", elsewhere, 422, "attachment-not-usable"));
    let many = |count: usize| -> Value { (0..count).map(|_| key()).collect() };
    for (name, attachments) in
        [("twice the same", json!([all.clean, all.clean])), ("11", many(11)), ("5,000", many(5_000))]
    {
        rows.push(send(name, attachments, "too-many-attachments").at("/attachments"));
    }
    for value in other_types("list") {
        rows.push(send(&format!("attachments {value}"), value, "validation").at("/attachments"));
    }
    for value in other_types("text").chain([json!(CANARY), json!(""), json!(all.clean.to_uppercase())]) {
        rows.push(send(&format!("attachment {value}"), json!([value]), "validation").at("/attachments/0"));
    }
    for body in [json!({ "attachments": [] }), json!({ "body": " ", "attachments": [] })] {
        rows.push(maker.send("nothing to send", text(&body), 422, "empty-message").at("/body"));
    }
    let stranger = text(&json!({ "attachments": [all.clean] }));
    rows.push(maker.send("a stranger", stranger, 404, "not-found").by(maker.scene.eve.clone()));
    let message = maker.scene.conversation.message(2);
    let exchanged = json!({ "body": "one", "attachments": [all.clean] });
    rows.push(maker.ask("exchanged", Method::PATCH, &message, &exchanged, 422, "unknown-field").at(""));
    let first = json!({ "title": "x", "members": [], "message": { "body": "x", "attachments": [all.clean] } });
    rows.push(maker.start("with the first message", text(&first), 422, "unknown-field").at("/message"));
    rows
}

//! What is wrong with the fields of a body.

use http::Method;
use serde_json::{Value, json};

use super::{CANARY, Maker, Row, text};

/// Fields that only the product itself sets, and fields that do not exist.
pub(super) fn unknown_fields(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, value) in [
        ("role", json!("administrator")),
        ("sender_id", json!("ben")),
        ("senderId", json!("ben")),
        ("tenantId", json!(CANARY)),
        ("created_by", json!("ben")),
        ("createdAt", json!("2020-01-01T00:00:00Z")),
        ("author", json!("ben")),
        ("state", json!("archived")),
        ("rev", json!(7)),
        (CANARY, json!(CANARY)),
        ("", json!(null)),
        ("Title", json!("Ward 6")),
        ("__proto__", json!({ "role": "administrator" })),
        ("pk", json!("USER#ben")),
    ] {
        let with = |mut body: Value| {
            body[name] = value.clone();
            text(&body)
        };
        let nested = json!({ "body": "Hello", name: value });
        rows.extend([
            maker.start(name, with(json!({ "title": "Ward 6", "members": [] })), 422, "unknown-field").at(""),
            maker
                .start(name, text(&json!({ "title": "x", "members": [], "message": nested })), 422, "unknown-field")
                .at("/message"),
            maker.send(name, with(json!({ "body": "Hello" })), 422, "unknown-field").at(""),
            maker.read(name, with(json!({ "seq": 1 })), 422, "unknown-field").at(""),
            maker.search(name, with(json!({ "query": "ann" })), 422, "unknown-field").at(""),
        ]);
    }
    // Names that other requests have.
    rows.extend([
        maker.send("title", text(&json!({ "body": "x", "title": CANARY })), 422, "unknown-field").at(""),
        maker.send("seq", text(&json!({ "body": "x", "seq": 1 })), 422, "unknown-field").at(""),
        maker
            .start(
                "seq",
                text(&json!({ "title": "x", "members": [], "message": { "body": "x", "seq": 1 } })),
                422,
                "unknown-field",
            )
            .at("/message"),
    ]);
    rows
}

/// Values of other types than a field has.
pub(super) fn other_types(own: &str) -> impl Iterator<Item = Value> {
    let own = own.to_owned();
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!(-7),
        json!(0.5),
        json!(CANARY),
        json!([CANARY]),
        json!({ CANARY: 1 }),
    ];
    values.into_iter().filter(move |value| match value {
        Value::Null => own != "nullable object",
        Value::Bool(_) => own != "bool",
        Value::Number(n) => own != "number" || !n.is_u64(),
        Value::String(_) => own != "text",
        Value::Array(_) => own != "list",
        Value::Object(_) => true,
    })
}

/// Values of the wrong type.
pub(super) fn fields(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (field, own, pointer) in [
        ("title", "text", "/title"),
        ("members", "list", "/members"),
        ("history", "text", "/history"),
        ("message", "object", "/message"),
    ] {
        for value in other_types(own) {
            // An object with a name that is not known is told so.
            let slug = if field == "message" && value.is_object() { "unknown-field" } else { "validation" };
            let mut body = json!({ "title": "Ward 6", "members": [] });
            body[field] = value.clone();
            rows.push(maker.start(&format!("{field} {value}"), text(&body), 422, slug).at(pointer));
        }
    }
    for (field, own, pointer) in [("body", "text", "/message/body"), ("important", "bool", "/message/important")] {
        for value in other_types(own) {
            let mut message = json!({ "body": "Hello" });
            message[field] = value.clone();
            let body = text(&json!({ "title": "Ward 6", "members": [], "message": message }));
            rows.push(maker.start(&format!("message {field} {value}"), body, 422, "validation").at(pointer));
        }
    }
    for value in other_types("text") {
        let body = text(&json!({ "title": "Ward 6", "members": ["ben", value] }));
        rows.push(maker.start(&format!("member {value}"), body, 422, "validation").at("/members/1"));
        let body = text(&json!({ "query": value }));
        rows.push(maker.search(&format!("query {value}"), body, 422, "validation").at("/query"));
        let body = text(&json!({ "body": value }));
        rows.push(maker.send(&format!("body {value}"), body, 422, "validation").at("/body"));
    }
    for (value, own) in [("important", "bool"), ("after", "number")] {
        for wrong in other_types(own) {
            let mut body = json!({ "body": "Hello" });
            body[value] = wrong.clone();
            let pointer = if value == "after" { "/after" } else { "/important" };
            rows.push(maker.send(&format!("{value} {wrong}"), text(&body), 422, "validation").at(pointer));
        }
    }
    for seq in [
        "null",
        "true",
        "\"5\"",
        "\"zebra\"",
        "[5]",
        "{\"zebra\":5}",
        "-1",
        "-0.0",
        "1.0",
        "1e3",
        "1E0",
        "5.5",
        "999999999999999",
        "1000000000000",
        "9007199254740992",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e300",
        "4",
    ] {
        rows.push(maker.read(&format!("seq {seq}"), format!("{{\"seq\":{seq}}}"), 422, "validation").at("/seq"));
    }
    for whole in ["null", "true", "7", "\"zebra\"", "[]", "[[]]", "[{}]", "[7]"] {
        for row in [
            maker.start(whole, whole, 422, "validation"),
            maker.send(whole, whole, 422, "validation"),
            maker.read(whole, whole, 422, "validation"),
            maker.search(whole, whole, 422, "validation"),
        ] {
            rows.push(row.at(""));
        }
    }
    rows
}

/// `null` for what may be left out, where it does not stand for something.
pub(super) fn nothings(maker: &Maker<'_>) -> Vec<Row> {
    let own = maker.scene.conversation.path();
    let (settings, message) = (format!("{own}/settings"), format!("{own}/messages/2"));
    let at = |method, path: &str, field: &str, pointer| {
        let row = maker.request(&format!("{path} {field} null"), method, path, 422, "validation");
        let row = Row { body: text(&json!({ field: null })), ..row };
        row.by(maker.scene.office.clone()).at(pointer)
    };
    let broadcast = "/v1/admin/broadcasts/019ca8a0-3e80-7707-8707-070707070707";
    let mut rows = vec![
        at(Method::PATCH, &own, "title", "/title"),
        at(Method::PATCH, &settings, "pinned", "/pinned"),
        at(Method::PATCH, &settings, "notify", "/notify"),
        at(Method::PATCH, &message, "body", "/body"),
        at(Method::PATCH, &message, "important", "/important"),
        at(Method::PATCH, broadcast, "body", "/body"),
        at(Method::PATCH, broadcast, "important", "/important"),
        at(Method::PATCH, broadcast, "until", "/until"),
    ];
    rows.extend(["/audience", "/from", "/until"].map(|pointer| {
        let mut body = json!({ "kind": "general", "body": "Hello" });
        body[&pointer[1..]] = Value::Null;
        let row = maker.request(
            &format!("a broadcast's {pointer} null"),
            Method::POST,
            "/v1/admin/broadcasts",
            422,
            "validation",
        );
        Row { body: text(&body), ..row }.by(maker.scene.office.clone()).at(pointer)
    }));
    let labelled = json!({ "title": "Ward 6", "members": [], "project_id": null });
    rows.push(maker.start("a label null", text(&labelled), 422, "validation").at("/project_id"));
    let project = json!({ "title": "Heart", "members": [], "record_patterns": null });
    let row = maker.request("patterns null", Method::PUT, "/v1/admin/projects/heart", 422, "validation");
    rows.push(Row { body: text(&project), ..row }.by(maker.scene.office.clone()).at("/record_patterns"));
    rows
}

/// What is not there, is another thing in the right shape, or is too much.
pub(super) fn shapes(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend([
        // A list with the right things in the right order is no object.
        maker.start("a list of fields", r#"["zebra",[]]"#, 422, "validation").at(""),
        maker
            .start("a list within", r#"{"title":"x","members":[],"message":["zebra"]}"#, 422, "validation")
            .at("/message"),
        maker.send("a list of fields", r#"["zebra",true,1]"#, 422, "validation").at(""),
        maker.read("a list of fields", "[2]", 422, "validation").at(""),
        maker.search("a list of fields", r#"["ann"]"#, 422, "validation").at(""),
        maker.start("nothing", "{}", 422, "validation").at("/title"),
        maker.start("no title", r#"{"members":[]}"#, 422, "validation").at("/title"),
        maker.start("no members", r#"{"title":"zebra"}"#, 422, "validation").at("/members"),
        maker
            .start("no body within", r#"{"title":"zebra","members":[],"message":{}}"#, 422, "validation")
            .at("/message/body"),
        maker
            .start("another history", r#"{"title":"x","members":[],"history":"zebra"}"#, 422, "validation")
            .at("/history"),
        maker.read("no place", "{}", 422, "validation").at("/seq"),
        maker.search("no query", "{}", 422, "validation").at("/query"),
        maker.send("a place beyond all", r#"{"body":"zebra","after":1000000000000}"#, 422, "validation").at("/after"),
    ]);
    for name in [1_001, 5_000] {
        let members: Vec<_> = (0..name).map(|n| format!("zebra.{n}")).collect();
        let body = text(&json!({ "title": "Ward 6", "members": members }));
        rows.push(maker.start("too many members", body, 422, "too-many-members").at("/members"));
    }
    for member in [
        "",
        " ",
        "zebra crossing",
        "zebra#x",
        "zebra/x",
        "zebra\u{0}",
        "zebra\n",
        "\u{202e}zebra",
        "zebra\u{200b}",
        "👍",
    ] {
        let body = text(&json!({ "title": "Ward 6", "members": ["ben", member] }));
        rows.push(maker.start(&format!("member {member:?}"), body, 422, "validation").at("/members/1"));
    }
    let long = text(&json!({ "title": "Ward 6", "members": ["z".repeat(101)] }));
    rows.push(maker.start("a long username", long, 422, "validation").at("/members/0"));
    let unknown = text(&json!({ "title": "Ward 6", "members": ["ben", "zebra"] }));
    rows.push(maker.start("an unknown member", unknown, 422, "user-not-found").at("/members/1"));
    rows
}

/// What people write.
pub(super) fn texts(maker: &Maker<'_>) -> Vec<Row> {
    let blank =
        ["", " ", "\t\r\n", "\u{a0}\u{2003}", "\u{200b}", "\u{200b}\u{200d}\u{feff} ", "\u{3164}", "\u{0}", "\u{2800}"];
    let mut rows = Vec::new();
    for title in blank
        .into_iter()
        .map(str::to_owned)
        .chain(
            ["\n", "\r", "\u{2028}", "\u{2029}", "\u{0}", "\u{7}", "\u{1b}[31m", "\u{85}", "\u{202e}", "\u{2066}"]
                .map(|c| format!("zebra{c}zebra")),
        )
        .chain(["z".repeat(151), format!("zebra{}", "é".repeat(146)), "👍".repeat(151), "z".repeat(100_000)])
    {
        let name: String = format!("title {title:?}").chars().take(40).collect();
        let body = text(&json!({ "title": title, "members": [] }));
        rows.push(maker.start(&name, body, 422, "validation").at("/title"));
    }
    for body in blank {
        let name = format!("body {body:?}");
        rows.push(maker.send(&name, text(&json!({ "body": body })), 422, "empty-message").at("/body"));
        let within = json!({ "title": "x", "members": [], "message": { "body": body } });
        rows.push(maker.start(&name, text(&within), 422, "empty-message").at("/message/body"));
    }
    for body in ["{}", r#"{"important":true}"#] {
        rows.push(maker.send(body, body, 422, "empty-message").at("/body"));
    }
    for (name, body) in [
        ("10,001 characters", "z".repeat(10_001)),
        ("10,001 letters of more than a byte", "é".repeat(10_001)),
        ("10,001 emoji", "👍".repeat(10_001)),
        ("200,000 characters", format!("zebra{}", "z".repeat(200_000))),
        ("1,000 marks on one letter", format!("zebra{}", "\u{301}".repeat(1_000))),
    ] {
        rows.push(maker.send(name, text(&json!({ "body": body })), 422, "message-too-long").at("/body"));
        let within = json!({ "title": "x", "members": [], "message": { "body": body } });
        rows.push(maker.start(name, text(&within), 422, "message-too-long").at("/message/body"));
    }
    for count in [51, 500] {
        let tags = "@zebra ".repeat(count);
        rows.push(maker.send("too many tags", text(&json!({ "body": tags })), 422, "too-many-mentions"));
        let within = json!({ "title": "x", "members": [], "message": { "body": tags } });
        rows.push(maker.start("too many tags", text(&within), 422, "too-many-mentions"));
    }
    for query in ["", " ", "z", "é", "\u{200b}", "#", "zebra ".repeat(40).as_str()] {
        rows.push(
            maker.search(&format!("query {query:?}"), text(&json!({ "query": query })), 422, "validation").at("/query"),
        );
    }
    rows
}

//! What is wrong with an address: its ids, its query, its method.

use http::Method;
use serde_json::json;
use tests::actor::key;

use super::{CANARY, Maker, Row, text};

/// Ids.
pub(super) fn ids(maker: &Maker<'_>) -> Vec<Row> {
    let good = &maker.scene.conversation.id;
    let long = "z".repeat(5_000);
    let upper = good.to_uppercase();
    assert_ne!(&upper, good);
    let spellings = [
        ("a word", CANARY.to_owned()),
        ("a number", "7".to_owned()),
        ("capitals", upper),
        ("braces", format!("{{{good}}}")),
        ("escaped braces", format!("%7B{good}%7D")),
        ("a URN", format!("urn:uuid:{good}")),
        ("no hyphens", good.replace('-', "")),
        ("a hash", format!("{good}%23zebra")),
        ("a hash before", format!("%23{good}")),
        ("a slash", format!("{good}%2Fzebra")),
        ("two dots", "..".to_owned()),
        ("escaped dots", "%2E%2E".to_owned()),
        ("dots and a slash", format!("..%2F{good}")),
        ("NUL", "%00".to_owned()),
        ("NUL after it", format!("{good}%00")),
        ("a line break", format!("{good}%0d%0azebra:%20x")),
        ("a space", format!("{good}%20")),
        ("no UTF-8", "%FF%FE".to_owned()),
        ("a broken escape", "%zz".to_owned()),
        ("an escape of an escape", format!("{good}%2523")),
        ("a colon", format!("{good}:zebra")),
        ("a semicolon", format!("{good};zebra=1")),
        ("full-width digits", "%EF%BC%91".to_owned()),
        ("one character less", good[1..].to_owned()),
        ("one character more", format!("{good}0")),
        ("5,000 characters", long),
        ("a pattern", "*".to_owned()),
    ];
    let mut rows = vec![maker.get("no id", "/v1/conversations//messages", 400, "invalid-id")];
    for (name, id) in spellings {
        let path = format!("/v1/conversations/{id}");
        let send = text(&json!({ "body": CANARY }));
        rows.extend([
            maker.get(name, &path, 400, "invalid-id"),
            maker.get(name, &format!("{path}/messages"), 400, "invalid-id"),
            Row { body: send, ..maker.request(name, Method::POST, &format!("{path}/messages"), 400, "invalid-id") },
            Row {
                body: text(&json!({ "seq": 1 })),
                ..maker.request(name, Method::PUT, &format!("{path}/read"), 400, "invalid-id")
            },
        ]);
    }
    for (name, path) in [
        ("a slash", format!("/v1/conversations/{good}/zebra")),
        ("a slash at the end", format!("/v1/conversations/{good}/")),
        ("no id", "/v1/conversations/".to_owned()),
        ("dots", format!("/v1/conversations/{good}/../{good}")),
        ("nobody's", format!("/v1/conversations/{}", key())),
        ("zeros", "/v1/conversations/00000000-0000-0000-0000-000000000000".to_owned()),
    ] {
        rows.push(maker.get(name, &path, 404, "not-found"));
    }
    rows
}

/// Query parameters.
pub(super) fn queries(maker: &Maker<'_>) -> Vec<Row> {
    let inbox = "/v1/conversations".to_owned();
    let messages = maker.scene.conversation.messages();
    let mut rows = Vec::new();
    for path in [&inbox, &messages] {
        for value in [
            "0",
            "-1",
            "101",
            "1000001",
            "18446744073709551616",
            "zebra",
            "",
            "1.5",
            "1e1",
            "0x10",
            "%00",
            "1%20",
            "null",
        ] {
            let row = maker.get(value, &format!("{path}?limit={value}"), 422, "validation");
            rows.push(row.at("limit"));
        }
        for query in ["limit=1&limit=2", "limit=1&limit=1", "limit=1&%6Cimit=2"] {
            rows.push(maker.get(query, &format!("{path}?{query}"), 422, "validation").at("limit"));
        }
        for query in ["zebra=1", "limit=1&zebra=zebra", "Limit=1", "limit[]=1", "=", "zebra", "offset=0", "seq=1"] {
            rows.push(maker.get(query, &format!("{path}?{query}"), 422, "unknown-field").at(""));
        }
    }
    for (name, value) in [
        ("-1", "-1"),
        ("2^40", "1099511627776"),
        ("2^53", "9007199254740992"),
        ("2^64", "18446744073709551616"),
        ("1e3", "1e3"),
        ("a word", CANARY),
        ("nothing", ""),
        ("quotes", "%225%22"),
        ("a fraction", "5.0"),
    ] {
        for direction in ["before", "after"] {
            let row = maker.get(name, &format!("{messages}?{direction}={value}"), 422, "validation");
            rows.push(row.at(direction));
        }
    }
    rows.extend([
        maker.get("both directions", &format!("{messages}?before=3&after=1"), 422, "validation").at("after"),
        maker.get("before twice", &format!("{messages}?before=3&before=2"), 422, "validation").at("before"),
        maker.get("after twice", &format!("{messages}?after=3&after=3"), 422, "validation").at("after"),
        maker.get("a cursor here", &format!("{messages}?cursor=zebra"), 422, "unknown-field").at(""),
        maker.get("a place there", "/v1/conversations?before=3", 422, "unknown-field").at(""),
        maker.get("a cursor twice", "/v1/conversations?cursor=zebra&cursor=zebra", 422, "validation").at("cursor"),
        maker.get("no cursor", "/v1/conversations?cursor=zebra", 400, "invalid-cursor"),
    ]);
    rows
}

/// Methods and addresses.
pub(super) fn addresses(maker: &Maker<'_>) -> Vec<Row> {
    let conversation = &maker.scene.conversation;
    let mut rows = Vec::new();
    for (path, methods) in [
        ("/v1/conversations".to_owned(), vec!["TRACE", "BREW", "get", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]),
        (conversation.path(), vec!["TRACE", "BREW", "POST", "PUT", "OPTIONS"]),
        (conversation.messages(), vec!["TRACE", "BREW", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        (conversation.read(), vec!["TRACE", "BREW", "GET", "POST", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/unread".to_owned(), vec!["TRACE", "BREW", "POST", "PUT", "DELETE", "OPTIONS"]),
        ("/v1/me".to_owned(), vec!["TRACE", "BREW", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/users/search".to_owned(), vec!["TRACE", "BREW", "GET", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/health".to_owned(), vec!["TRACE", "BREW", "POST", "PUT", "DELETE"]),
        ("/v1/me/preferences".to_owned(), vec!["TRACE", "BREW", "POST", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/me/presence".to_owned(), vec!["TRACE", "BREW", "GET", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/me/logout".to_owned(), vec!["TRACE", "BREW", "GET", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/me/notifications".to_owned(), vec!["TRACE", "BREW", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ("/v1/unsubscribe/zebra".to_owned(), vec!["TRACE", "BREW", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    ] {
        for method in methods {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let name = format!("{method} {path}");
            rows.push(Row {
                body: text(&json!({ "title": CANARY, "members": [] })),
                ..maker.request(&name, method, &path, 405, "method-not-allowed")
            });
        }
    }
    for path in [
        "/",
        "//v1//x",
        "//v1//conversations",
        "/v1//conversations",
        "/v1/conversations/",
        "/V1/conversations",
        "/v1/Conversations",
        "/v1",
        "/v1/",
        "/v2/conversations",
        "/v1/%63onversations",
        "/v1/./conversations",
        "/v1/x/../conversations",
        "/v1/conversations;zebra=1",
        "/v1/conversations%00",
        "/v1/conversations%3Flimit=1",
        "/conversations",
        "/v1/zebra",
        "/v1/me/../conversations",
        "/v1/me/zebra",
        "/v1/me/preferences/zebra",
        "/v1/unsubscribe",
        "/v1/unsubscribe/",
        "/v1/unsubscribe/zebra/zebra",
        "/v1/users",
        "/v1/users/zebra",
        "/.env",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/{id}",
        "*",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            rows.push(maker.request(path, method, path, 404, "not-found"));
        }
    }
    rows
}

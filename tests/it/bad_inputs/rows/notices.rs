//! What is wrong with what people and the institution say of mails, and with what else is asked about them.

use api::cursor;
use http::Method;
use serde::Serialize;
use serde_json::{Value, json};

use super::fields::other_types;
use super::{CANARY, Maker, Row};

const MINE: &str = "/v1/me/preferences";
const PRESENCE: &str = "/v1/me/presence";
const LOG: &str = "/v1/me/notifications";
const LIFT: &str = "/v1/admin/suppressions/lift";

/// What somebody may want.
fn wants() -> Value {
    json!({
        "frequency": "4h", "digest_mode": "leading", "instant": true, "instant_when": "offline", "broadcasts": false,
        "daily_at": "08:00", "timezone": "Europe/Madrid", "language": "en",
        "quiet_hours": { "from": "22:00", "to": "07:00" },
    })
}

/// The fields that must be there, with their types, their places, and texts that they do not take.
const FIELDS: [(&str, &str, &str, &[&str]); 8] = [
    ("frequency", "text", "/frequency", &["", CANARY, "4H", "3h", "4", "Daily", " daily", "none,daily"]),
    ("digest_mode", "text", "/digest_mode", &["", CANARY, "Leading"]),
    ("instant", "bool", "/instant", &["true", ""]),
    ("instant_when", "text", "/instant_when", &["", CANARY, "never"]),
    ("broadcasts", "bool", "/broadcasts", &["false", CANARY]),
    (
        "daily_at",
        "text",
        "/daily_at",
        &["", CANARY, "25:00", "24:00", "08:60", "8:00", "08:00:00", "0800", "08.00", " 08:00", "-8:00", "٠٨:٠٠"],
    ),
    (
        "timezone",
        "text",
        "/timezone",
        &["", CANARY, "Europe/Zebra", "Europe/Madrid ", "Europe/Madrid\0", "+02:00", "../../etc/passwd", "CET-1zebra"],
    ),
    ("language", "text", "/language", &["", CANARY, "EN", "en-GB", "de"]),
];

/// What people say they want.
pub(super) fn preferences(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let put = |name: &str, body: &Value, slug: &'static str, pointer: &'static str| {
        maker.ask(name, Method::PUT, MINE, body, 422, slug).at(pointer)
    };
    for (field, own, pointer, texts) in FIELDS {
        let with = |value: Value| {
            let mut body = wants();
            body[field] = value;
            body
        };
        for value in other_types(own).chain(texts.iter().map(|text| json!(text))) {
            rows.push(put(&format!("{field} {value}"), &with(value), "validation", pointer));
        }
        let mut without = wants();
        without.as_object_mut().unwrap().remove(field);
        rows.push(put(&format!("no {field}"), &without, "validation", pointer));
    }
    let quiet = |value: Value| {
        let mut body = wants();
        body["quiet_hours"] = value;
        body
    };
    for value in other_types("nullable object") {
        let slug = if value.is_object() { "unknown-field" } else { "validation" };
        rows.push(put(&format!("quiet hours {value}"), &quiet(value), slug, "/quiet_hours"));
    }
    for (hours, pointer) in [
        (json!({}), "/quiet_hours/from"),
        (json!({ "from": "22:00" }), "/quiet_hours/to"),
        (json!({ "to": "07:00" }), "/quiet_hours/from"),
        (json!({ "from": "22:00", "to": "25:00" }), "/quiet_hours/to"),
        (json!({ "from": "22:00", "to": null }), "/quiet_hours/to"),
        (json!({ "from": CANARY, "to": "07:00" }), "/quiet_hours/from"),
        (json!({ "from": 22, "to": 7 }), "/quiet_hours/from"),
    ] {
        rows.push(put(&format!("quiet hours {hours}"), &quiet(hours), "validation", pointer));
    }
    let more = json!({ "from": "22:00", "to": "07:00", CANARY: "zebra" });
    rows.push(put("more of quiet hours", &quiet(more), "unknown-field", "/quiet_hours"));
    for name in [CANARY, "", "Frequency", "quietHours", "email", "username", "rev", "pk"] {
        let mut body = wants();
        body[name] = json!(CANARY);
        rows.push(put(&format!("unknown {name}"), &body, "unknown-field", ""));
    }
    rows
}

/// What is wrong with such a request as a whole.
pub(super) fn wholes(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let raw = |name: &str, body: &str, status: u16, slug: &'static str| Row {
        body: body.into(),
        ..maker.request(name, Method::PUT, MINE, status, slug)
    };
    for whole in ["null", "true", "7", "\"zebra\"", "[]", "[[]]", "[{}]", "[\"4h\"]"] {
        rows.push(raw(whole, whole, 422, "validation").at(""));
        let presence = maker.request(whole, Method::POST, PRESENCE, 422, "validation");
        rows.push(Row { body: whole.into(), ..presence }.at(""));
    }
    let good = wants().to_string();
    let twice = good.replacen('{', "{\"frequency\":\"none\",", 1);
    let twice_within = good.replacen("\"from\"", "\"from\":\"21:00\",\"from\"", 1);
    assert!(twice != good && twice_within != good);
    rows.extend([
        raw("nothing", "{}", 422, "validation").at("/frequency"),
        raw("no body", "", 400, "malformed-json"),
        raw("a name twice", &twice, 400, "malformed-json"),
        raw("a name twice within", &twice_within, 400, "malformed-json"),
        raw("cut JSON", &good[..good.len() - 1], 400, "malformed-json"),
        raw("no type", &good, 415, "unsupported-media-type").with("content-type", &[]),
        raw("much", &" ".repeat(256 * 1024 + 1), 413, "body-too-large"),
    ]);
    for tags in [&["\"99\""][..], &[CANARY], &["0"], &["W/\"0\""], &["\"0\"", "\"0\""], &["*", "*"]] {
        rows.push(raw(&format!("versions {tags:?}"), &good, 412, "version-conflict").with("if-match", tags));
    }
    for value in other_types("bool") {
        let name = format!("visible {value}");
        let body = json!({ "visible": value });
        rows.push(maker.ask(&name, Method::POST, PRESENCE, &body, 422, "validation").at("/visible"));
    }
    let more = json!({ "visible": true, CANARY: 1 });
    rows.extend([
        maker.ask("nothing", Method::POST, PRESENCE, &json!({}), 422, "validation").at("/visible"),
        maker.ask("more", Method::POST, PRESENCE, &more, 422, "unknown-field").at(""),
    ]);
    for (method, path) in [
        (Method::GET, MINE),
        (Method::PUT, MINE),
        (Method::POST, PRESENCE),
        (Method::POST, "/v1/me/logout"),
        (Method::GET, LOG),
    ] {
        let nobody = maker.scene.world.nobody();
        rows.push(maker.ask("nobody", method, path, &json!(CANARY), 401, "unauthenticated").by(nobody));
    }
    rows
}

/// What the institution decides for everybody.
pub(super) fn policies(maker: &Maker<'_>) -> Vec<Row> {
    let office = |name: &str, mail: &Value, slug: &'static str, pointer: &'static str| {
        let body = json!({
            "messenger_enabled": true, "protect_admins": false, "break_glass": false, "mail": mail,
        });
        let row = maker.ask(name, Method::PUT, "/v1/admin/settings", &body, 422, slug);
        row.by(maker.scene.office.clone()).at(pointer)
    };
    let good = json!({ "defaults": wants(), "locked": ["instant"], "short_delay_minutes": 5 });
    let with = |pointer: &str, value: Value| {
        let mut mail = good.clone();
        *mail.pointer_mut(pointer).unwrap() = value;
        mail
    };
    let mut rows = Vec::new();
    for value in other_types("nullable object") {
        let slug = if value.is_object() { "unknown-field" } else { "validation" };
        rows.push(office(&format!("mail {value}"), &value, slug, "/mail"));
    }
    let minutes = [
        json!(61),
        json!(256),
        json!(u64::MAX),
        json!(-1),
        json!(0.5),
        json!(5.0),
        json!("5"),
        json!([5]),
        json!(null),
        json!(true),
    ];
    for value in minutes {
        let mail = with("/short_delay_minutes", value.clone());
        rows.push(office(&format!("{value} minutes"), &mail, "validation", "/mail/short_delay_minutes"));
    }
    for (locked, pointer) in [
        (json!(null), "/mail/locked"),
        (json!(CANARY), "/mail/locked"),
        (json!({ CANARY: 1 }), "/mail/locked"),
        (json!([CANARY]), "/mail/locked/0"),
        (json!([null]), "/mail/locked/0"),
        (json!([7]), "/mail/locked/0"),
        (json!(["instant", "Instant"]), "/mail/locked/1"),
        (json!(["instant", "quiet-hours"]), "/mail/locked/1"),
    ] {
        rows.push(office(&format!("{locked} locked"), &with("/locked", locked), "validation", pointer));
    }
    for (place, value, pointer) in [
        ("/defaults", json!({}), "/mail/defaults/frequency"),
        ("/defaults", json!(null), "/mail/defaults"),
        ("/defaults", json!([CANARY]), "/mail/defaults"),
        ("/defaults/frequency", json!(CANARY), "/mail/defaults/frequency"),
        ("/defaults/daily_at", json!("25:00"), "/mail/defaults/daily_at"),
        ("/defaults/timezone", json!("Europe/Zebra"), "/mail/defaults/timezone"),
        ("/defaults/quiet_hours", json!({ "from": "22:00" }), "/mail/defaults/quiet_hours/to"),
    ] {
        rows.push(office(&format!("{place} {value}"), &with(place, value), "validation", pointer));
    }
    for (field, pointer) in [
        ("defaults", "/mail/defaults"),
        ("locked", "/mail/locked"),
        ("short_delay_minutes", "/mail/short_delay_minutes"),
    ] {
        let mut mail = good.clone();
        mail.as_object_mut().unwrap().remove(field);
        rows.push(office(&format!("no {field}"), &mail, "validation", pointer));
    }
    for (within, pointer) in [("", "/mail"), ("/defaults", "/mail/defaults")] {
        let mut mail = good.clone();
        mail.pointer_mut(within).unwrap()[CANARY] = json!(CANARY);
        rows.push(office(&format!("more in {pointer}"), &mail, "unknown-field", pointer));
    }
    rows
}

/// What became of mails: which part of it.
pub(super) fn logs(maker: &Maker<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for value in ["0", "-1", "101", "18446744073709551616", CANARY, "", "1.5", "%00", "null"] {
        rows.push(maker.get(value, &format!("{LOG}?limit={value}"), 422, "validation").at("limit"));
    }
    rows.extend([
        maker.get("limit twice", &format!("{LOG}?limit=1&limit=1"), 422, "validation").at("limit"),
        maker.get("a cursor twice", &format!("{LOG}?cursor=zebra&cursor=zebra"), 422, "validation").at("cursor"),
    ]);
    for query in ["zebra=1", "before=3", "after=1", "Limit=1", "username=ben", "rule=digest"] {
        rows.push(maker.get(query, &format!("{LOG}?{query}"), 422, "unknown-field").at(""));
    }
    let mut cursors: Vec<String> = ["", CANARY, "AAAA", "%00", "%F0%9F%91%8D"].map(str::to_owned).into();
    let place = "2026-03-01T09:00:00.000Z";
    cursors.extend([
        forged("inbox", "ann", &place),
        forged("suggested people", "ann", &place),
        forged("notifications", "ben", &place),
        forged("notifications", "ann", &7),
        forged("notifications", "ann", &json!({ CANARY: place })),
    ]);
    let good = forged("notifications", "ann", &place);
    cursors.extend([format!("{good}="), format!("{good}{good}"), good[1..].to_owned(), good.to_lowercase()]);
    for cursor in cursors {
        rows.push(maker.get(&cursor, &format!("{LOG}?cursor={cursor}"), 400, "invalid-cursor"));
    }
    rows
}

/// A cursor as it is written for a place in somebody's list.
fn forged(list: &str, user: &str, place: &impl Serialize) -> String {
    cursor::write(list, &user.parse().unwrap(), place).unwrap()
}

/// Addresses that take mail again, and links in mails.
pub(super) fn links(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let lift = |name: &str, body: &Value, slug: &'static str, pointer: &'static str| {
        maker.ask(name, Method::POST, LIFT, body, 422, slug).by(scene.office.clone()).at(pointer)
    };
    let mut rows = Vec::new();
    let long = format!("{}@zebra.example", "z".repeat(250));
    let texts = ["", " ", CANARY, "@", "zebra@", "@zebra", "ze bra@zebra.example", "zebra@\u{0}", &long];
    for value in other_types("text").chain(texts.iter().map(|text| json!(text))) {
        let name: String = format!("address {value}").chars().take(40).collect();
        rows.push(lift(&name, &json!({ "email": value }), "validation", "/email"));
    }
    let address = json!({ "email": "zebra@hospital.example" });
    let more = json!({ "email": "zebra@hospital.example", "state": "bounced" });
    rows.extend([
        lift("no address", &json!({}), "validation", "/email"),
        lift("more", &more, "unknown-field", ""),
        maker.ask("no administrator", Method::POST, LIFT, &address, 403, "not-a-system-administrator"),
        maker.get("no administrator", "/v1/admin/suppressions", 403, "not-a-system-administrator"),
    ]);
    let good = &scene.token;
    let other = if good.starts_with('A') { "B" } else { "A" };
    for token in [
        CANARY.to_owned(),
        "0".to_owned(),
        "ann".to_owned(),
        "%00".to_owned(),
        "%2E%2E".to_owned(),
        // Long enough to be one.
        "A".repeat(56),
        "zebra_-_zebra".repeat(4),
        "z".repeat(5_000),
        format!("{other}{}", &good[1..]),
        good[1..].to_owned(),
        good[..good.len() - 4].to_owned(),
        format!("{good}{good}"),
        format!("{good}="),
        good.to_lowercase(),
        // Who a notice is for is no permission to change anything.
        scene.reference.clone(),
    ] {
        let path = format!("/v1/unsubscribe/{token}");
        let name: String = format!("token {token}").chars().take(40).collect();
        rows.push(maker.get(&name, &path, 404, "not-found").by(scene.world.nobody()));
        let click = maker.request(&name, Method::POST, &path, 404, "not-found");
        let click = click.with("content-type", &["application/x-www-form-urlencoded"]);
        rows.push(Row { body: b"List-Unsubscribe=One-Click".to_vec(), ..click }.by(scene.world.nobody()));
    }
    rows.push(maker.get("no UTF-8", "/v1/unsubscribe/%FF%FE", 400, "invalid-id"));
    rows
}

//! What is wrong with what administrators and officials ask.

use http::Method;
use serde_json::{Value, json};
use tests::beside::NOTHING;

use super::fields::other_types;
use super::{CANARY, Maker, Row, text};

impl Maker<'_> {
    pub(super) fn ask(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: &Value,
        status: u16,
        slug: &'static str,
    ) -> Row {
        Row { body: text(body), ..self.request(name, method, path, status, slug) }
    }
}

/// Members, roles, titles and settings of a conversation.
pub(super) fn conversations(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let (path, members) = (scene.conversation.path(), scene.conversation.members());
    let validation = |name: &str, method: Method, path: &str, body: Value, pointer: &'static str| {
        maker.ask(name, method, path, &body, 422, "validation").at(pointer)
    };
    vec![
        validation("nobody to add", Method::POST, &members, json!({ "usernames": [] }), "/usernames"),
        validation("no list", Method::POST, &members, json!({ "usernames": "zebra" }), "/usernames"),
        validation("no name", Method::POST, &members, json!({ "usernames": ["a b zebra"] }), "/usernames/0"),
        validation("nothing", Method::POST, &members, json!({}), "/usernames"),
        validation("another role", Method::PATCH, &format!("{members}/ben"), json!({ "role": CANARY }), "/role"),
        validation("no role", Method::PATCH, &format!("{members}/ben"), json!({}), "/role"),
        validation("nothing to change", Method::PATCH, &path, json!({}), ""),
        validation("an empty title", Method::PATCH, &path, json!({ "title": " " }), "/title"),
        validation("a title of two lines", Method::PATCH, &path, json!({ "title": "zebra\nzebra" }), "/title"),
        validation("no project's id", Method::PATCH, &path, json!({ "project_id": "zebra zebra" }), "/project_id"),
        validation(
            "another notify",
            Method::PATCH,
            &format!("{path}/settings"),
            json!({ "notify": CANARY }),
            "/notify",
        ),
        validation("no boolean", Method::PATCH, &format!("{path}/settings"), json!({ "pinned": CANARY }), "/pinned"),
        validation("another title", Method::POST, &format!("{path}/delete"), json!({ "title": CANARY }), "/title"),
        validation("no title", Method::POST, &format!("{path}/delete"), json!({}), "/title"),
        validation(
            "unread beyond the end",
            Method::PUT,
            &scene.conversation.read(),
            json!({ "seq": 99, "unread": true }),
            "/seq",
        ),
        validation("oneself", Method::PUT, "/v1/direct/ann", json!({}), "username"),
    ]
}

/// What else is refused of them: too many, strangers, the last administrator, and what is not one's own.
pub(super) fn members(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let (path, members) = (scene.conversation.path(), scene.conversation.members());
    let many: Vec<String> = (0..1_001).map(|n| format!("zebra{n}")).collect();
    let too_many =
        maker.ask("1,001 people", Method::POST, &members, &json!({ "usernames": many }), 422, "too-many-members");
    vec![
        too_many.at("/usernames"),
        maker
            .ask("unknown field", Method::PATCH, &path, &json!({ "title": "x", CANARY: 1 }), 422, "unknown-field")
            .at(""),
        maker
            .ask(
                "unknown field",
                Method::POST,
                &members,
                &json!({ "usernames": ["ben"], "role": "administrator" }),
                422,
                "unknown-field",
            )
            .at(""),
        maker.ask(
            "somebody else's project",
            Method::PATCH,
            &path,
            &json!({ "project_id": CANARY }),
            403,
            "project-not-yours",
        ),
        maker
            .ask("an old version", Method::PATCH, &path, &json!({ "title": CANARY }), 412, "version-conflict")
            .with("if-match", &["\"99\""]),
        maker
            .ask("no version", Method::PATCH, &path, &json!({ "title": CANARY }), 412, "version-conflict")
            .with("if-match", &["zebra"]),
        maker.ask(
            "a stranger's role",
            Method::PATCH,
            &format!("{members}/eve"),
            &json!({ "role": "member" }),
            409,
            "not-a-member",
        ),
        maker.ask(
            "the last administrator",
            Method::PATCH,
            &format!("{members}/ann"),
            &json!({ "role": "member" }),
            409,
            "last-administrator",
        ),
        maker
            .get("the last administrator leaves", &format!("{members}/ann"), 409, "last-administrator")
            .by_method(Method::DELETE),
        maker.get("nobody to remove", &format!("{members}/zebra"), 404, "not-found").by_method(Method::DELETE),
        maker.get("no username", &format!("{members}/a%20b"), 400, "invalid-id").by_method(Method::DELETE),
        maker.ask("nobody to talk to", Method::PUT, "/v1/direct/zebra", &json!({}), 404, "not-found"),
        maker.ask(
            "no message",
            Method::PATCH,
            &scene.conversation.message(99),
            &json!({ "body": CANARY }),
            404,
            "not-found",
        ),
        maker.ask(
            "an event",
            Method::PATCH,
            &scene.conversation.message(1),
            &json!({ "body": CANARY }),
            404,
            "not-found",
        ),
        maker
            .ask(
                "somebody else's message",
                Method::PATCH,
                &scene.conversation.message(2),
                &json!({ "body": CANARY }),
                403,
                "not-the-author",
            )
            .by(scene.ben.clone()),
        maker
            .ask("a member renames", Method::PATCH, &path, &json!({ "title": CANARY }), 403, "not-an-administrator")
            .by(scene.ben.clone()),
    ]
}

/// Accounts, projects, settings, broadcasts and audits.
pub(super) fn officials(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let office = |name: &str, method: Method, path: &str, body: Value, slug: &'static str, pointer: &'static str| {
        maker.ask(name, method, path, &body, 422, slug).by(scene.office.clone()).at(pointer)
    };
    let (user, project) = ("/v1/admin/users/kim", "/v1/admin/projects/heart");
    let (settings, broadcasts) = ("/v1/admin/settings", "/v1/admin/broadcasts");
    let invalid = "validation";
    let good = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": false });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    vec![
        office("no name", Method::PUT, user, json!({ "active": true }), invalid, "/name"),
        office("an empty name", Method::PUT, user, json!({ "name": "", "active": true }), invalid, "/name"),
        office(
            "no address",
            Method::PUT,
            user,
            json!({ "name": "Kim", "email": CANARY, "active": true }),
            invalid,
            "/email",
        ),
        office("active or not", Method::PUT, user, json!({ "name": "Kim" }), invalid, "/active"),
        office("maybe active", Method::PUT, user, json!({ "name": "Kim", "active": CANARY }), invalid, "/active"),
        office(
            "a role",
            Method::PUT,
            user,
            json!({ "name": "Kim", "active": true, "roles": [CANARY] }),
            "unknown-field",
            "",
        ),
        office("no title", Method::PUT, project, json!({ "members": [] }), invalid, "/title"),
        office("no members", Method::PUT, project, json!({ "title": "Heart" }), invalid, "/members"),
        office(
            "somebody unknown",
            Method::PUT,
            project,
            json!({ "title": "Heart", "members": [CANARY] }),
            "user-not-found",
            "/members/0",
        ),
        office(
            "no pattern",
            Method::PUT,
            project,
            json!({ "title": "Heart", "members": [], "record_patterns": [CANARY] }),
            invalid,
            "/record_patterns/0",
        ),
        office("no rows", Method::POST, "/v1/admin/import", json!({ "users": CANARY }), invalid, "/users"),
        office("other rows", Method::POST, "/v1/admin/import", json!({ CANARY: [] }), "unknown-field", ""),
        office(
            "half the settings",
            Method::PUT,
            settings,
            json!({ "messenger_enabled": true }),
            invalid,
            "/protect_admins",
        ),
        office(
            "a long reason",
            Method::PUT,
            settings,
            with("closed_reason", json!(CANARY.repeat(50))),
            invalid,
            "/closed_reason",
        ),
        office("another setting", Method::PUT, settings, with(CANARY, json!(1)), "unknown-field", ""),
        office(
            "nothing to say",
            Method::POST,
            broadcasts,
            json!({ "kind": "general", "body": " " }),
            "empty-message",
            "/body",
        ),
        office("another kind", Method::POST, broadcasts, json!({ "kind": CANARY, "body": CANARY }), invalid, "/kind"),
        office(
            "for nobody",
            Method::POST,
            broadcasts,
            json!({ "kind": "general", "body": "x", "audience": { "roles": [] } }),
            invalid,
            "/audience",
        ),
        office(
            "over before it begins",
            Method::POST,
            broadcasts,
            json!({ "kind": "general", "body": "x", "until": "2020-01-01T00:00:00Z" }),
            invalid,
            "/until",
        ),
    ]
}

/// Who backs up, and what is denied.
pub(super) fn settings(maker: &Maker<'_>) -> Vec<Row> {
    let refused = |name: String, field: &str, value: Value, pointer: &'static str| {
        let mut body = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": false });
        body[field] = value;
        let row = maker.ask(&name, Method::PUT, "/v1/admin/settings", &body, 422, "validation");
        row.by(maker.scene.office.clone()).at(pointer)
    };
    let denied = |name: String, value: Value, pointer| refused(name, "denied_types", value, pointer);
    let not_null = |value: &Value| !value.is_null();
    let mut rows = Vec::new();
    let words = ["", "Member", "members", "admin"].map(|word| json!(word));
    for value in other_types("nullable object").filter(not_null).chain(words) {
        rows.push(refused(format!("who backs up {value}"), "backup_by", value, "/backup_by"));
    }
    for value in other_types("list").filter(not_null) {
        rows.push(denied(format!("denied {value}"), value, "/denied_types"));
    }
    for value in other_types("text") {
        rows.push(denied(format!("denied type {value}"), json!([value]), "/denied_types/0"));
    }
    for kind in
        ["", "*", "*/*", CANARY, "zebra/", "zebra/z*", "zebra/*/*", " zebra/*", "zebra/zebra; q=1", "zebra/\u{e9}"]
    {
        rows.push(denied(format!("denied type {kind:?}"), json!(["text/plain", kind]), "/denied_types/1"));
    }
    let many: Value = (0..101).map(|n| format!("zebra/{n}")).collect();
    rows.push(denied("101 denied types".to_owned(), many, "/denied_types"));
    rows
}

/// What is not there, and what is not theirs to do.
pub(super) fn audits(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let (settings, broadcasts, invalid) = ("/v1/admin/settings", "/v1/admin/broadcasts", "validation");
    let glass = format!("{}/break-glass", scene.conversation.path());
    let mut rows = Vec::new();
    let elsewhere = [
        (Method::PATCH, format!("{broadcasts}/{NOTHING}"), json!({ "body": CANARY }), 404, "not-found"),
        (Method::POST, format!("{broadcasts}/{NOTHING}/withdraw"), json!({}), 404, "not-found"),
        (Method::POST, format!("{broadcasts}/zebra/withdraw"), json!({}), 400, "invalid-id"),
        (Method::PUT, format!("/v1/broadcasts/{NOTHING}/read"), json!({}), 404, "not-found"),
        (
            Method::PUT,
            "/v1/admin/users/a%20zebra".to_owned(),
            json!({ "name": "A", "active": true }),
            400,
            "invalid-id",
        ),
        (
            Method::PUT,
            "/v1/admin/projects/a%23zebra".to_owned(),
            json!({ "title": "A", "members": [] }),
            400,
            "invalid-id",
        ),
    ];
    rows.extend(elsewhere.map(|(method, path, body, status, slug)| {
        maker.ask("nothing there", method, &path, &body, status, slug).by(scene.office.clone())
    }));
    let auditor = |name: &str, body: Value, status, slug| {
        maker.ask(name, Method::POST, &glass, &body, status, slug).by(scene.auditor.clone())
    };
    rows.extend([
        auditor("no reason", json!({}), 422, invalid).at("/reason"),
        auditor("an empty reason", json!({ "reason": "  " }), 422, invalid).at("/reason"),
        auditor("an empty case", json!({ "reason": "x", "case": "" }), 422, invalid).at("/case"),
        auditor("no key", json!({ "reason": CANARY }), 400, "idempotency-key-required").with("idempotency-key", &[]),
        auditor("not permitted", json!({ "reason": CANARY }), 403, "break-glass-disabled"),
    ]);
    for (path, pointer) in [
        ("/v1/audit/institution?before=zebra", "before"),
        ("/v1/audit/institution?limit=0", "limit"),
        ("/v1/audit/institution/verify?after=-1", "after"),
    ] {
        rows.push(maker.get("another place", path, 422, invalid).by(scene.auditor.clone()).at(pointer));
    }
    for path in ["/v1/audit/institution", "/v1/audit/institution/verify"] {
        rows.push(maker.get("no auditor", path, 403, "not-an-auditor"));
    }
    rows.push(maker.ask("no administrator", Method::PUT, settings, &json!({}), 403, "not-a-system-administrator"));
    rows
}

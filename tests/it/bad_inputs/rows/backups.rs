//! What is wrong with asking for back-ups, and for what is none.

use http::Method;
use tests::beside::NOTHING;

use super::super::CANARY;
use super::{Maker, Row};

/// Addresses of back-ups, and who has none there.
pub(super) fn places(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let (all, good) = (scene.attachments.conversation.backups(), scene.backup.as_str());
    let one = |id: &str| format!("{all}/{id}");
    let ask = |name: &str, path: &str, status, slug| maker.request(name, Method::POST, path, status, slug);
    let mut rows = Vec::new();
    for (name, id) in [
        ("a word", CANARY.to_owned()),
        ("capitals", good.to_uppercase()),
        ("no hyphens", good.replace('-', "")),
        ("two dots", "%2E%2E".to_owned()),
        ("NUL", format!("{good}%00")),
        ("5,000 characters", "z".repeat(5_000)),
    ] {
        rows.push(maker.get(name, &one(&id), 400, "invalid-id"));
        let path = format!("/v1/conversations/{id}/backups");
        rows.push(maker.get(name, &format!("{path}/{good}"), 400, "invalid-id"));
        rows.push(ask(name, &path, 400, "invalid-id"));
    }
    let elsewhere = format!("{}/{good}", scene.conversation.backups());
    rows.extend([
        maker.get("nobody's", &one(NOTHING), 404, "not-found"),
        maker.get("another conversation's", &elsewhere, 404, "not-found"),
        maker.get("another member's", &one(good), 404, "not-found").by(scene.ben.clone()),
        maker.get("a slash", &format!("{}/", one(good)), 404, "not-found"),
        ask("a slash", &format!("{all}/"), 404, "not-found"),
        maker.get("a list of them", &all, 405, "method-not-allowed"),
    ]);
    for (name, who, status, slug) in [
        ("no token", scene.world.nobody(), 401, "unauthenticated"),
        ("no real token", scene.world.bearer(CANARY), 401, "unauthenticated"),
        ("a stranger", scene.eve.clone(), 404, "not-found"),
    ] {
        rows.push(maker.get(name, &one(good), status, slug).by(who.clone()));
        rows.push(ask(name, &all, status, slug).by(who));
    }
    for method in ["PUT", "PATCH", "DELETE", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        rows.push(maker.request("a method", method, &one(good), 405, "method-not-allowed"));
    }
    rows
}

/// Requests without a key, or with one that is none.
pub(super) fn bodies(maker: &Maker<'_>) -> Vec<Row> {
    let path = maker.scene.conversation.backups();
    let ask = |name: &str, key: Option<&str>, slug| {
        let key = key.map(|key| ("idempotency-key".to_owned(), key.to_owned()));
        Row { headers: key.into_iter().collect(), ..maker.request(name, Method::POST, &path, 400, slug) }
    };
    vec![
        ask("no key", None, "idempotency-key-required"),
        ask("a word as key", Some(CANARY), "invalid-idempotency-key"),
        ask("an empty key", Some(""), "idempotency-key-required"),
    ]
}

//! What is asked, and what is wrong about it: a marker wherever there is text.

use http::Method;
use serde_json::{Value, json};
use tests::actor::Conversation;
use tests::beside::declared;

use super::{MARKER, NAME, Story};

/// Everything that can be done, with the marker wherever there is text.
pub(super) fn requests(story: &Story<'_>, member: &str) -> Vec<(Method, String, Value)> {
    let conversation = story.conversation;
    let text = |what: &str| format!("{MARKER} {what}");
    let first = json!({ "body": text("first @somebody"), "important": true });
    let mut all = official_requests(conversation, member);
    all.extend(own_requests(story.token));
    all.extend(attachment_requests(conversation, story.attachment, story.backup));
    all.extend(vec![
        (Method::GET, "/v1/health".to_owned(), Value::Null),
        (Method::GET, "/v1/me".to_owned(), Value::Null),
        (Method::GET, "/v1/unread".to_owned(), Value::Null),
        (Method::GET, "/v1/conversations".to_owned(), Value::Null),
        (Method::GET, conversation.path(), Value::Null),
        (Method::GET, conversation.messages(), Value::Null),
        (Method::PUT, conversation.read(), json!({ "seq": 1 })),
        (Method::POST, "/v1/users/search".to_owned(), json!({ "query": MARKER })),
        (Method::POST, "/v1/users/search".to_owned(), json!({ "query": NAME })),
        (Method::POST, conversation.messages(), json!({ "body": text(&format!("@{member}")), "important": true })),
        (
            Method::POST,
            "/v1/conversations".to_owned(),
            json!({ "title": text("t"), "members": [member], "message": first }),
        ),
        (Method::PATCH, conversation.message(2), json!({ "body": text("edited"), "important": true })),
        (Method::DELETE, conversation.message(2), Value::Null),
        (Method::PATCH, conversation.path(), json!({ "title": text("renamed") })),
        (Method::PATCH, format!("{}/settings", conversation.path()), json!({ "pinned": true })),
        (Method::GET, conversation.members(), Value::Null),
        (Method::POST, conversation.members(), json!({ "usernames": [format!("{NAME}.cleo"), MARKER] })),
        (Method::PATCH, format!("{}/{NAME}.cleo", conversation.members()), json!({ "role": "administrator" })),
        (Method::DELETE, format!("{}/{NAME}.cleo", conversation.members()), Value::Null),
        (Method::PUT, format!("/v1/direct/{member}"), json!({})),
        (Method::POST, format!("{}/unarchive", conversation.path()), json!({})),
        (Method::POST, format!("{}/archive", conversation.path()), json!({})),
        (Method::POST, format!("{}/unarchive", conversation.path()), json!({})),
        (Method::POST, format!("{}/delete", conversation.path()), json!({ "title": text("another") })),
        // The last: nobody is let in any more.
        (Method::POST, "/v1/me/logout".to_owned(), Value::Null),
    ]);
    all
}

/// What can be done with attachments and back-ups.
fn attachment_requests(conversation: &Conversation, attachment: &str, backup: &str) -> Vec<(Method, String, Value)> {
    let mut wanted = declared(&format!("{MARKER} scan.txt"), "text/plain", b"hello");
    wanted["content_type"] = format!("application/x-{MARKER}").into();
    let path = conversation.attachment(attachment);
    vec![
        (Method::POST, conversation.attachments(), wanted),
        (Method::POST, format!("{path}/complete"), json!({})),
        (Method::POST, conversation.messages(), json!({ "body": MARKER, "attachments": [attachment] })),
        (Method::GET, path, Value::Null),
        (Method::POST, conversation.backups(), json!({})),
        (Method::GET, format!("{}/{backup}", conversation.backups()), Value::Null),
    ]
}

/// What somebody wants to be mailed about: nothing of it is text.
fn preferences() -> Value {
    json!({
        "frequency": "2h", "digest_mode": "leading", "instant": true, "instant_when": "always", "broadcasts": true,
        "daily_at": "08:00", "timezone": "Europe/Madrid", "language": "es",
        "quiet_hours": { "from": "22:00", "to": "07:00" },
    })
}

/// What is about oneself and one's mails.
fn own_requests(token: &str) -> Vec<(Method, String, Value)> {
    let unsubscribe = format!("/v1/unsubscribe/{token}");
    vec![
        (Method::GET, "/v1/me/preferences".to_owned(), Value::Null),
        (Method::PUT, "/v1/me/preferences".to_owned(), preferences()),
        (Method::POST, "/v1/me/presence".to_owned(), json!({ "visible": true })),
        (Method::GET, "/v1/me/notifications".to_owned(), Value::Null),
        (Method::GET, unsubscribe.clone(), Value::Null),
        (Method::POST, unsubscribe, json!({ "List-Unsubscribe": MARKER })),
    ]
}

/// What is wrong about what somebody wants, and about what the institution decides for everybody: a text in each place.
pub(super) fn wrong_preferences() -> Vec<(Method, &'static str, Value)> {
    let mut all = Vec::new();
    for place in [
        "/frequency",
        "/digest_mode",
        "/instant",
        "/instant_when",
        "/broadcasts",
        "/daily_at",
        "/timezone",
        "/language",
        "/quiet_hours",
        "/quiet_hours/from",
        "/quiet_hours/to",
    ] {
        let mut wrong = preferences();
        *wrong.pointer_mut(place).unwrap() = MARKER.into();
        all.push((Method::PUT, "/v1/me/preferences", wrong));
    }
    let settings = json!({
        "messenger_enabled": true, "protect_admins": false, "break_glass": true,
        "mail": { "defaults": preferences(), "locked": ["instant"], "short_delay_minutes": 5 },
    });
    for place in ["/mail/defaults/timezone", "/mail/locked/0", "/mail/short_delay_minutes"] {
        let mut wrong = settings.clone();
        *wrong.pointer_mut(place).unwrap() = MARKER.into();
        all.push((Method::PUT, "/v1/admin/settings", wrong));
    }
    all.push((Method::POST, "/v1/me/presence", json!({ "visible": MARKER })));
    all.push((Method::POST, "/v1/admin/suppressions/lift", json!({ "email": MARKER })));
    all
}

/// What officials can do, and what everybody has beside conversations.
fn official_requests(conversation: &Conversation, member: &str) -> Vec<(Method, String, Value)> {
    let text = |what: &str| format!("{MARKER} {what}");
    let settings = json!({
        "messenger_enabled": true, "closed_reason": text("reason"), "protect_admins": false, "break_glass": true
    });
    let user = json!({ "name": format!("Ann {NAME}"), "email": format!("{NAME}@hospital.example"), "active": true });
    let imported = json!({ "username": format!("{NAME}.zed"), "name": NAME, "active": true });
    let broadcast = json!({ "kind": "general", "body": text("news"), "audience": { "usernames": [member] } });
    let own = format!("/v1/admin/broadcasts/{}", conversation.id);
    vec![
        (Method::GET, "/v1/users/suggested".to_owned(), Value::Null),
        (Method::GET, "/v1/projects".to_owned(), Value::Null),
        (Method::GET, "/v1/broadcasts".to_owned(), Value::Null),
        (Method::PUT, format!("/v1/broadcasts/{}/read", conversation.id), json!({})),
        (Method::GET, "/v1/admin/settings".to_owned(), Value::Null),
        (Method::PUT, "/v1/admin/settings".to_owned(), settings),
        (Method::PUT, format!("/v1/admin/users/{member}"), user),
        (
            Method::PUT,
            "/v1/admin/projects/heart".to_owned(),
            json!({ "title": text("study"), "members": [member], "record_patterns": [format!("{MARKER}##")] }),
        ),
        (
            Method::POST,
            "/v1/admin/import".to_owned(),
            json!({ "users": [imported, { "username": text("?") }], "projects": [{ "id": text("?") }] }),
        ),
        (Method::GET, "/v1/admin/broadcasts".to_owned(), Value::Null),
        (Method::POST, "/v1/admin/broadcasts".to_owned(), broadcast),
        (Method::PATCH, own.clone(), json!({ "body": text("other news") })),
        (Method::POST, format!("{own}/withdraw"), json!({})),
        (Method::GET, "/v1/admin/holds".to_owned(), Value::Null),
        (
            Method::PUT,
            "/v1/admin/holds".to_owned(),
            json!({ "conversation_id": conversation.id, "reason": text("claim"), "case": text("case") }),
        ),
        (
            Method::POST,
            "/v1/admin/holds/lift".to_owned(),
            json!({ "conversation_id": conversation.id, "reason": text("settled") }),
        ),
        (Method::GET, "/v1/admin/suppressions".to_owned(), Value::Null),
        (
            Method::POST,
            "/v1/admin/suppressions/lift".to_owned(),
            json!({ "email": format!("{NAME}.{MARKER}@hospital.example") }),
        ),
        (Method::GET, "/v1/audit/institution".to_owned(), Value::Null),
        (Method::GET, "/v1/audit/institution/verify".to_owned(), Value::Null),
        (Method::GET, format!("{}/audit", conversation.path()), Value::Null),
        (Method::GET, format!("{}/audit/verify", conversation.path()), Value::Null),
        (
            Method::POST,
            format!("{}/break-glass", conversation.path()),
            json!({ "reason": text("complaint"), "case": text("case") }),
        ),
    ]
}

/// Bodies that no operation takes.
pub(super) fn wrong_bodies() -> Vec<Value> {
    vec![
        json!(MARKER),
        json!({ MARKER: MARKER }),
        json!({ "body": { MARKER: 1 }, "title": [MARKER], "query": [MARKER], "seq": MARKER, "members": MARKER }),
        json!({ "body": MARKER, "important": MARKER, "after": MARKER, "title": "t", "members": [], "history": MARKER }),
        json!({ "title": format!("{MARKER}\n"), "members": [] }),
        json!({ "title": "t", "members": [{ "role": MARKER }], "message": { "body": "", MARKER: MARKER } }),
        json!({ "title": MARKER, "members": [MARKER, NAME] }),
        json!({ "query": MARKER.repeat(30), "title": MARKER.repeat(30), "members": [], "body": MARKER.repeat(2_000) }),
        json!({ "name": MARKER, "content_type": MARKER, "size": MARKER, "sha256": MARKER, "attachments": [MARKER] }),
        json!({ "name": MARKER, "content_type": "text/plain", "size": 1, "sha256": MARKER }),
        json!({ "name": format!("{MARKER}/"), "content_type": "text/plain", "size": 1, "sha256": "0".repeat(64) }),
    ]
}

//! What every operation answers when all is well.

use std::time::Duration;

use local::aws::scanner::eicar;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation};
use tests::beside::declared;
use tests::world::World;

/// Every operation with a good answer, often enough that everything is there once, and every nullable thing is not.
pub(super) async fn answers() -> Vec<(&'static str, &'static str, Answer)> {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let mut nameless = local::person::Person::named("cleo");
    nameless.email = String::new();
    nameless.roles = vec![Role::Auditor];
    let cleo = world.bearer(&world.issuer().mint(&nameless).unwrap().access_token);
    let me = cleo.get("/v1/me").await;
    let (dora, other) = (world.person("dora").await, world.person("emil").await);
    let system = world.official("sys", &[Role::SystemAdministrator]).await;
    world.project("heart-study", &[&ann]).await;
    let asked = json!({ "title": "Ward 4, 23/04/1961", "members": ["ben"], "message": { "body": "Hello" } });
    let started = ann.post("/v1/conversations", asked).await;
    let conversation = Conversation::new(&started.body);
    let labelled = json!({ "title": "Ward 5", "members": [], "project_id": "heart-study" });
    let empty = ann.post("/v1/conversations", labelled).await;
    let sent = ben.sends(&conversation, "Hello @ann and @nobody").await;
    let messages = "/v1/conversations/{id}/messages";
    let members = "/v1/conversations/{id}/members";
    let (one, message) = ("/v1/conversations/{id}", "/v1/conversations/{id}/messages/{seq}");
    let member = "/v1/conversations/{id}/members/{username}";
    let mut answers = vec![
        ("/v1/health", "get", world.nobody().get("/v1/health").await),
        ("/v1/me", "get", ann.get("/v1/me").await),
        ("/v1/me", "get", me),
        ("/v1/users/search", "post", ann.post("/v1/users/search", json!({ "query": "ben" })).await),
        ("/v1/conversations", "post", started),
        ("/v1/conversations", "post", empty),
        (messages, "post", sent),
        (messages, "get", ann.get(&conversation.messages()).await),
        (messages, "get", ann.get(&format!("{}?limit=1", conversation.messages())).await),
        (one, "get", ann.get(&conversation.path()).await),
        ("/v1/conversations", "get", ann.get("/v1/conversations").await),
        ("/v1/conversations", "get", ann.get("/v1/conversations?limit=1").await),
        ("/v1/unread", "get", ann.get("/v1/unread").await),
        ("/v1/conversations/{id}/read", "put", ann.put(&conversation.read(), json!({ "seq": 3 })).await),
        (messages, "post", ann.post(&conversation.messages(), json!({ "body": "" })).await),
        (message, "patch", ben.patch(&conversation.message(3), json!({ "body": "Hello @ann" })).await),
        (
            one,
            "patch",
            ann.patch(&conversation.path(), json!({ "title": "Ward 6", "project_id": "heart-study" })).await,
        ),
        (members, "post", ann.adds(&conversation, &[&other]).await),
        (members, "post", ann.adds(&conversation, &[&dora, &system]).await),
        (members, "get", ann.get(&format!("{}?limit=1", conversation.members())).await),
        (members, "get", ann.get(&conversation.members()).await),
        (member, "delete", ann.removes(&conversation, &ann).await),
        (member, "patch", ann.makes(&conversation, &ben, "administrator").await),
        (member, "delete", ann.removes(&conversation, &dora).await),
        (message, "delete", ben.delete(&conversation.message(3)).await),
    ];
    let settings = format!("{}/settings", conversation.path());
    let path = |verb: &str| format!("{}/{verb}", conversation.path());
    let title = json!({ "title": "Ward 6" });
    answers.extend([
        ("/v1/conversations/{id}/settings", "patch", ann.patch(&settings, json!({ "pinned": true })).await),
        ("/v1/conversations/{id}/archive", "post", ann.post(&path("archive"), json!({})).await),
        ("/v1/conversations/{id}/unarchive", "post", ann.post(&path("unarchive"), json!({})).await),
        (messages, "get", ann.get(&format!("{}?after=0", conversation.messages())).await),
        ("/v1/conversations/{id}/delete", "post", ann.post(&path("delete"), title).await),
        ("/v1/direct/{username}", "put", ann.put("/v1/direct/ben", json!({})).await),
        ("/v1/direct/{username}", "put", ben.put("/v1/direct/ann", json!({})).await),
    ]);
    let known = ann.get("/v1/unread").await.headers["etag"].to_str().unwrap().to_owned();
    let again = ann.call(http::Method::GET, "/v1/unread", &[("if-none-match", &known)], None).await;
    answers.push(("/v1/unread", "get", again));
    answers.extend(Box::pin(institution(&ann, &ben, &system)).await);
    answers.extend(Box::pin(announced(&ann, &system)).await);
    answers.extend(Box::pin(audited(&world, &ben, &system, &cleo)).await);
    answers.extend(Box::pin(mailed()).await);
    answers.extend(Box::pin(attached()).await);
    answers
}

/// What is attached to messages, in a world of its own: the scanner finds something in it.
async fn attached() -> Vec<(&'static str, &'static str, Answer)> {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let (all, one) = ("/v1/conversations/{id}/attachments", "/v1/conversations/{id}/attachments/{attachment}");
    let complete = "/v1/conversations/{id}/attachments/{attachment}/complete";
    let messages = "/v1/conversations/{id}/messages";
    let clean = world.attachment(&ann, &conversation, "scan.txt").await;
    let infected = world.uploads(&ann, &conversation, "virus.txt", eicar().as_bytes()).await;
    let sent = ann.post(&conversation.messages(), json!({ "attachments": [clean, infected] })).await;
    world.settles().await;
    let path = conversation.attachment(&clean);
    let mut answers = vec![
        (all, "post", ann.post(&conversation.attachments(), declared("scan.txt", "text/plain", b"hello")).await),
        (complete, "post", ann.post(&format!("{path}/complete"), json!({})).await),
        (one, "get", ben.get(&path).await),
        (one, "get", ann.get(&conversation.attachment(&world.picture(&ann, &conversation).await)).await),
        (messages, "post", sent),
        (messages, "get", ben.get(&conversation.messages()).await),
    ];
    let asked = ann.post(&conversation.backups(), json!({})).await;
    world.settles().await;
    let ready = ann.get(&format!("{}/{}", conversation.backups(), asked.body["id"].as_str().unwrap())).await;
    answers.push(("/v1/conversations/{id}/backups", "post", asked));
    answers.push(("/v1/conversations/{id}/backups/{backup}", "get", ready));
    world.forgets_attachment(&clean).await;
    world.forgets_name(&conversation, 2, "scan.txt").await;
    answers.push((messages, "get", ben.get(&conversation.messages()).await));
    answers
}

/// What people are mailed about, and whether they are there, in a world of its own: time passes in it.
async fn mailed() -> Vec<(&'static str, &'static str, Answer)> {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let system = world.official("sys", &[Role::SystemAdministrator]).await;
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let (log, mine) = ("/v1/me/notifications", "/v1/me/preferences");
    let mut answers = vec![(log, "get", ann.get(log).await), (mine, "get", ann.get(mine).await)];
    // She is not there when it comes; she is when she would be told of it, and leaves again.
    world.passes(Duration::from_mins(10)).await;
    ben.sends(&conversation, "Hello").await.expect(201);
    world.passes(Duration::from_mins(4)).await;
    let presence = "/v1/me/presence";
    answers.push((presence, "post", ann.post(presence, json!({ "visible": true })).await));
    for minutes in [1, 10] {
        world.passes(Duration::from_mins(minutes)).await;
        answers.push((log, "get", ann.get(log).await));
    }
    answers.push((log, "get", ann.get(&format!("{log}?limit=1")).await));
    let wanted = json!({
        "frequency": "daily", "digest_mode": "trailing", "instant": false, "instant_when": "always", "broadcasts": true,
        "daily_at": "07:30", "timezone": "Europe/Madrid", "language": "es",
        "quiet_hours": { "from": "22:00", "to": "06:00" },
    });
    answers.push((mine, "put", ann.put(mine, wanted).await));
    let link = format!("/v1/unsubscribe/{}", world.unsubscribe_token(&ann).await);
    let (unsubscribe, suppressions) = ("/v1/unsubscribe/{token}", "/v1/admin/suppressions");
    let lift = "/v1/admin/suppressions/lift";
    world.project("heart-study", &[]).await;
    let held = json!({ "project_id": "heart-study", "reason": "A claim", "case": "2026-17" });
    let other = json!({ "conversation_id": conversation.id, "reason": "A claim" });
    let settled = json!({ "project_id": "heart-study", "reason": "Settled" });
    world.bounces("ben@hospital.example").await;
    answers.extend([
        (unsubscribe, "get", world.nobody().get(&link).await),
        (unsubscribe, "post", world.nobody().post(&link, json!({})).await),
        (suppressions, "get", system.get(suppressions).await),
        ("/v1/admin/holds", "put", system.put("/v1/admin/holds", held).await),
        ("/v1/admin/holds", "put", system.put("/v1/admin/holds", other).await),
        ("/v1/admin/holds", "get", system.get("/v1/admin/holds").await),
        ("/v1/admin/holds/lift", "post", system.post("/v1/admin/holds/lift", settled).await),
        (lift, "post", system.post(lift, json!({ "email": "ben@hospital.example" })).await),
        ("/v1/me/logout", "post", ben.post("/v1/me/logout", json!({})).await),
    ]);
    answers
}

/// What the institution is.
async fn institution(ann: &Actor, ben: &Actor, system: &Actor) -> Vec<(&'static str, &'static str, Answer)> {
    let user = json!({ "name": "Jane Roe", "email": "jane@site.org", "active": true });
    let plain = json!({ "name": "Kim", "active": true });
    let lung = json!({ "title": "Lung", "members": ["ann", "ben", "sys"] });
    let rows = json!({
        "users": [{ "username": "lee", "name": "Lee", "active": true }, { "username": "a b" }],
        "projects": [{ "id": "heart-study", "title": "Heart", "members": ["ann", "nobody"] }],
    });
    let set = |reason: Value, enabled: bool| json!({ "messenger_enabled": enabled, "closed_reason": reason, "protect_admins": false, "break_glass": true });
    let (users, projects) = ("/v1/admin/users/{username}", "/v1/admin/projects/{id}");
    let settings = "/v1/admin/settings";
    vec![
        (users, "put", system.put("/v1/admin/users/jroe", user).await),
        (users, "put", system.put("/v1/admin/users/kim", plain).await),
        (projects, "put", system.put("/v1/admin/projects/lung", lung).await),
        ("/v1/admin/import", "post", system.post("/v1/admin/import", rows).await),
        (settings, "put", system.put(settings, set(json!("until noon"), false)).await),
        ("/v1/me", "get", ben.get("/v1/me").await),
        (settings, "put", system.put(settings, set(Value::Null, true)).await),
        (settings, "get", system.get(settings).await),
        ("/v1/users/suggested", "get", ann.get("/v1/users/suggested?limit=1").await),
        ("/v1/users/suggested", "get", ben.get("/v1/users/suggested").await),
        ("/v1/projects", "get", ann.get("/v1/projects").await),
    ]
}

/// What the institution says.
async fn announced(ann: &Actor, system: &Actor) -> Vec<(&'static str, &'static str, Answer)> {
    let (all, one) = ("/v1/admin/broadcasts", "/v1/admin/broadcasts/{id}");
    let group = json!({ "roles": ["auditor"], "projects": ["lung"], "usernames": ["ann"] });
    let asked = json!({ "kind": "general", "body": "news", "audience": group, "until": "2027-01-01T00:00:00Z" });
    let first = system.post(all, asked).await;
    let second = system.post(all, json!({ "kind": "system", "body": "more" })).await;
    let path = format!("{all}/{}", first.body["id"].as_str().unwrap());
    let read = format!("/v1/broadcasts/{}/read", first.body["id"].as_str().unwrap());
    let corrected = system.patch(&path, json!({ "body": "other news" })).await;
    vec![
        (all, "post", first),
        (all, "post", second),
        (one, "patch", corrected),
        ("/v1/broadcasts", "get", ann.get("/v1/broadcasts").await),
        ("/v1/broadcasts/{id}/read", "put", ann.put(&read, json!({})).await),
        ("/v1/admin/broadcasts/{id}/withdraw", "post", system.post(&format!("{path}/withdraw"), json!({})).await),
        (all, "get", system.get(all).await),
    ]
}

/// What auditors see.
async fn audited(
    world: &World,
    ben: &Actor,
    system: &Actor,
    auditor: &Actor,
) -> Vec<(&'static str, &'static str, Answer)> {
    let conversation = ben.starts("Ward 9", &[system]).await;
    let attached = world.attachment(ben, &conversation, "scan.txt").await;
    let sent = json!({ "body": "@sys hello", "attachments": [attached] });
    ben.post(&conversation.messages(), sent).await.expect(201);
    ben.patch(&conversation.message(2), json!({ "body": "@sys goodbye" })).await.expect(200);
    let path = |rest: &str| format!("{}/{rest}", conversation.path());
    let log = "/v1/conversations/{id}/audit";
    let institution = "/v1/audit/institution";
    let closed = auditor.get(&path("audit?limit=2")).await;
    let opened = auditor.post(&path("break-glass"), json!({ "reason": "a complaint" })).await;
    let mut answers = vec![
        (log, "get", closed),
        ("/v1/conversations/{id}/break-glass", "post", opened),
        (log, "get", auditor.get(&path("audit")).await),
        ("/v1/conversations/{id}/messages", "get", ben.get(&conversation.messages()).await),
        ("/v1/conversations/{id}/audit/verify", "get", auditor.get(&path("audit/verify?after=9")).await),
        ("/v1/conversations/{id}/audit/verify", "get", auditor.get(&path("audit/verify")).await),
        (institution, "get", auditor.get("/v1/audit/institution?limit=1").await),
        (institution, "get", auditor.get("/v1/audit/institution").await),
    ];
    // More than are followed at once.
    for n in 0..501 {
        if n % 100 == 0 {
            world.hand().advance(Duration::from_mins(1));
        }
        ben.sends(&conversation, &format!("message {n}")).await.expect(201);
    }
    answers.push(("/v1/conversations/{id}/audit/verify", "get", auditor.get(&path("audit/verify")).await));
    answers.push(("/v1/audit/institution/verify", "get", auditor.get("/v1/audit/institution/verify").await));
    answers
}

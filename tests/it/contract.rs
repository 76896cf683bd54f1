//! The contract: what the document says is what the routers do.

mod validator;

use std::collections::BTreeSet;
use std::time::Duration;

use api::Kind;
use local::aws::scanner::eicar;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation};
use tests::beside::declared;
use tests::world::World;

use validator::{PAGE, Validator, schema_of};

fn document() -> Value {
    serde_json::to_value(local::functions::document()).unwrap()
}

/// What operations do.
const VERBS: [&str; 30] = [
    "add",
    "archive",
    "ask",
    "break",
    "complete",
    "correct",
    "count",
    "create",
    "delete",
    "download",
    "edit",
    "get",
    "import",
    "lift",
    "list",
    "log",
    "mark",
    "note",
    "open",
    "read",
    "remove",
    "request",
    "search",
    "send",
    "set",
    "suggest",
    "unarchive",
    "update",
    "verify",
    "withdraw",
];

/// What needs no token: a sign that all is well, and the page behind the link in a mail.
const PUBLIC: [&str; 2] = ["/v1/health", "/v1/unsubscribe/{token}"];

/// Every operation: its path, its method, and what is said of it.
fn operations(document: &Value) -> Vec<(&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, of)| of.as_object().unwrap().iter().map(move |(m, op)| (path, m, op))).collect()
}

/// Sees every value of a document.
fn walk<'a>(value: &'a Value, see: &mut impl FnMut(&'a Value)) {
    see(value);
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        Value::Object(fields) => fields.values().for_each(|value| walk(value, see)),
        _ => {}
    }
}

#[test]
fn the_document_that_is_checked_in_is_the_one_the_routers_make() {
    let file = include_str!("../../infra/openapi.json");
    let made = serde_json::to_string_pretty(&local::functions::document()).unwrap() + "\n";
    assert!(file == made, "infra/openapi.json is out of date: run `cargo xtask generate`");
}

#[test]
fn the_document_is_ours_and_whole() {
    let document = document();
    assert_eq!(
        (&document["info"]["title"], &document["info"]["license"]["name"]),
        (&json!("Confer"), &json!("Apache-2.0"))
    );
    let schemas: BTreeSet<&str> =
        document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    walk(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            used.insert(reference.strip_prefix("#/components/schemas/").unwrap());
        }
    });
    assert_eq!(used, schemas, "a reference leads nowhere, or a schema is nobody's");
}

/// Every function, with the document of its own router: that the router is built shows that its paths are possible.
fn functions() -> [(&'static str, Value); 7] {
    let documents = [
        ("attachments", attachments::routes().split_for_parts().1),
        ("audit", audit::routes().split_for_parts().1),
        ("backups", backups::routes().split_for_parts().1),
        ("broadcasts", broadcasts::routes().split_for_parts().1),
        ("conversations", conversations::routes().split_for_parts().1),
        ("messages", messages::routes().split_for_parts().1),
        ("people", people::routes().split_for_parts().1),
    ];
    documents.map(|(name, document)| (name, serde_json::to_value(document).unwrap()))
}

#[test]
fn every_function_serves_what_has_its_tag_and_together_they_serve_everything() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap();
    let folders: BTreeSet<_> = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    // Those that events invoke serve nothing over HTTP.
    let events = ["delivery", "digest", "jobs", "mail-events", "previews", "scan-results"];
    let all = functions().map(|(name, _)| name).into_iter().chain(events).map(str::to_owned).collect();
    assert_eq!(folders, all);

    let whole = document();
    let mut served = Vec::new();
    for (name, own) in functions() {
        for (path, method, operation) in operations(&own) {
            assert_eq!(operation["tags"], json!([name]), "{method} {path}");
            assert_eq!(*operation, whole["paths"][path][method], "{method} {path}");
            served.push((path.clone(), method.clone()));
        }
    }
    let all: Vec<_> = operations(&whole).into_iter().map(|(path, method, _)| (path.clone(), method.clone())).collect();
    served.sort();
    assert_eq!(served, all);
    let tags: BTreeSet<&str> = whole["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(tags, functions().map(|(name, _)| name).into());
}

#[test]
fn every_operation_says_who_it_is_what_it_takes_and_how_it_fails() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{at}: two operations are called {name}");
        let verb = name.split_once('_').filter(|(_, resource)| !resource.is_empty()).map_or("", |(verb, _)| verb);
        // One verb says all.
        assert!(VERBS.contains(&verb) || name == "unsubscribe", "{at}: {name} is no verb_resource");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{at} has no summary");
        let parameters: Vec<(&str, &str)> = operation["parameters"]
            .as_array()
            .map(|all| all.iter().map(|p| (p["in"].as_str().unwrap(), p["name"].as_str().unwrap())).collect())
            .unwrap_or_default();
        let declared = parameters.iter().filter(|(place, _)| *place == "path").map(|(_, name)| *name);
        let placeholders = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        assert!(declared.eq(placeholders), "{at}: the parameters in the path are not those declared");
        // An operation that changes something and takes nothing has to say so in its description. What mail programs
        // send is not for us to say.
        let public = PUBLIC.contains(&path.as_str());
        let bodiless = public || operation["description"].as_str().is_some_and(|said| said.contains("Takes no body"));
        let changes = ["post", "put", "patch"].contains(&method.as_str());
        let body = operation["requestBody"]["content"]["application/json"].is_object();
        assert_eq!(body, changes && !bodiless, "{at}: a body where something is changed, or why there is none");
        let creates = method == "post" && ["201", "202"].iter().any(|made| operation["responses"][made].is_object());
        assert_eq!(creates, parameters.contains(&("header", "Idempotency-Key")), "{at}: a key for what creates");
        let all = operation["parameters"].as_array().into_iter().flatten();
        let required = all.filter(|p| p["required"] == true).count();
        let must = |(place, name): &&(&str, &str)| *place == "path" || *name == "Idempotency-Key";
        assert_eq!(required, parameters.iter().filter(must).count(), "{at}");
        let security = if public { json!([{}]) } else { Value::Null };
        assert_eq!(operation["security"], security, "{at}: the token that all need but what is public");
        if path == "/v1/health" {
            continue;
        }
        let mut documented = BTreeSet::new();
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if ["204", "304"].contains(&status.as_str()) {
                assert!(answer.get("content").is_none(), "{at}: {status} has no body");
                continue;
            }
            let kinds: Vec<&String> = answer["content"].as_object().unwrap().keys().collect();
            if status.starts_with('2') {
                assert_eq!(kinds, [if public { PAGE } else { "application/json" }], "{at}: {status}");
                continue;
            }
            assert_eq!(kinds, ["application/problem+json"], "{at}: {status}");
            let slugs = answer["description"].as_str().unwrap().split(", ");
            documented.extend(slugs.map(|slug| (status.parse::<u16>().unwrap(), slug)));
        }
        let all: BTreeSet<_> = Kind::ALL.iter().map(|kind| (kind.status().as_u16(), kind.slug())).collect();
        assert_eq!(documented, all, "{at}: the problems");
    }
}

/// Every operation with a good answer, often enough that everything is there once, and every nullable thing is not.
async fn answers() -> Vec<(&'static str, &'static str, Answer)> {
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
        (all, "post", ann.post(&conversation.attachments(), declared("scan.txt", b"hello")).await),
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
    world.bounces("ben@hospital.example").await;
    answers.extend([
        (unsubscribe, "get", world.nobody().get(&link).await),
        (unsubscribe, "post", world.nobody().post(&link, json!({})).await),
        (suppressions, "get", system.get(suppressions).await),
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

#[tokio::test]
async fn every_answer_is_what_the_document_says_and_holds_all_of_it() {
    let document = document();
    let mut validator = Validator { document: &document, given: BTreeSet::new(), null: BTreeSet::new() };
    let mut looked_at = BTreeSet::new();
    for (path, method, answer) in Box::pin(answers()).await {
        if let Some(schema) = schema_of(&document, path, method, &answer) {
            validator.check(schema, &answer.body, path).unwrap();
        }
        if answer.status < 300 {
            looked_at.insert((path, method));
        }
    }
    let all = operations(&document);
    assert_eq!(looked_at, all.into_iter().map(|(path, method, _)| (path.as_str(), method.as_str())).collect());

    // Requests are read by other rules than these: what is left are the schemas of answers.
    let (mut properties, mut nullable) = (BTreeSet::new(), BTreeSet::new());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if schema["additionalProperties"] == false {
            continue;
        }
        for (property, of) in schema["properties"].as_object().unwrap() {
            properties.insert(format!("{name}.{property}"));
            let options = of["oneOf"].as_array().into_iter().flatten().any(|option| option["type"] == "null");
            if options || of["type"].as_array().is_some_and(|types| types.contains(&json!("null"))) {
                nullable.insert(format!("{name}.{property}"));
            }
        }
    }
    assert_eq!(validator.given, properties, "what is declared, and what was seen with a value");
    assert_eq!(validator.null, nullable, "what may be null, and what was seen to be");
}

/// The negative control: an answer that is spoilt anywhere is found out.
#[test]
fn an_answer_that_is_not_what_the_document_says_is_found_out() {
    let document = document();
    let schema = json!({ "$ref": "#/components/schemas/Message" });
    let event = json!({
        "type": "created", "history": "all", "subject": null, "subjects": [], "role": null,
        "title": null, "project_id": null, "until": null, "message": null, "attachment": null,
    });
    let attachment = json!({
        "id": "019ca8a0-3e80-7707-8707-070707070707", "name": "scan.pdf", "content_type": "application/pdf",
        "size": 1024, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "state": "clean",
    });
    let good = json!({
        "id": "019ca8a0-3e80-7707-8707-070707070707", "seq": 1, "kind": "event", "author": "ann", "author_name": "Ann",
        "author_active": true, "sent_at": "2026-03-01T09:00:00Z", "body": null, "important": false,
        "mentions": [{ "username": "ben", "start": 0, "end": 4 }], "unresolved_mentions": [], "event": event,
        "attachments": [attachment], "edited_at": null, "withdrawn": false, "revises": null, "message": null,
    });
    let fits = |value: &Value| {
        let mut validator = Validator { document: &document, given: BTreeSet::new(), null: BTreeSet::new() };
        validator.check(&schema, value, "Message")
    };
    fits(&good).unwrap();
    for (place, wrong) in [
        ("/id", json!("019CA8A0-3E80-7707-8707-070707070707")),
        ("/seq", json!(-1)),
        ("/seq", json!(1.5)),
        ("/seq", json!("1")),
        ("/kind", json!("note")),
        ("/author", Value::Null),
        ("/sent_at", json!("yesterday")),
        ("/mentions", json!([{ "username": "ben", "start": 0 }])),
        ("/mentions", json!([{ "username": "ben", "start": 0, "end": 4, "name": "Ben" }])),
        ("/unresolved_mentions", json!([1])),
        ("/attachments", Value::Null),
        ("/attachments/0/state", json!("lost")),
        ("/attachments/0/size", json!("1024")),
        ("/attachments/0", json!({ "id": "019ca8a0-3e80-7707-8707-070707070707" })),
        ("/event/attachment", json!("scan.pdf")),
        ("/event/type", json!("invented")),
        ("/event", json!({})),
    ] {
        let mut spoilt = good.clone();
        *spoilt.pointer_mut(place).unwrap() = wrong;
        fits(&spoilt).expect_err(place);
    }
}

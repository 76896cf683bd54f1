//! The contract: what the document says is what the routers do.

mod answers;
mod validator;

use std::collections::BTreeSet;

use api::Kind;
use http::Method;
use serde_json::{Value, json};
use tests::contract::{self, Operation, document, names, operations, operations_in};

use answers::answers;
use validator::{PAGE, Validator, schema_of};

/// What operations do.
const VERBS: [&str; 31] = [
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
    "place",
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
        ("attachments", attachments::document()),
        ("audit", audit::document()),
        ("backups", backups::document()),
        ("broadcasts", broadcasts::document()),
        ("conversations", conversations::document()),
        ("messages", messages::document()),
        ("people", people::document()),
    ];
    documents.map(|(name, document)| (name, serde_json::to_value(document).unwrap()))
}

#[test]
fn every_function_serves_what_has_its_tag_and_together_they_serve_everything() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions")).unwrap();
    let folders: BTreeSet<_> = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    // Those that events invoke serve nothing over HTTP.
    let events =
        ["delivery", "digest", "jobs", "mail-events", "previews", "retention", "scan-results", "smoke", "trail"];
    let all = functions().map(|(name, _)| name).into_iter().chain(events).map(str::to_owned).collect();
    assert_eq!(folders, all);

    let (all, mut served) = (operations(), Vec::new());
    for (name, own) in functions() {
        for operation in operations_in(&own) {
            assert_eq!(operation.says["tags"], json!([name]), "{operation}");
            assert!(all.contains(&operation), "{operation}");
            served.push(operation.to_string());
        }
    }
    served.sort();
    assert_eq!(served, Vec::from_iter(names()));
    let whole = document();
    let tags: BTreeSet<&str> = whole["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(tags, functions().map(|(name, _)| name).into());
}

#[test]
fn every_operation_says_who_it_is_what_it_takes_and_how_it_fails() {
    let mut names = BTreeSet::new();
    for operation in operations() {
        let at = operation.to_string();
        let Operation { method, path, says: operation } = operation;
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{at}: two operations are called {name}");
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
        let changes = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
        let body = operation["requestBody"]["content"]["application/json"].is_object();
        assert_eq!(body, changes && !bodiless, "{at}: a body where something is changed, or why there is none");
        let creates =
            method == Method::POST && ["201", "202"].iter().any(|made| operation["responses"][made].is_object());
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
            looked_at.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    contract::assert_covered(looked_at);

    // Requests are read by other rules than these: what is left are the schemas of answers.
    let (mut properties, mut nullable) = (BTreeSet::new(), BTreeSet::new());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if schema["additionalProperties"] == false {
            continue;
        }
        for (property, of) in schema["properties"].as_object().into_iter().flatten() {
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
        "attachments": [attachment], "edited_at": null, "withdrawn": false, "purged": false, "revises": null, "message": null,
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

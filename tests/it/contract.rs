//! The contract: what the document says is what the routers do.

use std::collections::BTreeSet;

use api::Kind;
use serde_json::{Value, json};
use tests::actor::Conversation;
use tests::world::World;

fn document() -> Value {
    serde_json::to_value(local::functions::document()).unwrap()
}

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
    let schemas = document["components"]["schemas"].as_object().unwrap();
    walk(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{reference} leads nowhere");
        }
    });
}

#[test]
fn every_operation_says_who_it_is_what_it_takes_and_how_it_fails() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{at}: two operations are called {name}");
        assert!(name.contains('_') || name == "health", "{at}: {name} is no verb_resource");
        assert!(["conversations", "messages", "people"].contains(&operation["tags"][0].as_str().unwrap()), "{at}");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{at} has no summary");
        let parameters: Vec<(&str, &str)> = operation["parameters"]
            .as_array()
            .map(|all| all.iter().map(|p| (p["in"].as_str().unwrap(), p["name"].as_str().unwrap())).collect())
            .unwrap_or_default();
        for placeholder in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            assert!(parameters.contains(&("path", placeholder)), "{at}: {placeholder} is not declared");
        }
        if ["post", "put", "patch"].contains(&method.as_str()) {
            assert!(operation["requestBody"]["content"]["application/json"].is_object(), "{at} has no body");
        }
        let creates = operation["responses"]["201"].is_object();
        assert_eq!(creates, parameters.contains(&("header", "Idempotency-Key")), "{at}: a key for what creates");
        if path == "/v1/health" {
            assert_eq!(operation["security"], json!([{}]), "{at} needs no token");
            continue;
        }
        assert!(operation.get("security").is_none(), "{at}: the token that all need");
        let mut slugs = String::new();
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if status.starts_with(['4', '5']) {
                assert!(answer["content"]["application/problem+json"].is_object(), "{at}: {status} is no problem");
                slugs += answer["description"].as_str().unwrap();
            }
        }
        assert!(Kind::ALL.iter().all(|kind| slugs.contains(kind.slug())), "{at}: a problem is not documented");
    }
}

/// Whether `value` is what `schema` says: every property is declared, every required one is there, types are right.
fn fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return fits(document, document.pointer(&reference[1..]).unwrap(), value, at);
    }
    if let Some(options) = schema["oneOf"].as_array() {
        if value.is_null() {
            assert!(options.iter().any(|option| option["type"] == "null"), "{at} may not be null");
            return;
        }
        let option = options.iter().find(|option| option["type"] != "null").unwrap();
        return fits(document, option, value, at);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&is), "{at} is {is}, not {types:?}");
    match value {
        Value::Array(items) => items.iter().for_each(|item| fits(document, &schema["items"], item, &format!("{at}[]"))),
        Value::Object(fields) => {
            let declared = schema["properties"].as_object().unwrap();
            for (name, value) in fields {
                let schema = declared.get(name).unwrap_or_else(|| panic!("{at}.{name} is not declared"));
                fits(document, schema, value, &format!("{at}.{name}"));
            }
            for name in declared.keys() {
                assert!(fields.contains_key(name), "{at}.{name} is declared and never there");
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_answer_is_what_the_document_says() {
    let world = World::new().await;
    let document = document();
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let mut left: BTreeSet<&str> =
        operations(&document).iter().map(|(.., op)| op["operationId"].as_str().unwrap()).collect();
    let mut check = |name: &'static str, status: u16, answer: Value| {
        let operations = operations(&document);
        let (.., operation) = operations.iter().find(|(.., op)| op["operationId"] == name).unwrap();
        let schema = &operation["responses"][status.to_string()]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{name}: no schema for {status}");
        fits(&document, schema, &answer, name);
        left.remove(name);
        answer
    };

    check("get_health", 200, world.nobody().get("/v1/health").await.expect(200));
    check("get_me", 200, ann.get("/v1/me").await.expect(200));
    check("search_users", 200, ann.post("/v1/users/search", json!({ "query": "ben" })).await.expect(200));
    let asked = json!({ "title": "Ward 4", "members": ["ben"], "message": { "body": "Hello" } });
    let started = check("create_conversation", 201, ann.post("/v1/conversations", asked).await.expect(201));
    let conversation = Conversation::new(&started);
    let sent = ben.sends(&conversation, "Hello @ann and @nobody").await.expect(201);
    check("send_message", 201, sent);
    check("list_messages", 200, ann.get(&conversation.messages()).await.expect(200));
    check("get_conversation", 200, ann.get(&conversation.path()).await.expect(200));
    check("list_conversations", 200, ann.get("/v1/conversations?limit=1").await.expect(200));
    check("count_unread", 200, ann.get("/v1/unread").await.expect(200));
    check("mark_read", 200, ann.put(&conversation.read(), json!({ "seq": 3 })).await.expect(200));
    assert_eq!(left, BTreeSet::new(), "operations whose answers nobody looked at");

    let refused = ann.post("/v1/conversations", json!({ "title": "", "members": [] })).await;
    fits(&document, &json!({ "$ref": "#/components/schemas/Problem" }), &refused.expect(422), "problem");
}

//! Nothing that somebody wrote is where it does not belong.
//!
//! A marker goes into every text of every operation, in requests that succeed, are refused and fail; then every line that
//! was logged, every refusal and every key of the table is searched for it.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::faults::Fault;
use tests::logs::Logs;
use tests::world::World;

/// In no other text of any test.
const MARKER: &str = "canaryzq7";

/// Whether a text holds the marker, as it is or as the usual encodings write it.
fn holds(text: &str) -> bool {
    let text = text.to_lowercase();
    // The marker in base64, at each of the three places it can begin.
    let encoded = ["y2fuyxj5enc", "nhbmfyexpxn", "jyw5hcnl6cte", "jyw5hcnl6cq"];
    text.contains(MARKER) || encoded.iter().any(|encoded| text.contains(encoded))
}

/// What a refusal says, in its body and its headers; what is not refused may show what was written.
fn said(answer: &Answer) -> Option<String> {
    (answer.status >= 400).then(|| format!("{} {:?}", String::from_utf8_lossy(&answer.bytes), answer.headers))
}

/// Does everything that can be done, well and badly, and returns the refusals and the operations that were used.
async fn everything(world: &World, ann: &Actor, ben: &Actor) -> (Vec<String>, BTreeSet<&'static str>) {
    let mut refusals = Vec::new();
    let mut used = BTreeSet::new();
    let text = |what: &str| format!("{MARKER} {what}");
    let asked = json!({
        "title": text("title"), "members": [ben.username()],
        "message": { "body": text("first @somebody"), "important": true },
    });
    let conversation = Conversation::new(&ann.post("/v1/conversations", asked).await.expect(201));
    used.insert("create_conversation");
    ann.post(&conversation.messages(), json!({ "body": text("second @ben"), "important": true })).await.expect(201);
    used.insert("send_message");
    for (name, path) in [
        ("get_health", "/v1/health".to_owned()),
        ("get_me", "/v1/me".to_owned()),
        ("count_unread", "/v1/unread".to_owned()),
        ("list_conversations", "/v1/conversations".to_owned()),
        ("get_conversation", conversation.path()),
        ("list_messages", conversation.messages()),
    ] {
        ben.get(&path).await.expect(200);
        refusals.extend(said(&ben.get(&format!("{path}?{MARKER}={MARKER}&limit={MARKER}&cursor={MARKER}")).await));
        used.insert(name);
    }
    ben.put(&conversation.read(), json!({ "seq": 2 })).await.expect(200);
    used.insert("mark_read");
    ben.post("/v1/users/search", json!({ "query": MARKER })).await.expect(200);
    used.insert("search_users");

    // The same key with another text; people that do not exist; texts where none may be.
    let again = key();
    ann.post_with_key(&conversation.messages(), json!({ "body": text("one") }), &again).await.expect(201);
    refusals.extend(said(&ann.post_with_key(&conversation.messages(), json!({ "body": text("two") }), &again).await));
    refusals.extend(said(&ann.post("/v1/conversations", json!({ "title": text("x"), "members": [MARKER] })).await));
    for path in
        ["/v1/conversations".to_owned(), conversation.messages(), "/v1/users/search".to_owned(), conversation.read()]
    {
        let method = if path.ends_with("read") { Method::PUT } else { Method::POST };
        for body in [
            json!(MARKER),
            json!({ MARKER: MARKER }),
            json!({ "body": { MARKER: 1 }, "title": [MARKER], "query": [MARKER], "seq": MARKER, "members": MARKER }),
            json!({ "body": MARKER, "important": MARKER, "after": MARKER, "title": "t", "members": [], "history": MARKER }),
            json!({ "title": format!("{MARKER}\n"), "members": [] }),
            json!({ "title": "t", "members": [{ "role": MARKER }], "message": { "body": "", MARKER: MARKER } }),
        ] {
            let headers = [("idempotency-key", MARKER), ("x-request-id", MARKER), ("user-agent", MARKER)];
            refusals.extend(said(&ann.call(method.clone(), &path, &headers, Some(body.clone())).await));
            refusals.extend(said(&ann.call(method.clone(), &path, &[("idempotency-key", &key())], Some(body)).await));
        }
        let broken = format!("{{\"body\": \"{MARKER}\"").into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", &*key())];
        refusals.extend(said(&ann.raw(method, &path, &headers, broken).await));
    }
    for path in
        [format!("/v1/{MARKER}"), format!("/v1/conversations/{MARKER}"), format!("/v1/conversations/{MARKER}/messages")]
    {
        refusals.extend(said(&ann.get(&path).await));
    }
    refusals.extend(said(&world.bearer(MARKER).get("/v1/me").await));

    // The table fails in every way; what then fails, or is tried again, must not tell either.
    for fault in Fault::ALL {
        for operation in ["TransactWriteItems", "Query", "BatchGetItem", "GetItem", "UpdateItem", "TransactGetItems"] {
            world.wire().faults.plan(operation, vec![Some(fault); 4]);
        }
        refusals.extend(said(&ann.get(&conversation.messages()).await));
        refusals.extend(said(&ann.sends(&conversation, &text("fails")).await));
        world.wire().faults.stop();
    }
    (refusals, used)
}

#[tokio::test]
async fn what_people_write_is_in_no_log_line_no_refusal_and_no_key() {
    let logs = Logs::keep();
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let (refusals, used) = everything(&world, &ann, &ben).await;

    let document = serde_json::to_value(local::functions::document()).unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let all: BTreeSet<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(used, all, "operations without a step");

    assert!(refusals.len() > 60, "{} refusals", refusals.len());
    for refusal in &refusals {
        assert!(!holds(refusal), "{refusal}");
    }
    for item in world.table().await {
        let item: Value = serde_json::from_str(&item).unwrap();
        let (pk, sk) = (item["pk"].as_str().unwrap(), item["sk"].as_str().unwrap());
        assert!(!holds(pk) && !holds(sk), "{pk} {sk}");
    }

    // What is not logged shows that the search works: a line of our own with the marker must be found, and no other.
    tracing::info!(text = MARKER, "This line is made by a test");
    let lines = logs.lines();
    assert!(lines.len() > 100, "{} lines", lines.len());
    let found: Vec<&String> = lines.iter().filter(|line| holds(line)).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("This line is made by a test"));
}

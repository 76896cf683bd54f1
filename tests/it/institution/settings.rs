//! How the institution sets the messenger up.

use local::person::Role;
use serde_json::{Value, json};
use tests::actor::Actor;
use tests::world::World;

use super::office;

fn settings(enabled: bool, protect: bool) -> Value {
    json!({ "messenger_enabled": enabled, "closed_reason": null, "protect_admins": protect, "break_glass": false })
}

async fn set(office: &Actor, wanted: Value) -> Value {
    office.put("/v1/admin/settings", wanted).await.expect(200)
}

#[tokio::test]
async fn they_are_read_set_and_not_set_by_somebody_who_has_seen_others() {
    let world = World::new().await;
    let office = office(&world).await;
    let first = office.get("/v1/admin/settings").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.expect(200), settings(true, false));
    let put = |tag: String, wanted: Value| {
        let office = office.clone();
        async move {
            let headers = [("if-match", tag.as_str())];
            office.call(http::Method::PUT, "/v1/admin/settings", &headers, Some(wanted)).await
        }
    };
    let second = put(tag.clone(), settings(true, true)).await;
    let newer = second.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(second.expect(200), settings(true, true));
    put(tag, settings(true, false)).await.expect_problem(412, "version-conflict");
    put(newer, settings(true, false)).await.expect(200);
}

#[tokio::test]
async fn a_messenger_that_is_switched_off_says_why_keeps_everything_and_lets_officials_in() {
    let world = World::new().await;
    let office = office(&world).await;
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let closed = json!({
        "messenger_enabled": false, "closed_reason": "Maintenance until noon", "protect_admins": false, "break_glass": false
    });
    set(&office, closed).await;
    let before = world.table().await;
    for answer in [
        ann.sends(&conversation, "hello").await,
        ann.get("/v1/conversations").await,
        ben.get("/v1/me").await,
        office.get("/v1/unread").await,
    ] {
        answer.expect_problem(503, "messenger-disabled");
        assert_eq!(answer.body["reason"], "Maintenance until noon");
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(world.table().await, before);
    auditor.get("/v1/audit/institution").await.expect(200);
    assert_eq!(world.nobody().get("/v1/health").await.expect(200)["status"], "ok");
    set(&office, settings(true, false)).await;
    ann.sends(&conversation, "hello").await.expect(201);
    assert_eq!(ben.reads(&conversation).await, ["hello"]);
}

#[tokio::test]
async fn where_administrators_are_protected_they_are_answered_and_not_written_to_first() {
    let world = World::new().await;
    let office = office(&world).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let before = ann.starts("Before", &[&office]).await;
    set(&office, settings(true, true)).await;
    let asked = json!({ "title": "To the office", "members": ["ben", "office"] });
    let refused = ann.post("/v1/conversations", asked).await;
    refused.expect_problem(403, "person-protected");
    assert_eq!(refused.body["errors"][0]["pointer"], "/members/1");
    let group = ann.starts("Ward 4", &[&ben]).await;
    let added = ann.adds(&group, &[&office]).await.expect(200);
    assert_eq!(added["results"], json!([{ "username": "office", "outcome": "protected_user" }]));
    ben.put("/v1/direct/office", json!({})).await.expect_problem(403, "person-protected");
    // Who was written to answers, and what is there goes on.
    ann.sends(&before, "still here?").await.expect(201);
    ann.put("/v1/direct/office", json!({})).await.expect(200);
    let by_office = office.starts("From the office", &[&ann]).await;
    ann.sends(&by_office, "yes").await.expect(201);
}

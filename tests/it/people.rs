//! Who I am, and finding colleagues.

use http::Method;
use serde_json::json;
use tests::world::World;

#[tokio::test]
async fn the_first_call_makes_the_profile_from_the_token() {
    let world = World::new().await;
    let ann = world.newcomer("Jane.Roe").await;
    let me = ann.get("/v1/me").await.expect(200);
    assert_eq!((&me["username"], &me["name"], &me["roles"]), (&json!("Jane.Roe"), &json!("Jane Roe"), &json!([])));
    assert!(me["email"].as_str().is_some_and(|email| email.contains('@')));
}

#[tokio::test]
async fn a_new_name_in_the_token_is_found_and_the_old_one_is_not() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut person = local::person::Person::named("jroe");
    for (name, found, gone) in [("Jane Roe", "roe", "doe"), ("Jane Doe", "doe", "roe")] {
        person.name = name.to_owned();
        let jane = world.bearer(&world.issuer().mint(&person).unwrap().access_token);
        assert_eq!(jane.get("/v1/me").await.expect(200)["name"], name);
        let hits = |query: &'static str| ann.post("/v1/users/search", json!({ "query": query }));
        assert_eq!(hits(found).await.expect(200)["items"], json!([{ "username": "jroe", "name": name }]));
        assert_eq!(hits(gone).await.expect(200)["items"], json!([]));
    }
}

#[tokio::test]
async fn people_are_found_by_name_or_username_never_by_address() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.person("jane.roe").await;
    world.person("zo@site.org").await;
    for (query, expected) in [
        ("ja", vec!["jane.roe"]),
        ("ROE jane", vec!["jane.roe"]),
        ("jane.r", vec!["jane.roe"]),
        ("zo@site.org", vec!["zo@site.org"]),
        ("jane.roe@", vec![]),
        ("jane.roe@hospital.example", vec![]),
        ("hospital", vec![]),
        ("oe", vec![]),
    ] {
        let found = ann.post("/v1/users/search", json!({ "query": query })).await.expect(200);
        let found: Vec<_> = found["items"].as_array().unwrap().iter().map(|hit| hit["username"].clone()).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn the_thirty_first_search_in_a_minute_waits() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for _ in 0..30 {
        ann.post("/v1/users/search", json!({ "query": "ann" })).await.expect(200);
    }
    ann.post("/v1/users/search", json!({ "query": "ann" })).await.expect_problem(429, "rate-limited");
}

#[tokio::test]
async fn health_needs_no_token() {
    let world = World::anywhere().await;
    assert_eq!(world.nobody().get("/v1/health").await.expect(200)["status"], "ok");
    world.nobody().call(Method::POST, "/v1/health", &[], None).await.expect_problem(405, "method-not-allowed");
}

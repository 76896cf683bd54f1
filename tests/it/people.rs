//! Who I am, and finding colleagues.

use std::time::Duration;

use http::Method;
use local::person::Person;
use serde_json::{Value, json};
use tests::actor::Answer;
use tests::world::World;

const PREFERENCES: &str = "/v1/me/preferences";
const PRESENCE: &str = "/v1/me/presence";

/// What everybody is mailed who never said anything, but for how often.
fn wants(frequency: &str) -> Value {
    json!({
        "frequency": frequency, "digest_mode": "leading", "instant": true, "instant_when": "offline",
        "broadcasts": false, "daily_at": "08:00", "timezone": "UTC", "language": "en", "quiet_hours": null,
    })
}

fn tag(answer: &Answer) -> &str {
    answer.headers["etag"].to_str().unwrap()
}

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
    let mut person = Person::named("jroe");
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
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused() {
    // Not anywhere: a gateway knows routes by path and method together, and answers 404 before any function is asked.
    let world = World::new().await;
    world.nobody().call(Method::POST, "/v1/health", &[], None).await.expect_problem(405, "method-not-allowed");
}

#[tokio::test]
async fn preferences_are_as_the_institution_suggests_until_somebody_says_what_they_want() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let first = ann.get(PREFERENCES).await;
    assert_eq!((tag(&first), &first.body), ("\"0\"", &wants("4h")));
    let mut wanted = wants("daily");
    wanted["timezone"] = json!("Europe/Madrid");
    wanted["quiet_hours"] = json!({ "from": "22:00", "to": "07:00" });
    // Saying it again is saying nothing.
    for _ in 0..2 {
        let said = ann.put(PREFERENCES, wanted.clone()).await;
        assert_eq!((said.status, tag(&said), &said.body), (200, "\"1\"", &wanted));
    }
    let elsewhere = world.another_process().bearer(ann.token());
    let read = elsewhere.get(PREFERENCES).await;
    assert_eq!((read.status, tag(&read), &read.body), (200, "\"1\"", &wanted));
    assert_eq!(elsewhere.get("/v1/me").await.expect(200)["preferences"], wanted);
    assert_eq!(ben.get(PREFERENCES).await.expect(200), wants("4h"));
    // There are no quiet hours where none are said.
    wanted.as_object_mut().unwrap().remove("quiet_hours");
    assert_eq!(ann.put(PREFERENCES, wanted).await.expect(200)["quiet_hours"], Value::Null);
}

#[tokio::test]
async fn nobody_says_what_they_want_over_something_that_they_have_not_seen() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let put = async |seen: &str, frequency: &str| {
        ann.call(Method::PUT, PREFERENCES, &[("if-match", seen)], Some(wants(frequency))).await
    };
    put("\"1\"", "2h").await.expect_problem(412, "version-conflict");
    put("\"0\"", "2h").await.expect(200);
    // Whoever did not hear the answer says the same again, and is told that it is so.
    let again = put("\"0\"", "2h").await;
    assert_eq!((again.status, tag(&again)), (200, "\"1\""));
    put("\"0\"", "6h").await.expect_problem(412, "version-conflict");
    let whatever = put("*", "8h").await;
    assert_eq!((whatever.status, tag(&whatever)), (200, "\"2\""));
    let unseen = ann.put(PREFERENCES, wants("12h")).await;
    assert_eq!((unseen.status, tag(&unseen)), (200, "\"3\""));
    put("\"2\"", "none").await.expect_problem(412, "version-conflict");
    assert_eq!(ann.get(PREFERENCES).await.expect(200), wants("12h"));
}

#[tokio::test]
async fn one_click_stops_digests_and_nothing_else_and_looking_at_the_page_stops_nothing() {
    let world = World::new().await;
    let quill = world.person("quill").await;
    let mut wanted = wants("2h");
    wanted["language"] = json!("es");
    wanted["broadcasts"] = json!(true);
    quill.put(PREFERENCES, wanted.clone()).await.expect(200);
    let link = format!("/v1/unsubscribe/{}", world.unsubscribe_token(&quill).await);
    let before = world.table().await;
    let page = world.nobody().get(&link).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let text = String::from_utf8(page.bytes).unwrap();
    assert!(text.contains("<html lang=\"es\">") && text.contains("<form method=\"post\">"), "{text}");
    assert!(!text.to_lowercase().contains("quill"), "{text}");
    assert_eq!(world.table().await, before);
    wanted["frequency"] = json!("none");
    // Mail programs send it as a form, and perhaps again.
    for _ in 0..2 {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let body = b"List-Unsubscribe=One-Click".to_vec();
        let click = world.nobody().raw(Method::POST, &link, &headers, body).await;
        assert_eq!(click.status, 200, "{click:?}");
        assert_eq!(quill.get(PREFERENCES).await.expect(200), wanted);
    }
}

#[tokio::test]
async fn one_is_told_how_mail_to_oneself_fares() {
    let world = World::new().await;
    let (jo, office) = (world.person("jo").await, world.office().await);
    let state = async || jo.get("/v1/me").await.expect(200)["email_state"].clone();
    assert_eq!(state().await, "ok");
    world.bounces("Jo@hospital.example").await;
    assert_eq!(state().await, "bounced");
    let address = json!({ "email": "jo@hospital.example" });
    office.post("/v1/admin/suppressions/lift", address).await.expect(204);
    assert_eq!(state().await, "ok");
    let homeless = Person { email: String::new(), ..Person::named("kim") };
    let kim = world.bearer(&world.issuer().mint(&homeless).unwrap().access_token);
    assert_eq!(kim.get("/v1/me").await.expect(200)["email_state"], "missing");
}

#[tokio::test]
async fn whoever_does_something_is_there_and_a_page_that_nobody_looks_at_is_nobody() {
    let world = World::new().await;
    let jo = world.person("jo").await;
    let seen = async || world.item("U#jo", "~SEEN").await.unwrap()["at"].clone();
    let first = seen().await;
    assert_eq!(first, world.clock().now().to_string());
    world.hand().advance(Duration::from_mins(2));
    jo.post(PRESENCE, json!({ "visible": false })).await.expect(204);
    for path in ["/v1/unread", "/v1/conversations", "/v1/conversations?limit=1"] {
        jo.get(path).await.expect(200);
    }
    assert_eq!(seen().await, first);
    jo.post(PRESENCE, json!({ "visible": true })).await.expect(204);
    assert_eq!(seen().await, world.clock().now().to_string());
    world.hand().advance(Duration::from_mins(2));
    jo.get("/v1/projects").await.expect(200);
    assert_eq!(seen().await, world.clock().now().to_string());
}

#[tokio::test]
async fn a_profile_that_is_brought_up_to_date_keeps_nobody_in_who_signed_out() {
    let world = World::new().await;
    let elsewhere = world.another_process();
    let jo = world.person("jo").await;
    let married = Person { name: "Jo Married".to_owned(), ..Person::named("jo") };
    let married = elsewhere.bearer(&world.issuer().mint(&married).unwrap().access_token);
    elsewhere.bearer(jo.token()).get("/v1/me").await.expect(200);
    jo.post("/v1/me/logout", json!({})).await.expect(204);
    // Somebody else calls there, so that the settings, which are read with whoever calls, stay known.
    world.hand().advance(Duration::from_secs(30));
    elsewhere.person("ann").await;
    world.hand().advance(Duration::from_secs(20));
    assert_eq!(married.get("/v1/me").await.expect(200)["name"], "Jo Married");
    world.hand().advance(Duration::from_secs(11));
    married.get("/v1/me").await.expect_problem(401, "signed-out");
}

#[tokio::test]
async fn whoever_signs_out_is_out_here_at_once_and_everywhere_within_a_minute() {
    let world = World::new().await;
    let elsewhere = world.another_process();
    let jo = world.person("jo").await;
    let jo_elsewhere = elsewhere.bearer(jo.token());
    jo_elsewhere.get("/v1/me").await.expect(200);
    jo.post("/v1/me/logout", json!({})).await.expect(204);
    let seen = world.item("U#jo", "~SEEN").await.unwrap();
    assert_eq!(seen["signed_out"], world.clock().now().to_string());
    jo.get("/v1/me").await.expect_problem(401, "signed-out");
    // Tokens tell the second they are of: one of this second may be from before.
    world.newcomer("jo").await.get("/v1/me").await.expect_problem(401, "signed-out");
    world.hand().advance(Duration::from_mins(1));
    jo_elsewhere.get("/v1/me").await.expect_problem(401, "signed-out");
    // Nobody else is out, and a token from then on is good; the old ones are not, though somebody is there again.
    world.person("ann").await;
    let again = world.person("jo").await;
    for (process, old) in [(&world, &jo), (&elsewhere, &jo_elsewhere)] {
        process.bearer(again.token()).get("/v1/me").await.expect(200);
        old.get("/v1/me").await.expect_problem(401, "signed-out");
        old.post("/v1/me/logout", json!({})).await.expect_problem(401, "signed-out");
        process.bearer(again.token()).get("/v1/me").await.expect(200);
    }
}

//! Accounts, as system administrators set them.

use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

use super::{auditor, entries};

async fn set(office: &Actor, username: &str, active: bool) -> tests::actor::Answer {
    let account = json!({ "name": "Jane Roe", "email": "jane@site.org", "active": active });
    office.put(&format!("/v1/admin/users/{username}"), account).await
}

async fn hits(who: &Actor, query: &str) -> Vec<Value> {
    let found = who.post("/v1/users/search", json!({ "query": query })).await.expect(200);
    found["items"].as_array().unwrap().iter().map(|hit| hit["username"].clone()).collect()
}

/// Who is what in a conversation, by name.
async fn roles(who: &Actor, conversation: &Conversation) -> Vec<(String, String)> {
    let members = who.get(&conversation.members()).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (text(&member["username"]), text(&member["role"])))
        .collect()
}

fn names(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, role)| ((*name).to_owned(), (*role).to_owned())).collect()
}

#[tokio::test]
async fn an_account_is_made_changed_and_left_as_it_is() {
    let world = World::new().await;
    let (office, ann) = (world.office().await, world.person("ann").await);
    let made = set(&office, "jroe", true).await.expect(201);
    assert_eq!(made, json!({ "username": "jroe", "name": "Jane Roe", "email": "jane@site.org", "active": true }));
    assert_eq!(hits(&ann, "roe").await, ["jroe"]);
    let before = world.table().await;
    set(&office, "jroe", true).await.expect(200);
    assert_eq!(world.table().await, before);
    let renamed = json!({ "name": "Jane Doe", "active": true });
    office.put("/v1/admin/users/jroe", renamed).await.expect(200);
    assert_eq!((hits(&ann, "roe").await.len(), hits(&ann, "doe").await.len()), (0, 1));
    // Somebody who was imported is known, before they ever signed in.
    ann.starts("Visit 3", &[&world.newcomer("jroe").await]).await;
}

#[tokio::test]
async fn whose_account_is_disabled_is_refused_and_found_by_nobody_until_it_is_enabled() {
    let world = World::new().await;
    let (office, ann, ben) = (world.office().await, world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ben.sends(&conversation, "before").await.expect(201);
    set(&office, "ben", false).await.expect(200);
    ben.get("/v1/me").await.expect_problem(403, "your-account-disabled");
    ben.sends(&conversation, "after").await.expect_problem(403, "your-account-disabled");
    assert_eq!(hits(&ann, "ben").await, Vec::<Value>::new());
    let asked = json!({ "title": "Ward 5", "members": ["ben"] });
    ann.post("/v1/conversations", asked).await.expect_problem(422, "user-not-found");
    let page = ann.get(&conversation.messages()).await.expect(200);
    assert_eq!((&page["items"][0]["body"], &page["items"][0]["author_active"]), (&json!("before"), &json!(false)));
    set(&office, "ben", true).await.expect(200);
    ben.sends(&conversation, "again").await.expect(201);
}

#[tokio::test]
async fn another_process_lets_a_disabled_account_in_for_a_minute_at_most() {
    let world = World::new().await;
    let (office, ben) = (world.office().await, world.person("ben").await);
    let elsewhere = world.another_process();
    let ben_elsewhere = elsewhere.bearer(ben.token());
    ben_elsewhere.get("/v1/unread").await.expect(200);
    set(&office, "ben", false).await.expect(200);
    ben_elsewhere.get("/v1/unread").await.expect(200);
    // What would leave a conversation without an active administrator is refused in that minute, too.
    let mine = json!({ "title": "Mine", "members": [] });
    ben_elsewhere.post("/v1/conversations", mine).await.expect_problem(403, "your-account-disabled");
    world.hand().advance(Duration::from_mins(1));
    ben_elsewhere.get("/v1/unread").await.expect_problem(403, "your-account-disabled");
}

#[tokio::test]
async fn the_longest_standing_active_member_takes_over_as_one_event() {
    let world = World::new().await;
    let office = world.office().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let (cleo, dora) = (world.person("cleo").await, world.person("dora").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.adds(&conversation, &[&dora]).await.expect(200);
    ann.adds(&conversation, &[&cleo]).await.expect(200);
    set(&office, "ben", false).await.expect(200);
    let before = cleo.get(&conversation.path()).await.expect(200)["seq"].as_u64().unwrap();
    set(&office, "ann", false).await.expect(200);
    let expected = names(&[("ann", "member"), ("ben", "member"), ("cleo", "member"), ("dora", "administrator")]);
    assert_eq!(roles(&cleo, &conversation).await, expected);
    let after = cleo.get(&conversation.path()).await.expect(200);
    assert_eq!((after["seq"].as_u64(), &after["administrators_count"]), (Some(before + 1), &json!(1)));
    let page = cleo.get(&conversation.messages()).await.expect(200);
    let event = &page["items"][0];
    assert_eq!((&event["author"], &event["event"]["type"]), (&json!("office"), &json!("role_changed")));
    assert_eq!((&event["event"]["subject"], &event["event"]["role"]), (&json!("dora"), &json!("administrator")));
    // Once more, and then back: nothing changes hands by that.
    set(&office, "ann", false).await.expect(200);
    set(&office, "ann", true).await.expect(200);
    assert_eq!(roles(&ann, &conversation).await, expected);
}

#[tokio::test]
async fn whoever_is_disabled_with_somebody_does_not_take_over_from_them() {
    let world = World::new().await;
    let (office, ann, ben) = (world.office().await, world.person("ann").await, world.person("ben").await);
    let cleo = world.person("cleo").await;
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.makes(&conversation, &ben, "administrator").await.expect(200);
    ann.adds(&conversation, &[&cleo]).await.expect(200);
    let leaving = ["ann", "ben"].map(|name| json!({ "username": name, "name": name, "active": false }));
    office.post("/v1/admin/import", json!({ "users": leaving })).await.expect(200);
    let page = cleo.get(&conversation.messages()).await.expect(200);
    let promoted = page["items"].as_array().unwrap().iter().filter(|item| item["event"]["role"] == "administrator");
    let promoted: Vec<&Value> = promoted.map(|item| &item["event"]["subject"]).collect();
    assert_eq!(promoted, ["cleo", "ben"], "ben before, by ann");
}

#[tokio::test]
async fn where_others_administer_nobody_takes_over_and_where_nobody_is_left_nothing_changes() {
    let world = World::new().await;
    let (office, ann, ben) = (world.office().await, world.person("ann").await, world.person("ben").await);
    let shared = ann.starts("Shared", &[&ben]).await;
    ann.makes(&shared, &ben, "administrator").await.expect(200);
    let alone = ann.starts("Alone", &[]).await;
    set(&office, "ann", false).await.expect(200);
    assert_eq!(roles(&ben, &shared).await, names(&[("ann", "member"), ("ben", "administrator")]));
    set(&office, "ann", true).await.expect(200);
    assert_eq!(roles(&ann, &alone).await, names(&[("ann", "administrator")]));
}

#[tokio::test]
async fn two_administrators_who_are_disabled_at_the_same_moment_are_succeeded_by_somebody_active() {
    for _ in 0..10 {
        let world = World::new().await;
        let office = world.office().await;
        let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
        let conversation = ann.starts("Ward 4", &[&ben, &cleo]).await;
        ann.makes(&conversation, &ben, "administrator").await.expect(200);
        let elsewhere = world.another_process().bearer(office.token());
        let (one, other) = tokio::join!(set(&office, "ann", false), set(&elsewhere, "ben", false));
        assert_eq!((one.status, other.status), (200, 200));
        let expected = names(&[("ann", "member"), ("ben", "member"), ("cleo", "administrator")]);
        assert_eq!(roles(&cleo, &conversation).await, expected);
    }
}

#[tokio::test]
async fn nobody_whose_account_is_disabled_becomes_an_administrator() {
    let world = World::new().await;
    let (office, ann, ben) = (world.office().await, world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    set(&office, "ben", false).await.expect(200);
    ann.makes(&conversation, &ben, "administrator").await.expect_problem(409, "account-disabled");
}

#[tokio::test]
async fn an_import_says_of_each_row_what_became_of_it_and_repeating_it_changes_nothing() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    world.person("ann").await;
    let user = |username: &str, name: &str| json!({ "username": username, "name": name, "active": true });
    let project = |id: &str, members: Value| json!({ "id": id, "title": "Heart study", "members": members });
    let asked = json!({
        "users": [
            user("jroe", "Jane Roe"),
            user("a b", "No Such"),
            json!({ "username": "ann", "name": "Ann Voss", "email": "ann@site.org", "active": true }),
            json!({ "username": "kim", "name": "Kim", "active": true, "admin": true }),
            json!({ "username": "kim" }),
            user("jroe", "Jane Doe"),
            json!("jroe"),
            json!(["jroe", "Jane Doe", null, true]),
        ],
        "projects": [
            project("heart", json!(["jroe", "ann"])),
            project("lung", json!(["nobody"])),
            project("lung/1", json!([])),
        ],
    });
    let results = office.post("/v1/admin/import", asked.clone()).await.expect(200);
    let brief = |results: &Value| -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let results = results["results"].as_array().unwrap().iter();
        let fields = |row: &Value| ["kind", "key", "outcome", "code", "pointer"].map(|name| text(&row[name])).join(" ");
        results.map(fields).collect()
    };
    assert_eq!(
        brief(&results),
        [
            "user jroe created - -",
            "user - refused forbidden-character /username",
            "user ann updated - -",
            "user kim refused unknown-field ",
            "user kim refused required /name",
            "user jroe updated - -",
            "user - refused invalid ",
            "user - refused invalid ",
            "project heart created - -",
            "project lung refused user-not-found /members/0",
            "project - refused forbidden-character /id",
        ]
    );
    let recorded = entries(&auditor).await.len();
    let again = office.post("/v1/admin/import", json!({ "users": [user("jroe", "Jane Doe")] })).await.expect(200);
    assert_eq!(brief(&again), ["user jroe unchanged - -"]);
    assert_eq!(entries(&auditor).await.len(), recorded);
}

#[tokio::test]
async fn a_thousand_people_are_imported_by_one_request_and_one_more_is_too_many() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let user = |n: usize| json!({ "username": format!("p{n}"), "name": format!("First{n} Last{n}"), "active": true });
    let users: Vec<Value> = (0..1_000).map(user).collect();
    let results = office.post("/v1/admin/import", json!({ "users": users })).await.expect(200);
    let results = results["results"].as_array().unwrap();
    assert_eq!(results.len(), 1_000);
    assert!(results.iter().enumerate().all(|(n, row)| row["key"] == format!("p{n}") && row["outcome"] == "created"));
    let recorded: usize =
        entries(&auditor).await.iter().map(|entry| entry["details"]["users"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(recorded, 1_000);
    assert_eq!(hits(&office, "last999").await, ["p999"]);
    let users: Vec<Value> = (0..1_001).map(user).collect();
    let before = world.table().await;
    office.post("/v1/admin/import", json!({ "users": users })).await.expect_problem(422, "validation");
    assert_eq!(world.table().await, before);
}

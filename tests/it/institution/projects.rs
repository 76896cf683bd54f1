//! Projects, and the people one works with.

use serde_json::{Value, json};
use tests::actor::Actor;
use tests::world::World;

use super::{auditor, entries};

async fn set(office: &Actor, id: &str, members: &[&str]) -> tests::actor::Answer {
    office.put(&format!("/v1/admin/projects/{id}"), json!({ "title": format!("Study {id}"), "members": members })).await
}

async fn usernames(who: &Actor, path: &str) -> Vec<String> {
    let list = who.get(path).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|item| item["username"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn whoever_shares_a_project_is_suggested_and_nobody_else() {
    let world = World::new().await;
    let office = world.office().await;
    for name in ["ann", "ben", "cleo", "dora", "eve"] {
        world.person(name).await;
    }
    let ann = world.person("ann").await;
    set(&office, "heart", &["ann", "ben", "cleo"]).await.expect(201);
    set(&office, "lung", &["ann", "cleo", "dora"]).await.expect(201);
    set(&office, "other", &["eve", "ben"]).await.expect(201);
    let disabled = json!({ "name": "Dora", "active": false });
    office.put("/v1/admin/users/dora", disabled).await.expect(200);
    assert_eq!(usernames(&ann, "/v1/users/suggested").await, ["ben", "cleo"]);
    let projects = ann.get("/v1/projects").await.expect(200);
    let heart = json!({ "id": "heart", "title": "Study heart" });
    assert_eq!(projects, json!({ "items": [heart, { "id": "lung", "title": "Study lung" }] }));
    // Who is taken out of a project is out at once.
    let smaller = set(&office, "heart", &["ann"]).await.expect(200);
    assert_eq!(smaller, json!({ "id": "heart", "title": "Study heart", "members_count": 1 }));
    assert_eq!(usernames(&ann, "/v1/users/suggested").await, ["cleo"]);
}

#[tokio::test]
async fn suggestions_come_in_pages() {
    let world = World::new().await;
    let office = world.office().await;
    let mut names = vec!["ann".to_owned()];
    let ann = world.person("ann").await;
    for n in 0..7 {
        names.push(world.person(&format!("colleague{n}")).await.username().to_owned());
    }
    set(&office, "heart", &names.iter().map(String::as_str).collect::<Vec<_>>()).await.expect(201);
    let mut found = Vec::new();
    let mut path = "/v1/users/suggested?limit=3".to_owned();
    loop {
        let page: Value = ann.get(&path).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|one| one["username"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/users/suggested?limit=3&cursor={next}");
    }
    assert_eq!(found, names[1..]);
    let foreign = path.replace("/v1/users/suggested?limit=3", "/v1/users/suggested?limit=2");
    office.get(&foreign).await.expect_problem(400, "invalid-cursor");
}

#[tokio::test]
async fn hundreds_work_on_a_project_and_every_change_of_that_is_recorded() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let user = |n: usize| json!({ "username": format!("p{n}"), "name": format!("Person {n}"), "active": true });
    let users: Vec<Value> = (0..200).map(user).collect();
    office.post("/v1/admin/import", json!({ "users": users })).await.expect(200);
    let names: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(set(&office, "heart", &names).await.expect(201)["members_count"], 200);
    let before = world.table().await;
    set(&office, "heart", &names).await.expect(200);
    assert_eq!(world.table().await, before);
    set(&office, "heart", &names[..150]).await.expect(200);
    let changed = |field: &str, entries: &[Value]| -> usize {
        let of = entries.iter().filter(|entry| entry["type"] == "project_changed");
        of.map(|entry| entry["details"][field].as_array().map_or(0, Vec::len)).sum()
    };
    let entries = entries(&auditor).await;
    assert_eq!((changed("added", &entries), changed("removed", &entries)), (200, 50));
}

#[tokio::test]
async fn a_project_that_names_somebody_unknown_is_not_set() {
    let world = World::new().await;
    let office = world.office().await;
    let before = world.table().await;
    let refused = set(&office, "heart", &["office", "nobody"]).await;
    refused.expect_problem(422, "user-not-found");
    assert_eq!(refused.body["errors"][0]["pointer"], "/members/1");
    assert_eq!(world.table().await, before);
}

#[tokio::test]
async fn the_record_numbers_of_a_project_are_looked_for_in_titles() {
    let world = World::new().await;
    let (office, ann) = (world.office().await, world.person("ann").await);
    let plan = json!({ "title": "Heart", "members": ["ann"], "record_patterns": ["HS-####"] });
    office.put("/v1/admin/projects/heart", plan).await.expect(201);
    // What is not said of the patterns leaves them as they are.
    set(&office, "heart", &["ann"]).await.expect(200);
    let asked = json!({ "title": "HS-1234 before the round", "members": [], "project_id": "heart" });
    let started = ann.post("/v1/conversations", asked).await.expect(201);
    assert_eq!(started["warnings"], json!([{ "code": "record_number", "field": "title" }]));
}

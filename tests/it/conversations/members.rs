//! Membership: who may add, remove and promote, and what removal ends.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

fn outcomes(answer: &Value) -> Vec<(&str, &str)> {
    let text = |row: &'_ Value, field: &str| -> &'static str { String::leak(row[field].as_str().unwrap().to_owned()) };
    answer["results"].as_array().unwrap().iter().map(|row| (text(row, "username"), text(row, "outcome"))).collect()
}

async fn names(actor: &Actor, conversation: &Conversation) -> Vec<String> {
    let members = actor.get(&conversation.members()).await.expect(200);
    let shown =
        |member: &Value| format!("{} {}", member["username"].as_str().unwrap(), member["role"].as_str().unwrap());
    members["items"].as_array().unwrap().iter().map(shown).collect()
}

/// The events of a conversation, oldest first.
async fn events(actor: &Actor, conversation: &Conversation) -> Vec<Value> {
    let followed = actor.get(&format!("{}?after=0&limit=100", conversation.messages())).await.expect(200);
    let items = followed["items"].as_array().unwrap().iter();
    items.filter(|item| item["kind"] == "event").map(|item| item["event"].clone()).collect()
}

#[tokio::test]
async fn adding_says_of_each_what_became_of_them_and_is_told_in_the_conversation() {
    let world = World::anywhere().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&conversation, "before").await.expect(201);
    let nobody = format!("nobody.{}", ann.username());
    let usernames = json!({ "usernames": [cleo.username(), ben.username(), nobody, cleo.username()] });
    let added = ann.post(&conversation.members(), usernames.clone()).await.expect(200);
    let expected = [
        (cleo.username(), "added"),
        (ben.username(), "already_member"),
        (nobody.as_str(), "unknown_user"),
        (cleo.username(), "added"),
    ];
    assert_eq!(outcomes(&added), expected);
    // The same request again, because its answer was lost.
    let again = ann.post(&conversation.members(), usernames).await.expect(200);
    assert_eq!(outcomes(&again)[0], (cleo.username(), "already_member"));
    assert_eq!(names(&cleo, &conversation).await.len(), 3);
    // What was said before is there to read, but nobody is told of it as new.
    assert_eq!(cleo.reads(&conversation).await, ["before"]);
    assert_eq!(cleo.unread().await, [0, 0, 0, 0]);
    let told = events(&ben, &conversation).await;
    assert_eq!((&told[1]["type"], &told[1]["subject"]), (&json!("joined"), &json!(cleo.username())));
    ann.sends(&conversation, "after").await.expect(201);
    assert_eq!(cleo.unread().await, [1, 1, 0, 0]);
    let shown = cleo.get(&conversation.path()).await.expect(200);
    assert_eq!((&shown["kind"], &shown["members_count"]), (&json!("group"), &json!(3)));
}

#[tokio::test]
async fn only_administrators_manage_members_and_a_stranger_learns_nothing() {
    let world = World::anywhere().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ben.adds(&conversation, &[&cleo]).await.expect_problem(403, "not-an-administrator");
    ben.removes(&conversation, &ann).await.expect_problem(403, "not-an-administrator");
    ben.makes(&conversation, &ben, "administrator").await.expect_problem(403, "not-an-administrator");
    for answer in [
        cleo.adds(&conversation, &[&cleo]).await,
        cleo.removes(&conversation, &ann).await,
        cleo.removes(&conversation, &cleo).await,
        cleo.makes(&conversation, &cleo, "administrator").await,
        cleo.get(&conversation.members()).await,
    ] {
        answer.expect_problem(404, "not-found");
    }
    ann.removes(&conversation, &cleo).await.expect_problem(404, "not-found");
    ann.makes(&conversation, &cleo, "administrator").await.expect_problem(409, "not-a-member");
    assert_eq!(names(&ann, &conversation).await.len(), 2);
}

#[tokio::test]
async fn removal_ends_all_access_at_once_and_whoever_comes_back_starts_anew() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ben.sends(&conversation, "from ben").await.expect(201);
    ann.sends(&conversation, "one").await.expect(201);
    ann.removes(&conversation, &ben).await.expect(204);
    for answer in [
        ben.get(&conversation.path()).await,
        ben.get(&conversation.messages()).await,
        ben.get(&conversation.members()).await,
        ben.sends(&conversation, "still here?").await,
        ben.put(&conversation.read(), json!({ "seq": 1 })).await,
        ben.put(&conversation.read(), json!({ "seq": 1, "unread": true })).await,
        ben.patch(&conversation.message(2), json!({ "body": "changed" })).await,
        ben.delete(&conversation.message(2)).await,
        ben.patch(&format!("{}/settings", conversation.path()), json!({ "pinned": true })).await,
        ben.removes(&conversation, &ben).await,
    ] {
        answer.expect_problem(404, "not-found");
    }
    assert_eq!(ben.get("/v1/conversations").await.expect(200)["items"], json!([]));
    assert_eq!(ben.unread().await, [0, 0, 0, 0]);
    // What they wrote stays, with their name.
    assert_eq!(ann.reads(&conversation).await, ["from ben", "one"]);
    ann.sends(&conversation, "while away").await.expect(201);
    ann.adds(&conversation, &[&ben]).await.expect(200);
    assert_eq!(ben.unread().await, [0, 0, 0, 0]);
    assert_eq!(ben.reads(&conversation).await, ["from ben", "one", "while away"]);
    let told: Vec<Value> = events(&ann, &conversation).await;
    assert_eq!(
        told.iter().map(|event| event["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["created", "removed", "joined"]
    );
    assert_eq!(told[1]["subject"], ben.username());
}

#[tokio::test]
async fn where_history_begins_with_joining_nothing_from_before_is_shown_not_even_an_earlier_stay() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let asked = json!({ "title": "Ward 4", "members": [ben.username()], "history": "from_join" });
    let conversation = Conversation::new(&ann.post("/v1/conversations", asked).await.expect(201));
    let first = ann.sends(&conversation, "first stay").await.expect(201)["seq"].as_u64().unwrap();
    assert_eq!(ben.reads(&conversation).await, ["first stay"]);
    ann.removes(&conversation, &ben).await.expect(204);
    ann.adds(&conversation, &[&ben]).await.expect(200);
    ann.sends(&conversation, "second stay").await.expect(201);
    assert_eq!(ben.reads(&conversation).await, ["second stay"]);
    // An edit of what was said before is no way to see it, and neither is following from the beginning.
    ann.patch(&conversation.message(first), json!({ "body": "first stay, edited" })).await.expect(200);
    let followed = ben.get(&format!("{}?after=0", conversation.messages())).await;
    let said = String::from_utf8(followed.bytes.clone()).unwrap();
    followed.expect(200);
    assert!(!said.contains("first stay"), "{said}");
    assert!(said.contains("second stay"));
    ben.put(&conversation.read(), json!({ "seq": first, "unread": true })).await.expect(200);
    assert_eq!(ben.unread().await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn whoever_can_take_over_is_named_however_many_were_there_before_and_cannot() {
    let world = World::new().await;
    let (office, ann, zoe) = (world.office().await, world.person("ann").await, world.person("zoe").await);
    let account = |n: usize, active: bool| json!({ "username": format!("left.{n}"), "name": "Left", "active": active });
    let accounts = |active| (0..100).map(|n| account(n, active)).collect::<Vec<Value>>();
    office.post("/v1/admin/import", json!({ "users": accounts(true) })).await.expect(200);
    let conversation = ann.starts("Ward 4", &[]).await;
    let first: Vec<String> = (0..100).map(|n| format!("left.{n}")).collect();
    ann.post(&conversation.members(), json!({ "usernames": first })).await.expect(200);
    world.hand().advance(Duration::from_secs(1));
    ann.adds(&conversation, &[&zoe]).await.expect(200);
    office.post("/v1/admin/import", json!({ "users": accounts(false) })).await.expect(200);
    let refused = ann.removes(&conversation, &ann).await;
    refused.expect_problem(409, "last-administrator");
    assert_eq!(refused.body["candidates"], json!([zoe.username()]));
}

#[tokio::test]
async fn there_is_always_an_administrator() {
    let world = World::anywhere().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben, &cleo]).await;
    for answer in [ann.removes(&conversation, &ann).await, ann.makes(&conversation, &ann, "member").await] {
        answer.expect_problem(409, "last-administrator");
        let mut candidates: Vec<&str> =
            answer.body["candidates"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        candidates.sort_unstable();
        assert_eq!(candidates, [ben.username(), cleo.username()]);
    }
    let promoted = ann.makes(&conversation, &ben, "administrator").await.expect(200);
    assert_eq!((&promoted["role"], &promoted["active"]), (&json!("administrator"), &json!(true)));
    // To grant what is granted changes nothing.
    let before = ann.get(&conversation.path()).await.expect(200)["seq"].clone();
    ann.makes(&conversation, &ben, "administrator").await.expect(200);
    assert_eq!(ann.get(&conversation.path()).await.expect(200)["seq"], before);
    ann.removes(&conversation, &ann).await.expect(204);
    ann.get(&conversation.path()).await.expect_problem(404, "not-found");
    ben.removes(&conversation, &cleo).await.expect(204);
    // Whoever is alone may go; the conversation is closed by that.
    ben.removes(&conversation, &ben).await.expect(204);
    ben.get(&conversation.path()).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn two_administrators_who_go_at_the_same_moment_do_not_both_go() {
    for _ in 0..10 {
        let world = World::new().await;
        let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
        let conversation = ann.starts("Ward 4", &[&ben, &cleo]).await;
        ann.makes(&conversation, &ben, "administrator").await.expect(200);
        let elsewhere = world.another_process();
        let other = elsewhere.bearer(ben.token());
        let (leave, demote) = (conversation.member(&ann), conversation.member(&ben));
        let (one, two) = tokio::join!(ann.delete(&leave), other.patch(&demote, json!({ "role": "member" })));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert!(matches!(statuses, [200 | 204, 409]), "{statuses:?}");
        assert_eq!(cleo.get(&conversation.path()).await.expect(200)["administrators_count"], 1);
    }
}

#[tokio::test]
async fn three_hundred_people_are_added_by_one_request_and_repeating_it_adds_who_is_missing() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let conversation = ann.starts("All of us", &[]).await;
    let mut people = Vec::new();
    for n in 0..300 {
        people.push(world.person(&format!("p{n}")).await);
    }
    let usernames: Vec<&str> = people.iter().map(Actor::username).collect();
    let some = json!({ "usernames": usernames[..100] });
    ann.post(&conversation.members(), some).await.expect(200);
    let all = ann.post(&conversation.members(), json!({ "usernames": usernames })).await.expect(200);
    let added = outcomes(&all).iter().filter(|(_, outcome)| *outcome == "added").count();
    assert_eq!(added, 200);
    let shown = people[299].get(&conversation.path()).await.expect(200);
    assert_eq!((&shown["members_count"], &shown["administrators_count"]), (&json!(301), &json!(1)));
    // More than 256: their inboxes read the head itself.
    world.hand().advance(Duration::from_secs(1));
    ann.sends(&conversation, "@p7 welcome").await.expect(201);
    people[3].sends(&conversation, "hello").await.expect(201);
    assert_eq!(people[7].unread().await, [2, 1, 1, 0]);
    assert_eq!(people[8].unread().await, [2, 1, 0, 0]);
    assert_eq!(people[3].unread().await, [0, 0, 0, 0]);
    let inbox = people[250].get("/v1/conversations").await.expect(200);
    assert_eq!((&inbox["items"][0]["unread"], &inbox["items"][0]["last_message_by"]), (&json!(2), &json!("p3")));
    ann.post(&conversation.messages(), json!({ "body": "fire drill", "important": true })).await.expect(201);
    assert_eq!(people[120].unread().await, [3, 1, 0, 1]);
    let mut listed = Vec::new();
    let mut path = format!("{}?limit=100", conversation.members());
    loop {
        let page = ann.get(&path).await.expect(200);
        listed.extend(page["items"].as_array().unwrap().iter().map(|m| m["username"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{}?limit=100&cursor={next}", conversation.members());
    }
    // Each once, on whatever pages.
    assert_eq!((listed.len(), listed.iter().collect::<BTreeSet<_>>().len()), (301, 301));
}

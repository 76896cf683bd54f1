//! Renaming, archiving, deleting, and what somebody makes of a conversation for themselves.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::actor::Conversation;
use tests::world::World;

#[tokio::test]
async fn an_administrator_renames_and_whoever_saw_an_older_version_is_told() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let seen = ben.get(&conversation.path()).await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    ann.sends(&conversation, "a message changes nothing of it").await.expect(201);
    let rename = |title: &str| json!({ "title": title });
    let (path, seen) = (conversation.path(), [("if-match", tag.as_str())]);
    let with_tag = |title: &str| ann.call(Method::PATCH, &path, &seen, Some(rename(title)));
    let renamed = with_tag("Ward 5").await;
    assert_ne!(renamed.headers["etag"].to_str().unwrap(), tag);
    let renamed = renamed.expect(200);
    assert_eq!((&renamed["title"], &renamed["warnings"]), (&json!("Ward 5"), &json!([])));
    with_tag("Ward 6").await.expect_problem(412, "version-conflict");
    ann.call(Method::PATCH, &conversation.path(), &[("if-match", "nonsense")], Some(rename("Ward 6")))
        .await
        .expect_problem(412, "version-conflict");
    ben.patch(&conversation.path(), rename("mine")).await.expect_problem(403, "not-an-administrator");
    assert_eq!(ben.get(&conversation.path()).await.expect(200)["title"], "Ward 5");
    assert_eq!(ben.get("/v1/conversations").await.expect(200)["items"][0]["title"], "Ward 5");
    // The title that is there already is nothing that happened.
    let before = ann.get(&conversation.path()).await.expect(200)["seq"].clone();
    ann.patch(&conversation.path(), rename("Ward 5")).await.expect(200);
    assert_eq!(ann.get(&conversation.path()).await.expect(200)["seq"], before);
    ann.patch(&conversation.path(), json!({ "project_id": "not-mine" })).await.expect_problem(403, "project-not-yours");
}

#[tokio::test]
async fn a_title_that_could_identify_a_patient_is_taken_with_a_warning() {
    let world = World::anywhere().await;
    let ann = world.person("ann").await;
    let asked = json!({ "title": "Jane, born 23/04/1961, NHS 943 476 5919", "members": [] });
    let started = ann.post("/v1/conversations", asked).await.expect(201);
    let codes = |shown: &Value| -> Vec<String> {
        shown["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&started), ["date_of_birth", "nhs_number"]);
    assert_eq!(started["warnings"][0]["field"], "title");
    let path = Conversation::new(&started).path();
    let renamed = ann.patch(&path, json!({ "title": "call 020 7946 0018" })).await.expect(200);
    assert_eq!(codes(&renamed), ["telephone_number"]);
    assert_eq!(codes(&ann.patch(&path, json!({ "title": "Ward 4" })).await.expect(200)), [""; 0]);
}

#[tokio::test]
async fn an_archived_conversation_is_read_only_and_out_of_the_way() {
    let world = World::anywhere().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let sent = ann.sends(&conversation, "@ben look").await.expect(201)["seq"].as_u64().unwrap();
    let archive = format!("{}/archive", conversation.path());
    let unarchive = format!("{}/unarchive", conversation.path());
    ben.post(&archive, json!({})).await.expect_problem(403, "not-an-administrator");
    assert_eq!(ann.post(&archive, json!({})).await.expect(200)["state"], "archived");
    assert_eq!(ann.post(&archive, json!({})).await.expect(200)["state"], "archived");
    for answer in [
        ann.sends(&conversation, "more").await,
        ann.patch(&conversation.message(sent), json!({ "body": "changed" })).await,
        ann.delete(&conversation.message(sent)).await,
        ann.patch(&conversation.path(), json!({ "title": "Ward 5" })).await,
        ann.adds(&conversation, &[&cleo]).await,
    ] {
        answer.expect_problem(409, "conversation-archived");
    }
    assert_eq!(ben.reads(&conversation).await.len(), 1);
    assert_eq!(ben.unread().await, [0, 0, 0, 0]);
    assert_eq!(ben.get("/v1/conversations").await.expect(200)["items"], json!([]));
    let archived = ben.get("/v1/conversations?state=archived").await.expect(200);
    assert_eq!(archived["items"][0]["id"], json!(conversation.id));
    assert_eq!(ann.post(&unarchive, json!({})).await.expect(200)["state"], "active");
    ann.sends(&conversation, "more").await.expect(201);
    assert_eq!(ben.unread().await[0], 2);
}

#[tokio::test]
async fn a_deleted_conversation_is_gone_for_everybody_at_once() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&conversation, "hello").await.expect(201);
    let delete = format!("{}/delete", conversation.path());
    ben.post(&delete, json!({ "title": "Ward 4" })).await.expect_problem(403, "not-an-administrator");
    let wrong = ann.post(&delete, json!({ "title": "Ward 5" })).await;
    wrong.expect_problem(422, "validation");
    assert_eq!(wrong.body["errors"][0]["pointer"], "/title");
    ann.post(&delete, json!({ "title": "Ward 4" })).await.expect(204);
    for person in [&ann, &ben] {
        for answer in [
            person.get(&conversation.path()).await,
            person.get(&conversation.messages()).await,
            person.get(&conversation.members()).await,
            person.sends(&conversation, "anybody?").await,
            person.put(&conversation.read(), json!({ "seq": 1 })).await,
            person.post(&delete, json!({ "title": "Ward 4" })).await,
            person.adds(&conversation, &[&ben]).await,
        ] {
            answer.expect_problem(404, "not-found");
        }
        assert_eq!(person.get("/v1/conversations").await.expect(200)["items"], json!([]));
        assert_eq!(person.get("/v1/conversations?state=archived").await.expect(200)["items"], json!([]));
        assert_eq!(person.unread().await, [0, 0, 0, 0]);
    }
}

#[tokio::test]
async fn what_is_pinned_comes_first_and_what_is_silenced_is_not_counted_but_for_what_is_for_me() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let one = ann.starts("one", &[&ben]).await;
    let two = ann.starts("two", &[&ben]).await;
    let settings = |of: &Conversation| format!("{}/settings", of.path());
    ann.sends(&two, "newer").await.expect(201);
    let pinned = ben.patch(&settings(&one), json!({ "pinned": true })).await.expect(200);
    assert_eq!((&pinned["pinned"], &pinned["notify"]), (&json!(true), &json!("all")));
    let titles = |inbox: Value| -> Vec<String> {
        inbox["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(ben.get("/v1/conversations").await.expect(200)), ["one", "two"]);
    assert_eq!(titles(ben.get("/v1/conversations?filter=pinned").await.expect(200)), ["one"]);
    assert_eq!(titles(ben.get("/v1/conversations?filter=unread").await.expect(200)), ["two"]);
    // A pin is one's own.
    assert_eq!(titles(ann.get("/v1/conversations?filter=pinned").await.expect(200)), [""; 0]);
    ben.patch(&settings(&two), json!({ "notify": "nothing" })).await.expect(200);
    assert_eq!(ben.unread().await, [0, 0, 0, 0]);
    ann.sends(&two, &format!("@{} look", ben.username())).await.expect(201);
    ann.post(&two.messages(), json!({ "body": "fire", "important": true })).await.expect(201);
    assert_eq!(ben.unread().await, [0, 0, 1, 1]);
    let shown = ben.get(&two.path()).await.expect(200);
    assert_eq!((&shown["unread"], &shown["urgent"], &shown["pinned"]), (&json!(3), &json!(true), &json!(false)));
}

#[tokio::test]
async fn who_has_the_newest_answer_already_is_not_sent_it_again() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    for path in ["/v1/conversations", "/v1/unread"] {
        let first = ben.get(path).await;
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        let known = [("if-none-match", tag.as_str())];
        let again = || ben.call(Method::GET, path, &known, None);
        let unchanged = again().await;
        assert_eq!((unchanged.status, unchanged.bytes.len()), (304, 0));
        ann.sends(&conversation, "news").await.expect(201);
        assert_eq!(again().await.status, 200);
    }
}

#[tokio::test]
async fn talking_to_one_person_opens_the_newest_conversation_of_the_two_or_a_new_one() {
    let world = World::new().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let direct = |other: &str| format!("/v1/direct/{other}");
    let first = ann.put(&direct(ben.username()), json!({})).await.expect(201);
    assert_eq!((&first["kind"], &first["members_count"]), (&json!("direct"), &json!(2)));
    let again = ben.put(&direct(ann.username()), json!({})).await.expect(200);
    assert_eq!(again["id"], first["id"]);
    world.hand().advance(Duration::from_mins(2));
    let newer = ann.starts("about bed 4", &[&ben]).await;
    assert_eq!(ann.put(&direct(ben.username()), json!({})).await.expect(200)["id"], json!(newer.id));
    // With a third person it is no talk of two any more.
    ann.adds(&newer, &[&cleo]).await.expect(200);
    assert_eq!(ann.put(&direct(ben.username()), json!({})).await.expect(200)["id"], first["id"]);
    ann.put(&direct(ann.username()), json!({})).await.expect_problem(422, "validation");
    let nobody = format!("nobody.{}", ann.username());
    ann.put(&direct(&nobody), json!({})).await.expect_problem(404, "not-found");
}

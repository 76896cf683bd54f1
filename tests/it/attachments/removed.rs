//! Messages of whose attachments nothing is left but what the log says of them.

use local::person::Role;
use serde_json::{Value, json};
use tests::actor::key;
use tests::turnstile::interrupted;

use super::{Scene, fetches, items};

const NAMES: [&str; 2] = ["liver.pdf", "wound.pdf"];

/// A message of Ann's with two attachments, and its place in the log.
async fn sent(scene: &Scene) -> ([String; 2], u64) {
    let ids = [scene.clean(NAMES[0]).await, scene.clean(NAMES[1]).await];
    let sent = scene.ann.post(&scene.ward.messages(), json!({ "body": "look", "attachments": ids })).await.expect(201);
    (ids, sent["seq"].as_u64().unwrap())
}

/// What is noted of an attachment.
async fn noted(scene: &Scene, id: &str) -> Option<Value> {
    scene.world.item(&format!("A#{id}"), "~").await
}

/// Takes away what is noted of an attachment, as retention will.
async fn forget(scene: &Scene, id: &str) {
    assert!(noted(scene, id).await.is_some());
    scene.world.forgets_attachment(id).await;
}

/// The names and the states of a message's attachments.
fn shown(message: &Value) -> Value {
    message["attachments"].as_array().unwrap().iter().map(|one| json!([one["name"], one["state"]])).collect()
}

#[tokio::test]
async fn what_is_not_kept_any_more_shows_as_what_it_was_wherever_the_message_shows() {
    let scene = Scene::new().await;
    let Scene { ann, ben, ward, .. } = &scene;
    let (ids, asked) = ([scene.clean(NAMES[0]).await, scene.clean(NAMES[1]).await], key());
    let asks = async || {
        let body = json!({ "body": "look", "attachments": ids });
        ann.post_with_key(&ward.messages(), body, &asked).await.expect(201)
    };
    let sent = asks().await;
    forget(&scene, &ids[0]).await;
    let mut expected = sent.clone();
    expected["attachments"][0]["state"] = "removed".into();
    assert_eq!(shown(&expected), json!([[NAMES[0], "removed"], [NAMES[1], "clean"]]));
    assert_eq!(asks().await, expected);
    assert_eq!(items(ben, ward).await.last(), Some(&expected));
    assert_eq!(ben.get(&ward.messages()).await.expect(200)["items"][0], expected);
    let edited = ann.patch(&ward.message(2), json!({ "body": "look at these" })).await.expect(200);
    assert_eq!(edited["attachments"], expected["attachments"]);
    let followed = ben.get(&format!("{}?after=2", ward.messages())).await.expect(200);
    assert_eq!(followed["items"][0]["message"], edited);
    for who in [ann, ben] {
        fetches(who, ward, &ids[0]).await.expect_problem(404, "not-found");
        fetches(who, ward, &ids[1]).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_called_nothing_any_more_shows_without_a_name_and_the_log_verifies() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let (ids, seq) = sent(&scene).await;
    forget(&scene, &ids[0]).await;
    world.forgets_name(ward, seq, NAMES[0]).await;
    let message = items(ann, ward).await.pop().unwrap();
    assert_eq!(shown(&message), json!([[null, "removed"], [NAMES[1], "clean"]]));
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let verified = auditor.get(&format!("{}/audit/verify", ward.path())).await.expect(200);
    assert_eq!((&verified["verified_to"], &verified["broken_at"]), (&json!(seq), &Value::Null));
}

#[tokio::test]
async fn a_message_of_whose_attachments_one_is_gone_can_be_taken_back() {
    let scene = Scene::new().await;
    let Scene { ann, ward, .. } = &scene;
    let (ids, seq) = sent(&scene).await;
    forget(&scene, &ids[0]).await;
    assert_eq!(ann.delete(&ward.message(seq)).await.status, 204);
    assert_eq!(noted(&scene, &ids[0]).await, None, "nothing comes back as half of it");
    assert_eq!(noted(&scene, &ids[1]).await.unwrap()["withdrawn"], true);
    fetches(ann, ward, &ids[1]).await.expect_problem(404, "not-found");
    let (ids, seq) = sent(&scene).await;
    forget(&scene, &ids[0]).await;
    forget(&scene, &ids[1]).await;
    assert_eq!(ann.delete(&ward.message(seq)).await.status, 204);
    let message = &items(ann, ward).await[usize::try_from(seq).unwrap() - 1];
    assert_eq!((&message["withdrawn"], shown(message)), (&json!(true), json!([])));
}

/// If what is there were looked up once, and not for each attempt, the message could not be taken back at all.
#[tokio::test]
async fn an_attachment_that_goes_between_any_two_requests_hinders_nobody_and_does_not_come_back() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    // So that nobody is looked up in the middle.
    ann.get("/v1/me").await.expect(200);
    let mut tried = 0;
    for before in 0.. {
        let (ids, seq) = sent(&scene).await;
        let (who, path) = (ann.clone(), ward.message(seq));
        let act = async move { who.delete(&path).await.status };
        let Some((status, _)) = interrupted(world, before, act, forget(&scene, &ids[0])).await else { break };
        assert_eq!(status, 204, "after {before} requests");
        assert_eq!(noted(&scene, &ids[0]).await, None, "after {before} requests");
        assert_eq!(noted(&scene, &ids[1]).await.unwrap()["withdrawn"], true, "after {before} requests");
        let items = items(ben, ward).await;
        assert_eq!(items.iter().filter(|item| item["revises"] == seq).count(), 1, "after {before} requests");
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

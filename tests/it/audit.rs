//! What auditors see of conversations: who did what and when; with a reason, what was written; and whether the log is as
//! it was recorded.

use std::time::Duration;

use domain::chain::Digest;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::NOTHING;
use tests::world::World;

struct Scene {
    world: World,
    office: Actor,
    auditor: Actor,
    ann: Actor,
    ben: Actor,
    conversation: Conversation,
}

impl Scene {
    /// A conversation in which something was written, edited and taken back.
    async fn new() -> Self {
        let world = World::new().await;
        let office = world.office().await;
        let auditor = world.official("auditor", &[Role::Auditor]).await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let conversation = ann.starts("Ward 4", &[&ben]).await;
        let scene = Self { world, office, auditor, ann, ben, conversation };
        scene.ann.sends(&scene.conversation, "first words @ben").await.expect(201);
        scene.ben.sends(&scene.conversation, "to be taken back").await.expect(201);
        let edit = json!({ "body": "second words" });
        scene.ann.patch(&scene.conversation.message(2), edit).await.expect(200);
        assert_eq!(scene.ben.delete(&scene.conversation.message(3)).await.status, 204);
        scene
    }

    async fn permits(&self) {
        let settings = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": true });
        self.office.put("/v1/admin/settings", settings).await.expect(200);
    }

    fn log(&self) -> String {
        format!("{}/audit", self.conversation.path())
    }

    async fn breaks_the_glass(&self, asked: Value) -> Answer {
        self.auditor.post(&format!("{}/break-glass", self.conversation.path()), asked).await
    }

    async fn verified(&self) -> Value {
        self.auditor.get(&format!("{}/verify", self.log())).await.expect(200)
    }
}

const WRITTEN: [&str; 4] = ["first words", "second words", "to be taken back", "Ward 4"];

#[tokio::test]
async fn without_a_reason_it_is_who_and_when_and_nothing_that_was_written() {
    let scene = Scene::new().await;
    let log = scene.auditor.get(&scene.log()).await;
    let said = String::from_utf8_lossy(&log.bytes).into_owned();
    assert!(WRITTEN.iter().all(|text| !said.contains(text)), "{said}");
    let log = log.expect(200);
    assert_eq!((&log["open"], &log["next"]), (&json!(false), &Value::Null));
    let brief = |entry: &Value| format!("{} {} {}", entry["by"], entry["kind"], entry["revises"]).replace('"', "");
    let brief: Vec<String> = log["items"].as_array().unwrap().iter().map(brief).collect();
    assert_eq!(brief, ["ben withdrawn 3", "ann edited 2", "ben message null", "ann message null", "ann event null"]);
    assert!(log["items"][1]["body_sha256"].is_string());
    let page = scene.auditor.get(&format!("{}?limit=2&before=5", scene.log())).await.expect(200);
    assert_eq!((&page["items"][0]["seq"], &page["next"]), (&json!(4), &json!(3)));
}

#[tokio::test]
async fn nobody_reads_what_was_written_where_the_institution_does_not_permit_it() {
    let scene = Scene::new().await;
    let before = scene.world.table().await;
    scene.breaks_the_glass(json!({ "reason": "a complaint" })).await.expect_problem(403, "break-glass-disabled");
    assert_eq!(scene.world.table().await, before);
    scene.permits().await;
    for who in [&scene.ann, &scene.ben, &scene.office] {
        let path = format!("{}/break-glass", scene.conversation.path());
        who.post(&path, json!({ "reason": "curious" })).await.expect_problem(403, "not-an-auditor");
        who.get(&scene.log()).await.expect_problem(403, "not-an-auditor");
    }
}

#[tokio::test]
async fn with_a_reason_every_former_text_shows_for_an_hour_and_the_members_are_told() {
    let scene = Scene::new().await;
    scene.permits().await;
    let opened = scene.breaks_the_glass(json!({ "reason": "a complaint" })).await.expect(201);
    assert_eq!(opened["until"], "2026-03-01T10:00:00.000Z");
    let log = scene.auditor.get(&scene.log()).await.expect(200);
    assert_eq!(log["open"], true);
    let texts: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|entry| &entry["body"]).collect();
    let text = |text: &str| json!(text);
    assert_eq!(
        texts,
        [
            &Value::Null,
            &Value::Null,
            &text("second words"),
            &text("to be taken back"),
            &text("first words @ben"),
            &Value::Null
        ]
    );
    assert_eq!(log["items"][4]["mentions"], json!(["ben"]));
    assert_eq!(log["items"][5]["event"]["title"], "Ward 4");
    // The members are told, and the institution's log says why.
    let page = scene.ben.get(&scene.conversation.messages()).await.expect(200);
    let event = &page["items"][0];
    assert_eq!((&event["author"], &event["event"]["type"]), (&json!("auditor"), &json!("glass_broken")));
    assert_eq!(event["event"]["until"], opened["until"]);
    assert!(!page.to_string().contains("a complaint"));
    let line = &scene.auditor.get("/v1/audit/institution?limit=1").await.expect(200)["items"][0];
    assert_eq!((&line["type"], &line["details"]["reason"]), (&json!("glass_broken"), &json!("a complaint")));
    // It gives nothing else, and it ends.
    scene.auditor.get(&scene.conversation.messages()).await.expect_problem(404, "not-found");
    scene.auditor.sends(&scene.conversation, "hello").await.expect_problem(404, "not-found");
    scene.world.hand().advance(Duration::from_hours(1));
    let closed = scene.auditor.get(&scene.log()).await;
    let said = String::from_utf8_lossy(&closed.bytes).into_owned();
    assert!(WRITTEN.iter().all(|text| !said.contains(text)), "{said}");
}

#[tokio::test]
async fn what_was_attached_shows_by_its_hashes_and_with_a_reason_by_its_name() {
    let scene = Scene::new().await;
    let Scene { world, auditor, ann, conversation, .. } = &scene;
    let (name, other) = ("Smith John, liver.txt", "wound.txt");
    let ids = [world.attachment(ann, conversation, name).await, world.attachment(ann, conversation, other).await];
    let sent = ann.post(&conversation.messages(), json!({ "body": "look", "attachments": ids })).await.expect(201);
    let message = conversation.message(sent["seq"].as_u64().unwrap());
    ann.patch(&message, json!({ "body": "look at these" })).await.expect(200);
    assert_eq!(ann.delete(&message).await.status, 204);
    let recorded = |named: bool| {
        let one = |(id, name): (&String, &str)| {
            json!({
                "id": id, "content_type": "text/plain", "size": sent["attachments"][0]["size"],
                "sha256": sent["attachments"][0]["sha256"], "name": named.then_some(name),
                "name_sha256": Digest::of(name.as_bytes()).to_string(),
            })
        };
        ids.iter().zip([name, other]).map(one).collect::<Value>()
    };
    let log = async || {
        let answer = auditor.get(&format!("{}?limit=100", scene.log())).await;
        let said = String::from_utf8_lossy(&answer.bytes).into_owned();
        let entries = answer.expect(200)["items"].as_array().unwrap().clone();
        let mut with: Vec<(Value, Value)> =
            entries.iter().map(|entry| (entry["kind"].clone(), entry["attachments"].clone())).collect();
        with.retain(|(_, attachments)| *attachments != json!([]));
        (with, said)
    };
    // An edit keeps them; what takes it back has none.
    let shown = |named: bool| vec![(json!("edited"), recorded(named)), (json!("message"), recorded(named))];
    let hides = |said: &str| [name, other, "liver", "wound"].iter().all(|text| !said.contains(text));
    let (closed, said) = log().await;
    assert_eq!(closed, shown(false));
    assert!(hides(&said), "{said}");
    scene.permits().await;
    scene.breaks_the_glass(json!({ "reason": "a complaint" })).await.expect(201);
    assert_eq!(log().await.0, shown(true));
    world.hand().advance(Duration::from_hours(1));
    let (closed, said) = log().await;
    assert_eq!(closed, shown(false));
    assert!(hides(&said), "{said}");
    assert_eq!(scene.verified().await["broken_at"], Value::Null);
}

#[tokio::test]
async fn where_there_is_a_case_the_members_are_not_told_and_the_log_says_which() {
    let scene = Scene::new().await;
    scene.permits().await;
    let before = scene.ann.get(&scene.conversation.messages()).await.expect(200);
    scene.breaks_the_glass(json!({ "reason": "an inquiry", "case": "2026-17" })).await.expect(201);
    assert_eq!(scene.ann.get(&scene.conversation.messages()).await.expect(200), before);
    let line = &scene.auditor.get("/v1/audit/institution?limit=1").await.expect(200)["items"][0];
    assert_eq!(line["details"]["case"], "2026-17");
    assert_eq!(scene.auditor.get(&scene.log()).await.expect(200)["open"], true);
    // It is open to the one who said why, and to no other auditor.
    let other = scene.world.official("auditor2", &[Role::Auditor]).await;
    assert_eq!(other.get(&scene.log()).await.expect(200)["open"], false);
}

#[tokio::test]
async fn breaking_the_glass_with_the_same_key_does_it_once() {
    let scene = Scene::new().await;
    scene.permits().await;
    let (key, path) = (key(), format!("{}/break-glass", scene.conversation.path()));
    let asked = json!({ "reason": "a complaint" });
    let first = scene.auditor.post_with_key(&path, asked.clone(), &key).await.expect(201);
    let before = scene.world.table().await;
    let again = scene.auditor.post_with_key(&path, asked, &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201), first);
    let other = scene.auditor.post_with_key(&path, json!({ "reason": "another" }), &key).await;
    other.expect_problem(409, "idempotency-key-reuse");
    assert_eq!(scene.world.table().await, before);
}

#[tokio::test]
async fn a_conversation_that_does_not_exist_has_no_log() {
    let scene = Scene::new().await;
    scene.permits().await;
    let nothing = format!("/v1/conversations/{NOTHING}");
    for path in [format!("{nothing}/audit"), format!("{nothing}/audit/verify")] {
        scene.auditor.get(&path).await.expect_problem(404, "not-found");
    }
    let asked = json!({ "reason": "a complaint" });
    scene.auditor.post(&format!("{nothing}/break-glass"), asked).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn what_was_deleted_is_kept_for_auditors() {
    let scene = Scene::new().await;
    let path = format!("{}/delete", scene.conversation.path());
    assert_eq!(scene.ann.post(&path, json!({ "title": "Ward 4" })).await.status, 204);
    let log = scene.auditor.get(&scene.log()).await.expect(200);
    assert_eq!(log["items"][0]["event"]["type"], "deleted");
    assert_eq!(scene.verified().await, json!({ "verified_to": 6, "next": null, "broken_at": null }));
}

/// Everything of the conversation's log, by its sort key, as the table has it.
async fn stored(scene: &Scene) -> Vec<Value> {
    let pk = format!("C#{}", scene.conversation.id);
    let items = scene.world.table().await.into_iter().map(|item| serde_json::from_str::<Value>(&item).unwrap());
    items.filter(|item| item["pk"] == pk && item["sk"].as_str().unwrap().starts_with("E#")).collect()
}

/// Another value of the same shape somewhere in an item; nothing if there are not so many places.
fn forged(item: &Value, mut which: usize) -> Option<Value> {
    fn change(value: &mut Value, which: &mut usize) -> bool {
        match value {
            Value::Object(fields) => fields
                .iter_mut()
                .filter(|(name, _)| !["pk", "sk", "entity", "key"].contains(&name.as_str()))
                .any(|(_, value)| change(value, which)),
            Value::Array(values) => values.iter_mut().any(|value| change(value, which)),
            _ if *which > 0 => {
                *which -= 1;
                false
            }
            Value::String(text) => {
                let last = text.pop();
                text.push(if last == Some('1') { '2' } else { '1' });
                true
            }
            Value::Bool(is) => {
                *is = !*is;
                true
            }
            Value::Number(n) => {
                *value = json!(n.as_u64().unwrap_or(0) + 1);
                true
            }
            Value::Null => false,
        }
    }
    let mut forged = item.clone();
    change(&mut forged, &mut which).then_some(forged)
}

#[tokio::test]
async fn whatever_is_changed_in_a_log_or_taken_out_of_it_is_named() {
    let scene = Scene::new().await;
    assert_eq!(scene.verified().await, json!({ "verified_to": 5, "next": null, "broken_at": null }));
    let mut tried = 0;
    for item in stored(&scene).await {
        let sk = item["sk"].as_str().unwrap().to_owned();
        // What a revision says lies beside the message, and belongs to the entry that recorded it.
        let place: u64 = sk.rsplit('#').next().unwrap().parse().unwrap();
        for change in (0..).map_while(|which| forged(&item, which)) {
            scene.world.plant(&change).await;
            assert_eq!(scene.verified().await["broken_at"], place, "{change}");
            tried += 1;
        }
        scene.world.remove(&format!("C#{}", scene.conversation.id), &sk).await;
        assert_eq!(scene.verified().await["broken_at"], place, "{sk} is missing");
        scene.world.plant(&item).await;
    }
    assert!(tried > 60, "{tried}");
    eprintln!("{tried} changes to a log, each found at its place");
}

/// Follows the log of a conversation from the entry after a place on, part by part: how many parts that took, how far it
/// is as it was written, and where it is not.
async fn follows(scene: &Scene, start: u64) -> (usize, u64, Option<u64>) {
    let (mut parts, mut after) = (0, start);
    loop {
        let found = scene.auditor.get(&format!("{}/verify?after={after}", scene.log())).await.expect(200);
        parts += 1;
        let to = found["verified_to"].as_u64().unwrap();
        let Some(next) = found["next"].as_u64() else { return (parts, to, found["broken_at"].as_u64()) };
        assert!(next > after && next == to, "{found}");
        after = next;
    }
}

/// Long logs are followed in parts, and the parts fit together wherever one starts.
#[tokio::test]
async fn a_log_is_followed_from_anywhere_to_its_end() {
    let scene = Scene::new().await;
    let mut last = 5;
    while last < 520 {
        // So that nobody meets a limit on how often.
        scene.world.hand().advance(Duration::from_secs(10));
        last = scene.ben.sends(&scene.conversation, "more").await.expect(201)["seq"].as_u64().unwrap();
    }
    // Five hundred at once: what is left is one part and a bit, one, less, or nothing.
    for (start, parts) in [(0, 2), (1, 2), (last - 501, 2), (last - 500, 1), (last - 1, 1), (last, 1)] {
        assert_eq!(follows(&scene, start).await, (parts, last, None), "from {start}");
    }
    // There is nothing behind the end.
    assert_eq!(follows(&scene, last + 4).await, (1, last + 3, Some(last + 4)));
    // What is not as it was written is named, in whichever part it is.
    let pk = format!("C#{}", scene.conversation.id);
    for (place, in_part) in [(2, 1), (500, 1), (501, 2), (last, 2)] {
        let item = scene.world.item(&pk, &format!("E#{place:012}")).await.unwrap();
        let mut other = item.clone();
        other["by"] = json!("eve");
        scene.world.plant(&other).await;
        assert_eq!(follows(&scene, 0).await, (in_part, place - 1, Some(place)));
        scene.world.plant(&item).await;
    }
}

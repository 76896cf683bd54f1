//! Who gets what, and for how long.

use std::time::Duration;

use local::aws::scanner::eicar;
use serde_json::{Value, json};
use tests::actor::{Conversation, key};
use tests::beside::declared;
use tests::world::World;

use super::{asks, asks_with_key, backs_up, fetched, looks, uploads};

#[tokio::test]
async fn what_a_member_sees_is_in_it_and_nothing_else() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward <4>", &[&ben]).await;
    let said = ann.sends(&ward, "Room 4 at <b>ten</b> & \"soon\"").await.expect(201);
    let formula = ben.sends(&ward, "=HYPERLINK(\"http://x.example\")").await.expect(201);
    let edited = ann.sends(&ward, "what was meant otherwise").await.expect(201);
    ann.patch(&ward.message(edited["seq"].as_u64().unwrap()), json!({ "body": "what was meant" })).await.expect(200);
    let withdrawn = ben.sends(&ward, "what nobody shall read").await.expect(201);
    ben.delete(&ward.message(withdrawn["seq"].as_u64().unwrap())).await.expect(204);
    let (scan, plague) = (b"%PDF-1.7 scan".repeat(999), eicar().into_bytes());
    let pdf = "application/pdf";
    let clean = uploads(&world, &ann, &ward, ("scan: of 4?.pdf", pdf), &scan).await;
    let blocked = uploads(&world, &ann, &ward, ("plague.txt", "text/plain"), &plague).await;
    let infected = ann.post(&ward.messages(), json!({ "attachments": [blocked] })).await;
    infected.expect_problem(422, "attachment-not-usable");
    let shared = ann.post(&ward.messages(), json!({ "body": "the scan", "attachments": [clean] })).await.expect(201);
    let gone = uploads(&world, &ben, &ward, ("gone.pdf", pdf), b"%PDF-1.7 gone").await;
    let gone = ben.post(&ward.messages(), json!({ "attachments": [gone] })).await.expect(201);
    ben.delete(&ward.message(gone["seq"].as_u64().unwrap())).await.expect(204);

    let backup = backs_up(&world, &ben, &ward).await;
    let file = format!("attachments/{:06}-1-scan_ of 4_.pdf", shared["seq"].as_u64().unwrap());
    let expected = [
        "README.txt",
        "SHA256SUMS",
        &file,
        "log-0001.jsonl",
        "manifest.json",
        "messages-0001.csv",
        "messages-0001.html",
    ];
    assert_eq!(backup.names(), expected);
    assert_eq!(backup.0[&file], scan);
    let everything: String =
        backup.0.iter().filter(|(name, _)| **name != file).map(|(name, _)| backup.text(name)).collect();
    for hidden in ["what nobody shall read", "meant otherwise", "gone.pdf", "plague"] {
        assert!(!everything.contains(hidden), "{hidden}");
    }

    let rows = backup.rows();
    let row = |seq: &Value| rows.iter().find(|row| row[0].parse() == Ok(seq.as_u64().unwrap())).unwrap();
    let first = row(&said["seq"]);
    assert_eq!(
        first[1..7],
        [said["sent_at"].as_str().unwrap(), "ann", "Ann", "message", "", "Room 4 at <b>ten</b> & \"soon\""]
    );
    assert_eq!(row(&formula["seq"])[6], "'=HYPERLINK(\"http://x.example\")");
    let revised = row(&edited["seq"]);
    assert_eq!((&revised[6], revised[7].is_empty()), (&"what was meant".to_owned(), false));
    assert_eq!(row(&withdrawn["seq"])[4..7], ["withdrawn", "", ""]);
    assert_eq!(row(&shared["seq"])[8], file);
    assert_eq!(rows.last().unwrap()[6], "made a back-up");

    let page = backup.text("messages-0001.html");
    assert!(page.contains("Room 4 at &#60;b&#62;ten&#60;/b&#62; &#38; &#34;soon&#34;"), "{page}");
    assert!(page.contains("<title>Ward &#60;4&#62;</title>") && !page.contains("<b>") && !page.contains("<script"));
    assert!(
        page.contains(&format!("href=\"attachments/{:06}-1-scan_%20of%204_.pdf\"", shared["seq"].as_u64().unwrap()))
    );
    assert_eq!(page.matches("This message was withdrawn.").count(), 2);
}

#[tokio::test]
async fn everybody_sees_that_somebody_made_one_and_it_is_nobody_elses() {
    let world = World::new().await;
    let (ann, ben, eve) = (world.person("ann").await, world.person("ben").await, world.person("eve").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&ward, "Hello").await.expect(201);
    let before = ann.get(&ward.path()).await.expect(200);

    asks(&eve, &ward).await.expect_problem(404, "not-found");
    let asked = asks(&ben, &ward).await.expect(202);
    assert_eq!(asked["state"], "running");
    assert_eq!(asked["progress"], json!({ "done": 0, "of": 3 }));
    assert_eq!((&asked["from"], &asked["to"], &asked["download"]), (&json!(1), &json!(3), &Value::Null));
    assert_eq!(looks(&ben, &ward, &asked).await.expect(200), asked);
    world.settles().await;

    let ready = looks(&ben, &ward, &asked).await.expect(200);
    assert_eq!(ready["progress"], json!({ "done": 3, "of": 3 }));
    assert_eq!(ready["expires_at"], "2026-03-02T09:00:00.000Z");
    assert_eq!(ready["download"]["expires_at"], "2026-03-01T09:15:00.000Z");
    fetched(&world, &ward, &ready).await;
    for other in [&ann, &eve] {
        looks(other, &ward, &asked).await.expect_problem(404, "not-found");
    }
    let elsewhere = ben.starts("Ward 5", &[]).await;
    looks(&ben, &elsewhere, &asked).await.expect_problem(404, "not-found");

    let told = ann.get(&format!("{}?after=2", ward.messages())).await.expect(200);
    let [told] = &told["items"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&told["event"]["type"], &told["author"]), (&json!("exported"), &json!("ben")));
    assert_eq!(world.bus().take().last().unwrap().name, "ConversationExported");
    // It changes nothing of the conversation itself, and nothing is unread.
    let after = ann.get(&ward.path()).await.expect(200);
    assert_eq!((&after["rev"], &after["unread"]), (&before["rev"], &before["unread"]));
    assert_eq!(ann.unread().await, [0, 0, 0, 0]);

    // Whoever goes loses it, and gets it back by no way.
    ann.removes(&ward, &ben).await.expect(204);
    looks(&ben, &ward, &asked).await.expect_problem(404, "not-found");
    ann.adds(&ward, &[&ben]).await.expect(200);
    looks(&ben, &ward, &asked).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn asked_for_again_with_the_same_key_it_is_the_same() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    let key = key();
    let first = asks_with_key(&ann, &ward, &key).await.expect(202);
    let again = asks_with_key(&ann, &ward, &key).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(202), first);
    world.settles().await;
    assert_eq!(asks_with_key(&ann, &ward, &key).await.expect(202)["state"], "ready");
    let other = ann.starts("Ward 5", &[]).await;
    asks_with_key(&ann, &other, &key).await.expect_problem(409, "idempotency-key-reuse");
    let ben = world.person("ben").await;
    ann.adds(&ward, &[&ben]).await.expect(200);
    asks_with_key(&ben, &ward, &key).await.expect(202);
    ann.removes(&ward, &ben).await.expect(204);
    asks_with_key(&ben, &ward, &key).await.expect_problem(404, "not-found");
    // Who comes back may see less than before.
    ann.adds(&ward, &[&ben]).await.expect(200);
    asks_with_key(&ben, &ward, &key).await.expect_problem(404, "not-found");
    let upload = ann.post_with_key(&ward.attachments(), declared("a.txt", "text/plain", b"a"), &key).await;
    upload.expect_problem(409, "idempotency-key-reuse");
}

#[tokio::test]
async fn whoever_came_later_gets_what_was_said_since() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let asked = json!({ "title": "Ward 4", "members": [], "history": "from_join" });
    let started = ann.post("/v1/conversations", asked).await.expect(201);
    let ward = Conversation::new(&started);
    let early = ann.sends(&ward, "what was said before Ben").await.expect(201);
    ann.adds(&ward, &[&ben]).await.expect(200);
    ann.patch(&ward.message(early["seq"].as_u64().unwrap()), json!({ "body": "and changed @ben" })).await.expect(200);
    ann.sends(&ward, "Hello Ben").await.expect(201);
    let backup = backs_up(&world, &ben, &ward).await;
    assert_eq!(backup.lines().first().unwrap().seq.get(), 3);
    let said = ["csv", "html", "jsonl"].map(|ending| backup.all("", ending)).concat();
    assert!(said.contains("Hello Ben") && !said.contains("before Ben") && !said.contains("and changed"), "{said}");
    // Of what was done to what is hidden from him there is no more than a hash.
    assert!(backup.lines()[1].entry.is_none());
    assert_eq!(backup.rows().len(), 3);

    let whole = backs_up(&world, &ann, &ward).await;
    assert!(whole.lines()[0].entry.is_some(), "she was there when it began");
    assert!(whole.text("messages-0001.html").contains("and changed @ben"));
}

#[tokio::test]
async fn the_institution_says_who_may() {
    let world = World::new().await;
    let office = world.office().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    let permit = async |who: &str| {
        let mut settings = office.get("/v1/admin/settings").await.expect(200);
        settings["backup_by"] = who.into();
        office.put("/v1/admin/settings", settings).await.expect(200);
        world.hand().advance(Duration::from_mins(1));
    };
    permit("administrator").await;
    asks(&ben, &ward).await.expect_problem(403, "not-an-administrator");
    asks(&ann, &ward).await.expect(202);
    permit("nobody").await;
    for who in [&ann, &ben] {
        asks(who, &ward).await.expect_problem(403, "backups-disabled");
    }
    permit("member").await;
    asks(&ben, &ward).await.expect(202);
    // An archive is kept, and can be taken along.
    ann.post(&format!("{}/archive", ward.path()), json!({})).await.expect(200);
    asks(&ben, &ward).await.expect(202);
    world.settles().await;
    let title = json!({ "title": "Ward 4" });
    ann.post(&format!("{}/delete", ward.path()), title).await.expect(204);
    asks(&ann, &ward).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_day_later_it_is_gone() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    let asked = asks(&ann, &ward).await.expect(202);
    world.settles().await;
    let object = super::crashes::objects(&world);
    assert_eq!(object.len(), 1);
    world.passes(Duration::from_hours(24) - Duration::from_secs(1)).await;
    looks(&ann, &ward, &asked).await.expect(200);
    world.hand().advance(Duration::from_secs(1));
    looks(&ann, &ward, &asked).await.expect_problem(404, "not-found");
    world.passes(Duration::from_hours(1)).await;
    assert!(super::crashes::objects(&world).is_empty());
    assert!(!world.table().await.iter().any(|item| item.contains("\"entity\":\"backup\"")));
}

#[tokio::test]
async fn what_is_scanned_while_it_is_made_is_not_served_by_it() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    let plague = eicar().into_bytes();
    let asked = ann.post(&ward.attachments(), declared("plague.txt", "text/plain", &plague)).await.expect(201);
    assert_eq!(world.upload(&asked, &plague).await, 200);
    let verdicts = world.take_verdicts();
    let id = asked["attachment"]["id"].as_str().unwrap();
    ann.post(&format!("{}/complete", ward.attachment(id)), json!({})).await.expect(200);
    ann.post(&ward.messages(), json!({ "attachments": [id] })).await.expect(201);
    let unscanned = backs_up(&world, &ann, &ward).await;
    assert!(!unscanned.names().iter().any(|name| name.starts_with("attachments/")));
    assert_eq!(unscanned.rows()[1][8], "plague.txt (scanning)");
    world.scan_results().handle(verdicts[0].clone()).await.unwrap();
    let blocked = backs_up(&world, &ann, &ward).await;
    assert!(!blocked.names().iter().any(|name| name.starts_with("attachments/")));
    assert_eq!(blocked.rows()[1][8], "plague.txt (blocked)");
}

//! From the request to upload something to the moment it is fetched, or can never be.

use std::time::Duration;

use domain::chain::Digest;
use http::Method;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Conversation, key};
use tests::beside::declared;

use super::{
    PDF, Scene, asks, blocked, clean, completes, fetches, finds, follows, id_of, items, link, objects, sends, verdict,
    written,
};

fn in_state(attachment: &Value, state: &str) -> Value {
    let mut is = attachment.clone();
    is["state"] = state.into();
    is
}

#[tokio::test]
async fn what_is_sent_along_is_seen_and_fetched_by_everybody() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let asked = scene.asks().await;
    let pending = json!({
        "id": asked["attachment"]["id"], "name": "scan.pdf", "content_type": "application/pdf", "size": PDF.len(),
        "sha256": Digest::of(PDF).to_string(), "state": "pending",
    });
    assert_eq!(asked["attachment"], pending);
    assert_eq!(asked["upload"]["method"], "PUT");
    assert_eq!(asked["upload"]["expires_at"], "2026-03-01T09:05:00.000Z");
    let id = id_of(&pending);

    assert_eq!(world.upload(&asked, PDF).await, 200);
    let scanning = completes(ann, ward, &id).await.expect(200);
    assert_eq!(scanning, in_state(&pending, "scanning"));
    assert_eq!(completes(ann, ward, &id).await.expect(200), scanning, "saying it twice answers the same");
    world.settles().await;
    let found = in_state(&pending, "clean");
    assert_eq!(completes(ann, ward, &id).await.expect(200), found);

    let asked = json!({ "body": "the scan", "attachments": [id] });
    let sent = ann.post(&ward.messages(), asked).await.expect(201);
    assert_eq!((&sent["body"], &sent["attachments"]), (&json!("the scan"), &json!([found])));
    assert_eq!(items(ben, ward).await.last(), Some(&sent));
    for who in [ann, ben] {
        let fetched = fetches(who, ward, &id).await.expect(200);
        assert_eq!(fetched["attachment"], found);
        assert_eq!(fetched["download"]["expires_at"], "2026-03-01T09:01:00.000Z");
        let (status, headers, bytes) = world.fetch(link(&fetched)).await;
        assert_eq!((status, &bytes[..]), (200, PDF));
        assert_eq!(headers["content-type"], "application/pdf");
        assert_eq!(headers["content-disposition"], "attachment; filename=\"scan.pdf\"; filename*=UTF-8''scan.pdf");
        assert_eq!(headers["cache-control"], "private, no-store");
    }
}

#[tokio::test]
async fn a_message_may_be_nothing_but_attachments() {
    let scene = Scene::new().await;
    let Scene { ann, ben, ward, .. } = &scene;
    let ids = [scene.clean("one.pdf").await, scene.clean("two.pdf").await];
    let asked = json!({ "attachments": ids, "important": true });
    let sent = ann.post(&ward.messages(), asked).await.expect(201);
    assert_eq!((&sent["body"], &sent["important"]), (&Value::Null, &json!(true)));
    let names: Vec<&Value> = sent["attachments"].as_array().unwrap().iter().map(|shown| &shown["name"]).collect();
    assert_eq!(names, ["one.pdf", "two.pdf"]);
    assert_eq!(items(ben, ward).await.last(), Some(&sent));
    assert_eq!(ben.unread().await, [1, 1, 0, 1]);

    let message = ward.message(sent["seq"].as_u64().unwrap());
    for (change, body) in
        [(json!({ "important": false }), Value::Null), (json!({ "body": "both of them" }), json!("both of them"))]
    {
        let edited = ann.patch(&message, change).await.expect(200);
        assert_eq!((&edited["body"], &edited["attachments"]), (&body, &sent["attachments"]));
    }
    for nothing in [json!({}), json!({ "body": " " }), json!({ "attachments": [] })] {
        ann.post(&ward.messages(), nothing).await.expect_problem(422, "empty-message");
    }
}

#[tokio::test]
async fn whatever_a_browser_would_run_is_given_back_as_something_to_save() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let anything = "application/octet-stream";
    let page: &[u8] = b"<!doctype html><script>alert(1)</script>";
    let (code, junk): (&[u8], &[u8]) = (b"alert(1)", b"\x01\x02\x03");
    let drawing: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let picture: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for (name, content_type, bytes, served_as) in [
        ("page.html", "text/html", page, anything),
        ("page.xhtml", "application/xhtml+xml", page, anything),
        ("drawing.svg", "image/svg+xml", drawing, anything),
        ("code.js", "text/javascript", code, anything),
        ("what.ever", "x-what/ever", junk, anything),
        ("any.bin", anything, page, anything),
        ("notes.txt", "text/plain", page, "text/plain"),
        ("picture.png", "image/png", picture, "image/png"),
        ("scan.pdf", "Application/PDF", PDF, "application/pdf"),
    ] {
        let id = world.uploads_as(ann, ward, declared(name, content_type, bytes), bytes).await;
        world.settles().await;
        sends(ann, ward, &[&id]).await.expect(201);
        let fetched = fetches(ben, ward, &id).await.expect(200);
        assert_eq!(fetched["attachment"]["content_type"], content_type.to_lowercase(), "{name}");
        let (status, headers, got) = world.fetch(link(&fetched)).await;
        assert_eq!((status, &got[..]), (200, bytes), "{name}");
        assert_eq!(headers["content-type"], served_as, "{name}");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"), "{name}");
    }
}

#[tokio::test]
async fn nothing_is_fetched_before_it_was_found_clean() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let asked = scene.asks().await;
    let id = id_of(&asked["attachment"]);
    for early in [fetches(ann, ward, &id).await, completes(ann, ward, &id).await] {
        early.expect_problem(409, "attachment-not-uploaded");
    }
    sends(ann, ward, &[&id]).await.expect_problem(422, "attachment-not-usable");

    assert_eq!(world.upload(&asked, PDF).await, 200);
    let verdict = verdict(world);
    // It is uploaded, and nobody has said so.
    fetches(ann, ward, &id).await.expect_problem(409, "attachment-not-uploaded");
    sends(ann, ward, &[&id]).await.expect_problem(422, "attachment-not-usable");
    completes(ann, ward, &id).await.expect(200);
    let sent = sends(ann, ward, &[&id]).await.expect(201);
    assert_eq!(sent["attachments"][0]["state"], "scanning");
    for who in [ann, ben] {
        let refused = fetches(who, ward, &id).await;
        refused.expect_problem(409, "attachment-scanning");
        assert_eq!(refused.headers["retry-after"], "5");
    }

    assert_eq!(finds(world, &verdict, "NO_THREATS_FOUND").await, "noted");
    let fetched = fetches(ben, ward, &id).await.expect(200);
    assert_eq!(follows(world, &fetched).await, (200, PDF.to_vec()));
    let clean = in_state(&sent["attachments"][0], "clean");
    assert_eq!(items(ben, ward).await.last().unwrap()["attachments"], json!([clean]));
}

#[tokio::test]
async fn what_is_infected_is_sent_by_nobody_and_fetched_by_nobody() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let (id, verdict) = scene.scanning(true).await;
    assert_eq!(world.scan_results().handle(verdict).await.unwrap(), json!({ "outcome": "noted" }));
    assert_eq!(completes(ann, ward, &id).await.expect(200)["state"], "blocked");
    sends(ann, ward, &[&id]).await.expect_problem(422, "attachment-not-usable");
    fetches(ann, ward, &id).await.expect_problem(410, "attachment-quarantined");
    fetches(ben, ward, &id).await.expect_problem(404, "not-found");
    assert!(blocked(ann, ward).await.is_empty(), "there is no message of which to tell");
}

#[tokio::test]
async fn what_is_found_infected_after_it_was_sent_is_blocked_and_told_once() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let (id, verdict) = scene.scanning(true).await;
    let sent = sends(ann, ward, &[&id]).await.expect(201);
    let seq = sent["seq"].as_u64().unwrap();
    assert_eq!(finds(world, &verdict, "THREATS_FOUND").await, "noted");
    assert_eq!(finds(world, &verdict, "THREATS_FOUND").await, "same");
    // What stands is what is worst.
    assert_eq!(finds(world, &verdict, "NO_THREATS_FOUND").await, "same");
    for who in [ann, ben] {
        fetches(who, ward, &id).await.expect_problem(410, "attachment-quarantined");
        assert_eq!(blocked(who, ward).await, [(id.clone(), seq)]);
    }
    let shown = items(ben, ward).await;
    let [.., message, event] = &shown[..] else { panic!("{shown:?}") };
    assert_eq!(message["attachments"], json!([in_state(&sent["attachments"][0], "blocked")]));
    assert_eq!((&event["kind"], &event["author"]), (&json!("event"), &json!(ann.username())));
    assert_eq!(ben.unread().await, [1, 1, 0, 0]);
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let verified = auditor.get(&format!("{}/audit/verify", ward.path())).await.expect(200);
    assert_eq!((&verified["broken_at"], &verified["verified_to"]), (&Value::Null, &event["seq"]));
}

#[tokio::test]
async fn the_scanner_may_be_faster_than_whoever_says_that_it_is_uploaded() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    for (found, state, fetched) in [
        (vec!["NO_THREATS_FOUND"], "clean", 200),
        (vec!["THREATS_FOUND"], "blocked", 410),
        (vec!["THREATS_FOUND", "NO_THREATS_FOUND"], "blocked", 410),
        (vec!["UNSUPPORTED"], "blocked", 410),
        (vec!["UNSUPPORTED", "NO_THREATS_FOUND"], "clean", 200),
        (vec!["NO_THREATS_FOUND", "FAILED"], "clean", 200),
    ] {
        let asked = scene.asks().await;
        let id = id_of(&asked["attachment"]);
        assert_eq!(world.upload(&asked, PDF).await, 200);
        let verdict = verdict(world);
        for status in &found {
            finds(world, &verdict, status).await;
        }
        fetches(ann, ward, &id).await.expect_problem(409, "attachment-not-uploaded");
        assert_eq!(completes(ann, ward, &id).await.expect(200)["state"], state, "{found:?}");
        assert_eq!(fetches(ann, ward, &id).await.status, fetched, "{found:?}");
    }
}

#[tokio::test]
async fn what_could_not_be_looked_into_is_blocked_until_it_could() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    for unknown in ["UNSUPPORTED", "ACCESS_DENIED", "FAILED"] {
        let (id, verdict) = scene.scanning(false).await;
        assert_eq!(finds(world, &verdict, unknown).await, "noted", "{unknown}");
        sends(ann, ward, &[&id]).await.expect_problem(422, "attachment-not-usable");
        fetches(ann, ward, &id).await.expect_problem(410, "attachment-quarantined");
        assert_eq!(finds(world, &verdict, "NO_THREATS_FOUND").await, "noted", "{unknown}");
        assert_eq!(finds(world, &verdict, unknown).await, "same", "{unknown}");
        sends(ann, ward, &[&id]).await.expect(201);
        fetches(ben, ward, &id).await.expect(200);
    }
    assert!(blocked(ben, ward).await.is_empty());

    let (id, verdict) = scene.scanning(false).await;
    let seq = sends(ann, ward, &[&id]).await.expect(201)["seq"].as_u64().unwrap();
    for (status, fetched) in [("FAILED", 410), ("NO_THREATS_FOUND", 200), ("THREATS_FOUND", 410)] {
        assert_eq!(finds(world, &verdict, status).await, "noted", "{status}");
        assert_eq!(fetches(ben, ward, &id).await.status, fetched, "{status}");
    }
    assert_eq!(blocked(ben, ward).await, [(id, seq)], "told once, however often it changes");
}

#[tokio::test]
async fn a_verdict_on_something_else_changes_nothing() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let (id, verdict) = scene.scanning(false).await;
    sends(ann, ward, &[&id]).await.expect(201);
    let before = written(world).await;
    let object = verdict["detail"]["s3ObjectDetails"]["objectKey"].as_str().unwrap();
    let unknown = object.replace(&id, "019ca8a0-3e80-7707-8707-0707070707a1");
    for (place, value, outcome) in [
        ("/detail/s3ObjectDetails/versionId", json!("another"), "same"),
        ("/detail/s3ObjectDetails/objectKey", json!(unknown), "unknown"),
        ("/detail/s3ObjectDetails/objectKey", json!(format!("b/{object}")), "ignored"),
        ("/detail/s3ObjectDetails/objectKey", json!("a/../report.pdf"), "ignored"),
        ("/detail/scanResultDetails", Value::Null, "ignored"),
        ("/detail/scanResultDetails/scanResultStatus", json!("no_threats_found"), "ignored"),
    ] {
        let mut other = verdict.clone();
        *other.pointer_mut(place).unwrap() = value;
        let came = world.scan_results().handle(other.clone()).await.unwrap();
        assert_eq!(came, json!({ "outcome": outcome }), "{other}");
        fetches(ben, ward, &id).await.expect_problem(409, "attachment-scanning");
    }
    assert_eq!(written(world).await, before);
}

#[tokio::test]
async fn a_verdict_on_another_object_beside_it_is_none_on_an_attachment() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let (id, mut verdict) = scene.scanning(false).await;
    sends(ann, ward, &[&id]).await.expect(201);
    verdict["detail"]["s3ObjectDetails"]["objectKey"] = format!("a/{id}/{}", "0".repeat(32)).into();
    finds(world, &verdict, "NO_THREATS_FOUND").await;
    fetches(ben, ward, &id).await.expect_problem(409, "attachment-scanning");
}

#[tokio::test]
async fn what_was_taken_back_is_fetched_by_nobody_and_sent_no_more() {
    let scene = Scene::new().await;
    let Scene { ann, ben, ward, .. } = &scene;
    let ids = [scene.clean("one.pdf").await, scene.clean("two.pdf").await];
    let seq = sends(ann, ward, &[&ids[0], &ids[1]]).await.expect(201)["seq"].as_u64().unwrap();
    ann.patch(&ward.message(seq), json!({ "body": "edited" })).await.expect(200);
    ann.delete(&ward.message(seq)).await.expect(204);
    for id in &ids {
        for who in [ann, ben] {
            fetches(who, ward, id).await.expect_problem(404, "not-found");
        }
        sends(ann, ward, &[id]).await.expect_problem(422, "attachment-not-usable");
    }
    let shown = items(ben, ward).await;
    let tombstone = shown.iter().find(|item| item["seq"] == seq).unwrap();
    assert_eq!((&tombstone["withdrawn"], &tombstone["attachments"]), (&json!(true), &json!([])));
    assert!(!json!(shown).to_string().contains("one.pdf"));
    // To take back what was taken back changes nothing.
    ann.delete(&ward.message(seq)).await.expect(204);
}

#[tokio::test]
async fn what_one_may_not_see_is_the_same_as_what_does_not_exist_byte_for_byte() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let (cleo, eve) = (world.person("cleo").await, world.person("eve").await);
    ann.adds(ward, &[&cleo]).await.expect(200);
    let other = ann.starts("Ward 5", &[ben]).await;
    let (unsent, sent, withdrawn) =
        (scene.clean("a.pdf").await, scene.clean("b.pdf").await, scene.clean("c.pdf").await);
    sends(ann, ward, &[&sent]).await.expect(201);
    let seq = sends(ann, ward, &[&withdrawn]).await.expect(201)["seq"].as_u64().unwrap();
    ann.delete(&ward.message(seq)).await.expect(204);
    fetches(&cleo, ward, &sent).await.expect(200);
    ann.removes(ward, &cleo).await.expect(204);

    let (nowhere, none) = (Conversation { id: key() }, key());
    let before = written(world).await;
    let mut answers = Vec::new();
    for (who, of, id) in [
        (ann, ward, &none),
        (ann, ward, &withdrawn),
        (ben, ward, &withdrawn),
        (ben, ward, &unsent),
        (&cleo, ward, &sent),
        (&cleo, ward, &unsent),
        (&eve, ward, &sent),
        (&eve, ward, &none),
        (ann, &other, &sent),
        (ann, &other, &unsent),
        (ben, &other, &sent),
        (ann, &nowhere, &sent),
        (&eve, &nowhere, &none),
    ] {
        answers.push(fetches(who, of, id).await);
    }
    for (who, of, id) in [
        (ann, ward, &none),
        (ben, ward, &unsent),
        (ben, ward, &sent),
        (&cleo, ward, &sent),
        (&eve, ward, &sent),
        (ann, &other, &unsent),
        (ann, &nowhere, &unsent),
    ] {
        answers.push(completes(who, of, id).await);
    }
    for (who, to) in [(&cleo, ward), (&eve, ward), (ann, &nowhere)] {
        answers.push(asks(who, to, declared("scan.pdf", "application/pdf", PDF)).await);
    }
    for answer in &answers {
        answer.expect_problem(404, "not-found");
        assert_eq!(answer.said(), answers[0].said());
    }
    assert_eq!(written(world).await, before);
    assert_eq!(objects(world).len(), 3);
}

#[tokio::test]
async fn where_history_begins_with_joining_so_do_attachments() {
    for (history, earlier) in [("all", 200), ("from_join", 404)] {
        let Scene { world, ann, ben, .. } = &Scene::new().await;
        let cleo = world.person("cleo").await;
        let asked = json!({ "title": "Ward 4", "members": [ben.username()], "history": history });
        let ward = &Conversation::new(&ann.post("/v1/conversations", asked).await.expect(201));
        let first = clean(world, ann, ward, "first.pdf").await;
        let (own, unsent) = (clean(world, ben, ward, "own.pdf").await, clean(world, ben, ward, "unsent.pdf").await);
        sends(ann, ward, &[&first]).await.expect(201);
        sends(ben, ward, &[&own]).await.expect(201);
        ann.adds(ward, &[&cleo]).await.expect(200);
        let second = clean(world, ann, ward, "second.pdf").await;
        sends(ann, ward, &[&second]).await.expect(201);
        for (id, status) in [(&first, earlier), (&own, earlier), (&second, 200), (&unsent, 404)] {
            assert_eq!(fetches(&cleo, ward, id).await.status, status, "{history}");
        }

        ann.removes(ward, ben).await.expect(204);
        for id in [&first, &own, &second, &unsent] {
            fetches(ben, ward, id).await.expect_problem(404, "not-found");
            completes(ben, ward, id).await.expect_problem(404, "not-found");
        }
        sends(ben, ward, &[&unsent]).await.expect_problem(404, "not-found");
        ann.adds(ward, &[ben]).await.expect(200);
        // Even what one sent oneself is from an earlier stay. What was never sent is still one's own.
        for (id, status) in [(&first, earlier), (&own, earlier), (&second, earlier), (&unsent, 200)] {
            assert_eq!(fetches(ben, ward, id).await.status, status, "{history}");
        }
        sends(ben, ward, &[&unsent]).await.expect(201);
        for who in [ann, ben, &cleo] {
            fetches(who, ward, &unsent).await.expect(200);
        }
    }
}

#[tokio::test]
async fn an_archived_conversation_takes_none_and_a_deleted_one_shows_none() {
    let scene = Scene::new().await;
    let Scene { ann, ben, ward, .. } = &scene;
    let (sent, unsent) = (scene.clean("a.pdf").await, scene.clean("b.pdf").await);
    sends(ann, ward, &[&sent]).await.expect(201);
    ann.post(&format!("{}/archive", ward.path()), json!({})).await.expect(200);
    let refused = asks(ann, ward, declared("scan.pdf", "application/pdf", PDF)).await;
    refused.expect_problem(409, "conversation-archived");
    sends(ann, ward, &[&unsent]).await.expect_problem(409, "conversation-archived");
    fetches(ben, ward, &sent).await.expect(200);
    ann.post(&format!("{}/delete", ward.path()), json!({ "title": "Ward 4" })).await.expect(204);
    for answer in [
        fetches(ann, ward, &unsent).await,
        fetches(ben, ward, &sent).await,
        completes(ann, ward, &unsent).await,
        sends(ann, ward, &[&unsent]).await,
        asks(ann, ward, declared("scan.pdf", "application/pdf", PDF)).await,
    ] {
        answer.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn the_bucket_shows_nothing_to_whoever_has_no_link_and_no_more_than_the_link_says() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let (one, two) = (scene.clean("one.pdf").await, scene.clean("two.pdf").await);
    let (one, two) = (fetches(ann, ward, &one).await.expect(200), fetches(ann, ward, &two).await.expect(200));
    let (object, signed) = link(&one).split_once('?').unwrap();
    let another = link(&two).split_once('?').unwrap().0;
    let bucket = object.split("/a/").next().unwrap();
    for url in [
        object.to_owned(),
        bucket.to_owned(),
        format!("{bucket}?list-type=2"),
        format!("{bucket}?list-type=2&{signed}"),
        format!("{another}?{signed}"),
        link(&one).replace("content-type=application", "content-type=text"),
        link(&one).replace("content-disposition=attachment", "content-disposition=inline"),
    ] {
        assert_ne!(url, link(&one));
        assert_eq!(world.fetch(&url).await.0, 403, "{url}");
    }
    let client = reqwest::Client::new();
    for request in [client.put(link(&one)).body("other"), client.delete(link(&one))] {
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    assert_eq!(follows(world, &one).await, (200, PDF.to_vec()));
}

#[tokio::test]
async fn asking_again_with_the_same_key_is_the_same_attachment() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let other = ann.starts("Ward 5", &[]).await;
    let (scan, key) = (declared("scan.pdf", "application/pdf", PDF), key());
    let asks = async || ann.post_with_key(&ward.attachments(), scan.clone(), &key).await;
    let (first, again) = (asks().await, asks().await);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let (first, again) = (first.expect(201), again.expect(201));
    assert_eq!(again["attachment"], first["attachment"]);
    // Either link will do, and together they do it once.
    assert_eq!(world.upload(&again, PDF).await, 200);
    assert_eq!(world.upload(&first, PDF).await, 412);
    let completed = completes(ann, ward, &id_of(&first["attachment"])).await.expect(200);
    assert_eq!(asks().await.expect(201)["attachment"], completed);

    for (path, asked) in [
        (ward.attachments(), declared("another.pdf", "application/pdf", PDF)),
        (other.attachments(), scan.clone()),
        ("/v1/conversations".to_owned(), json!({ "title": "Ward 6", "members": [] })),
    ] {
        ann.post_with_key(&path, asked, &key).await.expect_problem(409, "idempotency-key-reuse");
    }
    let theirs = ben.post_with_key(&ward.attachments(), scan.clone(), &key).await.expect(201);
    assert_ne!(theirs["attachment"]["id"], first["attachment"]["id"]);
    let without = ann.call(Method::POST, &ward.attachments(), &[], Some(scan.clone())).await;
    without.expect_problem(400, "idempotency-key-required");
    ann.removes(ward, ben).await.expect(204);
    let removed = ben.post_with_key(&ward.attachments(), scan.clone(), &key).await;
    removed.expect_problem(404, "not-found");
}

#[tokio::test]
async fn the_thirty_first_attachment_in_a_minute_waits() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let scan = || declared("scan.pdf", "application/pdf", PDF);
    for _ in 0..30 {
        asks(ann, ward, scan()).await.expect(201);
    }
    let refused = asks(ann, ward, scan()).await;
    refused.expect_problem(429, "rate-limited");
    assert!(refused.headers.contains_key("retry-after"));
    asks(ben, ward, scan()).await.expect(201);
    world.hand().advance(Duration::from_mins(1));
    asks(ann, ward, scan()).await.expect(201);
    assert_eq!(ann.get(&ward.attachments()).await.status, 405, "there is no list of them");
}

//! What can be sent with a message: what one uploaded for it, each once, whoever else sends it or looks into it meanwhile.

use serde_json::{Value, json};
use tests::actor::key;
use tests::beside::declared;
use tests::turnstile::interrupted;

use super::{Scene, blocked, clean, fetches, finds, id_of, items, sends, verdict, written};

#[tokio::test]
async fn a_message_has_up_to_ten_each_once() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let mut all = Vec::new();
    for n in 0..11 {
        all.push(scene.clean(&format!("{n}.pdf")).await);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let before = written(world).await;
    let refused: [&[&str]; 4] = [&all, &[all[0], all[0]], &[all[0], all[1], all[0]], &[all[0]; 100]];
    for many in refused {
        let refused = sends(ann, ward, many).await;
        refused.expect_problem(422, "too-many-attachments");
        assert_eq!(refused.body["errors"][0]["pointer"], "/attachments");
    }
    let capitals = sends(ann, ward, &[all[0], &all[0].to_uppercase()]).await;
    assert_eq!(capitals.status, 422);
    assert_eq!(written(world).await, before);

    let sent = sends(ann, ward, &all[..10]).await.expect(201);
    let ids: Vec<String> = sent["attachments"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(ids, all[..10], "in the order in which they were sent");
    assert_eq!(items(ben, ward).await.last(), Some(&sent));
    sends(ann, ward, &[all[10]]).await.expect(201);
}

#[tokio::test]
async fn why_an_attachment_cannot_be_sent_is_not_said() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let eve = world.person("eve").await;
    let other = ann.starts("Ward 5", &[ben]).await;
    let elsewhere = clean(world, ann, &other, "elsewhere.pdf").await;
    let bens = clean(world, ben, ward, "bens.pdf").await;
    let pending = id_of(&scene.asks().await["attachment"]);
    let (bound, withdrawn) = (scene.clean("bound.pdf").await, scene.clean("withdrawn.pdf").await);
    sends(ann, ward, &[&bound]).await.expect(201);
    let seq = sends(ann, ward, &[&withdrawn]).await.expect(201)["seq"].as_u64().unwrap();
    ann.delete(&ward.message(seq)).await.expect(204);
    let (infected, found) = scene.scanning(true).await;
    finds(world, &found, "THREATS_FOUND").await;
    let (unscannable, found) = scene.scanning(false).await;
    finds(world, &found, "FAILED").await;
    let usable = scene.clean("usable.pdf").await;

    let before = written(world).await;
    let none = key();
    let mut refusals = Vec::new();
    for id in [&none, &elsewhere, &bens, &pending, &bound, &withdrawn, &infected, &unscannable] {
        refusals.push(sends(ann, ward, &[id]).await);
        refusals.push(sends(ann, ward, &[&usable, id]).await);
    }
    refusals.push(sends(ben, ward, &[&usable]).await);
    refusals.push(sends(ann, &other, &[&usable]).await);
    for refused in &refusals {
        refused.expect_problem(422, "attachment-not-usable");
        assert_eq!(refused.said(), refusals[0].said());
    }
    // Whoever is no member is told what they are told of everything.
    for id in [&none, &usable, &bound] {
        sends(&eve, ward, &[id]).await.expect_problem(404, "not-found");
    }
    assert_eq!(written(world).await, before);
    sends(ann, ward, &[&usable]).await.expect(201);
}

#[tokio::test]
async fn sending_again_with_the_same_key_is_the_same_message_whatever_became_of_what_was_sent() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let notes = declared("notes.txt", "text/plain", b"notes");
    let id = world.uploads_as(ann, ward, notes, b"notes").await;
    let found = verdict(world);
    let (asked, key) = (json!({ "attachments": [id] }), key());
    let first = ann.post_with_key(&ward.messages(), asked.clone(), &key).await;
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let first = first.expect(201);
    let elsewhere = world.another_process().bearer(ann.token());
    for (status, state) in [("NO_THREATS_FOUND", "clean"), ("THREATS_FOUND", "blocked")] {
        finds(world, &found, status).await;
        for who in [ann, &elsewhere] {
            let again = who.post_with_key(&ward.messages(), asked.clone(), &key).await;
            assert_eq!(again.headers["idempotency-replayed"], "true");
            let mut expected = first.clone();
            expected["attachments"][0]["state"] = state.into();
            assert_eq!(again.expect(201), expected);
        }
    }
    ann.delete(&ward.message(first["seq"].as_u64().unwrap())).await.expect(204);
    let again = ann.post_with_key(&ward.messages(), asked, &key).await.expect(201);
    assert_eq!((&again["id"], &again["seq"]), (&first["id"], &first["seq"]));
    let other = json!({ "attachments": [id], "important": true });
    let reused = ann.post_with_key(&ward.messages(), other, &key).await;
    reused.expect_problem(409, "idempotency-key-reuse");
    let messages = items(ann, ward).await.into_iter().filter(|item| item["kind"] == "message").count();
    assert_eq!(messages, 1);
}

#[tokio::test]
async fn of_two_who_send_the_same_one_at_once_one_does() {
    let (mut tried, mut won) = (0, 0);
    for before in 0.. {
        let scene = Scene::new().await;
        let Scene { world, ann, ben, ward } = &scene;
        let asked = json!({ "body": "look", "attachments": [scene.clean("scan.pdf").await] });
        let other = world.another_process().bearer(ann.token());
        let (sender, path, body) = (ann.clone(), ward.messages(), asked.clone());
        let request = async move { sender.post(&path, body).await };
        let mut theirs = None;
        let ours = Box::pin(interrupted(world, before, request, async {
            theirs = Some(other.post(&ward.messages(), asked).await);
        }));
        let Some((ours, _)) = ours.await else { break };
        let theirs = theirs.unwrap();
        tried += 1;
        won += usize::from(ours.status == 201);
        let (sent, refused) = if ours.status == 201 { (ours, theirs) } else { (theirs, ours) };
        refused.expect_problem(422, "attachment-not-usable");
        let sent = sent.expect(201);
        let messages: Vec<Value> =
            items(ben, ward).await.into_iter().filter(|item| item["kind"] == "message").collect();
        assert_eq!(messages, [sent], "after {before} requests");
    }
    assert!(0 < won && won < tried, "{won} of {tried}");
}

#[tokio::test]
async fn what_is_found_infected_while_it_is_sent_is_refused_or_blocked() {
    let (mut tried, mut sent) = (0, 0);
    for before in 0.. {
        let scene = Scene::new().await;
        let Scene { world, ann, ben, ward } = &scene;
        let (id, found) = scene.scanning(true).await;
        let (sender, path, body) = (ann.clone(), ward.messages(), json!({ "attachments": [id] }));
        let request = async move { sender.post(&path, body).await };
        let answer = Box::pin(interrupted(world, before, request, async {
            finds(world, &found, "THREATS_FOUND").await;
        }));
        let Some((answer, _)) = answer.await else { break };
        tried += 1;
        if answer.status == 201 {
            sent += 1;
            let seq = answer.body["seq"].as_u64().unwrap();
            assert_eq!(blocked(ben, ward).await, [(id.clone(), seq)], "after {before} requests");
            fetches(ben, ward, &id).await.expect_problem(410, "attachment-quarantined");
        } else {
            answer.expect_problem(422, "attachment-not-usable");
            assert!(blocked(ben, ward).await.is_empty(), "after {before} requests");
            fetches(ben, ward, &id).await.expect_problem(404, "not-found");
        }
        fetches(ann, ward, &id).await.expect_problem(410, "attachment-quarantined");
    }
    assert!(0 < sent && sent < tried, "{sent} of {tried}");
}

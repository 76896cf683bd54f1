//! Types of attachments that the institution does not take.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, key};
use tests::beside::declared;

use super::{PDF, Scene, asks, completes, fetches, id_of, sends, written};

async fn denies(office: &Actor, types: &[&str]) {
    let settings =
        json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": false, "denied_types": types });
    office.put("/v1/admin/settings", settings).await.expect(200);
}

fn film() -> Value {
    declared("visit.mp4", "Video/MP4", b"film")
}

#[tokio::test]
async fn what_is_denied_cannot_be_uploaded_until_it_is_permitted_again() {
    let Scene { world, ann, ben, ward } = &Scene::new().await;
    let office = world.office().await;
    denies(&office, &["video/*", "application/x-msdownload"]).await;
    let before = written(world).await;
    for (who, kind) in [(ann, "video/mp4"), (ben, "VIDEO/webm"), (ann, "Application/x-MSDownload")] {
        let refused = asks(who, ward, declared("visit.mp4", kind, b"MZ")).await;
        refused.expect_problem(422, "attachment-type-denied");
        assert_eq!(refused.body["errors"][0]["pointer"], "/content_type");
    }
    assert_eq!(written(world).await, before, "nothing is noted, and no place in a quota");
    for kind in ["videos/mp4", "application/x-msdownload2", "application/octet-stream"] {
        asks(ann, ward, declared("visit.mp4", kind, b"bytes")).await.expect(201);
    }
    world.uploads_as(ann, ward, declared("scan.pdf", "application/pdf", PDF), PDF).await;
    denies(&office, &[]).await;
    asks(ann, ward, film()).await.expect(201);
}

#[tokio::test]
async fn what_was_asked_for_before_can_be_sent_and_gets_no_new_link() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let office = world.office().await;
    let (declared, key) = (declared("scan.pdf", "application/pdf", PDF), key());
    let ask = async || {
        let headers = [("idempotency-key", key.as_str())];
        ann.call(Method::POST, &ward.attachments(), &headers, Some(declared.clone())).await
    };
    let asked = ask().await.expect(201);
    denies(&office, &["application/pdf"]).await;
    ask().await.expect_problem(422, "attachment-type-denied");
    // Whoever has a link can use it.
    let id = id_of(&asked["attachment"]);
    assert_eq!(world.upload(&asked, PDF).await, 200);
    completes(ann, ward, &id).await.expect(200);
    world.settles().await;
    sends(ann, ward, &[&id]).await.expect(201);
    fetches(ann, ward, &id).await.expect(200);
    denies(&office, &[]).await;
    let again = ask().await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.expect(201)["attachment"]["id"], asked["attachment"]["id"]);
}

#[tokio::test]
async fn another_process_denies_it_at_the_latest_after_a_minute() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let office = world.office().await;
    let other = &world.another_process();
    let elsewhere = other.person("ann").await;
    asks(&elsewhere, ward, film()).await.expect(201);
    denies(&office, &["video/mp4"]).await;
    asks(ann, ward, film()).await.expect_problem(422, "attachment-type-denied");
    asks(&elsewhere, ward, film()).await.expect(201);
    world.passes(Duration::from_mins(1)).await;
    asks(&elsewhere, ward, film()).await.expect_problem(422, "attachment-type-denied");
}

//! Small pictures of pictures.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use tests::actor::key;
use tests::beside::{NOTHING, declared};

use super::{PDF, Scene, fetches, sends};

fn photograph(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_pixel(1_280, 720, Rgb([200, 10, 10]))).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_picture_that_was_found_clean_can_be_looked_at() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    for (name, content_type, format) in
        [("a.jpg", "image/jpeg", ImageFormat::Jpeg), ("b.png", "image/png", ImageFormat::Png)]
    {
        let bytes = photograph(format);
        let id = world.uploads_as(ann, ward, declared(name, content_type, &bytes), &bytes).await;
        world.settles().await;
        sends(ann, ward, &[&id]).await.expect(201);
        let fetched = fetches(ben, ward, &id).await.expect(200);
        let preview = &fetched["preview"];
        assert_eq!((&preview["width"], &preview["height"]), (&json!(640), &json!(360)));
        assert_eq!(preview["expires_at"], fetched["download"]["expires_at"]);
        let (status, headers, shown) = world.fetch(preview["url"].as_str().unwrap()).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "image/jpeg"));
        assert_eq!(headers["content-disposition"], "inline");
        assert_eq!(headers["cache-control"], "private, no-store");
        let shown = image::load_from_memory_with_format(&shown, ImageFormat::Jpeg).unwrap();
        assert_eq!((shown.width(), shown.height()), (640, 360));
    }
}

#[tokio::test]
async fn what_is_no_picture_is_just_a_file() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let half = &photograph(ImageFormat::Png)[..2_000];
    let svg: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for (content_type, bytes) in [("image/png", half), ("image/svg+xml", svg), ("application/pdf", PDF)] {
        let id = world.uploads_as(ann, ward, declared("what", content_type, bytes), bytes).await;
        world.settles().await;
        let fetched = fetches(ann, ward, &id).await.expect(200);
        assert_eq!((&fetched["preview"], &fetched["attachment"]["state"]), (&Value::Null, &json!("clean")));
        // What could not be looked at once is not tried again.
        sends(ann, ward, &[&id]).await.expect(201);
        world.delivers().await;
        assert!(!world.bus().take_own().iter().any(|event| event["detail-type"] == "PreviewDue"), "{content_type}");
    }
}

#[tokio::test]
async fn nobody_looks_at_what_is_not_clean_not_theirs_or_gone() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let bytes = photograph(ImageFormat::Jpeg);
    let id = world.uploads_as(ann, ward, declared("a.jpg", "image/jpeg", &bytes), &bytes).await;
    let due = json!({ "detail-type": "PreviewDue", "source": "confer", "detail": { "attachment_id": id } });
    assert_eq!(world.previews().handle(due.clone()).await.unwrap()["outcome"], "nothing", "it is not scanned yet");
    world.settles().await;
    let made = fetches(ann, ward, &id).await.expect(200);
    assert_eq!(world.previews().handle(due.clone()).await.unwrap()["outcome"], "nothing", "there is one");
    fetches(ben, ward, &id).await.expect_problem(404, "not-found");
    let sent = ann.post_with_key(&ward.messages(), json!({ "attachments": [id] }), &key()).await.expect(201);
    assert_eq!(fetches(ben, ward, &id).await.expect(200)["preview"]["width"], made["preview"]["width"]);
    ann.delete(&ward.message(sent["seq"].as_u64().unwrap())).await.expect(204);
    fetches(ben, ward, &id).await.expect_problem(404, "not-found");

    let unknown = json!({ "detail": { "attachment_id": NOTHING } });
    assert_eq!(world.previews().handle(unknown).await.unwrap()["outcome"], "nothing");
    world.previews().handle(json!({ "detail": {} })).await.unwrap_err();
}

#[tokio::test]
async fn what_is_cleaned_up_takes_its_preview_along() {
    let scene = Scene::new().await;
    let bytes = photograph(ImageFormat::Jpeg);
    let picture = declared("a.jpg", "image/jpeg", &bytes);
    scene.world.uploads_as(&scene.ann, &scene.ward, picture, &bytes).await;
    scene.world.settles().await;
    let previews = || {
        super::objects(&scene.world).iter().filter(|path| path.components().any(|part| part.as_os_str() == "p")).count()
    };
    assert_eq!(previews(), 1);
    scene.world.passes(std::time::Duration::from_hours(25)).await;
    assert_eq!(previews(), 0);
}

//! What comes back through a link, and what was found there.

use std::collections::BTreeMap;

use bucket::BucketError;
use reqwest::Url;

use super::{DISPOSITION, OTHER, PDF, Scene, browser, follows, many};

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn an_attachment_is_given_back_to_be_saved_and_kept_by_nobody_on_the_way() {
    // Without versions, because ministack 1.5.33 ignores what a link says of the answer as soon as it names a version.
    let scene = Scene::without_versions("download").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let (status, headers, bytes) = follows(&scene.bucket.download(&completed).await.unwrap()).await;
    assert_eq!((status, &*bytes), (200, PDF));
    assert_eq!(headers["content-disposition"], DISPOSITION);
    assert_eq!(headers["content-type"], "application/pdf");
    assert_eq!(headers["cache-control"], "private, no-store");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_page_is_not_given_back_as_a_page() {
    let scene = Scene::without_versions("page").await;
    let page = b"<!doctype html><script>alert(1)</script>";
    let completed = scene.completed("text/html", page).await;
    let (status, headers, bytes) = follows(&scene.bucket.download(&completed).await.unwrap()).await;
    assert_eq!((status, &*bytes), (200, &page[..]));
    assert_eq!(headers["content-type"], "application/octet-stream");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_link_to_a_version_says_the_same_of_the_answer_and_none_of_it_can_be_changed() {
    let scene = Scene::new("answer").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let url = Url::parse(&scene.bucket.download(&completed).await.unwrap().url).unwrap();
    let said: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let status = async |said: &BTreeMap<String, String>| {
        let mut url = url.clone();
        url.query_pairs_mut().clear().extend_pairs(said);
        browser().get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(&said).await, 200);
    for (name, value) in [
        ("response-content-disposition", DISPOSITION),
        ("response-content-type", "application/pdf"),
        ("response-cache-control", "private, no-store"),
        ("versionId", completed.version.as_deref().unwrap()),
    ] {
        assert_eq!(said.get(name).map(String::as_str), Some(value), "{name}");
        let mut changed = said.clone();
        changed.insert(name.to_owned(), "inline".to_owned());
        assert_eq!(status(&changed).await, 403, "{name} changed");
        changed.remove(name);
        assert_eq!(status(&changed).await, 403, "no {name}");
    }
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn of_what_is_large_only_the_first_bytes_are_looked_at() {
    // Without versions, because ministack 1.5.33 gives all the bytes of a version, whichever are asked for.
    let scene = Scene::without_versions("first").await;
    let bytes = many(10_000);
    let completed = scene.completed("application/octet-stream", &bytes).await;
    assert_eq!(scene.look(&completed).await.unwrap().first, bytes[..4_096]);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn only_the_version_is_given_back_that_was_found_to_be_as_declared() {
    let scene = Scene::new("version").await;
    let completed = scene.completed("application/pdf", PDF).await;
    scene.overwrites(&completed, OTHER).await;
    let link = scene.bucket.download(&completed).await.unwrap();
    assert_eq!(follows(&link).await.2, PDF);
    let read = scene.bucket.read(&completed).await.unwrap().collect().await.unwrap().to_vec();
    assert_eq!(read, PDF);

    // Nor can the link be made to lead to the other one.
    let later = scene.look(&completed).await.unwrap().version;
    let first = completed.version.unwrap();
    assert_ne!(later, first);
    let url = link.url.replace(&format!("versionId={first}"), &format!("versionId={later}"));
    assert_ne!(url, link.url);
    assert_eq!(browser().get(url).send().await.unwrap().status(), 403);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn what_was_removed_is_gone_and_can_be_removed_again() {
    let scene = Scene::new("removed").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let link = scene.bucket.download(&completed).await.unwrap();
    for _ in 0..2 {
        scene.bucket.remove(&completed.object, completed.version.as_deref()).await.unwrap();
        // Not hidden by a marker: a version that is deleted by its name is not there any more.
        scene.has_nothing(&completed).await;
    }
    assert_eq!(follows(&link).await.0, 404);
    assert!(matches!(scene.bucket.read(&completed).await, Err(BucketError::Missing)));
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_preview_is_shown_until_it_is_removed() {
    let scene = Scene::new("preview").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let picture: &[u8] = b"\xff\xd8\xff\xe0 of ward 4";
    scene.bucket.put_preview(&completed.object, picture.to_vec()).await.unwrap();
    let link = scene.bucket.show_preview(&completed).await.unwrap();
    let (status, headers, bytes) = follows(&link).await;
    assert_eq!((status, &*bytes), (200, picture));
    assert_eq!(headers["content-type"], "image/jpeg");
    assert_eq!(headers["content-disposition"], "inline");
    assert_eq!(headers["cache-control"], "private, no-store");
    // That there is none is no failure.
    for _ in 0..2 {
        scene.bucket.remove_preview(&completed.object).await.unwrap();
        assert_eq!(follows(&link).await.0, 404);
    }
    assert_eq!(scene.look(&completed).await.unwrap().first, PDF);
}

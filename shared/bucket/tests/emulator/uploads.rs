//! What goes through a link to upload, and what does not.

use reqwest::Method;
use tokio::io::AsyncWriteExt as _;

use super::{
    ATTACHMENT, LARGEST, OTHER, PDF, Scene, answered, begins, browser, declared, follows, many, put, puts, told,
};

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn fifty_mebibytes_go_through_a_link_and_come_back_through_another() {
    let scene = Scene::new("largest").await;
    let bytes = many(LARGEST);
    let completed = scene.completed("application/octet-stream", &bytes).await;
    let (status, _, fetched) = follows(&scene.bucket.download(&completed).await.unwrap()).await;
    assert_eq!(status, 200);
    // Not `assert_eq`, which would show them all.
    assert!(fetched == bytes, "{} other bytes", fetched.len());
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn not_one_byte_more_or_less_than_declared_goes_through() {
    let scene = Scene::new("length").await;
    let bytes = many(LARGEST + 1);
    let attachment = declared("application/octet-stream", &bytes[..LARGEST]);
    let link = scene.link(&attachment).await;
    for count in [LARGEST + 1, LARGEST - 1, 0] {
        assert_eq!(puts(&link, &bytes[..count]).await, 403, "{count}");
    }
    scene.has_nothing(&attachment).await;
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn other_bytes_of_the_same_length_are_refused() {
    let scene = Scene::new("bytes").await;
    assert_eq!(OTHER.len(), PDF.len());
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    assert_eq!(puts(&link, OTHER).await, 400);
    scene.has_nothing(&attachment).await;
    assert_eq!(puts(&link, PDF).await, 200);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn no_header_of_a_link_can_be_changed_or_left_out() {
    let scene = Scene::new("headers").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    let told = told(&link);
    assert_eq!(told.keys().collect::<Vec<_>>(), ["content-type", "if-none-match", "x-amz-checksum-sha256"]);
    // The checksum is that of the other bytes, so that they are refused for nothing but the signature.
    let sha256 = scene.link(&declared("application/pdf", OTHER)).await.headers["x-amz-checksum-sha256"].clone();
    for (name, other, bytes) in [
        ("content-type", "text/html", PDF),
        ("if-none-match", "\"x\"", PDF),
        ("x-amz-checksum-sha256", &*sha256, OTHER),
    ] {
        let mut headers = told.clone();
        headers.insert(name.to_owned(), other.to_owned());
        assert_eq!(put(&link.url, &headers, bytes).await, 403, "{name} changed");
        headers.remove(name);
        assert_eq!(put(&link.url, &headers, bytes).await, 403, "no {name}");
    }
    scene.has_nothing(&attachment).await;
    assert_eq!(puts(&link, PDF).await, 200);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_link_leads_nowhere_but_to_its_own_key() {
    let scene = Scene::new("key").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    for (own, other) in
        [(&*"07".repeat(16), &*"08".repeat(16)), (ATTACHMENT, "019ca8a0-3e80-7707-8707-0707070707a2"), ("/a/", "/b/")]
    {
        assert!(link.url.contains(own), "{own}");
        let status = put(&link.url.replacen(own, other, 1), &told(&link), PDF).await;
        assert_eq!(status, 403, "{other}");
    }
    scene.has_nothing(&attachment).await;
    assert_eq!(puts(&link, PDF).await, 200);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn nothing_that_a_link_says_of_itself_can_be_changed() {
    let scene = Scene::new("signature").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    let (signed, signature) = link.url.split_once("X-Amz-Signature=").unwrap();
    let signature: String = signature.split('&').next().unwrap().to_owned();
    let tampered = format!("{}{}", if signature.starts_with('0') { '1' } else { '0' }, &signature[1..]);
    assert!(signed.contains("X-Amz-Expires=300&"), "{signed}");
    for (what, url) in [
        ("the signature", link.url.replace(&signature, &tampered)),
        ("how long it is good for", link.url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000")),
        ("what is signed", link.url.replace("content-length%3B", "")),
        ("who signed it", link.url.replace("X-Amz-Credential=test", "X-Amz-Credential=tests")),
        ("that it is signed", link.url.split('?').next().unwrap().to_owned()),
    ] {
        assert_ne!(url, link.url, "{what}");
        assert_eq!(put(&url, &told(&link), PDF).await, 403, "{what}");
    }
    scene.has_nothing(&attachment).await;
    assert_eq!(puts(&link, PDF).await, 200);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_link_permits_one_kind_of_request() {
    let scene = Scene::new("method").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let (upload, download) = (scene.link(&completed).await, scene.bucket.download(&completed).await.unwrap());
    for (link, methods) in [
        (&upload, [Method::GET, Method::HEAD, Method::DELETE, Method::POST]),
        (&download, [Method::PUT, Method::HEAD, Method::DELETE, Method::POST]),
    ] {
        for method in methods {
            let answer = browser().request(method.clone(), &link.url).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{method}");
        }
    }
    assert_eq!(follows(&download).await.2, PDF);
    assert_eq!(scene.versions().await, [completed.object.as_str()]);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_link_puts_once_and_what_was_put_first_stays() {
    let scene = Scene::new("once").await;
    let completed = scene.completed("application/pdf", PDF).await;
    let link = scene.link(&completed).await;
    assert_eq!(puts(&link, PDF).await, 412);
    // Whether the bytes or the condition is looked at first is not promised.
    let status = puts(&link, OTHER).await;
    assert!(matches!(status, 400 | 412), "{status}");
    assert_eq!(scene.versions().await, [completed.object.as_str()]);
    let uploaded = scene.look(&completed).await.unwrap();
    assert_eq!(Some(uploaded.version), completed.version);
    assert_eq!(uploaded.first, PDF);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn what_was_cut_off_leaves_nothing_and_can_be_uploaded_again() {
    let scene = Scene::new("cut").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    let length = format!("content-length: {}", PDF.len());
    let mut cut = begins(&link, &length).await;
    cut.write_all(&PDF[..9]).await.unwrap();
    cut.shutdown().await.unwrap();
    let answer = answered(cut).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    scene.has_nothing(&attachment).await;

    // In pieces, it is all there in the end.
    let mut whole = begins(&link, &length).await;
    for piece in PDF.chunks(9) {
        whole.write_all(piece).await.unwrap();
    }
    let answer = answered(whole).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(attachment.is_as_declared(&scene.look(&attachment).await.unwrap()));
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn whoever_does_not_say_how_much_it_is_puts_nothing() {
    let scene = Scene::new("chunked").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    let mut chunked = begins(&link, "transfer-encoding: chunked").await;
    let chunk = [format!("{:x}\r\n", PDF.len()).as_bytes(), PDF, &b"\r\n0\r\n\r\n"[..]].concat();
    chunked.write_all(&chunk).await.unwrap();
    let answer = answered(chunked).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    scene.has_nothing(&attachment).await;
    assert_eq!(puts(&link, PDF).await, 200);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn what_is_said_to_be_encoded_is_not_as_declared() {
    let scene = Scene::new("encoded").await;
    let attachment = declared("application/pdf", PDF);
    let link = scene.link(&attachment).await;
    let mut headers = told(&link);
    // No signature speaks of it, so that it is taken, as by S3: that is why what was uploaded is looked at again.
    headers.insert("content-encoding".to_owned(), "gzip".to_owned());
    assert_eq!(put(&link.url, &headers, PDF).await, 200);
    let uploaded = scene.look(&attachment).await.unwrap();
    assert!(uploaded.encoded && !attachment.is_as_declared(&uploaded));
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn bytes_that_came_by_another_way_are_not_as_declared() {
    let scene = Scene::new("behind").await;
    let attachment = declared("application/pdf", PDF);
    for bytes in [OTHER, &[PDF, b"!"].concat(), &PDF[1..]] {
        scene.overwrites(&attachment, bytes).await;
        let uploaded = scene.look(&attachment).await.unwrap();
        assert!(!attachment.is_as_declared(&uploaded), "{uploaded:?}");
        // Of what is not as declared nothing is read.
        assert_eq!((uploaded.size, uploaded.first.len()), (bytes.len() as u64, 0));
    }
}

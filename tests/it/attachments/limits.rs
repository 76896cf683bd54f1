//! How large an attachment may be, and that nothing is stored but what was promised, once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};
use tests::actor::key;
use tests::beside::declared;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{PDF, Scene, asks, completes, fetches, follows, id_of, link, objects, sends, verdict, written};

/// The most bytes of an attachment.
const LARGEST: usize = 52_428_800;

/// The SHA-256 of so many zeros, which takes a while to compute.
const ZEROS: &str = "8565a714dca840f8652c5bae9249ab05f5fb5a4f9f13fbe23304b10f68252da2";

/// The headers of an upload that a client sends as it was told; how much it sends it says itself.
fn headers(asked: &Value) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = serde_json::from_value(asked["upload"]["headers"].clone()).unwrap();
    headers.retain(|name, _| !["content-length", "host"].contains(&name.as_str()));
    headers
}

fn url(asked: &Value) -> &str {
    asked["upload"]["url"].as_str().unwrap()
}

/// Puts bytes somewhere, as whoever has a link and does not keep to it.
async fn put(url: &str, headers: &BTreeMap<String, String>, bytes: &[u8]) -> u16 {
    let request = reqwest::Client::new().put(url).body(bytes.to_vec());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.unwrap().status().as_u16()
}

/// A connection on which the head of an upload was sent, with this header that says how long the body is.
async fn begins(asked: &Value, length: &str) -> TcpStream {
    let (host, path) = url(asked).strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut head = format!("PUT /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{length}\r\n");
    for (name, value) in headers(asked) {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
    connection
}

/// What comes back on a connection before it ends, however it ends.
async fn answered(mut connection: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = connection.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn an_attachment_has_one_byte_to_fifty_mebibytes() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let sha256 = "0".repeat(64);
    let asked = |size: &str| {
        format!(r#"{{"name":"a.bin","content_type":"application/octet-stream","size":{size},"sha256":"{sha256}"}}"#)
    };
    let ask = async |size: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", &*key())];
        ann.raw(Method::POST, &ward.attachments(), &headers, asked(size).into_bytes()).await
    };
    let before = written(world).await;
    for size in [
        "0",
        "52428801",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-0",
        "-1",
        "-9223372036854775809",
        "1e3",
        "5.0",
        "0.5",
        "\"5\"",
        "null",
        "true",
        "[5]",
        "{}",
    ] {
        let refused = ask(size).await;
        refused.expect_problem(422, "attachment-size");
        assert_eq!(refused.body["errors"][0]["pointer"], "/size", "{size}");
        assert_eq!(refused.body["errors"][0]["message"], "must be 1 to 52,428,800 bytes", "{size}");
    }
    assert_eq!(written(world).await, before);
    for size in ["1", "52428799", "52428800"] {
        let taken = ask(size).await.expect(201);
        assert_eq!(taken["attachment"]["size"].to_string(), size);
    }
}

#[tokio::test]
async fn what_it_is_has_the_form_of_a_type_and_its_hash_that_of_a_hash() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let before = written(world).await;
    let (long, other) = (format!("text/{}", "x".repeat(96)), "A".repeat(64));
    for (field, value) in [
        ("content_type", json!("")),
        ("content_type", json!("pdf")),
        ("content_type", json!("text/plain; charset=utf-8")),
        ("content_type", json!("text/html\r\nx-header: y")),
        ("content_type", json!("text/pl ain")),
        ("content_type", json!("*/*")),
        ("content_type", json!(long)),
        ("content_type", Value::Null),
        ("sha256", json!("")),
        ("sha256", json!(other)),
        ("sha256", json!("0".repeat(63))),
        ("sha256", json!("0".repeat(65))),
        ("sha256", json!("g".repeat(64))),
        ("sha256", json!(0)),
    ] {
        let mut wrong = declared("scan.pdf", "application/pdf", PDF);
        wrong[field] = value;
        let refused = asks(ann, ward, wrong).await;
        refused.expect_problem(422, "validation");
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{field}"));
    }
    assert_eq!(written(world).await, before);
}

#[tokio::test]
async fn fifty_mebibytes_are_stored_and_not_one_byte_more() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let zeros = json!({
        "name": "zeros.bin", "content_type": "application/octet-stream", "size": LARGEST, "sha256": ZEROS,
    });
    let asked = asks(ann, ward, zeros).await.expect(201);
    let more = vec![0_u8; LARGEST + 1];
    assert_eq!(world.upload(&asked, &more).await, 403);
    assert!(objects(world).is_empty());
    assert_eq!(world.upload(&asked, &more[1..]).await, 200);
    let id = id_of(&asked["attachment"]);
    assert_eq!(completes(ann, ward, &id).await.expect(200)["state"], "scanning");
    world.settles().await;
    fetches(ann, ward, &id).await.expect(200);
}

#[tokio::test]
async fn what_is_stored_is_what_was_promised_and_it_is_stored_once() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let asked = scene.asks().await;
    let id = id_of(&asked["attachment"]);
    let (url, told) = (url(&asked), headers(&asked));
    let signed = url.split("X-Amz-SignedHeaders=").nth(1).unwrap().split('&').next().unwrap();
    let signed: Vec<&str> = signed.split("%3B").collect();
    for name in ["content-length", "content-type", "if-none-match", "x-amz-checksum-sha256"] {
        assert!(signed.contains(&name), "{signed:?}");
    }
    let with = |name: &str, value: &str| {
        let mut changed = told.clone();
        changed.insert(name.to_owned(), value.to_owned());
        changed
    };
    let without = |name: &str| {
        let mut changed = told.clone();
        assert!(changed.remove(name).is_some(), "{name}");
        changed
    };
    let other: &[u8] = b"%PDF-1.7 scam";
    assert_eq!(other.len(), PDF.len());
    let longer: &[u8] = &[PDF, &b"!"[..]].concat();
    let none: &[u8] = b"";
    // Base64 of thirty-two zeros.
    let checksum = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for (what, url, headers, bytes) in [
        ("other bytes", url.to_owned(), told.clone(), other),
        ("more bytes", url.to_owned(), told.clone(), longer),
        ("fewer bytes", url.to_owned(), told.clone(), &PDF[1..]),
        ("no bytes", url.to_owned(), told.clone(), none),
        ("another type", url.to_owned(), with("content-type", "text/html"), PDF),
        ("another checksum", url.to_owned(), with("x-amz-checksum-sha256", checksum), PDF),
        ("another condition", url.to_owned(), with("if-none-match", "\"x\""), PDF),
        ("no type", url.to_owned(), without("content-type"), PDF),
        ("no checksum", url.to_owned(), without("x-amz-checksum-sha256"), PDF),
        ("no condition", url.to_owned(), without("if-none-match"), PDF),
        ("no headers", url.to_owned(), BTreeMap::new(), PDF),
        ("no signature", url.split('?').next().unwrap().to_owned(), told.clone(), PDF),
        ("another attachment", url.replace(&id, "019ca8a0-3e80-7707-8707-0707070707a1"), told.clone(), PDF),
        ("another time", url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"), told.clone(), PDF),
    ] {
        let status = put(&url, &headers, bytes).await;
        assert!((400..500).contains(&status), "{what}: {status}");
    }
    let client = reqwest::Client::new();
    for request in [client.get(url), client.delete(url), client.post(url)] {
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    assert!(objects(world).is_empty() && world.take_verdicts().is_empty());
    completes(ann, ward, &id).await.expect_problem(409, "attachment-not-uploaded");

    assert_eq!(put(url, &told, PDF).await, 200);
    assert_eq!(put(url, &told, PDF).await, 412);
    completes(ann, ward, &id).await.expect(200);
    assert_eq!(put(url, &told, PDF).await, 412);
}

#[tokio::test]
async fn what_was_cut_off_is_not_stored_and_can_be_uploaded_again() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let asked = scene.asks().await;
    let id = id_of(&asked["attachment"]);
    let mut cut = begins(&asked, &format!("content-length: {}", PDF.len())).await;
    cut.write_all(&PDF[..5]).await.unwrap();
    cut.shutdown().await.unwrap();
    let answer = answered(cut).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");

    // Whoever does not say how much it is sends nothing either.
    let mut chunked = begins(&asked, "transfer-encoding: chunked").await;
    let chunk = [format!("{:x}\r\n", PDF.len()).as_bytes(), PDF, &b"\r\n0\r\n\r\n"[..]].concat();
    chunked.write_all(&chunk).await.unwrap();
    let answer = answered(chunked).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");

    assert!(objects(world).is_empty() && world.take_verdicts().is_empty());
    completes(ann, ward, &id).await.expect_problem(409, "attachment-not-uploaded");
    // In pieces, it is all there in the end.
    let mut whole = begins(&asked, &format!("content-length: {}", PDF.len())).await;
    for piece in PDF.chunks(5) {
        whole.write_all(piece).await.unwrap();
    }
    let answer = answered(whole).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    completes(ann, ward, &id).await.expect(200);
}

#[tokio::test]
async fn what_was_scanned_is_not_overwritten() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let asked = scene.asks().await;
    let id = id_of(&asked["attachment"]);
    assert_eq!(world.upload(&asked, PDF).await, 200);
    completes(ann, ward, &id).await.expect(200);
    world.settles().await;
    sends(ann, ward, &[&id]).await.expect(201);
    let overwriting = [b"%PDF-1.7 scam".to_vec(), PDF.to_vec(), b"MZ".to_vec(), Vec::new()];
    for bytes in &overwriting {
        let status = world.upload(&asked, bytes).await;
        assert!(matches!(status, 400 | 403 | 412), "{status}");
    }
    assert!(world.take_verdicts().is_empty());
    let fetched = fetches(ben, ward, &id).await.expect(200);
    assert_eq!(follows(world, &fetched).await, (200, PDF.to_vec()));
}

#[tokio::test]
async fn what_is_something_else_than_it_was_said_to_be_is_removed() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let program: &[u8] = b"MZ\x90\0\x03\0\0\0";
    let elf: &[u8] = b"\x7fELF\x02\x01\x01\0";
    let page: &[u8] = b"<html><script>alert(1)</script>";
    let picture: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let zip: &[u8] = b"PK\x03\x04\x14\0\0\0";
    let document = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (content_type, bytes) in [
        ("image/png", program),
        ("image/png", page),
        ("image/jpeg", picture),
        ("application/pdf", page),
        ("application/pdf", elf),
        ("application/zip", PDF),
        ("text/plain", elf),
        ("text/plain", PDF),
        ("text/csv", zip),
        ("text/html", zip),
        (document, page),
        ("x-what/ever", program),
    ] {
        let asked = asks(ann, ward, declared("a.png", content_type, bytes)).await.expect(201);
        let id = id_of(&asked["attachment"]);
        assert_eq!(world.upload(&asked, bytes).await, 200, "{content_type}");
        let verdict = verdict(world);
        assert_eq!(objects(world).len(), 1);
        completes(ann, ward, &id).await.expect_problem(422, "attachment-mismatch");
        assert!(objects(world).is_empty(), "{content_type}");
        for gone in [completes(ann, ward, &id).await, fetches(ann, ward, &id).await] {
            gone.expect_problem(404, "not-found");
        }
        sends(ann, ward, &[&id]).await.expect_problem(422, "attachment-not-usable");
        // Its verdict comes after it has gone.
        let came = world.scan_results().handle(verdict).await.unwrap();
        assert_eq!(came, json!({ "outcome": "unknown" }));
    }
    // A day later nothing is left of them, not even what was put there afterwards.
    world.passes(std::time::Duration::from_hours(26)).await;
    assert!(!written(world).await.iter().any(|item| item.contains("\"entity\":\"attachment\"")));
}

#[tokio::test]
async fn an_object_of_another_size_is_not_what_was_promised() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    for spoilt in [[PDF, &b" and more"[..]].concat(), PDF[..9].to_vec()] {
        let asked = scene.asks().await;
        let id = id_of(&asked["attachment"]);
        assert_eq!(world.upload(&asked, PDF).await, 200);
        let [object] = &objects(world)[..] else { panic!("one object") };
        std::fs::write(object, &spoilt).unwrap();
        completes(ann, ward, &id).await.expect_problem(422, "attachment-mismatch");
        assert!(objects(world).is_empty());
        fetches(ann, ward, &id).await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn what_an_uploader_says_of_the_bytes_beside_what_was_signed_is_not_passed_on() {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    let mut served = 0;
    for (name, value) in
        [("content-encoding", "gzip"), ("content-disposition", "inline"), ("cache-control", "public, max-age=31536000")]
    {
        let asked = scene.asks().await;
        let id = id_of(&asked["attachment"]);
        let mut said = headers(&asked);
        said.insert(name.to_owned(), value.to_owned());
        // It may be refused, at once or when it is said to be complete.
        if put(url(&asked), &said, PDF).await != 200 {
            continue;
        }
        let complete = completes(ann, ward, &id).await;
        if complete.status != 200 {
            complete.expect_problem(422, "attachment-mismatch");
            continue;
        }
        world.settles().await;
        let fetched = fetches(ann, ward, &id).await.expect(200);
        let (_, headers, _) = world.fetch(link(&fetched)).await;
        assert_ne!(headers.get(name).map(|served| served.to_str().unwrap()), Some(value), "{name}");
        served += 1;
    }
    assert!(served > 0, "nothing was served by which it would show");
}

#[tokio::test]
async fn the_same_bytes_are_another_attachment_each_time() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let scan = || declared("scan.pdf", "application/pdf", PDF);
    let first = world.uploads_as(ann, ward, scan(), PDF).await;
    let second = world.uploads_as(ben, ward, scan(), PDF).await;
    world.settles().await;
    assert_ne!(first, second);
    assert_eq!(objects(world).len(), 2);
    sends(ann, ward, &[&first]).await.expect(201);
    fetches(ann, ward, &second).await.expect_problem(404, "not-found");
    sends(ben, ward, &[&second]).await.expect(201);
    fetches(ann, ward, &second).await.expect(200);
}

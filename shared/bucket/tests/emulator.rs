//! Links, archives and all that lies beside them, at an S3 that others wrote: what the embedded one refuses, it may
//! refuse by a mistake of ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use bucket::{Bucket, BucketError, Link, PART, Part};
use domain::attachment::{Attachment, ContentType, Declared, FileName, ObjectKey, Size, Uploaded};
use domain::backup::{ArchiveKey, Backup, State};
use domain::chain::{Digest, Seq};
use domain::id::{AttachmentId, BackupId, NoteId};
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use store::{Cloud, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The most bytes of an attachment.
const LARGEST: usize = 52_428_800;

const PDF: &[u8] = b"%PDF-1.7 scan of ward 4";

/// As many bytes as the scan has, and as much a PDF.
const OTHER: &[u8] = b"%PDF-1.7 scam of ward 4";

/// What the scan is called, in a header.
const DISPOSITION: &str =
    "attachment; filename=\"R_ntgen, _links_.pdf\"; filename*=UTF-8''R%C3%B6ntgen%2C%20%22links%22.pdf";

const ATTACHMENT: &str = "019ca8a0-3e80-7707-8707-0707070707a1";

/// A bucket of one's own at the S3 that the environment names.
struct Scene {
    bucket: Bucket,
    /// What looks behind the product's back.
    client: Client,
    name: String,
    versioned: bool,
}

impl Scene {
    /// A bucket with versions, as the deployed one is.
    async fn new(test: &str) -> Self {
        let scene = Self { versioned: true, ..Self::without_versions(test).await };
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let versioning = scene.client.put_bucket_versioning().bucket(&scene.name);
        versioning.versioning_configuration(enabled).send().await.unwrap();
        scene
    }

    #[expect(clippy::disallowed_methods, reason = "told by whoever starts the tests")]
    async fn without_versions(test: &str) -> Self {
        let endpoint = std::env::var("CONFER_S3").expect("CONFER_S3 is where an S3 is; .ci/ministack starts one");
        // Whoever names a real S3 by mistake shall not find buckets there.
        assert!(endpoint.starts_with("http://127.0.0.1:"), "not on this machine: {endpoint}");
        let settings = Settings {
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint.clone()),
            credentials: store::credentials("test", "test", None),
        };
        let cloud = Cloud { settings: settings.clone(), http: store::http_client(None) };
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region))
            .credentials_provider(settings.credentials)
            .http_client(cloud.http.clone())
            .endpoint_url(endpoint)
            .force_path_style(true);
        let client = Client::from_conf(config.build());
        // So that the tests can run again where they ran before.
        let name = format!("{test}-{}", std::process::id());
        client.create_bucket().bucket(&name).send().await.unwrap();
        Self { bucket: Bucket::new(&cloud, &name), client, name, versioned: false }
    }

    /// The key of each version that is in the bucket, of what was deleted, too.
    async fn versions(&self) -> Vec<String> {
        let listed = self.client.list_object_versions().bucket(&self.name).send().await.unwrap();
        let deleted = listed.delete_markers().iter().filter_map(|marker| marker.key.clone());
        listed.versions().iter().filter_map(|version| version.key.clone()).chain(deleted).collect()
    }

    async fn link(&self, attachment: &Attachment) -> Link {
        self.bucket.upload(attachment).await.unwrap()
    }

    async fn look(&self, attachment: &Attachment) -> Option<Uploaded> {
        self.bucket.look(attachment).await.unwrap()
    }

    /// That nothing was stored, here or elsewhere in the bucket.
    async fn has_nothing(&self, attachment: &Attachment) {
        assert!(self.look(attachment).await.is_none());
        assert_eq!(self.versions().await, [""; 0]);
    }

    /// The attachment after its bytes were put and found to be what was declared.
    async fn completed(&self, content_type: &str, bytes: &[u8]) -> Attachment {
        let attachment = declared(content_type, bytes);
        assert_eq!(puts(&self.link(&attachment).await, bytes).await, 200);
        let uploaded = self.look(&attachment).await.unwrap();
        assert!(attachment.is_as_declared(&uploaded));
        assert_eq!(!uploaded.version.is_empty(), self.versioned);
        attachment.completed(&uploaded.version).unwrap()
    }

    /// Puts bytes where those of an attachment are, with the rights of whoever owns the bucket.
    async fn overwrites(&self, attachment: &Attachment, bytes: &[u8]) {
        let put = self.client.put_object().bucket(&self.name).key(attachment.object.as_str());
        put.body(ByteStream::from(bytes.to_vec())).send().await.unwrap();
    }
}

/// What somebody is about to upload.
fn declared(content_type: &str, bytes: &[u8]) -> Attachment {
    let id: AttachmentId = ATTACHMENT.parse().unwrap();
    let declared = Declared {
        name: FileName::try_from("Röntgen, \"links\".pdf".to_owned()).unwrap(),
        content_type: ContentType::try_from(content_type.to_owned()).unwrap(),
        size: Size::try_from(bytes.len() as u64).unwrap(),
        sha256: Digest::of(bytes),
    };
    let conversation = "019ca8a0-3e80-7707-8707-0707070707c1".parse().unwrap();
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    Attachment::requested(id, conversation, "ann".parse().unwrap(), declared, ObjectKey::new(id, [7; 16]), now)
}

/// So many bytes. They repeat, but at no power of two, so that a block in another block's place would show.
fn many(count: usize) -> Vec<u8> {
    let mut bytes = (0..251).collect::<Vec<u8>>().repeat(count / 251 + 1);
    bytes.truncate(count);
    bytes
}

/// The headers of an upload that a client sends as it was told; how much it sends it says itself.
fn told(link: &Link) -> BTreeMap<String, String> {
    let mut headers = link.headers.clone();
    headers.retain(|name, _| !["content-length", "host"].contains(&name.as_str()));
    headers
}

/// What follows links: straight to this machine, whatever proxy the environment names.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Puts bytes somewhere, as whoever has a link and does not keep to it.
async fn put(url: &str, headers: &BTreeMap<String, String>, bytes: &[u8]) -> u16 {
    let request = browser().put(url).body(bytes.to_vec());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.unwrap().status().as_u16()
}

/// Puts bytes by a link, as it says.
async fn puts(link: &Link, bytes: &[u8]) -> u16 {
    assert_eq!(link.method, "PUT");
    put(&link.url, &told(link), bytes).await
}

/// Follows a link to something: what the answer is, and its body.
async fn follows(link: &Link) -> (u16, HeaderMap, Vec<u8>) {
    assert_eq!(link.method, "GET");
    let answer = browser().get(&link.url).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

/// A connection on which the head of an upload was sent, with this header that says how long the body is.
async fn begins(link: &Link, length: &str) -> TcpStream {
    let (host, path) = link.url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut head = format!("PUT /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{length}\r\n");
    for (name, value) in told(link) {
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

fn archive() -> ArchiveKey {
    ArchiveKey::new("019ca8a0-3e80-7707-8707-0707070707b1".parse::<BackupId>().unwrap(), [9; 16])
}

/// A back-up that is this large and lies there.
fn ready(size: u64) -> Backup {
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    Backup {
        id: "019ca8a0-3e80-7707-8707-0707070707b1".parse().unwrap(),
        conversation: "019ca8a0-3e80-7707-8707-0707070707c1".parse().unwrap(),
        by: "ann".parse().unwrap(),
        joined: Seq::START,
        at,
        from: Seq::START.next(),
        to: Seq::START.next(),
        hash: Digest::of(b""),
        archive: archive(),
        state: State::Ready { size, ready_at: at },
    }
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn an_archive_of_three_parts_comes_back_as_one() {
    let scene = Scene::new("archive").await;
    let (archive, bytes) = (archive(), many(2 * PART + 4));
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let mut parts = Vec::new();
    for (part, number) in bytes.chunks(PART).zip(1..) {
        parts.push(scene.bucket.put_part(&archive, &upload, number, part.to_vec()).await.unwrap());
    }
    assert_eq!(parts.len(), 3);
    // Until it is put together there is none.
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    scene.bucket.put_together(&archive, &upload, &parts).await.unwrap();
    let size = scene.bucket.archive_size(&archive).await.unwrap().unwrap();
    assert_eq!(size, bytes.len() as u64);

    let link = scene.bucket.download_backup(&ready(size)).await.unwrap();
    let (status, headers, fetched) = follows(&link).await;
    assert_eq!(status, 200);
    assert!(fetched == bytes, "{} other bytes", fetched.len());
    assert_eq!(headers["content-type"], "application/zip");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"conversation-2026-03-01.zip\"");
    assert_eq!(headers["cache-control"], "private, no-store");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn of_a_part_that_is_put_again_the_later_one_counts() {
    let scene = Scene::new("again").await;
    let archive = archive();
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let earlier = scene.bucket.put_part(&archive, &upload, 1, b"earlier".to_vec()).await.unwrap();
    let later = scene.bucket.put_part(&archive, &upload, 1, b"later".to_vec()).await.unwrap();
    let refused = scene.bucket.put_together(&archive, &upload, &[earlier]).await.unwrap_err();
    assert!(refused.is_refusal(), "{refused:?}");
    scene.bucket.put_together(&archive, &upload, &[later]).await.unwrap();
    let link = scene.bucket.download_backup(&ready(5)).await.unwrap();
    assert_eq!(follows(&link).await.2, b"later");
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn of_parts_that_are_not_those_that_were_put_there_is_no_archive() {
    let scene = Scene::new("tags").await;
    let archive = archive();
    let upload = scene.bucket.begin(&archive).await.unwrap();
    let put = scene.bucket.put_part(&archive, &upload, 1, b"part".to_vec()).await.unwrap();
    let wrong = Part(format!("\"{}\"", "0".repeat(32)));
    for parts in [vec![wrong.clone()], vec![put.clone(), wrong], vec![put.clone(), put]] {
        let refused = scene.bucket.put_together(&archive, &upload, &parts).await.unwrap_err();
        assert!(refused.is_refusal(), "{refused:?}");
    }
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    assert_eq!(scene.versions().await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn an_archive_in_one_piece_is_there_until_it_is_removed() {
    let scene = Scene::new("small").await;
    let archive = archive();
    scene.bucket.put_archive(&archive, b"PK\x05\x06".to_vec()).await.unwrap();
    assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), Some(4));
    let link = scene.bucket.download_backup(&ready(4)).await.unwrap();
    assert_eq!(follows(&link).await.2, b"PK\x05\x06");
    for _ in 0..2 {
        scene.bucket.remove_archive(&archive).await.unwrap();
        assert_eq!(scene.bucket.archive_size(&archive).await.unwrap(), None);
    }
    assert_eq!(follows(&link).await.0, 404);
}

#[tokio::test]
#[ignore = "needs an S3 at CONFER_S3: .ci/ministack starts one"]
async fn a_note_says_what_was_put_until_it_is_removed() {
    let scene = Scene::new("note").await;
    let archive = archive();
    let [note, other] = ["019ca8a0-3e80-7707-8707-0707070707d1", "019ca8a0-3e80-7707-8707-0707070707d2"]
        .map(|id| id.parse::<NoteId>().unwrap());
    scene.bucket.put_note(&archive, note, b"up to entry 7".to_vec()).await.unwrap();
    assert_eq!(scene.bucket.note(&archive, note).await.unwrap(), b"up to entry 7");
    assert!(matches!(scene.bucket.note(&archive, other).await, Err(BucketError::Missing)));
    for _ in 0..2 {
        scene.bucket.remove_note(&archive, note).await.unwrap();
        assert!(matches!(scene.bucket.note(&archive, note).await, Err(BucketError::Missing)));
    }
}

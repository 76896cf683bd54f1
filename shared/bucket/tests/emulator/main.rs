//! Links, archives and all that lies beside them, at an S3 that others wrote: what the embedded one refuses, it may
//! refuse by a mistake of ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod archives;
mod downloads;
mod uploads;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use bucket::{Bucket, Link};
use domain::attachment::{Attachment, ContentType, Declared, FileName, ObjectKey, Size, Uploaded};
use domain::chain::Digest;
use domain::id::AttachmentId;
use reqwest::header::HeaderMap;
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

//! S3 on a folder. Signatures are verified, those of presigned links too; by the machine's time.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::ETAG;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::clock::Clock;
use s3s::access::S3Access;
use s3s::auth::SimpleAuth;
use s3s::dto::PutObjectInput;
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{HttpRequest, S3Error, S3ErrorCode, S3Request, S3Result};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

use super::error::AwsError;
use super::events::Bus;
use super::scanner::Scanned;
use super::{ACCESS_KEY, SECRET_KEY};

/// The bucket for attachments, which is there from the start.
pub const BUCKET: &str = "confer-attachments";

/// The bucket for the trail of logs, which is there, too. It locks nothing here.
pub const TRAIL: &str = "confer-trail";

/// Buckets as folders. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Buckets {
    service: S3Service,
    events: Arc<Bus>,
    clock: Clock,
}

impl Buckets {
    /// Opens the buckets in `folder`, and creates what is missing. What the scanner finds goes onto `events`.
    pub fn open(folder: &Path, events: Arc<Bus>, clock: Clock) -> Result<Self> {
        let unusable = || format!("the buckets in {} cannot be used", folder.display());
        for bucket in [BUCKET, TRAIL] {
            std::fs::create_dir_all(folder.join(bucket)).with_context(unusable)?;
        }
        let files = FileSystem::new(folder).map_err(|error| anyhow::anyhow!("{error:?}")).with_context(unusable)?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        service.set_host(Loopback);
        service.set_access(Gate::default());
        Ok(Self { service: service.build(), events, clock })
    }
}

/// S3, for browsers of any origin too: a bucket's own CORS rules are not played.
pub fn router(buckets: Buckets) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([ETAG]);
    Router::new().fallback(serve).with_state(buckets).layer(cors)
}

async fn serve(State(buckets): State<Buckets>, request: Request) -> Result<Response, AwsError> {
    const CUT: &str = "The body ended too early.";
    let (mut parts, body) = request.into_parts();
    let put = Put::default();
    parts.extensions.insert(put.clone());
    let asks_for_checksum = parts.headers.get("x-amz-checksum-mode").is_some_and(|mode| mode == "ENABLED");
    let tells_checksum = parts.method == Method::PUT || asks_for_checksum;
    // All of it before any answer: whoever is refused while still sending sees a broken connection instead.
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| AwsError::refused("IncompleteBody", CUT))?;

    let answer = buckets.service.call(HttpRequest::from_parts(parts, bytes.into())).await;
    let mut response = answer.map_err(|error| anyhow::anyhow!("{error:?}"))?.map(Body::new);
    if !tells_checksum {
        response.headers_mut().remove("x-amz-checksum-sha256");
    }
    if let Some(scanned) = put.get().filter(|_| response.status().is_success()) {
        buckets.events.push(scanned.event(response.headers(), buckets.clock.now())?);
    }
    Ok(response)
}

/// What the gate saw of the object that a request puts, for [`serve`] to tell of once it is there.
type Put = Arc<OnceLock<Scanned>>;

/// Does for objects that are put what S3 does and the folder does not.
///
/// The folder compares a checksum when the bytes have replaced the object already, and looks whether there is an object
/// long before it has written its own. So bytes are compared before they get there, and get there one after the other.
#[derive(Debug, Default)]
struct Gate(Arc<Mutex<()>>);

impl S3Access for Gate {
    // As `async_trait`, with which the trait is written, would write it.
    fn put_object<'a, 'b, 'f>(
        &'a self,
        request: &'b mut S3Request<PutObjectInput>,
    ) -> Pin<Box<dyn Future<Output = S3Result<()>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let input = &mut request.input;
            let mut body = input.body.take().map_or_else(s3s::Body::empty, s3s::Body::from);
            let incomplete = |error| S3Error::with_source(S3ErrorCode::IncompleteBody, error);
            let bytes = body.store_all_limited(usize::MAX).await.map_err(incomplete)?;
            input.body = Some(body.into());
            let checksum = STANDARD.encode(digest(&SHA256, &bytes));
            if input.checksum_sha256.as_ref().is_some_and(|declared| *declared != checksum) {
                let message = "The SHA256 you specified did not match the calculated checksum.";
                return Err(S3Error::with_message(S3ErrorCode::BadDigest, message));
            }
            if let (Some(put), Some(scanned)) =
                (request.extensions.get::<Put>(), Scanned::of(&input.bucket, &input.key, &bytes))
            {
                // Nobody set it before: a request puts one object.
                let _ = put.set(scanned);
            }
            // The request is dropped when the object is there.
            request.extensions.insert(Arc::new(self.0.clone().lock_owned().await));
            Ok(())
        })
    }
}

/// `bucket.localhost` names a bucket, every other host of this machine none: then the path does.
#[derive(Debug)]
struct Loopback;

impl S3Host for Loopback {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let bucket = name.strip_suffix(".localhost").map(|name| name.strip_suffix(".s3").unwrap_or(name));
        Ok(match bucket {
            Some(bucket) if bucket != "s3" => VirtualHost::new(host).with_bucket(bucket),
            _ => VirtualHost::new(host),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::start;
    use crate::sigv4::Presign;
    use reqwest::{Client, StatusCode};

    /// The checksum of `hello`.
    const HELLO: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

    #[tokio::test]
    async fn a_presigned_link_does_what_it_says_and_nothing_else() {
        let running = start().await;
        let client = Client::new();
        let put = Presign::new(&running.url, "PUT", "/confer-attachments/a/report.pdf")
            .header("content-type", "application/pdf")
            .header("content-length", "5")
            .url();
        let send = |url: String, content_type: &'static str, body: &'static str| {
            client.put(url).header("content-type", content_type).body(body).send()
        };

        for (what, url, content_type, body) in [
            ("another signature", tampered(&put), "application/pdf", "hello"),
            ("another key", put.replace("report", "resort"), "application/pdf", "hello"),
            ("another type", put.clone(), "text/html", "hello"),
            ("a longer body", put.clone(), "application/pdf", "hello, world"),
        ] {
            let answer = send(url, content_type, body).await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{what}");
        }
        assert_eq!(send(put, "application/pdf", "hello").await.unwrap().status(), StatusCode::OK);

        let get = Presign::new(&running.url, "GET", "/confer-attachments/a/report.pdf");
        let answer = client.get(get.url()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        assert_eq!(answer.text().await.unwrap(), "hello");

        let refusals = [
            tampered(&get.url()),
            Presign::new(&running.url, "GET", "/confer-attachments/a/report.pdf").expired().url(),
            format!("{}/confer-attachments/a/report.pdf", running.url),
        ];
        for url in refusals {
            assert_eq!(client.get(url).send().await.unwrap().status(), StatusCode::FORBIDDEN);
        }
    }

    #[tokio::test]
    async fn bytes_with_another_checksum_never_become_an_object() {
        const HEADERS: [(&str, &str); 3] =
            [("content-type", "text/plain"), ("if-none-match", "*"), ("x-amz-checksum-sha256", HELLO)];
        let running = start().await;
        let client = Client::new();
        let link = |method| Presign::new(&running.url, method, "/confer-attachments/a/1");
        let put = HEADERS.into_iter().fold(link("PUT"), |link, (name, value)| link.header(name, value)).url();
        let send = |body: &'static str| {
            let request = client.put(&put).body(body);
            HEADERS.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send()
        };
        assert_eq!(send("jello").await.unwrap().status(), 400);
        assert_eq!(client.get(link("GET").url()).send().await.unwrap().status(), 404);
        assert_eq!(send("hello").await.unwrap().status(), 200);
        assert_eq!(send("hello").await.unwrap().status(), 412);

        for (mode, checksum) in [("ENABLED", Some(HELLO)), ("DISABLED", None)] {
            let head = client.head(link("HEAD").url()).header("x-amz-checksum-mode", mode).send().await.unwrap();
            let told = head.headers();
            assert_eq!(told["content-length"], "5");
            assert_eq!(told["content-type"], "text/plain");
            assert_eq!(told["etag"], "\"5d41402abc4b2a76b9719d911017c592\"");
            assert_eq!(told.get("x-amz-checksum-sha256").map(|value| value.to_str().unwrap()), checksum);
        }
    }

    #[tokio::test]
    async fn one_of_many_becomes_the_object_that_was_not_there() {
        let running = start().await;
        let client = Client::new();
        let link = |method| Presign::new(&running.url, method, "/confer-attachments/a/1");
        let put = link("PUT").header("if-none-match", "*").url();
        let send = |body: String| client.put(&put).header("if-none-match", "*").body(body).send();
        let tries: Vec<_> = (0..16).map(|n| tokio::spawn(send(n.to_string()))).collect();
        let mut there = Vec::new();
        for (n, answer) in tries.into_iter().enumerate() {
            match answer.await.unwrap().unwrap().status().as_u16() {
                200 => there.push(n.to_string()),
                status => assert_eq!(status, 412),
            }
        }
        let object = client.get(link("GET").url()).send().await.unwrap().text().await.unwrap();
        assert_eq!(there, [object]);
    }

    #[tokio::test]
    async fn a_link_says_as_what_an_object_is_served_and_a_range_what_of_it() {
        let running = start().await;
        let client = Client::new();
        let put =
            Presign::new(&running.url, "PUT", "/confer-attachments/a/1").header("content-type", "text/html").url();
        client.put(put).header("content-type", "text/html").body("hello").send().await.unwrap();
        let disposition = "attachment; filename=\"a.html\"; filename*=UTF-8''%C3%A4.html";
        let encoded = "attachment%3B%20filename%3D%22a.html%22%3B%20filename%2A%3DUTF-8%27%27%25C3%25A4.html";
        let get = Presign::new(&running.url, "GET", "/confer-attachments/a/1")
            .query("response-content-disposition", encoded)
            .query("response-content-type", "application%2Foctet-stream")
            .url();
        let told = client.get(&get).send().await.unwrap();
        assert_eq!(told.headers()["content-disposition"], disposition);
        assert_eq!(told.headers()["content-type"], "application/octet-stream");
        assert_eq!(told.headers().get_all("content-type").iter().count(), 1);
        let meddled = get.replace("octet-stream", "pdf");
        assert_eq!(client.get(meddled).send().await.unwrap().status(), 403);

        for (range, status, bytes) in [("bytes=0-1", 206, "he"), ("bytes=2-4095", 206, "llo"), ("bytes=-2", 206, "lo")]
        {
            let answer = client.get(&get).header("range", range).send().await.unwrap();
            assert_eq!(answer.status(), status, "{range}");
            assert_eq!(answer.text().await.unwrap(), bytes, "{range}");
        }
        assert_eq!(client.get(&get).header("range", "bytes=5-").send().await.unwrap().status(), 416);
    }

    #[tokio::test]
    async fn a_browser_of_any_origin_may_use_a_link() {
        let running = start().await;
        let answer = Client::new()
            .request(Method::OPTIONS, format!("{}/confer-attachments/a", running.url))
            .header("origin", "http://localhost:5173")
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "content-type,x-amz-checksum-sha256")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(answer.headers()["access-control-allow-methods"], "PUT");
    }

    #[test]
    fn a_bucket_may_be_named_by_the_host() {
        for (host, bucket) in [
            ("127.0.0.1:4566", None),
            ("localhost:4566", None),
            ("s3.localhost:4566", None),
            ("files.localhost:4566", Some("files")),
            ("files.s3.localhost:4566", Some("files")),
        ] {
            assert_eq!(Loopback.parse_host_header(host).unwrap().bucket(), bucket);
        }
    }

    fn tampered(url: &str) -> String {
        let (rest, last) = url.split_at(url.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    }
}

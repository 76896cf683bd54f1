//! S3 on a folder. Signatures are verified, those of presigned links too.

use std::path::Path;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use s3s::S3Result;
use s3s::auth::SimpleAuth;
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

use super::error::AwsError;
use super::{ACCESS_KEY, SECRET_KEY};

/// The bucket for attachments, which is there from the start.
pub const BUCKET: &str = "confer-attachments";

/// Buckets as folders. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Buckets(S3Service);

impl Buckets {
    /// Opens the buckets in `folder`, and creates what is missing.
    pub fn open(folder: &Path) -> Result<Self> {
        let unusable = || format!("the buckets in {} cannot be used", folder.display());
        std::fs::create_dir_all(folder.join(BUCKET)).with_context(unusable)?;
        let files = FileSystem::new(folder).map_err(|error| anyhow::anyhow!("{error:?}")).with_context(unusable)?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        service.set_host(Loopback);
        Ok(Self(service.build()))
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

async fn serve(State(Buckets(service)): State<Buckets>, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => AwsError::from(anyhow::anyhow!("{error:?}")).into_response(),
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
    use reqwest::{Client, Method, StatusCode};

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

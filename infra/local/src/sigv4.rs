//! Signs links as the AWS SDKs do, for tests.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use domain::clock::{Clock, Timestamp};

use crate::aws::{ACCESS_KEY, REGION, SECRET_KEY};

/// A link to be signed.
pub(crate) struct Presign {
    url: String,
    method: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    query: String,
    at: Timestamp,
}

impl Presign {
    pub(crate) fn new(url: &str, method: &'static str, path: &'static str) -> Self {
        let host = url.trim_start_matches("http://").to_owned();
        let (url, headers) = (url.to_owned(), vec![("host", host)]);
        Self { url, method, path, headers, query: String::new(), at: Clock::system().now() }
    }

    /// Signs a header too.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self.headers.sort();
        self
    }

    /// Adds a parameter: an encoded value, and a name that comes after those before and after `X-Amz-`.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        write!(self.query, "&{name}={value}").unwrap();
        self
    }

    /// Signs as of an hour ago.
    pub(crate) fn expired(mut self) -> Self {
        self.at = Timestamp::from_millis(self.at.as_millis() - 3_600_000);
        self
    }

    /// The link, good for 15 minutes.
    pub(crate) fn url(&self) -> String {
        let time =
            jiff::Timestamp::from_millisecond(self.at.as_millis()).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &time[..8];
        let scope = format!("{day}/{REGION}/s3/aws4_request");
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F{}&X-Amz-Date={time}&X-Amz-Expires=900\
             &X-Amz-SignedHeaders={}{}",
            scope.replace('/', "%2F"),
            names.join("%3B"),
            self.query
        );
        let mut headers = String::new();
        for (name, value) in &self.headers {
            writeln!(headers, "{name}:{value}").unwrap();
        }
        let request = [self.method, self.path, &query, &headers, &names.join(";"), "UNSIGNED-PAYLOAD"].join("\n");
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(digest(&SHA256, request.as_bytes()).as_ref()));
        let mut key = format!("AWS4{SECRET_KEY}").into_bytes();
        for part in [day, REGION, "s3", "aws4_request"] {
            key = hmac(&key, part);
        }
        format!("{}{}?{query}&X-Amz-Signature={}", self.url, self.path, hex(&hmac(&key, &to_sign)))
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

//! What people do with presigned links: over HTTP, past the functions.

use http::{HeaderMap, Method};
use serde_json::Value;

use crate::world::World;

impl World {
    /// Uploads these bytes as the answer to a request for an upload says, and returns the status.
    pub async fn upload(&self, answer: &Value, bytes: &[u8]) -> u16 {
        let upload = &answer["upload"];
        let method: Method = upload["method"].as_str().expect("a method").parse().expect("a method");
        let mut request = reqwest::Client::new().request(method, upload["url"].as_str().expect("a link"));
        for (name, value) in upload["headers"].as_object().expect("headers") {
            // A client says how long that is what it sends, whatever it was told.
            if !["content-length", "host"].contains(&name.as_str()) {
                request = request.header(name, value.as_str().expect("a header"));
            }
        }
        request.body(bytes.to_vec()).send().await.expect("an answer").status().as_u16()
    }

    /// Downloads what is at a link: the status, the headers and the bytes.
    pub async fn fetch(&self, url: &str) -> (u16, HeaderMap, Vec<u8>) {
        let mut answer = reqwest::Client::new().get(url).send().await.expect("an answer");
        let headers = std::mem::take(answer.headers_mut());
        (answer.status().as_u16(), headers, answer.bytes().await.expect("a body").to_vec())
    }
}

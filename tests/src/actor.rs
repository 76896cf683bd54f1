//! Somebody who acts over HTTP.

use axum::body::Body;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::Door;

/// Somebody who acts over HTTP.
#[derive(Clone, Debug)]
pub struct Actor {
    door: Door,
    username: String,
    token: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// What a router answered.
    pub async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        answer(parts.status.as_u16(), parts.headers, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    /// The slug of the problem, if it is one.
    pub fn problem(&self) -> &str {
        self.body["type"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or("none")
    }

    /// The answer's JSON, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Checks that it is this problem, told as every problem is.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, slug: &str) {
        assert_eq!((self.status, self.problem()), (status, slug), "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["instance"].as_str(), self.headers["x-request-id"].to_str().ok());
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{}", self.body);
    }

    /// Everything that it says, but for the id of the request.
    pub fn said(&self) -> String {
        let headers: Vec<_> = self.headers.iter().filter(|(name, _)| *name != "x-request-id").collect();
        format!("{} {headers:?} {}", self.status, self.without_request_id())
    }

    /// The body without what is different in every answer, to compare two refusals byte for byte.
    pub fn without_request_id(&self) -> String {
        let id = self.headers["x-request-id"].to_str().expect("a request id");
        String::from_utf8_lossy(&self.bytes).replace(id, "")
    }
}

/// A new key for an act.
pub fn key() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid().to_string()
}

impl Actor {
    pub(crate) fn new(door: Door, username: &str, token: Option<String>) -> Self {
        Self { door, username: username.to_owned(), token }
    }

    /// By which name others know this person.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The token, for tests that spoil it.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    /// Does something for the first time.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_with_key(path, body, &key()).await
    }

    /// Does something, or does it again.
    pub async fn post_with_key(&self, path: &str, body: Value, key: &str) -> Answer {
        self.call(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
    }

    /// Sets something.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, &[], Some(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    /// Takes something away.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], None).await
    }

    /// Adds members to a conversation.
    pub async fn adds(&self, to: &Conversation, others: &[&Self]) -> Answer {
        let usernames: Vec<&str> = others.iter().map(|other| other.username()).collect();
        self.post(&to.members(), json!({ "usernames": usernames })).await
    }

    /// Ends somebody's membership, or one's own.
    pub async fn removes(&self, from: &Conversation, other: &Self) -> Answer {
        self.delete(&from.member(other)).await
    }

    /// Gives a member a role.
    pub async fn makes(&self, of: &Conversation, other: &Self, role: &str) -> Answer {
        self.patch(&of.member(other), json!({ "role": role })).await
    }

    /// How many messages in how many conversations are unread, how many mention one, and how many are important.
    pub async fn unread(&self) -> [u64; 4] {
        let unread = self.get("/v1/unread").await.expect(200);
        ["messages", "conversations", "mentions", "important"].map(|field| unread[field].as_u64().expect("a count"))
    }

    /// Sends a request with a JSON body.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut headers = headers.to_vec();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        self.raw(method, path, &headers, body.map_or_else(Vec::new, |body| body.to_string().into_bytes())).await
    }

    /// Sends a request as it is.
    pub async fn raw(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers = headers.to_vec();
        if let Some(token) = &token {
            headers.push(("authorization", token));
        }
        match &self.door {
            Door::Inside(router) => {
                let mut request = Request::builder().method(method).uri(path);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                let request = request.body(Body::from(body)).expect("a request");
                let response = router.clone().oneshot(request).await.expect("an answer");
                Answer::of(response).await
            }
            Door::Outside { client, api, tokens } => {
                let late = ["/v1/conversations", "/v1/unread", "/v1/me/notifications"];
                if method == Method::GET && path.split('?').next().is_some_and(|path| late.contains(&path)) {
                    // Behind a gateway an inbox is a moment late; whoever mints tokens can say when it is not.
                    client.post(tokens.replace("/token", "/settle")).send().await.expect("a settled world");
                }
                let mut request = client.request(method, format!("{api}{path}")).body(body);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                let response = request.send().await.expect("an answer");
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                answer(status, headers, response.bytes().await.expect("a body").to_vec())
            }
        }
    }

    /// Starts a conversation, and returns it.
    pub async fn starts(&self, title: &str, others: &[&Self]) -> Conversation {
        let members: Vec<&str> = others.iter().map(|other| other.username()).collect();
        let started = self.post("/v1/conversations", json!({ "title": title, "members": members })).await.expect(201);
        Conversation::new(&started)
    }

    /// Sends a message.
    pub async fn sends(&self, to: &Conversation, body: &str) -> Answer {
        self.post(&to.messages(), json!({ "body": body })).await
    }

    /// What this person sees on opening a conversation: the bodies of its messages, oldest first.
    pub async fn reads(&self, conversation: &Conversation) -> Vec<String> {
        let page = self.get(&conversation.messages()).await.expect(200);
        let mut bodies: Vec<String> = page["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| item["body"].as_str().map(str::to_owned))
            .collect();
        bodies.reverse();
        bodies
    }
}

fn answer(status: u16, headers: HeaderMap, bytes: Vec<u8>) -> Answer {
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status, headers, bytes, body }
}

/// A conversation, by its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: String,
}

impl Conversation {
    /// The conversation that an answer shows.
    pub fn new(shown: &Value) -> Self {
        Self { id: shown["id"].as_str().expect("an id").to_owned() }
    }

    /// Its own address.
    pub fn path(&self) -> String {
        format!("/v1/conversations/{}", self.id)
    }

    /// The address of its messages.
    pub fn messages(&self) -> String {
        format!("{}/messages", self.path())
    }

    /// The address of its members.
    pub fn members(&self) -> String {
        format!("{}/members", self.path())
    }

    /// The address of a member.
    pub fn member(&self, member: &Actor) -> String {
        format!("{}/{}", self.members(), member.username())
    }

    /// The address of a message.
    pub fn message(&self, seq: u64) -> String {
        format!("{}/{seq}", self.messages())
    }

    /// The address of my read mark in it.
    pub fn read(&self) -> String {
        format!("{}/read", self.path())
    }
}

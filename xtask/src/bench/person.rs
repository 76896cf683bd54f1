//! A person at the HTTP interface, as any client would be.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// How often a client tries again before it calls the service broken.
const PATIENCE: u32 = 1_000;

/// How many people one request may name.
const AT_ONCE: usize = 1_000;

/// Someone who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    http: Client,
    api: String,
    pub(crate) username: String,
    token: String,
}

/// What is known after a try to send.
pub(crate) enum Outcome {
    /// The service said that it is stored.
    Acknowledged(Receipt),
    /// The service asked to try again.
    Busy,
    /// No answer: it may be stored, or not.
    Unknown,
}

/// Where the service said that a message stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    pub(crate) seq: u64,
}

/// What a badge shows.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) conversations: u32,
    pub(crate) important: u32,
}

/// One entry of a conversation, as read back.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: Option<String>,
    pub(crate) seq: u64,
    pub(crate) body: Option<String>,
}

impl Person {
    /// Signs in; the first call makes the profile.
    pub(crate) async fn sign_in(http: &Client, api: &str, username: &str) -> anyhow::Result<Self> {
        Self::sign_in_as(http, api, username, &[]).await
    }

    /// Signs in with roles of the institution.
    pub(crate) async fn sign_in_as(http: &Client, api: &str, username: &str, roles: &[&str]) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Token {
            access_token: String,
        }
        let request = http.post(format!("{api}/_local/token")).json(&json!({ "username": username, "roles": roles }));
        let Token { access_token } = accepted(request).await?.json().await?;
        let person =
            Self { http: http.clone(), api: api.to_owned(), username: username.to_owned(), token: access_token };
        accepted(person.get("/v1/me")).await?;
        Ok(person)
    }

    /// Creates a conversation with others and returns its id once everyone is in it.
    pub(crate) async fn create(&self, title: &str, others: &[String]) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Conversation {
            id: String,
        }
        let (first, more) = others.split_at(others.len().min(AT_ONCE));
        let request = self.post("/v1/conversations", random_key()).json(&json!({ "title": title, "members": first }));
        let Conversation { id } = accepted(request).await?.json().await?;
        self.settle().await?;
        for some in more.chunks(AT_ONCE) {
            self.add_members(&id, some).await?;
        }
        Ok(id)
    }

    /// Adds members, at most a thousand; each must be somebody new.
    async fn add_members(&self, conversation: &str, usernames: &[String]) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Added {
            results: Vec<Row>,
        }
        #[derive(Deserialize)]
        struct Row {
            outcome: String,
        }
        let path = format!("/v1/conversations/{conversation}/members");
        let request = self.ask(&path).json(&json!({ "usernames": usernames }));
        let Added { results } = accepted(request).await?.json().await?;
        let added = results.iter().filter(|row| row.outcome == "added").count();
        anyhow::ensure!(added == usernames.len(), "{added} of {} people were added", usernames.len());
        Ok(())
    }

    /// Waits until everything that was set off is done.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        accepted(self.http.post(format!("{}/_local/settle", self.api))).await?;
        Ok(())
    }

    /// Tries once to send.
    pub(crate) async fn send(&self, conversation: &str, key: Uuid, body: &str) -> anyhow::Result<Outcome> {
        #[derive(Serialize)]
        struct Message<'a> {
            body: &'a str,
        }
        let request = self.post(&format!("/v1/conversations/{conversation}/messages"), key).json(&Message { body });
        let Ok(response) = request.send().await else { return Ok(Outcome::Unknown) };
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => {
                // An answer that breaks off is no acknowledgement.
                Ok(response.json().await.map_or(Outcome::Unknown, Outcome::Acknowledged))
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Ok(Outcome::Busy),
            status => anyhow::bail!("sending answered {status}: {}", response.text().await?),
        }
    }

    /// Sends until it is acknowledged, with one key, and returns how often the service was busy.
    pub(crate) async fn send_until_acknowledged(
        &self,
        conversation: &str,
        key: Uuid,
        body: &str,
    ) -> anyhow::Result<(Receipt, u32)> {
        let mut busy = 0;
        loop {
            match self.send(conversation, key, body).await? {
                Outcome::Acknowledged(receipt) => return Ok((receipt, busy)),
                Outcome::Busy if busy < PATIENCE => busy += 1,
                Outcome::Busy => anyhow::bail!("busy {busy} times in a row"),
                Outcome::Unknown => anyhow::bail!("no answer from {}", self.api),
            }
            breathe().await;
        }
    }

    /// Sends an important message, once.
    pub(crate) async fn send_important(&self, conversation: &str, body: &str) -> anyhow::Result<()> {
        let path = format!("/v1/conversations/{conversation}/messages");
        let request = self.post(&path, random_key()).json(&json!({ "body": body, "important": true }));
        accepted(request).await?.bytes().await?;
        Ok(())
    }

    /// Opens a conversation: its newest fifty entries.
    pub(crate) async fn open(&self, conversation: &str) -> anyhow::Result<()> {
        self.fetch(&format!("/v1/conversations/{conversation}/messages")).await
    }

    /// Reads the inbox.
    pub(crate) async fn inbox(&self) -> anyhow::Result<()> {
        self.fetch("/v1/conversations").await
    }

    /// Reads as much of the inbox as one answer holds, and returns how many conversations that is.
    pub(crate) async fn long_inbox(&self) -> anyhow::Result<u32> {
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Value>,
        }
        let Page { items } = accepted(self.get("/v1/conversations?limit=100")).await?.json().await?;
        Ok(u32::try_from(items.len())?)
    }

    /// Reads the badge.
    pub(crate) async fn unread(&self) -> anyhow::Result<Unread> {
        Ok(accepted(self.get("/v1/unread")).await?.json().await?)
    }

    /// Moves the read mark.
    pub(crate) async fn mark_read(&self, conversation: &str, seq: u64) -> anyhow::Result<()> {
        let url = format!("{}/v1/conversations/{conversation}/read", self.api);
        let request = self.http.put(url).bearer_auth(&self.token).json(&json!({ "seq": seq }));
        accepted(request).await?.bytes().await?;
        Ok(())
    }

    /// Reads a whole conversation from its first entry on.
    pub(crate) async fn follow(&self, conversation: &str) -> anyhow::Result<Vec<Entry>> {
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Entry>,
        }
        let mut log: Vec<Entry> = Vec::new();
        loop {
            let after = log.last().map_or(0, |entry| entry.seq);
            let path = format!("/v1/conversations/{conversation}/messages?after={after}&limit=100");
            let Page { items } = accepted(self.get(&path)).await?.json().await?;
            if items.is_empty() {
                return Ok(log);
            }
            log.extend(items);
        }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.api)).bearer_auth(&self.token)
    }

    fn post(&self, path: &str, key: Uuid) -> RequestBuilder {
        self.ask(path).header("Idempotency-Key", key.to_string())
    }

    /// A `POST` that may be repeated without a key.
    pub(crate) fn ask(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.api)).bearer_auth(&self.token)
    }

    /// Reads an answer to its end, as a client would.
    async fn fetch(&self, path: &str) -> anyhow::Result<()> {
        accepted(self.get(path)).await?.json::<Value>().await?;
        Ok(())
    }
}

/// Waits a moment before the next try, not in step with anybody else.
pub(crate) async fn breathe() {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(10..60))).await;
}

/// Makes an idempotency key.
pub(crate) fn random_key() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid()
}

/// Sends a request and expects success.
pub(crate) async fn accepted(request: RequestBuilder) -> anyhow::Result<Response> {
    let response = request.send().await?;
    let (status, url) = (response.status(), response.url().clone());
    if status.is_success() {
        return Ok(response);
    }
    let text = response.text().await.context("an answer that broke off")?;
    anyhow::bail!("{url} answered {status}: {text}")
}

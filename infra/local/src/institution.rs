//! A small institution to try things with: six people and a conversation, made through the API itself.

use std::path::Path;

use anyhow::{Result, bail};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::issuer::{Issuer, Token};
use crate::person::{Person, STAFF};

/// Says that the institution was loaded into this folder.
const MARK: &str = "demonstration";

/// What is said in the conversation, after its first message: by whom, what, and whether it is important.
const SAID: [(&str, &str, bool); 4] = [
    ("ines.castelo", "Four families can come on Tuesday, the others prefer Thursday afternoon.", false),
    ("samuel.adeyemi", "The pharmacy can prepare for both days. I need the final numbers by Friday noon.", true),
    ("mara.lindqvist", "@samuel.adeyemi you will have them on Thursday evening.", false),
    ("yuki.hartmann", "@mara.lindqvist the visit windows are in the study calendar now, please have a look.", false),
];

/// Makes people and conversation, unless they were made in this folder before.
pub async fn load(api: &str, issuer: &Issuer, folder: Option<&Path>) -> Result<()> {
    let mark = folder.map(|folder| folder.join(MARK));
    if mark.as_ref().is_some_and(|mark| mark.exists()) {
        return Ok(());
    }
    let api = Api { url: api.to_owned(), client: Client::builder().no_proxy().build()? };
    for colleague in &STAFF {
        // The first call makes the profile.
        api.call(&issuer.mint(&Person::named(colleague.username))?, Method::GET, "/v1/me", None).await?;
    }
    let (first, others) = (STAFF[1].username, STAFF.map(|colleague| colleague.username));
    let members: Vec<&str> = others.into_iter().filter(|username| *username != first).collect();
    let start = json!({
        "title": "Spring study: planning the follow-up visits",
        "members": members,
        "message": { "body": "Welcome, everyone. Which days next week suit the families best?" },
    });
    let conversation =
        api.call(&issuer.mint(&Person::named(first))?, Method::POST, "/v1/conversations", Some((0, start))).await?;
    let Some(id) = conversation["id"].as_str() else { bail!("the conversation has no id") };
    for (nth, (username, body, important)) in SAID.into_iter().enumerate() {
        let message = json!({ "body": body, "important": important });
        let token = issuer.mint(&Person::named(username))?;
        api.call(&token, Method::POST, &format!("/v1/conversations/{id}/messages"), Some((nth + 1, message))).await?;
    }
    if let Some(mark) = mark {
        std::fs::write(mark, "The demonstration institution was loaded into this folder.\n")?;
    }
    Ok(())
}

struct Api {
    url: String,
    client: Client,
}

impl Api {
    /// Makes one call. What creates something has a number, which makes the key by which it is created once only.
    async fn call(&self, token: &Token, method: Method, path: &str, body: Option<(usize, Value)>) -> Result<Value> {
        let mut request =
            self.client.request(method.clone(), format!("{}{path}", self.url)).bearer_auth(&token.access_token);
        if let Some((number, body)) = body {
            let key = format!("0190c0de-0000-7000-8000-{number:012x}");
            request = request.header("Idempotency-Key", key).json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        if !status.is_success() {
            bail!("{method} {path} answered {status}");
        }
        Ok(answer.json().await?)
    }
}

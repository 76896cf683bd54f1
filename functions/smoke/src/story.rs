//! What is asked, and what has to be answered.

use serde_json::{Value, json};

use crate::App;
use crate::asking::{Answer, PERSON, Question, Trouble};

/// What the conversation is called that is started once and then found again.
const TITLE: &str = "New versions are tried here";

/// The keys of the conversation and of the message in it.
const CONVERSATION: &str = "5a0c7e9e-5f0e-4c53-9d61-6f6f6e666572";
const MESSAGE: &str = "5a0c7e9e-5f0e-4c53-9d61-736d6f6b6521";

/// Names nothing that there is.
const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

fn gets(function: &'static str, path: impl Into<String>) -> Question {
    Question { function, method: "GET", path: path.into(), signed_in: true, key: None, body: None }
}

fn posts(function: &'static str, path: impl Into<String>, key: &'static str, body: Value) -> Question {
    Question { method: "POST", key: Some(key), body: Some(body), ..gets(function, path) }
}

impl App {
    /// Asks everything, and returns what is wrong.
    pub(crate) async fn tell_the_story(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        let nothing = |what: &str| format!("/v1/conversations/{NOTHING}/{what}/{NOTHING}");
        for question in [
            gets("attachments", nothing("attachments")),
            gets("audit", "/v1/audit/institution"),
            gets("backups", nothing("backups")),
            gets("broadcasts", "/v1/broadcasts"),
            gets("conversations", "/v1/conversations"),
            gets("messages", "/v1/unread"),
            gets("people", "/v1/me"),
        ] {
            // A version that does not check who asks lets anybody in.
            let by_nobody = Question { signed_in: false, ..question };
            troubles.extend(self.ask(by_nobody, 401).await.err());
        }
        troubles.extend(self.ask(gets("people", "/v1/health"), 200).await.err());
        troubles.extend(self.ask(gets("people", "/v1/me"), 200).await.err());
        troubles.extend(self.ask(gets("broadcasts", "/v1/broadcasts"), 200).await.err());
        // They are no auditor.
        troubles.extend(self.ask(gets("audit", "/v1/audit/institution"), 403).await.err());
        troubles.extend(self.ask(gets("attachments", nothing("attachments")), 404).await.err());
        troubles.extend(self.ask(gets("backups", nothing("backups")), 404).await.err());
        troubles.extend(self.ask(gets("messages", "/v1/unread"), 200).await.err());
        troubles.extend(self.writes().await.err());
        troubles
    }

    /// Starts a conversation, writes into it, and reads it.
    async fn writes(&self) -> Result<(), Trouble> {
        let start = json!({ "title": TITLE, "members": [] });
        let started = self.once(posts("conversations", "/v1/conversations", CONVERSATION, start)).await?;
        let inbox = gets("conversations", "/v1/conversations");
        let listed = self.ask(inbox.clone(), 200).await?;
        if listed.is_problem("messenger-disabled") {
            return Ok(());
        }
        let listed = listed.json();
        // Anybody may have added them to another conversation, which is none of ours to write into.
        let ours = |item: &&Value| item["created_by"] == PERSON;
        let found = match &started {
            Some(started) => started.json()["id"].clone(),
            None => listed["items"]
                .as_array()
                .into_iter()
                .flatten()
                .find(ours)
                .map_or(Value::Null, |item| item["id"].clone()),
        };
        let Some(id) = found.as_str() else { return Err(Trouble::Forgotten(inbox)) };
        let messages = format!("/v1/conversations/{id}/messages");
        let body = json!({ "body": "Is this version good?" });
        self.once(posts("messages", messages.clone(), MESSAGE, body.clone())).await?;
        let page = gets("messages", messages);
        let read = self.ask(page.clone(), 200).await?.json();
        let mut bodies = read["items"].as_array().into_iter().flatten().map(|item| &item["body"]);
        if bodies.any(|said| *said == body["body"]) { Ok(()) } else { Err(Trouble::Forgotten(page)) }
    }

    /// Asks what was perhaps asked before, and returns what was answered; nothing if versions before asked it in other words,
    /// so that the key is taken, and it is there.
    async fn once(&self, question: Question) -> Result<Option<Answer>, Trouble> {
        match self.ask(question, 201).await {
            Ok(answer) => Ok(Some(answer)),
            Err(Trouble::Other(_, 409, _)) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }
}

//! Asking a version something, as the gateway would.

use std::fmt;

use aws_sdk_lambda::error::{DisplayErrorContext, SdkError};
use aws_sdk_lambda::primitives::Blob;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;

/// Who asks: a person in the table like others, whom no identity provider vouches for.
pub(crate) const PERSON: &str = "confer.smoke";

/// Something to ask.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Which function.
    pub(crate) function: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// Whether somebody asks, or nobody.
    pub(crate) signed_in: bool,
    /// What creates something has a key.
    pub(crate) key: Option<&'static str>,
    pub(crate) body: Option<Value>,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.signed_in { "" } else { " by nobody" };
        write!(f, "{}: {} {}{who}", self.function, self.method, self.path)
    }
}

/// What a version answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    pub(crate) status_code: u16,
    #[serde(default)]
    body: Option<String>,
}

impl Answer {
    /// The body; nothing if there is none, or it is no JSON.
    pub(crate) fn json(&self) -> Value {
        self.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default()
    }

    /// Whether it is this refusal.
    pub(crate) fn is_problem(&self, slug: &str) -> bool {
        self.json()["type"].as_str().is_some_and(|kind| kind.rsplit('/').next() == Some(slug))
    }
}

/// What is wrong. Never says what was answered, but for its status.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("{0}: there is no version to ask")]
    NoVersion(Question),
    #[error("{0}: it cannot be invoked: {1}")]
    NotInvoked(Question, String),
    #[error("{0}: the invocation ended in an error")]
    Ended(Question),
    #[error("{0}: it did not answer as a function behind a gateway does")]
    NoAnswer(Question),
    #[error("{0}: {1}, not {2}")]
    Other(Question, u16, u16),
    #[error("{0}: what it answered is not what it was told before")]
    Forgotten(Question),
}

impl App {
    /// Asks, and returns what was answered if the status is the expected one, or the messenger is closed: who is told so
    /// was looked up, and so was how the institution set it up.
    pub(crate) async fn ask(&self, question: Question, expected: u16) -> Result<Answer, Trouble> {
        let Some(version) = self.versions.of(question.function) else { return Err(Trouble::NoVersion(question)) };
        let event = Blob::new(self.event(&question).to_string());
        let answered = match self.functions.invoke().function_name(version).payload(event).send().await {
            Ok(answered) => answered,
            Err(error) => return Err(Trouble::NotInvoked(question, reason(error))),
        };
        if answered.function_error.is_some() {
            return Err(Trouble::Ended(question));
        }
        let payload = answered.payload.map(Blob::into_inner).unwrap_or_default();
        let Ok(answer) = serde_json::from_slice::<Answer>(&payload) else { return Err(Trouble::NoAnswer(question)) };
        if answer.status_code == expected || answer.is_problem("messenger-disabled") {
            return Ok(answer);
        }
        Err(Trouble::Other(question, answer.status_code, expected))
    }

    /// The request as Lambda gets it from an HTTP API
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
    fn event(&self, question: &Question) -> Value {
        let Question { method, path, signed_in, key, body, .. } = question;
        let now = self.clock.now();
        let route = format!("{method} {path}");
        let mut headers = json!({ "content-type": "application/json" });
        if let Some(key) = key {
            headers["idempotency-key"] = (*key).into();
        }
        let mut claims = json!({
            "iss": &*self.rules.issuer, "aud": &*self.rules.audience, "scope": &*self.rules.scope,
            "iat": now.as_seconds().to_string(), "exp": (now.as_seconds() + 60).to_string(),
        });
        claims[&*self.rules.username_claim] = PERSON.into();
        let authorizer = if *signed_in { json!({ "jwt": { "claims": claims, "scopes": null } }) } else { Value::Null };
        json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {
                "accountId": "", "apiId": "", "authorizer": authorizer, "domainName": "smoke",
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "smoke" },
                "requestId": "smoke", "routeKey": route, "stage": "$default",
                "time": "", "timeEpoch": now.as_millis(),
            },
            "body": body.as_ref().map(Value::to_string),
            "isBase64Encoded": false,
        })
    }
}

/// Why nothing was invoked. Lambda's own words hold nothing that anybody wrote.
fn reason<E: std::error::Error + 'static>(error: SdkError<E>) -> String {
    DisplayErrorContext(error).to_string()
}

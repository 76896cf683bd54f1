//! The mail service of a world: takes what the SDK sends, remembers it, and does worse when a test wants that.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use domain::clock::{Clock, Timestamp};
use local::aws::mail;
use serde_json::{Value, json};

/// The mail service of a world. Clones are the same service.
#[derive(Clone, Debug)]
pub struct Post {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    letters: Vec<Letter>,
    /// How many were ever taken.
    taken: usize,
    /// What happens to the next mails.
    failures: VecDeque<Failure>,
    /// What is to be told of mails that were taken.
    feedback: Vec<Value>,
}

/// A mail as its receiver gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The receiver's address.
    pub to: String,
    /// The sender, with a name.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The part for those who read plain text.
    pub text: String,
    /// The part for all others.
    pub html: String,
    /// Further headers, as they were given.
    pub headers: Vec<(String, String)>,
    /// When it was taken.
    pub at: Timestamp,
}

/// What can happen to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The service takes no more at the moment.
    Throttle,
    /// The service refuses it for good.
    Reject,
    /// It is taken, and nobody hears of it.
    LoseTheAnswer,
    /// It never arrives.
    Drop,
}

impl Post {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, state: Arc::default() }
    }

    fn with<T>(&self, see: impl FnOnce(&mut State) -> T) -> T {
        see(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was taken since this was last asked.
    pub fn take(&self) -> Vec<Letter> {
        self.with(|state| std::mem::take(&mut state.letters))
    }

    /// The next mails meet these failures, in order.
    pub fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        self.with(|state| state.failures.extend(failures));
    }

    /// How many failures no mail has met yet.
    pub fn left(&self) -> usize {
        self.with(|state| state.failures.len())
    }

    /// The client to give to the SDK.
    pub(crate) fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    /// What the service tells of mails that it took, as the local stack's does.
    pub(crate) fn take_feedback(&self) -> Vec<Value> {
        self.with(|state| std::mem::take(&mut state.feedback))
    }

    fn accept(&self, request: &HttpRequest) -> HttpResponse {
        assert_eq!(request.method(), "POST");
        assert!(request.uri().ends_with("/v2/email/outbound-emails"), "{}", request.uri());
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("a mail");
        let letter = letter(&asked, self.clock.now());
        let id = self.with(|state| {
            state.taken += 1;
            let id = format!("letter-{}", state.taken);
            let told = mail::feedback(&id, &letter.from, std::slice::from_ref(&letter.to), letter.at);
            state.feedback.extend(told.expect("randomness").iter().map(|event| json!(event)));
            state.letters.push(letter);
            id
        });
        answer(200, &json!({ "MessageId": id }))
    }
}

fn letter(asked: &Value, at: Timestamp) -> Letter {
    let to = asked["Destination"]["ToAddresses"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(to.len(), 1, "a mail tells nobody who else gets one");
    let simple = &asked["Content"]["Simple"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let headers = simple["Headers"].as_array().map(Vec::as_slice).unwrap_or_default();
    Letter {
        to: text(&to[0]),
        from: text(&asked["FromEmailAddress"]),
        subject: text(&simple["Subject"]["Data"]),
        text: text(&simple["Body"]["Text"]["Data"]),
        html: text(&simple["Body"]["Html"]["Data"]),
        headers: headers.iter().map(|header| (text(&header["Name"]), text(&header["Value"]))).collect(),
        at,
    }
}

impl HttpClient for Post {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Post {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let failure = self.with(|state| state.failures.pop_front());
        HttpConnectorFuture::ready(match failure {
            None => Ok(self.accept(&request)),
            Some(Failure::Throttle) => Ok(refusal(429, "TooManyRequestsException")),
            Some(Failure::Reject) => Ok(refusal(400, "MessageRejected")),
            Some(Failure::LoseTheAnswer) => {
                self.accept(&request);
                Err(ConnectorError::timeout("the answer was lost".into()))
            }
            Some(Failure::Drop) => Err(ConnectorError::io("the request was dropped".into())),
        })
    }
}

fn refusal(status: u16, code: &'static str) -> HttpResponse {
    let mut response = answer(status, &json!({ "message": "made by a test" }));
    response.headers_mut().insert("x-amzn-errortype", code);
    response
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    let status = status.try_into().expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    response.headers_mut().insert("content-type", "application/json");
    response
}

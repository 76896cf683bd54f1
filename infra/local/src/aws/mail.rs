//! SESv2: checks a mail as SES would, and puts it into the outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use domain::clock::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::AwsError;
use super::events::Event;
use super::{ACCOUNT, Aws, REGION, parse};
use crate::issuer::random_id;
use crate::outbox::{Channel, Sent};

/// The domain that may send mail from the start.
pub const VERIFIED_DOMAIN: &str = "confer.example";

/// Most receivers of one mail.
const MAX_RECEIVERS: usize = 50;

/// Who may send mail: addresses and whole domains.
#[derive(Debug)]
pub struct Identities(Mutex<BTreeSet<String>>);

impl Default for Identities {
    fn default() -> Self {
        Self(Mutex::new(BTreeSet::from([VERIFIED_DOMAIN.to_owned()])))
    }
}

impl Identities {
    fn verify(&self, identity: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(identity.to_lowercase());
    }

    fn may_send(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let identities = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        identities.contains(&address) || address.rsplit_once('@').is_some_and(|(_, domain)| identities.contains(domain))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateEmailIdentity {
    email_identity: String,
}

/// `CreateEmailIdentity`: verified at once, because there is nobody to ask.
pub(super) async fn verify(State(aws): State<Aws>, body: Bytes) -> Result<Json<Value>, AwsError> {
    let request: CreateEmailIdentity = parse(&body, "BadRequestException")?;
    aws.identities.verify(&request.email_identity);
    let kind = if request.email_identity.contains('@') { "EMAIL_ADDRESS" } else { "DOMAIN" };
    Ok(Json(json!({ "IdentityType": kind, "VerifiedForSendingStatus": true })))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Option<Destination>,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Destination {
    #[serde(rename = "ToAddresses")]
    to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    bcc: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

/// `SendEmail`.
pub(super) async fn send(State(aws): State<Aws>, body: Bytes) -> Result<Json<Value>, AwsError> {
    let request: SendEmail = parse(&body, "BadRequestException")?;
    let from = request.from_email_address.ok_or_else(|| bad("FromEmailAddress is missing."))?;
    let destination = request.destination.unwrap_or_default();
    let receivers: Vec<String> =
        [&destination.to, &destination.cc, &destination.bcc].into_iter().flatten().cloned().collect();
    if receivers.is_empty() {
        return Err(bad("Destination has no addresses."));
    }
    if receivers.len() > MAX_RECEIVERS {
        return Err(bad(format!("Recipient count exceeds {MAX_RECEIVERS}.")));
    }
    for address in receivers.iter().chain(&request.reply_to_addresses).chain([&from]) {
        check_address(address)?;
    }
    let simple = request.content.simple.ok_or_else(|| bad("The embedded AWS takes Content.Simple only."))?;
    if simple.body.text.is_none() && simple.body.html.is_none() {
        return Err(bad("Content.Simple.Body has neither Text nor Html."));
    }
    let sender = bare(&from);
    if !aws.identities.may_send(sender) {
        return Err(AwsError::refused(
            "MessageRejected",
            format!(
                "Email address is not verified. The following identities failed the check in region {}: {sender}",
                REGION.to_uppercase()
            ),
        ));
    }

    let message_id = random_id()?;
    let mut headers = BTreeMap::from([
        ("From".to_owned(), from.clone()),
        ("Message-ID".to_owned(), format!("<{message_id}@email.amazonses.com>")),
    ]);
    for (name, addresses) in
        [("To", &destination.to), ("Cc", &destination.cc), ("Reply-To", &request.reply_to_addresses)]
    {
        if !addresses.is_empty() {
            headers.insert(name.to_owned(), addresses.join(", "));
        }
    }
    for Header { name, value } in simple.headers {
        check_line("Header", &name)?;
        check_line("Header", &value)?;
        headers.insert(name, value);
    }
    check_line("Subject", &simple.subject.data)?;
    let at = aws.clock.now();
    aws.outbox.push(Sent {
        channel: Channel::Email,
        to: receivers.join(", "),
        subject: Some(simple.subject.data),
        text: simple.body.text.map(|text| text.data),
        html: simple.body.html.map(|html| html.data),
        headers,
        at,
    })?;
    for event in feedback(&message_id, &from, &receivers, at)? {
        aws.events.push(event);
    }
    Ok(Json(json!({ "MessageId": message_id })))
}

/// What SES tells later of a mail that it took
/// (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html>), if a receiver is made
/// for that: named as in its mailbox simulator, there or at any other domain, `bounce` takes no mail, and `complaint`
/// takes it for spam.
pub fn feedback(message_id: &str, from: &str, receivers: &[String], at: Timestamp) -> anyhow::Result<Vec<Event>> {
    let mail = json!({
        "timestamp": at, "source": from, "sendingAccountId": ACCOUNT, "messageId": message_id,
        "destination": receivers, "headersTruncated": false,
    });
    let mut told = Vec::new();
    let mut tell = |detail_type: &str, detail: Value| -> anyhow::Result<()> {
        told.push(Event {
            version: "0",
            id: random_id()?,
            detail_type: detail_type.to_owned(),
            source: "aws.ses".to_owned(),
            account: ACCOUNT,
            time: at,
            region: REGION,
            resources: Vec::new(),
            detail,
        });
        Ok(())
    };
    let (bounced, complained) = (called(receivers, "bounce"), called(receivers, "complaint"));
    if !bounced.is_empty() {
        let failed = |address: &&str| {
            let diagnosis = "smtp; 550 5.1.1 user unknown";
            json!({ "emailAddress": address, "action": "failed", "status": "5.1.1", "diagnosticCode": diagnosis })
        };
        let bounce = json!({
            "bounceType": "Permanent", "bounceSubType": "General", "timestamp": at, "feedbackId": random_id()?,
            "bouncedRecipients": bounced.iter().map(failed).collect::<Vec<_>>(),
        });
        tell("Email Bounced", json!({ "eventType": "Bounce", "mail": mail, "bounce": bounce }))?;
    }
    if !complained.is_empty() {
        let by = |address: &&str| json!({ "emailAddress": address });
        let complaint = json!({
            "complaintFeedbackType": "abuse", "timestamp": at, "feedbackId": random_id()?,
            "complainedRecipients": complained.iter().map(by).collect::<Vec<_>>(),
        });
        let detail = json!({ "eventType": "Complaint", "mail": mail, "complaint": complaint });
        tell("Email Complaint Received", detail)?;
    }
    Ok(told)
}

/// The addresses of this name. It may go on: `bounce+ward.4@...` and `bounce.4@...` are others of the same kind.
fn called<'a>(receivers: &'a [String], name: &str) -> Vec<&'a str> {
    let is_called = |address: &&str| {
        let start = address.split(['@', '+', '.']).next();
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    receivers.iter().map(|receiver| bare(receiver)).filter(is_called).collect()
}

/// The address within `Name <address>`.
fn bare(address: &str) -> &str {
    let inner = address.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    inner.unwrap_or(address).trim()
}

fn check_address(address: &str) -> Result<(), AwsError> {
    check_line("Address", address)?;
    let address = bare(address);
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
            if local.is_ascii() && !address.contains(char::is_whitespace) {
                Ok(())
            } else {
                Err(bad("Local address contains control or whitespace, or is not ASCII."))
            }
        }
        _ => Err(bad("Missing final '@domain'.")),
    }
}

/// What goes into a header must not end it.
fn check_line(what: &str, text: &str) -> Result<(), AwsError> {
    if text.contains(char::is_control) {
        return Err(bad(format!("{what} contains control characters.")));
    }
    Ok(())
}

fn bad(message: impl Into<String>) -> AwsError {
    AwsError::refused("BadRequestException", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Running, start};

    async fn post(running: &Running, path: &str, body: &Value) -> (u16, String, Value) {
        let answer =
            reqwest::Client::new().post(format!("{}/v2/email{path}", running.url)).json(body).send().await.unwrap();
        let kind = answer.headers().get("x-amzn-errortype").map_or("", |kind| kind.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), kind, answer.json().await.unwrap())
    }

    fn mail() -> Value {
        json!({
            "FromEmailAddress": "Confer <notices@confer.example>",
            "Destination": { "ToAddresses": ["mara.lindqvist@hospital.example"] },
            "Content": { "Simple": {
                "Subject": { "Data": "Two messages wait" },
                "Body": { "Text": { "Data": "Read them." }, "Html": { "Data": "<p>Read them.</p>" } },
                "Headers": [{ "Name": "List-Unsubscribe", "Value": "<https://confer.example/u>" }],
            }},
        })
    }

    #[tokio::test]
    async fn a_sent_mail_is_in_the_outbox() {
        let running = start().await;
        let (status, _, answer) = post(&running, "/outbound-emails", &mail()).await;
        assert_eq!(status, 200);
        let [sent] = &running.aws.outbox.items()[..] else { panic!("one mail") };
        assert_eq!(sent.to, "mara.lindqvist@hospital.example");
        assert_eq!(sent.subject.as_deref(), Some("Two messages wait"));
        assert_eq!(sent.text.as_deref(), Some("Read them."));
        assert_eq!(sent.html.as_deref(), Some("<p>Read them.</p>"));
        assert_eq!(sent.headers["List-Unsubscribe"], "<https://confer.example/u>");
        assert!(sent.headers["Message-ID"].contains(answer["MessageId"].as_str().unwrap()));
    }

    #[tokio::test]
    async fn what_ses_refuses_is_refused_here() {
        let running = start().await;
        let many: Vec<String> = (0..51).map(|n| format!("n{n}@hospital.example")).collect();
        for (pointer, value, kind) in [
            ("/Destination", json!(null), "BadRequestException"),
            ("/Destination", json!({ "ToAddresses": [] }), "BadRequestException"),
            ("/Destination/ToAddresses", json!(many), "BadRequestException"),
            ("/Destination/ToAddresses/0", json!("nobody"), "BadRequestException"),
            ("/Destination/ToAddresses/0", json!("a@b.example\r\nBcc: c@d.example"), "BadRequestException"),
            ("/FromEmailAddress", json!(null), "BadRequestException"),
            ("/FromEmailAddress", json!("notices@elsewhere.example"), "MessageRejected"),
            ("/Content/Simple/Subject/Data", json!("a\r\nBcc: c@d.example"), "BadRequestException"),
            ("/Content/Simple/Body", json!({}), "BadRequestException"),
            ("/Content", json!({}), "BadRequestException"),
            ("/Content", json!(7), "BadRequestException"),
        ] {
            let mut mail = mail();
            *mail.pointer_mut(pointer).unwrap() = value;
            let (status, refusal, answer) = post(&running, "/outbound-emails", &mail).await;
            assert_eq!((status, refusal.as_str()), (400, kind), "{pointer}");
            assert!(answer["message"].is_string());
        }
        assert!(running.aws.outbox.items().is_empty());
    }

    #[tokio::test]
    async fn what_became_of_a_mail_is_told_where_a_receiver_is_made_for_it() {
        let running = start().await;
        let receivers = [
            ("bounce@simulator.amazonses.com", Some("Email Bounced")),
            ("complaint+ward.4@simulator.amazonses.com", Some("Email Complaint Received")),
            ("Bounce@hospital.example", Some("Email Bounced")),
            ("complaint.4@hospital.example", Some("Email Complaint Received")),
            ("success@simulator.amazonses.com", None),
            ("bouncer@hospital.example", None),
        ];
        for (receiver, told) in receivers {
            let mut mail = mail();
            mail["Destination"]["ToAddresses"] = json!([receiver]);
            let (_, _, answer) = post(&running, "/outbound-emails", &mail).await;
            let events = running.aws.events.take_unrouted();
            assert_eq!(events.first().map(|event| event.detail_type.as_str()), told, "{receiver}");
            if let Some(Event { source, detail, .. }) = events.first() {
                assert_eq!(source, "aws.ses");
                assert_eq!(detail["mail"]["messageId"], answer["MessageId"]);
            }
        }
        assert_eq!(running.aws.outbox.items().len(), receivers.len(), "it is in the outbox too");
    }

    #[tokio::test]
    async fn a_sender_can_be_verified() {
        let running = start().await;
        let mut mail = mail();
        mail["FromEmailAddress"] = json!("notices@elsewhere.example");
        assert_eq!(post(&running, "/outbound-emails", &mail).await.0, 400);
        assert_eq!(post(&running, "/identities", &json!({ "EmailIdentity": "elsewhere.example" })).await.0, 200);
        assert_eq!(post(&running, "/outbound-emails", &mail).await.0, 200);
    }
}

//! Text messages: `SendTextMessage` of End User Messaging, into the outbox.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::AwsError;
use super::{Aws, parse};
use crate::issuer::random_id;
use crate::outbox::{Channel, Sent};

/// Most characters of a text message, over all its parts.
const MAX_TEXT: usize = 1_600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendTextMessage {
    destination_phone_number: String,
    message_body: Option<String>,
}

/// `SendTextMessage`.
pub(super) async fn send(State(aws): State<Aws>, body: Bytes) -> Result<Json<Value>, AwsError> {
    let request: SendTextMessage = parse(&body, "ValidationException")?;
    let text = request.message_body.unwrap_or_default();
    if text.is_empty() || text.chars().count() > MAX_TEXT {
        return Err(AwsError::refused(
            "ValidationException",
            format!("MessageBody must have 1 to {MAX_TEXT} characters."),
        ));
    }
    if !is_e164(&request.destination_phone_number) {
        return Err(AwsError::refused("ValidationException", "DestinationPhoneNumber is not in E.164 format."));
    }
    aws.outbox.push(Sent {
        channel: Channel::Sms,
        to: request.destination_phone_number,
        subject: None,
        text: Some(text),
        html: None,
        headers: BTreeMap::new(),
        at: aws.clock.now(),
    })?;
    Ok(Json(json!({ "MessageId": random_id()? })))
}

/// `+`, a digit that is not 0, and in all at most 15 digits.
fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::start;

    #[tokio::test]
    async fn a_text_message_is_in_the_outbox_if_its_number_is_one() {
        let running = start().await;
        for (number, text, status) in [
            ("+4917612345678", "Two messages wait.", 200),
            ("017612345678", "Two messages wait.", 400),
            ("+49 176 123", "Two messages wait.", 400),
            ("+4917612345678", "", 400),
        ] {
            let answer = reqwest::Client::new()
                .post(&running.url)
                .header("x-amz-target", "PinpointSMSVoiceV2.SendTextMessage")
                .body(json!({ "DestinationPhoneNumber": number, "MessageBody": text }).to_string())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), status, "{number} {text}");
        }
        let [sent] = &running.aws.outbox.items()[..] else { panic!("one message") };
        assert_eq!((sent.channel, sent.to.as_str()), (Channel::Sms, "+4917612345678"));
        assert_eq!(sent.text.as_deref(), Some("Two messages wait."));
    }
}

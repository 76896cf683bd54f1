//! What SES tells of a mail (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).
//!
//! Only what is used is read. The addresses come from the receivers' mail servers, and may be anything.

use domain::clock::Timestamp;
use domain::notice::Suppression;
use domain::text::Email;
use serde::Deserialize;

/// An event of EventBridge.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) detail: Detail,
}

/// What became of a mail.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(rename = "complaintSubType")]
    kind: Option<String>,
    complained_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

// An address is nobody's business in a log.
impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient")
    }
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Feedback {
    /// No more mail goes to these addresses.
    Suppress { addresses: Vec<Email>, state: Suppression, at: Timestamp },
    /// Nothing: it may arrive yet, or never left, and the next mail tells of the same.
    Note,
}

impl Detail {
    /// What kind of event it is, by a word of ours: what the event says may be anything.
    pub(crate) fn kind(&self) -> &'static str {
        match self.event_type.as_str() {
            "Bounce" => "bounce",
            "Complaint" => "complaint",
            "DeliveryDelay" => "delivery_delay",
            "Reject" => "reject",
            "Rendering Failure" => "rendering_failure",
            _ => "other",
        }
    }

    /// The mail service's name for the mail, if it looks like one.
    pub(crate) fn message_id(&self) -> Option<&str> {
        let id = self.mail.message_id.as_str();
        (id.len() <= 100 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')).then_some(id)
    }

    /// What is to be done. A mail that came back for now, or for a reason that is not known, may arrive next time.
    pub(crate) fn feedback(self) -> Feedback {
        match self {
            Self { bounce: Some(Bounce { kind, bounced_recipients, timestamp }), .. } if kind == "Permanent" => {
                suppress(bounced_recipients, Suppression::Bounced, timestamp)
            }
            // Of an address on SES's own list the service says that it complained, although nobody did anew.
            Self { complaint: Some(Complaint { complained_recipients, timestamp, kind }), .. }
                if kind.as_deref() != Some("OnAccountSuppressionList") =>
            {
                suppress(complained_recipients, Suppression::Complained, timestamp)
            }
            _ => Feedback::Note,
        }
    }
}

/// The addresses that are some. SES writes them as the receiver's server did, with or without a name.
fn suppress(recipients: Vec<Recipient>, state: Suppression, at: Timestamp) -> Feedback {
    let bare = |address: String| match address.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')) {
        Some(inner) => inner.to_owned(),
        None => address,
    };
    let addresses = recipients.into_iter().filter_map(|one| Email::try_from(bare(one.email_address)).ok());
    Feedback::Suppress { addresses: addresses.collect(), state, at }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn feedback(detail: &Value) -> Feedback {
        let Event { detail } = serde_json::from_value(json!({ "detail-type": "x", "detail": detail })).unwrap();
        detail.feedback()
    }

    fn bounce(kind: &str, address: &str) -> Value {
        json!({
            "eventType": "Bounce",
            "mail": { "messageId": "0100-1", "destination": [address], "headersTruncated": false },
            "bounce": {
                "bounceType": kind, "bounceSubType": "General", "timestamp": "2026-03-01T10:00:00.123Z",
                "bouncedRecipients": [{ "emailAddress": address, "action": "failed", "status": "5.1.1" }],
            },
        })
    }

    #[test]
    fn only_what_comes_back_for_good_stops_mail() {
        let at = "2026-03-01T10:00:00.123Z".parse().unwrap();
        let jo = || vec![Email::try_from("jo@site.example".to_owned()).unwrap()];
        let bounced = Feedback::Suppress { addresses: jo(), state: Suppression::Bounced, at };
        assert_eq!(feedback(&bounce("Permanent", "jo@site.example")), bounced);
        assert_eq!(feedback(&bounce("Permanent", "Jo <jo@site.example>")), bounced);
        for kind in ["Transient", "Undetermined", "permanent", ""] {
            assert_eq!(feedback(&bounce(kind, "jo@site.example")), Feedback::Note, "{kind}");
        }
        let complaint = |sub: Value| {
            json!({
                "eventType": "Complaint", "mail": { "messageId": "1" },
                "complaint": {
                    "complaintSubType": sub, "timestamp": "2026-03-01T10:00:00.123Z",
                    "complainedRecipients": [{ "emailAddress": "jo@site.example" }],
                },
            })
        };
        let complained = Feedback::Suppress { addresses: jo(), state: Suppression::Complained, at };
        assert_eq!(feedback(&complaint(json!(null))), complained);
        assert_eq!(feedback(&complaint(json!("OnAccountSuppressionList"))), Feedback::Note);
        let delay = json!({ "eventType": "DeliveryDelay", "mail": { "messageId": "1" }, "deliveryDelay": {} });
        assert_eq!(feedback(&delay), Feedback::Note);
    }

    #[test]
    fn what_is_no_address_is_passed_over() {
        let at = "2026-03-01T10:00:00.123Z".parse().unwrap();
        let none = Feedback::Suppress { addresses: Vec::new(), state: Suppression::Bounced, at };
        assert_eq!(feedback(&bounce("Permanent", "nobody")), none);
    }

    #[test]
    fn nothing_of_an_event_is_said_that_is_not_ours() {
        let mut detail = bounce("Permanent", "jo@site.example");
        detail["eventType"] = json!("Canary");
        detail["mail"]["messageId"] = json!("Canary Jane Roe");
        let Event { detail } = serde_json::from_value(json!({ "detail": detail })).unwrap();
        assert_eq!((detail.kind(), detail.message_id()), ("other", None));
        assert!(!format!("{:?}", detail.bounce).contains("jo@"));
    }
}

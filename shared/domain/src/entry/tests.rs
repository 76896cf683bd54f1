//! What the log holds of attachments, and that entries without any are what they always were.

use serde_json::json;

use super::*;
use crate::conversation::message::{Draft, Standing, edit, send};
use crate::conversation::{Creation, Head, Signature, apply, create, seal};
use crate::event::DomainEvent;

fn id(last: &str) -> String {
    format!("019ca8a0-3e80-7707-8707-0707070707{last}")
}

fn signature(last: &str) -> Signature {
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    Signature { id: id(last).parse().unwrap(), by: "Ann".parse().unwrap(), at }
}

fn started() -> (Head, Entry) {
    let creation = Creation {
        id: id("07").parse().unwrap(),
        title: Title::try_from("Ward 4".to_owned()).unwrap(),
        history: History::All,
        project: None,
        others: vec!["ben".parse().unwrap()],
    };
    create(creation, signature("01"))
}

fn attached(last: &str, content_type: &str, size: u64, bytes: &[u8], label: Label) -> Attached {
    Attached {
        id: id(last).parse().unwrap(),
        content_type: content_type.to_owned().try_into().unwrap(),
        size: Size::try_from(size).unwrap(),
        sha256: Digest::of(bytes),
        label,
    }
}

fn scans() -> Draft {
    let name = FileName::try_from("Scan 4.pdf".to_owned()).unwrap();
    let attachments = vec![
        attached("a1", "application/pdf", 1_024, b"scan", Label::Name(name)),
        attached("a2", "image/png", 52_428_800, b"picture", Label::Absent(Digest::of(b"y.png"))),
    ];
    Draft { body: None, important: false, mentions: vec![], attachments }
}

#[test]
fn the_hashes_of_attachments_are_a_contract() {
    let (head, first) = started();
    let sent = seal(&head, signature("02"), send(&head, scans()).unwrap());
    let head = apply(&head, &sent);
    let words = Draft {
        body: Some(Body::try_from("Both of them".to_owned()).unwrap()),
        important: true,
        attachments: vec![],
        ..scans()
    };
    let standing = Standing::of(&sent, []).unwrap();
    let act = edit(&head, &sent.by, sent.at, &standing, words).unwrap().unwrap();
    let edited = seal(&head, signature("03"), act);
    let head = apply(&head, &edited);
    let event = Event::AttachmentBlocked { attachment: id("a1").parse().unwrap(), message: sent.seq };
    let blocked = seal(&head, signature("04"), Act::Event { event });
    let hashes = [&first, &sent, &edited, &blocked].map(|entry| entry.hash.to_string());
    assert_eq!(
        hashes,
        [
            "346657375a1c54fa8ca6af03674c2f25b5793961ac7369418112c4051176842d",
            "70cd75aac19d45b8a0ecca04f84131cf384ea43b93c211dbb041ec097b92b0a6",
            "e9877b180eb0bffdd2d28db18881ad22ee0c1ddb79c315b46cbd412b4c5cc686",
            "2ab55bd7a0e4c9ad8ef944788c6dbd84c245f0b69593503b009f8b34fcd3811b",
        ]
    );
    assert_eq!(DomainEvent::of(head.id, &blocked).name, "AttachmentBlocked");
}

#[test]
fn the_stored_shape_of_attachments_is_a_contract() {
    let sent = Act::Message(scans().into());
    let stored = json!({
        "kind": "message", "content": "none", "important": false, "mentions": [],
        "attachments": [
            {
                "id": id("a1"), "content_type": "application/pdf", "size": 1_024, "sha256": Digest::of(b"scan"),
                "label": { "name": "Scan 4.pdf" },
            },
            {
                "id": id("a2"), "content_type": "image/png", "size": 52_428_800, "sha256": Digest::of(b"picture"),
                "label": { "absent": Digest::of(b"y.png") },
            },
        ],
    });
    assert_eq!(serde_json::to_value(&sent).unwrap(), stored);
    assert_eq!(serde_json::from_value::<Act>(stored).unwrap(), sent);
    let event = Event::AttachmentBlocked { attachment: id("a1").parse().unwrap(), message: Seq::START.next() };
    let stored = json!({
        "kind": "event", "event": { "type": "attachment_blocked", "attachment": id("a1"), "message": 1 },
    });
    assert_eq!(serde_json::to_value(Act::Event { event }).unwrap(), stored);
}

#[test]
fn a_message_from_before_there_were_attachments_reads_as_it_was_written() {
    let stored = json!({ "kind": "message", "content": { "body": "a" }, "important": true, "mentions": [] });
    let act = serde_json::from_value::<Act>(stored.clone()).unwrap();
    let Act::Message(message) = &act else { panic!("a message") };
    assert!(message.attachments.is_empty());
    assert_eq!(serde_json::to_value(&act).unwrap(), stored);
}

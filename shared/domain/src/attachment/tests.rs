//! Hostile sizes and keys, and verdicts that come in any order.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;

/// What somebody is about to upload.
fn declared(name: &str, content_type: &str, size: u64) -> Declared {
    Declared {
        name: FileName::try_from(name.to_owned()).unwrap(),
        content_type: ContentType::try_from(content_type.to_owned()).unwrap(),
        size: Size::try_from(size).unwrap(),
        sha256: Digest::of(b"scan"),
    }
}

fn requested() -> Attachment {
    let id = "019ca8a0-3e80-7707-8707-0707070707a1".parse().unwrap();
    let declared = declared("Scan 4.pdf", "application/pdf", 1_024);
    let object = ObjectKey::new(id, [7; 16]);
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    Attachment::requested(id, conversation(7), "Ann".parse().unwrap(), declared, object, now)
}

fn conversation(n: u128) -> ConversationId {
    uuid::Uuid::from_u128(n).into()
}

#[test]
fn a_size_is_a_whole_number_of_bytes_within_the_limit() {
    for (json, bytes) in [("1", 1), ("52428799", 52_428_799), ("52428800", 52_428_800)] {
        assert_eq!(serde_json::from_str::<Size>(json).unwrap().get(), bytes);
    }
    for json in [
        "0",
        "52428801",
        "2147483648",
        "9223372036854775808",
        "18446744073709551616",
        "-1",
        "1e3",
        "5.0",
        "\"5\"",
        "null",
        "true",
        "[5]",
    ] {
        assert!(serde_json::from_str::<Size>(json).is_err(), "{json}");
    }
    assert_eq!(Size::try_from(52_428_801).unwrap_err().to_string(), "must be 1 to 52,428,800 bytes");
}

#[test]
fn an_object_key_holds_an_id_and_a_number() {
    let key = requested().object;
    assert_eq!(key.as_str(), format!("a/019ca8a0-3e80-7707-8707-0707070707a1/{}", "07".repeat(16)));
    assert_eq!(key.preview(), format!("p/019ca8a0-3e80-7707-8707-0707070707a1/{}", "07".repeat(16)));
    let (id, number) = ("019ca8a0-3e80-7707-8707-0707070707a1", "0f".repeat(16));
    for wrong in [
        String::new(),
        format!("a/{id}"),
        format!("a/{id}/"),
        format!("a/{id}/{number}0"),
        format!("a/{id}/{}", number.to_uppercase()),
        format!("a/{}/{number}", id.to_uppercase()),
        format!("b/{id}/{number}"),
        format!("/a/{id}/{number}"),
        format!("a/{id}/{number}/x"),
        format!("a/../{number}"),
    ] {
        assert_eq!(wrong.parse::<ObjectKey>(), Err(object::KeyError), "{wrong}");
    }
}

proptest! {
    #[test]
    fn an_object_key_leads_back_to_its_attachment(id in any::<u128>(), random in any::<[u8; 16]>()) {
        let id: AttachmentId = uuid::Uuid::from_u128(id).into();
        let key = ObjectKey::new(id, random);
        prop_assert_eq!(key.attachment(), id);
        prop_assert_eq!(key.as_str().parse::<ObjectKey>(), Ok(key));
    }
}

#[test]
fn an_attachment_is_as_far_as_its_upload_and_its_scan() {
    let pending = requested();
    assert_eq!(pending.state(), State::Pending);
    // A bucket without versions has only one of each object.
    for version in ["v1", ""] {
        let scanning = pending.completed(version).unwrap();
        assert_eq!(scanning.state(), State::Scanning);
        assert_eq!(scanning.completed(version), None);
        assert_eq!(scanning.completed("v2"), None);
        assert_eq!(scanning.judged("v2", Verdict::Infected), None);
        for (verdict, state) in [
            (Verdict::Clean, State::Clean),
            (Verdict::Infected, State::Blocked),
            (Verdict::Unscannable, State::Blocked),
        ] {
            let judged = scanning.judged(version, verdict).unwrap();
            assert_eq!((judged.state(), judged.judged(version, verdict)), (state, None));
        }
    }
}

#[test]
fn a_worse_verdict_counts_and_a_second_try() {
    use Verdict::{Clean, Infected, Unscannable};
    for (first, second, last) in [
        (Unscannable, Clean, Clean),
        (Unscannable, Infected, Infected),
        (Clean, Infected, Infected),
        (Clean, Unscannable, Clean),
        (Infected, Clean, Infected),
        (Infected, Unscannable, Infected),
    ] {
        let was = requested().completed("v1").unwrap().judged("v1", first).unwrap();
        let is = was.judged("v1", second);
        assert_eq!(is.is_some(), last != first, "{first:?}, {second:?}");
        assert_eq!(is.unwrap_or(was).verdict, Some(last), "{first:?}, {second:?}");
    }
}

#[test]
fn a_verdict_may_be_there_before_the_upload_is_complete() {
    let early = requested().judged("v1", Verdict::Clean).unwrap().judged("v2", Verdict::Infected).unwrap();
    assert_eq!((early.state(), early.judged("v1", Verdict::Clean)), (State::Pending, None));
    assert_eq!(early.completed("v1").unwrap().state(), State::Clean);
    assert_eq!(early.completed("v2").unwrap().state(), State::Blocked);
    assert_eq!(early.completed("v3").unwrap().state(), State::Scanning);
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Complete,
    Verdict(u8, Verdict),
}

fn told() -> impl Strategy<Value = (Vec<Told>, Vec<Told>)> {
    let verdict = select(vec![Verdict::Clean, Verdict::Infected, Verdict::Unscannable]);
    let verdicts = prop::collection::vec((1_u8..3, verdict), 0..6);
    (verdicts, any::<bool>()).prop_flat_map(|(verdicts, complete)| {
        let mut once: Vec<_> = verdicts.into_iter().map(|(version, verdict)| Told::Verdict(version, verdict)).collect();
        once.extend(complete.then_some(Told::Complete));
        let twice = [once.clone(), once.clone()].concat();
        (Just(once), Just(twice).prop_shuffle())
    })
}

fn after(told: &[Told]) -> Attachment {
    told.iter().fold(requested(), |was, told| {
        let is = match told {
            Told::Complete => was.completed("v1"),
            Told::Verdict(version, verdict) => was.judged(&format!("v{version}"), *verdict),
        };
        is.unwrap_or(was)
    })
}

proptest! {
    #[test]
    fn verdicts_in_any_order_and_twice_come_to_the_same((once, again) in told()) {
        let is = after(&once);
        prop_assert_eq!(&after(&again), &is);
        let stored = serde_json::to_string(&is).unwrap();
        prop_assert_eq!(serde_json::from_str::<Attachment>(&stored).unwrap(), is.clone());
        if is.version.is_some() {
            let worst = once.iter().filter_map(|told| match told {
                Told::Verdict(1, verdict) => Some(*verdict),
                Told::Verdict(..) | Told::Complete => None,
            });
            prop_assert_eq!(is.verdict, worst.max());
        }
    }
}

#[test]
fn only_its_uploader_sends_it_once_and_where_it_is_for() {
    let ann: Username = "ann".parse().unwrap();
    let scanning = requested().completed("v1").unwrap();
    let clean = scanning.judged("v1", Verdict::Clean).unwrap();
    for usable in [&scanning, &clean] {
        assert!(usable.is_usable_by(&ann, conversation(7)));
        assert!(!usable.is_usable_by(&"ben".parse().unwrap(), conversation(7)));
        assert!(!usable.is_usable_by(&ann, conversation(8)));
    }
    for gone in [
        requested(),
        requested().judged("v1", Verdict::Clean).unwrap(),
        scanning.judged("v1", Verdict::Infected).unwrap(),
        scanning.judged("v1", Verdict::Unscannable).unwrap(),
        Attachment { bound: Some(Seq::START.next()), ..clean.clone() },
        Attachment { withdrawn: true, ..clean.clone() },
        Attachment { gone: true, ..scanning },
        Attachment { gone: true, ..clean },
    ] {
        assert!(!gone.is_usable_by(&ann, conversation(7)), "{gone:?}");
    }
}

#[test]
fn it_is_seen_with_its_message_and_before_by_its_uploader() {
    let [ann, ben]: [Username; 2] = ["ann", "ben"].map(|name| name.parse().unwrap());
    let [first, second, third] = [Seq::START.next(), Seq::START.next().next(), Seq::START.next().next().next()];
    let free = requested();
    assert!(free.is_visible_to(&ann, third) && !free.is_visible_to(&ben, Seq::START));
    let bound = Attachment { bound: Some(second), ..requested() };
    for user in [&ann, &ben] {
        assert!(bound.is_visible_to(user, first) && bound.is_visible_to(user, second));
        assert!(!bound.is_visible_to(user, third));
        assert!(!Attachment { withdrawn: true, ..bound.clone() }.is_visible_to(user, first));
    }
}

#[test]
fn what_is_uploaded_is_what_was_declared_or_something_else() {
    let right = || Uploaded {
        version: "v1".into(),
        size: 1_024,
        sha256: Some(Digest::of(b"scan")),
        encoded: false,
        first: b"%PDF-1.7".into(),
    };
    assert!(requested().is_as_declared(&right()));
    let other = [
        (Uploaded { size: 1_023, ..right() }, false),
        (Uploaded { size: 1_025, ..right() }, false),
        (Uploaded { sha256: Some(Digest::of(b"other")), ..right() }, false),
        (Uploaded { sha256: None, ..right() }, false),
        (Uploaded { encoded: true, ..right() }, true),
        (Uploaded { first: b"canary".into(), ..right() }, true),
    ];
    for (other, same_bytes) in other {
        assert!(!requested().is_as_declared(&other), "{other:?}");
        assert_eq!(requested().has_bytes(&other), same_bytes, "{other:?}");
        assert!(!format!("{other:?}").contains("99, 97"), "the first bytes are not shown");
    }
}

#[test]
fn a_preview_is_tried_once_and_only_of_a_clean_picture() {
    let picture = Attachment { content_type: "image/png".to_owned().try_into().unwrap(), ..requested() };
    let clean = picture.completed("v1").unwrap().judged("v1", Verdict::Clean).unwrap();
    assert!(clean.lacks_preview());
    for preview in [Preview::Made { width: 320, height: 200 }, Preview::Impossible] {
        let previewed = clean.previewed(preview).unwrap();
        assert_eq!(previewed, Attachment { preview: Some(preview), ..clean.clone() });
        assert!(!previewed.lacks_preview());
        assert_eq!(previewed.previewed(Preview::Impossible), None);
    }
    let document = requested().completed("v1").unwrap().judged("v1", Verdict::Clean).unwrap();
    for other in [
        document,
        picture.clone(),
        picture.completed("v1").unwrap(),
        picture.completed("v1").unwrap().judged("v1", Verdict::Infected).unwrap(),
        Attachment { withdrawn: true, ..clean.clone() },
        Attachment { gone: true, ..clean.clone() },
        Attachment { withdrawn: true, gone: true, ..clean },
    ] {
        assert!(!other.lacks_preview(), "{other:?}");
        assert_eq!(other.previewed(Preview::Impossible), None, "{other:?}");
    }
}

#[test]
fn a_message_has_few_attachments_and_each_once() {
    let ids: Vec<AttachmentId> = (0..11).map(|n| uuid::Uuid::from_u128(n).into()).collect();
    assert!(can_be_together(&[]) && can_be_together(&ids[..1]) && can_be_together(&ids[..10]));
    assert!(!can_be_together(&ids) && !can_be_together(&[ids[0], ids[1], ids[0]]));
}

#[test]
fn what_no_message_has_goes_after_a_day() {
    assert_eq!(requested().expires_at().to_string(), "2026-03-02T09:00:00.000Z");
    assert_eq!(requested().request_known_until().to_string(), "2026-03-03T09:00:00.000Z");
}

#[test]
fn what_was_given_up_stays_so_whatever_is_still_told_of_it() {
    let gone = Attachment { gone: true, ..requested() };
    assert_eq!(gone.completed("v1"), None);
    let judged = gone.judged("v1", Verdict::Clean).unwrap();
    assert!(judged.gone);
    assert_eq!(judged.completed("v1"), None);
}

#[test]
fn the_stored_shape_is_a_contract() {
    let id = "019ca8a0-3e80-7707-8707-0707070707a1";
    let object = format!("a/{id}/{}", "07".repeat(16));
    let mut stored = json!({
        "id": id, "conversation": conversation(7), "by": "Ann", "name": "Scan 4.pdf", "content_type": "application/pdf",
        "size": 1_024, "sha256": Digest::of(b"scan"), "object": object, "created_at": "2026-03-01T09:00:00.000Z",
        "withdrawn": false,
    });
    assert_eq!(serde_json::to_value(requested()).unwrap(), stored);
    let early = requested().judged("v1", Verdict::Clean).unwrap();
    stored["early"] = json!([{ "version": "v1", "verdict": "clean" }]);
    assert_eq!(serde_json::to_value(&early).unwrap(), stored);
    let sent = Attachment { bound: Some(Seq::START.next()), ..early.completed("v1").unwrap() };
    stored.as_object_mut().unwrap().remove("early");
    (stored["version"], stored["verdict"], stored["bound"]) = (json!("v1"), json!("clean"), json!(1));
    assert_eq!(serde_json::to_value(&sent).unwrap(), stored);
    // Absent while it is false: the table's conditions ask whether it is there.
    stored["gone"] = json!(true);
    let gone = Attachment { gone: true, ..sent };
    assert_eq!(serde_json::to_value(&gone).unwrap(), stored);
    assert_eq!(serde_json::from_value::<Attachment>(stored).unwrap(), gone);
}

#[test]
fn nothing_that_was_said_shows_in_debug() {
    let canary = declared("Canary.pdf", "canary/canary", Size::MAX.get());
    let Attachment { id, conversation, object, created_at, .. } = requested();
    let canary = Attachment::requested(id, conversation, "Canary".parse().unwrap(), canary, object, created_at);
    let shown = format!("{canary:?} {:?}", canary.attached());
    assert!(!shown.to_lowercase().contains("canary"), "{shown}");
    assert!(!shown.contains(&"07".repeat(16)), "{shown}");
}

use proptest::prelude::*;

use super::*;
use crate::attachment::Size;
use crate::chain::Digest;
use crate::entry::{Attached, Change, Content, Label, Message};

fn at(days: i64) -> Timestamp {
    Timestamp::from_millis(1_772_355_600_000 + days * 86_400_000)
}

fn period(days: u64) -> Period {
    Period::try_from(days).unwrap()
}

#[test]
fn a_period_is_a_month_at_least_and_a_century_at_most() {
    for wrong in [0, 1, 29, 36_526, u64::MAX] {
        assert!(Period::try_from(wrong).is_err(), "{wrong}");
        assert!(serde_json::from_str::<Period>(&wrong.to_string()).is_err(), "{wrong}");
    }
    for right in [30, 2_557, 36_525] {
        assert_eq!(serde_json::to_string(&period(right)).unwrap(), right.to_string());
    }
    assert_eq!(period(30).ends(at(0)), at(30));
    // Six years, whichever they are, are over before the period is.
    assert!(Period::default().days() > 6 * 365 + 2);
}

#[test]
fn a_project_says_how_long_its_messages_are_kept_or_all_are_kept_as_long() {
    let settings = Settings { retention: period(400), ..Settings::default() };
    let project = |retention| Project {
        id: "STUDY-1".to_owned().try_into().unwrap(),
        title: "Heart".to_owned().try_into().unwrap(),
        record_patterns: Vec::new(),
        retention,
    };
    assert_eq!(super::period(&settings, None), period(400));
    assert_eq!(super::period(&settings, Some(&project(None))), period(400));
    for own in [30, 4_000] {
        assert_eq!(super::period(&settings, Some(&project(Some(period(own))))), period(own));
    }
}

#[test]
fn what_goes_in_several_steps_is_recorded_as_one() {
    let seq = |n: u64| Seq::try_from(n).unwrap();
    let conversation = uuid::Uuid::from_u128(7).into();
    let purge =
        |from, to, messages, attachments| Purge { conversation, from: seq(from), to: seq(to), messages, attachments };
    let begun = Retention::begun(conversation, at(0));
    assert_eq!(begun.look_at, Some(at(30)));
    let once = begun.went(seq(5), Some(purge(2, 5, 3, 1)));
    let twice = once.went(seq(6), None).went(seq(9), Some(purge(7, 9, 2, 4)));
    assert_eq!(twice.purge, Some(purge(2, 9, 5, 5)));
    assert_eq!(twice.through, seq(9));
    assert_eq!(twice.look_at, begun.look_at, "it stays due until it is recorded");
    let recorded = twice.looked(Some(at(60)));
    assert_eq!((recorded.purge, recorded.through, recorded.look_at), (None, seq(9), Some(at(60))));
}

#[test]
fn attachments_go_with_the_message_they_were_sent_with_and_no_edit_is_asked() {
    let id: AttachmentId = uuid::Uuid::from_u128(5).into();
    let attached = Attached {
        id,
        content_type: "application/pdf".to_owned().try_into().unwrap(),
        size: Size::MAX,
        sha256: Digest::of(b"scan"),
        label: Label::Absent(Digest::of(b"scan.pdf")),
    };
    let message =
        Message { content: Content::None, important: false, mentions: Vec::new(), attachments: vec![attached] };
    let entry = |act| Entry {
        seq: Seq::START.next(),
        id: uuid::Uuid::from_u128(1).into(),
        by: "ann".parse().unwrap(),
        at: at(0),
        act,
        messages: 1,
        members: 2,
        previous: Digest::default(),
        hash: Digest::default(),
    };
    let edited = Act::Revision { revises: Seq::START, change: Change::Edited(message.clone()) };
    for (act, expected) in [(Act::Message(message), vec![id]), (edited, vec![])] {
        assert_eq!(attachments(&entry(act)).collect::<Vec<_>>(), expected);
    }
}

proptest! {
    #[test]
    fn nobody_looks_before_a_day_nor_after_a_month_nor_later_than_something_is_to_go(
        days in 30_u64..4_000, age in prop::option::of(0_i64..4_000),
    ) {
        let (period, now) = (period(days), at(0));
        let oldest = age.map(|age| at(-age));
        let look = next_look(State::Active, oldest, period, now).unwrap();
        // Nothing comes to what is deleted, but what is there goes all the same.
        prop_assert_eq!(next_look(State::Deleted, oldest, period, now), oldest.map(|_| look));
        prop_assert!(look >= at(1) && look <= at(30));
        if let Some(ends) = oldest.map(|at| period.ends(at)) {
            prop_assert!(look <= ends.max(at(1)));
            prop_assert!(ends >= at(30) || look == ends.max(at(1)));
        }
    }
}

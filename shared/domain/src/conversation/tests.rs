//! Properties of the log: whatever is done, in whatever order, it verifies, and any change to it shows.

use proptest::prelude::*;

use super::*;
use crate::entry::{BrokenChain, verify};

fn name(n: u8) -> Username {
    format!("person.{n}").parse().unwrap()
}

fn body(text: &str) -> Body {
    Body::try_from(text.to_owned()).unwrap()
}

fn draft(text: &str) -> Draft {
    Draft { body: body(text), important: false, mentions: vec![] }
}

fn at(seconds: u32) -> Timestamp {
    Timestamp::from_millis(1_772_355_600_000 + i64::from(seconds) * 1_000)
}

fn signature(n: u128, by: u8, seconds: u32) -> Signature {
    Signature { id: uuid::Uuid::from_u128(n).into(), by: name(by), at: at(seconds) }
}

fn conversation() -> ConversationId {
    uuid::Uuid::from_u128(7).into()
}

fn started() -> (Head, Vec<Entry>) {
    let creation = Creation {
        id: conversation(),
        title: Title::try_from("Ward 4".to_owned()).unwrap(),
        history: History::All,
        others: vec![name(2), name(1), name(2), name(3)],
    };
    let (head, first) = create(creation, signature(1, 1, 0));
    (head, vec![first])
}

#[derive(Clone, Debug)]
enum Step {
    Send { by: u8, seconds: u32, text: String },
    Edit { by: u8, seconds: u32, target: usize, text: String },
    Withdraw { by: u8, seconds: u32, target: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let text = "[a-z @]{0,12}x";
    prop_oneof![
        3 => (1_u8..4, 0_u32..3_600, text).prop_map(|(by, seconds, text)| Step::Send { by, seconds, text }),
        1 => (1_u8..4, 0_u32..3_600, 0_usize..20, text)
            .prop_map(|(by, seconds, target, text)| Step::Edit { by, seconds, target, text }),
        1 => (1_u8..4, 0_u32..3_600, 0_usize..20)
            .prop_map(|(by, seconds, target)| Step::Withdraw { by, seconds, target }),
    ]
}

fn revised(log: &[Entry], target: usize) -> Option<Revised> {
    let entry = log.get(target).filter(|entry| matches!(entry.act, Act::Message(_)))?;
    let withdrawn = log.iter().any(
        |later| matches!(&later.act, Act::Revision { revises, change: Change::Withdrawn } if *revises == entry.seq),
    );
    Some(Revised { seq: entry.seq, by: entry.by.clone(), at: entry.at, withdrawn })
}

/// Plays the steps that are allowed and returns the state and the log.
fn play(steps: Vec<Step>) -> (Head, Vec<Entry>) {
    let (mut head, mut log) = started();
    for (n, step) in (2_u128..).zip(steps) {
        let (by, seconds, command) = match step {
            Step::Send { by, seconds, text } => (by, seconds, Some(Command::Send(draft(&text)))),
            Step::Edit { by, seconds, target, text } => {
                (by, seconds, revised(&log, target).map(|revised| Command::Edit(revised, draft(&text))))
            }
            Step::Withdraw { by, seconds, target } => (by, seconds, revised(&log, target).map(Command::Withdraw)),
        };
        let Some(command) = command else { continue };
        let signature = signature(n, by, seconds);
        let Ok(act) = decide(&head, &signature.by, signature.at, command) else { continue };
        let entry = seal(&head, signature, act);
        head = apply(&head, &entry);
        log.push(entry);
    }
    (head, log)
}

#[test]
fn whoever_starts_it_is_its_administrator_and_nobody_is_in_it_twice() {
    let (head, log) = started();
    assert_eq!((head.members_count, head.administrators_count), (3, 1));
    assert_eq!(head.kind(), Kind::Group);
    let Act::Event { event: Event::Created { members, .. } } = &log[0].act else { panic!("the first entry") };
    assert_eq!(*members, [name(1), name(2), name(3)]);
}

#[test]
fn an_archived_conversation_takes_nothing() {
    let (head, _) = started();
    let head = Head { state: State::Archived, ..head };
    assert_eq!(decide(&head, &name(1), at(1), Command::Send(draft("hello"))), Err(Refusal::Archived));
}

#[test]
fn only_the_author_edits_and_only_for_fifteen_minutes() {
    let (head, _) = started();
    let revised = Revised { seq: Seq::START.next(), by: name(2), at: at(0), withdrawn: false };
    let edit = |by: u8, seconds| decide(&head, &name(by), at(seconds), Command::Edit(revised.clone(), draft("b")));
    assert!(edit(2, 900).is_ok());
    assert_eq!(edit(2, 901), Err(Refusal::TooLate));
    assert_eq!(edit(1, 10), Err(Refusal::NotTheAuthor));
    let gone = Revised { withdrawn: true, ..revised };
    assert_eq!(decide(&head, &name(2), at(1), Command::Withdraw(gone)), Err(Refusal::Withdrawn));
}

#[test]
fn a_purged_body_leaves_a_log_that_verifies() {
    let (head, mut log) = started();
    let act = decide(&head, &name(2), at(1), Command::Send(draft("to be removed"))).unwrap();
    log.push(seal(&head, signature(2, 2, 1), act));
    let Act::Message(message) = &mut log[1].act else { panic!("a message") };
    message.content = Content::Purged(Digest::of(b"to be removed"));
    assert!(verify(conversation(), &log).is_ok());
    let Act::Message(message) = &mut log[1].act else { panic!("a message") };
    message.content = Content::Purged(Digest::of(b"something else"));
    assert_eq!(verify(conversation(), &log), Err(BrokenChain { at: log[1].seq }));
}

proptest! {
    #[test]
    fn every_log_verifies_and_its_fold_is_the_head(steps in prop::collection::vec(step(), 0..30)) {
        let (head, log) = play(steps);
        prop_assert_eq!(verify(conversation(), &log), Ok(head.hash));
        prop_assert_eq!(head.seq.get(), log.len() as u64);
        prop_assert_eq!(head.messages, log.iter().filter(|e| matches!(e.act, Act::Message(_))).count() as u64);
        prop_assert!(log.windows(2).all(|pair| pair[0].seq.next() == pair[1].seq));
    }

    #[test]
    fn any_change_to_a_log_shows_and_names_the_entry(
        steps in prop::collection::vec(step(), 4..20),
        place in any::<prop::sample::Index>(),
        kind in 0_u8..8,
    ) {
        let (_, log) = play(steps);
        let mut forged = log.clone();
        let n = place.index(forged.len());
        match kind {
            0 => forged[n].by = name(9),
            1 => forged[n].at = forged[n].at.after(Duration::from_millis(1)),
            2 => forged[n].messages += 1,
            3 => forged[n].id = uuid::Uuid::from_u128(u128::MAX).into(),
            4 if n + 1 < forged.len() => { forged.remove(n); }
            5 if n + 1 < forged.len() => forged.swap(n, n + 1),
            6 => forged.insert(n, log[n].clone()),
            _ => match &mut forged[n].act {
                Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } => {
                    message.content = Content::Body(body("forged text"));
                }
                Act::Revision { revises, .. } => *revises = Seq::MAX,
                Act::Event { event: Event::Created { history, .. } } => *history = History::FromJoin,
            },
        }
        let broken = verify(conversation(), &forged).unwrap_err();
        prop_assert!(broken.at.get() == n as u64 + 1 || (kind == 6 && broken.at.get() == n as u64 + 2));
    }

    #[test]
    fn entries_survive_the_table(steps in prop::collection::vec(step(), 0..10)) {
        for entry in play(steps).1 {
            let stored = serde_json::to_string(&entry).unwrap();
            prop_assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), entry);
        }
    }
}

//! Runs that take turns, and lines that hold no more than they may.

use serde_json::json;

use super::*;
use crate::chain::{BrokenChain, End};
use crate::conversation::message::Draft;
use crate::conversation::{Creation, History, Role, Signature, apply, create, message, seal};
use crate::entry::{Change, Content, Message};
use crate::id::EntryId;

const NOON: &str = "2026-03-01T12:00:00Z";

fn at(seconds: u64) -> Timestamp {
    NOON.parse::<Timestamp>().unwrap().after(Duration::from_secs(seconds))
}

fn run(n: u128) -> RunId {
    uuid::Uuid::from_u128(n).into()
}

fn waiting() -> Backup {
    let id: BackupId = "019ca8a0-3e80-7707-8707-0707070707b1".parse().unwrap();
    Backup {
        id,
        conversation: uuid::Uuid::from_u128(7).into(),
        by: "ann".parse().unwrap(),
        joined: Seq::START.next(),
        at: at(0),
        from: Seq::try_from(11).unwrap(),
        to: Seq::try_from(110).unwrap(),
        hash: Digest::of(b"last"),
        archive: ArchiveKey::new(id, [7; 16]),
        state: State::Running(Work { run: 1, held: None, done: Seq::try_from(10).unwrap(), note: None }),
    }
}

#[test]
fn an_archive_key_holds_an_id_and_a_number_and_no_name() {
    let key = waiting().archive;
    let expected = format!("b/019ca8a0-3e80-7707-8707-0707070707b1/{}", "07".repeat(16));
    assert_eq!(key.as_str(), expected);
    assert_eq!(expected.parse::<ArchiveKey>(), Ok(key));
    let note = "019ca8a0-3e80-7707-8707-0707070707c1".parse().unwrap();
    assert_eq!(waiting().archive.note(note), format!("{expected}.{note}"));
    for wrong in [
        expected.replace("b/", "a/"),
        format!("{expected}0"),
        expected[..expected.len() - 1].to_owned(),
        "b//".to_owned(),
    ] {
        wrong.parse::<ArchiveKey>().unwrap_err();
    }
}

#[test]
fn the_stored_shape_is_a_contract() {
    let archive = format!("b/019ca8a0-3e80-7707-8707-0707070707b1/{}", "07".repeat(16));
    let stored = json!({
        "id": "019ca8a0-3e80-7707-8707-0707070707b1", "conversation": "00000000-0000-0000-0000-000000000007",
        "by": "ann", "joined": 1, "at": "2026-03-01T12:00:00.000Z", "from": 11, "to": 110,
        "hash": Digest::of(b"last"), "archive": archive, "state": "running", "run": 1, "done": 10,
    });
    assert_eq!(serde_json::to_value(waiting()).unwrap(), stored);
    assert_eq!(serde_json::from_value::<Backup>(stored).unwrap(), waiting());
}

#[test]
fn one_run_at_a_time_has_a_backup_and_whoever_is_silent_loses_it() {
    let first = waiting().taken(run(1), at(0)).unwrap();
    assert_eq!((first.task(at(44)), first.task(at(45))), (Task::Wait, Task::Run));
    assert_eq!(first.taken(run(2), at(44)), None);
    let alive = first.advanced(Seq::try_from(60).unwrap(), at(40)).unwrap();
    assert_eq!((alive.task(at(84)), alive.due_at()), (Task::Wait, at(85)));
    assert_eq!((alive.progress(), waiting().progress()), ((50, 100), (0, 100)));
    let second = alive.taken(run(2), at(85)).unwrap();
    assert_eq!(second.progress(), (50, 100));
    assert_ne!(second, alive.taken(run(3), at(85)).unwrap(), "two that come at once are not the same");
}

#[test]
fn what_is_handed_on_waits_for_the_next_run_and_keeps_its_note() {
    let note: NoteId = uuid::Uuid::from_u128(1).into();
    let noted =
        waiting().taken(run(1), at(0)).unwrap().advanced(Seq::try_from(60).unwrap(), at(1)).unwrap().noted(note);
    let handed_on = noted.handed_on();
    let State::Running(work) = &handed_on.state else { panic!("it is at work") };
    assert_eq!((work.run, work.held, work.note, handed_on.task(at(1))), (2, None, Some(note), Task::Run));
    assert_eq!((noted.note(), handed_on.note(), waiting().note()), (Some(note), Some(note), None));
    let anew = noted.begun_anew();
    assert_eq!((anew.note(), anew.progress(), anew.task(at(1))), (None, (0, 100), Task::Wait));
    assert_eq!(handed_on.advanced(handed_on.to, at(2)), None, "nobody has it");
}

#[test]
fn it_is_tried_for_a_day_and_kept_for_a_day() {
    const DAY: u64 = 24 * 3600;
    let taken = waiting().taken(run(1), at(DAY - 10)).unwrap();
    assert_eq!((waiting().task(at(DAY - 1)), waiting().task(at(DAY))), (Task::Run, Task::GiveUp));
    assert_eq!((taken.task(at(DAY)), taken.task(at(DAY + 35))), (Task::Wait, Task::GiveUp), "who is at it may end it");
    let ready = taken.finished(9, at(50));
    assert_eq!((ready.progress(), ready.expires_at()), ((100, 100), Some(at(50 + DAY))));
    assert!(!ready.is_over(at(49 + DAY)) && ready.is_over(at(50 + DAY)) && !waiting().is_over(at(9 * DAY)));
    assert_eq!((ready.task(at(49 + DAY)), ready.task(at(50 + DAY))), (Task::Wait, Task::Remove));
    let failed = taken.given_up(at(60));
    assert_eq!(
        (failed.task(at(60)), failed.task(at(60 + DAY)), failed.is_over(at(60))),
        (Task::Wait, Task::Remove, false)
    );
    assert_eq!(
        (ready.taken(run(2), at(DAY)), failed.handed_on(), ready.noted(uuid::Uuid::nil().into())),
        (None, failed, ready)
    );
}

/// A log of Ann and Ben, and its head.
struct Log(Head, Vec<Entry>);

impl Log {
    fn new(history: History) -> Self {
        let creation = Creation {
            id: uuid::Uuid::from_u128(7).into(),
            title: "Ward 4".to_owned().try_into().unwrap(),
            history,
            project: None,
            others: vec!["ben".parse().unwrap()],
        };
        let (head, entry) = create(creation, signature("ann", 1));
        Self(head, vec![entry])
    }

    fn push(&mut self, by: &str, act: Act) -> Entry {
        let entry = seal(&self.0, signature(by, self.1.len() as u128 + 1), act);
        self.0 = apply(&self.0, &entry);
        self.1.push(entry.clone());
        entry
    }

    fn says(&mut self, text: &str) -> Entry {
        let draft = Draft {
            body: Some(text.to_owned().try_into().unwrap()),
            important: false,
            mentions: Vec::new(),
            attachments: Vec::new(),
        };
        let act = message::send(&self.0, draft).unwrap();
        self.push("ann", act)
    }

    fn revises(&mut self, seq: Seq, change: Change) -> Entry {
        self.push("ann", Act::Revision { revises: seq, change })
    }
}

fn signature(by: &str, n: u128) -> Signature {
    let id: EntryId = uuid::Uuid::from_u128(n).into();
    Signature { id, by: by.parse().unwrap(), at: at(0) }
}

fn edited(text: &str) -> Change {
    let content = Content::Body(text.to_owned().try_into().unwrap());
    Change::Edited(Message { content, important: false, mentions: Vec::new(), attachments: Vec::new() })
}

#[test]
fn only_what_stands_is_shown_and_the_chain_still_holds() {
    let mut log = Log::new(History::All);
    let (plain, twice, taken_back) = (log.says("plain"), log.says("first"), log.says("regret"));
    let second = log.revises(twice.seq, edited("second"));
    let third = log.revises(twice.seq, edited("third"));
    let withdrawn = log.revises(taken_back.seq, Change::Withdrawn);
    let Log(head, entries) = &log;
    let backup = Backup { from: Seq::START.next(), to: head.seq, ..waiting() };
    let revisions = |of: &Entry| -> Vec<Entry> {
        let revises = match of.act {
            Act::Revision { revises, .. } => revises,
            Act::Message(_) | Act::Event { .. } => of.seq,
        };
        let about = |it: &&Entry| matches!(it.act, Act::Revision { revises: at, .. } if at == revises);
        entries.iter().filter(about).cloned().collect()
    };
    let lines: Vec<Line> = entries.iter().map(|entry| backup.line(entry, &revisions(entry))).collect();
    let shown: Vec<Seq> = lines.iter().filter(|line| line.entry.is_some()).map(|line| line.seq).collect();
    assert_eq!(shown, [entries[0].seq, plain.seq, third.seq, withdrawn.seq]);
    assert!(lines.iter().any(|line| line.seq == second.seq));
    let end = End { seq: head.seq, hash: head.hash };
    assert_eq!(verify(head.id, End::default(), &lines), Ok(end));

    // An entry is shown in its own place only, also where lines without entries could lead to it.
    let place = plain.seq;
    let from = End { seq: place.previous(), hash: entries[0].hash };
    let line = |entry: &Entry, hash| Line { seq: place, previous: from.hash, hash, entry: Some(entry.clone()) };
    assert_eq!(verify(head.id, from, [&line(&plain, plain.hash)]), Ok(End { seq: place, hash: plain.hash }));
    for wrong in [line(&third, third.hash), line(&Entry { hash: third.hash, ..plain.clone() }, plain.hash)] {
        assert_eq!(verify(head.id, from, [&wrong]), Err(BrokenChain { at: place }));
    }

    // Whoever changes a line, or takes one away, is found out.
    for n in 0..lines.len() {
        let mut changed = lines.clone();
        changed.remove(n);
        assert!(verify(head.id, End::default(), &changed) != Ok(end), "without {n}");
        let mut changed = lines.clone();
        if let Some(entry) = &mut changed[n].entry {
            entry.by = "eve".parse().unwrap();
            assert!(verify(head.id, End::default(), &changed).is_err(), "{n} by somebody else");
        }
        changed[n].hash = Digest::of(b"another");
        assert!(verify(head.id, End::default(), &changed) != Ok(end), "{n} with another hash");
    }
}

#[test]
fn what_came_before_somebody_is_not_shown_by_what_came_after() {
    let mut log = Log::new(History::FromJoin);
    let early = log.says("early");
    let joined = log.push("ann", Act::Event { event: Event::Joined { members: vec!["eve".parse().unwrap()] } });
    let revision = log.revises(early.seq, edited("still early"));
    let attachment = uuid::Uuid::from_u128(5).into();
    let blocked = log.push("ann", Act::Event { event: Event::AttachmentBlocked { attachment, message: early.seq } });
    let backup = Backup { from: joined.seq, joined: joined.seq, ..waiting() };
    assert_eq!(backup.line(&revision, std::slice::from_ref(&revision)).entry, None);
    assert_eq!(backup.line(&blocked, &[]).entry, None);
    assert_eq!(backup.line(&log.1[0], &[]).entry, None, "what it was called when she was not there");
    assert_eq!(backup.line(&joined, &[]).entry, Some(joined.clone()));
    // From the first message on that she may see, she sees what became of it.
    let seen = log.says("seen");
    let revision = log.revises(seen.seq, edited("seen again"));
    let blocked = log.push("ann", Act::Event { event: Event::AttachmentBlocked { attachment, message: seen.seq } });
    for from in [joined.seq, seen.seq] {
        let backup = Backup { from, ..backup.clone() };
        assert_eq!(backup.line(&revision, std::slice::from_ref(&revision)).entry, Some(revision.clone()));
        assert_eq!(backup.line(&blocked, &[]).entry, Some(blocked.clone()));
    }
}

#[test]
fn it_is_for_whoever_asked_and_never_left_since() {
    let Log(head, entries) = Log::new(History::All);
    let own = Membership::begin(Role::Member, &entries[0], &head);
    let again = Membership { joined: head.seq.next(), ..own.clone() };
    let [ann, ben] = ["ANN", "ben"].map(|name| name.parse::<Username>().unwrap());
    let backup = waiting();
    assert!(backup.is_for(&ann, &own));
    assert!(!backup.is_for(&ben, &own) && !backup.is_for(&ann, &again) && !backup.is_for(&ben, &again));
}

#[test]
fn it_is_asked_for_by_an_entry_and_goes_up_to_that() {
    let mut log = Log::new(History::FromJoin);
    log.says("early");
    let joined = log.push("ann", Act::Event { event: Event::Joined { members: vec!["eve".parse().unwrap()] } });
    let own = Membership::begin(Role::Member, &joined, &log.0);
    let asked = log.push("eve", ask(&log.0, &own, BackupBy::Member).unwrap());
    let id = waiting().id;
    let backup = Backup::requested(id, &log.0, &own, &asked, ArchiveKey::new(id, [7; 16]));
    let expected = Backup {
        by: "eve".parse().unwrap(),
        joined: joined.seq,
        from: joined.seq,
        to: asked.seq,
        hash: asked.hash,
        state: State::Running(Work { run: 1, held: None, done: joined.seq.previous(), note: None }),
        ..waiting()
    };
    assert_eq!((backup.due_at(), backup.progress()), (at(0), (0, 2)));
    assert_eq!(backup, expected);
}

#[test]
fn who_may_ask_is_for_the_institution_to_say() {
    let Log(head, _) = Log::new(History::FromJoin);
    let own = |role| Membership { role, ..Membership::begin(role, &Log::new(History::All).1[0], &head) };
    let (administrator, member) = (own(Role::Administrator), own(Role::Member));
    let exported = Act::Event { event: Event::Exported { from: Seq::START.next() } };
    assert_eq!(ask(&head, &member, BackupBy::Member), Ok(exported.clone()));
    assert_eq!(ask(&head, &administrator, BackupBy::Administrator), Ok(exported.clone()));
    assert_eq!(ask(&head, &member, BackupBy::Administrator), Err(Refusal::NotAdministrator));
    assert_eq!(ask(&head, &administrator, BackupBy::Nobody), Err(Refusal::NoBackups));
    let archived = Head { state: conversation::State::Archived, ..head.clone() };
    assert_eq!(ask(&archived, &member, BackupBy::Member), Ok(exported));
    let deleted = Head { state: conversation::State::Deleted, ..head };
    assert_eq!(ask(&deleted, &member, BackupBy::Member), Err(Refusal::Deleted));
}

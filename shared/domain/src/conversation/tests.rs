//! Properties of the log: whatever is done, in whatever order, it verifies, and any change to it shows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

mod rules;

use super::manage::Command;
use super::message::{Draft, Standing};
use super::*;
use crate::attachment::{FileName, Size};
use crate::chain::{BrokenChain, Digest, End};
use crate::entry::{Attached, Change, Content, Label, Message, verify};
use crate::member::{self, Member, Membership, changes};
use crate::text::Body;

fn name(n: u8) -> Username {
    format!("person.{n}").parse().unwrap()
}

fn body(text: &str) -> Body {
    Body::try_from(text.to_owned()).unwrap()
}

fn draft(text: &str) -> Draft {
    Draft { body: Some(body(text)), important: false, mentions: vec![], attachments: vec![] }
}

fn with_attachments(text: Option<&str>, attachments: u8) -> Draft {
    Draft { body: text.map(body), attachments: (0..attachments).map(attached).collect(), ..draft("x") }
}

fn attached(n: u8) -> Attached {
    Attached {
        id: uuid::Uuid::from_u128(u128::from(n)).into(),
        content_type: "application/pdf".to_owned().try_into().unwrap(),
        size: Size::try_from(u64::from(n) + 1).unwrap(),
        sha256: Digest::of(&[n]),
        label: Label::Name(format!("Scan {n}.pdf").try_into().unwrap()),
    }
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
        project: None,
        others: vec![name(2), name(1), name(2), name(3)],
    };
    let (head, first) = create(creation, signature(1, 1, 0));
    (head, vec![first])
}

#[derive(Clone, Debug)]
enum Step {
    Send { by: u8, seconds: u32, text: Option<String>, attachments: u8 },
    Edit { by: u8, seconds: u32, target: usize, text: Option<String> },
    Withdraw { by: u8, seconds: u32, target: usize },
    Rename { by: u8, text: String },
    Archive { by: u8, archived: bool },
    Add { by: u8, whom: u8 },
    Remove { by: u8, whom: u8 },
    SetRole { by: u8, whom: u8, role: Role },
    Disable { whom: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let text = "[a-z @]{0,12}x";
    let said = || prop::option::weighted(0.8, text);
    let person = || 1_u8..6;
    prop_oneof![
        6 => (person(), 0_u32..3_600, said(), 0_u8..3)
            .prop_map(|(by, seconds, text, attachments)| Step::Send { by, seconds, text, attachments }),
        2 => (person(), 0_u32..3_600, 0_usize..20, said())
            .prop_map(|(by, seconds, target, text)| Step::Edit { by, seconds, target, text }),
        2 => (person(), 0_u32..3_600, 0_usize..20)
            .prop_map(|(by, seconds, target)| Step::Withdraw { by, seconds, target }),
        1 => (person(), text).prop_map(|(by, text)| Step::Rename { by, text }),
        1 => (person(), any::<bool>()).prop_map(|(by, archived)| Step::Archive { by, archived }),
        2 => (person(), person()).prop_map(|(by, whom)| Step::Add { by, whom }),
        2 => (person(), person()).prop_map(|(by, whom)| Step::Remove { by, whom }),
        2 => (person(), person(), prop_oneof![Just(Role::Administrator), Just(Role::Member)])
            .prop_map(|(by, whom, role)| Step::SetRole { by, whom, role }),
        1 => person().prop_map(|whom| Step::Disable { whom }),
    ]
}

/// A conversation as it is lived: its state, its log, and the rows of its members.
struct Life {
    head: Head,
    log: Vec<Entry>,
    rows: BTreeMap<Username, (Member, Membership)>,
    disabled: BTreeSet<Username>,
}

impl Life {
    fn start() -> Self {
        let (head, log) = started();
        let mut life = Self { head, log, rows: BTreeMap::new(), disabled: BTreeSet::new() };
        let changes = changes(&life.log[0], &life.head);
        life.change(changes);
        life
    }

    fn change(&mut self, changes: Vec<member::Change>) {
        for change in changes {
            match change {
                member::Change::Begins(member, own) => {
                    assert!(self.rows.insert(member.username.clone(), (member, own)).is_none());
                }
                member::Change::Ends(name) => {
                    self.rows.remove(&name).expect("a row to remove");
                }
                member::Change::Role(name, role) => {
                    let (member, own) = self.rows.get_mut(&name).expect("a row to change");
                    (member.role, own.role) = (role, role);
                }
            }
        }
    }

    fn standing(&self, target: usize) -> Option<Standing> {
        Standing::of(self.log.get(target)?, &self.log)
    }

    /// What a step records, if it is allowed.
    fn act(&self, step: &Step) -> Option<(u8, u32, Act)> {
        let own = |by: u8| self.rows.get(&name(by)).filter(|(member, _)| !self.disabled.contains(&member.username));
        let manage = |by: u8, command| {
            let right = own(by)?.1.administrator().ok()?;
            Some((by, 0, manage::manage(&self.head, right, command).ok()??))
        };
        match step {
            Step::Send { by, seconds, text, attachments } => {
                own(*by)?;
                let draft = with_attachments(text.as_deref(), *attachments);
                Some((*by, *seconds, message::send(&self.head, draft).ok()?))
            }
            Step::Edit { by, seconds, target, text } => {
                own(*by)?;
                let standing = self.standing(*target)?;
                let draft = with_attachments(text.as_deref(), 0);
                let act = message::edit(&self.head, &name(*by), at(*seconds), &standing, draft).ok()??;
                Some((*by, *seconds, act))
            }
            Step::Withdraw { by, seconds, target } => {
                own(*by)?;
                Some((*by, *seconds, message::withdraw(&self.head, &name(*by), &self.standing(*target)?).ok()??))
            }
            Step::Rename { by, text } => manage(*by, Command::Rename(Title::try_from(text.clone()).unwrap())),
            Step::Archive { by, archived } => {
                manage(*by, if *archived { Command::Archive } else { Command::Unarchive })
            }
            Step::Add { by, whom } => {
                let new = !self.rows.contains_key(&name(*whom)) && !self.disabled.contains(&name(*whom));
                manage(*by, Command::Add(if new { vec![name(*whom)] } else { vec![] }))
            }
            Step::Remove { by, whom } if by == whom => {
                Some((*by, 0, manage::leave(&self.head, own(*by)?.0.role).ok()?))
            }
            Step::Remove { by, whom } => manage(*by, Command::Remove(self.rows.get(&name(*whom))?.0.clone())),
            Step::SetRole { by, whom, role } => {
                let (member, _) = own(*whom)?;
                manage(*by, Command::SetRole(member.clone(), *role))
            }
            Step::Disable { whom } => {
                let (disabled, _) =
                    self.rows.get(&name(*whom)).filter(|(member, _)| self.disabled.contains(&member.username))?;
                let active = self.rows.values().map(|(member, _)| member.clone());
                let active: Vec<Member> = active.filter(|member| !self.disabled.contains(&member.username)).collect();
                Some((9, 0, manage::succeed(&self.head, disabled, &active)?))
            }
        }
    }

    fn take(&mut self, step: &Step) {
        if let Step::Disable { whom } = step {
            self.disabled.insert(name(*whom));
        }
        let Some((by, seconds, act)) = self.act(step) else { return };
        let entry = seal(&self.head, signature(self.log.len() as u128 + 1, by, seconds), act);
        self.head = apply(&self.head, &entry);
        let changes = changes(&entry, &self.head);
        self.log.push(entry);
        self.change(changes);
    }
}

/// Plays the steps that are allowed.
fn play(steps: &[Step]) -> Life {
    let mut life = Life::start();
    for step in steps {
        life.take(step);
    }
    life
}

/// Changes something of what was said: one attachment, if there is one, or else the text.
fn forge(message: &mut Message, kind: u8) {
    match (kind, message.attachments.first_mut()) {
        (8, Some(attached)) => attached.size = Size::MAX,
        (9, Some(attached)) => attached.label = Label::Absent(Digest::default()),
        (10, Some(attached)) => attached.content_type = "image/png".to_owned().try_into().unwrap(),
        (11, Some(_)) => drop(message.attachments.pop()),
        _ => message.content = Content::Body(body("forged text")),
    }
}

proptest! {
    #[test]
    fn every_log_verifies_and_its_fold_is_the_head(steps in prop::collection::vec(step(), 0..60)) {
        let Life { head, log, rows, disabled } = play(&steps);
        prop_assert_eq!(verify(conversation(), End::default(), &log), Ok(End { seq: head.seq, hash: head.hash }));
        prop_assert_eq!(log[1..].iter().fold(founded(conversation(), &log[0]).unwrap(), |head, e| apply(&head, e)), head.clone());
        // The counts of the head are those of the rows, and somebody who works here manages it, if anybody could.
        let administrators = || rows.values().filter(|(member, _)| member.role == Role::Administrator);
        prop_assert_eq!(head.members_count as usize, rows.len());
        prop_assert_eq!(head.administrators_count as usize, administrators().count());
        let works = |member: &Member| !disabled.contains(&member.username);
        prop_assert!(administrators().any(|(m, _)| works(m)) || !rows.values().any(|(m, _)| works(m)));
        prop_assert!(rows.values().all(|(member, own)| (member.role, member.joined) == (own.role, own.joined)));
        prop_assert!(!rows.is_empty() || head.state == State::Archived);
        prop_assert_eq!(head.seq.get(), log.len() as u64);
        prop_assert_eq!(head.messages, log.iter().filter(|e| matches!(e.act, Act::Message(_))).count() as u64);
        prop_assert!(log.windows(2).all(|pair| pair[0].seq.next() == pair[1].seq));
        let says_something = log.iter().all(|entry| match &entry.act {
            Act::Message(said) | Act::Revision { change: Change::Edited(said), .. } => {
                said.content != Content::None || !said.attachments.is_empty()
            }
            Act::Event { .. } | Act::Revision { change: Change::Withdrawn, .. } => true,
        });
        prop_assert!(says_something);
    }

    #[test]
    fn any_change_to_a_log_shows_and_names_the_entry(
        steps in prop::collection::vec(step(), 4..20),
        place in any::<prop::sample::Index>(),
        kind in 0_u8..12,
    ) {
        let Life { log, .. } = play(&steps);
        let mut forged = log.clone();
        let n = place.index(forged.len());
        match kind {
            0 => forged[n].by = name(42),
            1 => forged[n].at = forged[n].at.after(Duration::from_millis(1)),
            2 => forged[n].messages += 1,
            3 => forged[n].id = uuid::Uuid::from_u128(u128::MAX).into(),
            4 if n + 1 < forged.len() => { forged.remove(n); }
            5 if n + 1 < forged.len() => forged.swap(n, n + 1),
            6 => forged.insert(n, log[n].clone()),
            _ => match &mut forged[n].act {
                Act::Message(message) | Act::Revision { change: Change::Edited(message), .. } => forge(message, kind),
                Act::Revision { revises, .. } => *revises = Seq::MAX,
                Act::Event { event } => {
                    *event = match event {
                        Event::Archived => Event::Unarchived,
                        _ => Event::Archived,
                    }
                }
            },
        }
        let broken = verify(conversation(), End::default(), &forged).unwrap_err();
        prop_assert!(broken.at.get() == n as u64 + 1 || (kind == 6 && broken.at.get() == n as u64 + 2));
    }

    #[test]
    fn entries_survive_the_table(steps in prop::collection::vec(step(), 0..10)) {
        for entry in play(&steps).log {
            let stored = serde_json::to_string(&entry).unwrap();
            prop_assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), entry);
        }
    }
}

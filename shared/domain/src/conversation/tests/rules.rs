//! The rule of each single act, by example.

use super::*;

#[test]
fn whoever_starts_it_is_its_administrator_and_nobody_is_in_it_twice() {
    let (head, log) = started();
    assert_eq!((head.members_count, head.administrators_count), (3, 1));
    assert_eq!(head.kind(), Kind::Group);
    let Act::Event { event: Event::Created { members, .. } } = &log[0].act else { panic!("the first entry") };
    assert_eq!(*members, [name(1), name(2), name(3)]);
}

#[test]
fn no_entry_is_older_than_the_last_message() {
    let (head, _) = started();
    assert_eq!(head.active_at(), at(0));
    let send = |head: &Head, seconds| seal(head, signature(2, 2, seconds), message::send(head, draft("a")).unwrap());
    let first = send(&head, 60);
    assert_eq!(first.at, at(60));
    let head = apply(&head, &first);
    assert_eq!(head.active_at(), at(60));
    for (seconds, expected) in [(59, 60), (60, 60), (61, 61)] {
        assert_eq!(send(&head, seconds).at, at(expected), "{seconds}");
    }
}

#[test]
fn the_words_for_roles_and_history_are_those_that_are_stored() {
    for role in [Role::Administrator, Role::Member] {
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
    for history in [History::All, History::FromJoin] {
        assert_eq!(serde_json::to_value(history).unwrap(), history.as_str());
    }
}

#[test]
fn two_talk_directly_and_any_other_number_as_a_group() {
    let (head, _) = started();
    for (members_count, kind) in [(0, Kind::Group), (1, Kind::Group), (2, Kind::Direct), (3, Kind::Group)] {
        assert_eq!(Head { members_count, ..head.clone() }.kind(), kind, "{members_count}");
    }
}

#[test]
fn who_joins_sees_what_the_conversation_shows_to_those_who_come_later() {
    let joined = Seq::try_from(7).unwrap();
    assert_eq!(History::All.visible_from(joined), Seq::START);
    assert_eq!(History::FromJoin.visible_from(joined), joined);
}

#[test]
fn a_command_records_what_it_changes_and_nothing_where_things_are_so_already() {
    let (head, log) = started();
    let right = Membership::begin(Role::Administrator, &log[0], &head).administrator().unwrap();
    let event = |event| Ok(Some(Act::Event { event }));
    let title = |text: &str| Title::try_from(text.to_owned()).unwrap();
    let (ann, ben) = (member(1, Role::Administrator, 1), member(2, Role::Member, 1));
    let promoted = Event::RoleChanged { member: name(2), role: Role::Administrator, instead_of: None };
    let removed = Event::Removed { member: name(2), role: Role::Member };
    let archived = Head { state: State::Archived, ..head.clone() };
    for (head, command, expected) in [
        (&head, Command::Rename(title("Ward 4")), Ok(None)),
        (&head, Command::Rename(title("Ward 5")), event(Event::Renamed { title: title("Ward 5") })),
        (&head, Command::Add(vec![]), Ok(None)),
        (&head, Command::Add(vec![name(5)]), event(Event::Joined { members: vec![name(5)] })),
        (&head, Command::SetRole(ann.clone(), Role::Administrator), Ok(None)),
        (&head, Command::SetRole(ben.clone(), Role::Member), Ok(None)),
        (&head, Command::SetRole(ben.clone(), Role::Administrator), event(promoted.clone())),
        (&head, Command::Remove(ben.clone()), event(removed.clone())),
        (&head, Command::Remove(ann), Err(Refusal::LastAdministrator)),
        (&head, Command::Archive, event(Event::Archived)),
        (&head, Command::Unarchive, Ok(None)),
        // Of an archive it is still decided who may see it, and nothing else.
        (&archived, Command::Archive, Ok(None)),
        (&archived, Command::Unarchive, event(Event::Unarchived)),
        (&archived, Command::Remove(ben.clone()), event(removed)),
        (&archived, Command::SetRole(ben, Role::Administrator), event(promoted)),
        (&archived, Command::Rename(title("Ward 4")), Err(Refusal::Archived)),
        (&archived, Command::Add(vec![name(5)]), Err(Refusal::Archived)),
        (&archived, Command::Delete(title("Ward 4")), event(Event::Deleted)),
    ] {
        assert_eq!(manage::manage(head, right, command.clone()), expected, "{command:?}, {:?}", head.state);
    }
    let deleted = Head { state: State::Deleted, ..head };
    assert_eq!(manage::manage(&deleted, right, Command::Unarchive), Err(Refusal::Deleted));
    assert_eq!(manage::leave(&deleted, Role::Member), Err(Refusal::Deleted));
    let others = [member(2, Role::Member, 1)];
    assert_eq!(manage::succeed(&deleted, &member(1, Role::Administrator, 1), &others), None);
    assert_eq!(manage::succeed(&archived, &member(3, Role::Member, 1), &others), None, "they managed nothing");
}

#[test]
fn only_what_was_written_is_removed_and_that_it_was_is_known() {
    let (head, _) = started();
    let entry = |draft| seal(&head, signature(2, 2, 1), message::send(&head, draft).unwrap());
    let said = |entry: &Entry| match &entry.act {
        Act::Message(message) => message.clone(),
        other => panic!("{other:?}"),
    };
    let text = entry(with_attachments(Some("a"), 0));
    let both = entry(with_attachments(Some("a"), 1));
    let bare = entry(with_attachments(None, 1));
    for entry in [&text, &both, &bare] {
        let without = entry.clone().without_text();
        assert_eq!((said(entry).is_purged(), said(&without).is_purged()), (false, true));
        assert_eq!(without.chained(conversation()), entry.hash);
        assert_eq!(without.clone().without_text(), without);
    }
    assert_eq!(said(&bare.without_text()).content, Content::None, "where nothing was written nothing is missing");
    let label = &said(&both).attachments[0].label;
    assert_eq!(label.name().map(FileName::as_str), Some("Scan 0.pdf"));
    assert_eq!(said(&both.without_text()).attachments[0].label.name(), None);
}

#[test]
fn an_archived_conversation_takes_nothing_and_a_deleted_one_does_not_exist() {
    let (head, _) = started();
    let archived = Head { state: State::Archived, ..head.clone() };
    assert_eq!(message::send(&archived, draft("hello")), Err(Refusal::Archived));
    let deleted = Head { state: State::Deleted, ..head };
    assert_eq!(message::send(&deleted, draft("hello")), Err(Refusal::Deleted));
}

fn standing() -> Standing {
    let message = Message::from(draft("a"));
    Standing {
        seq: Seq::START.next(),
        id: uuid::Uuid::from_u128(1).into(),
        by: name(2),
        at: at(0),
        message: Some(message),
        edited_at: None,
    }
}

#[test]
fn only_the_author_edits_and_only_for_fifteen_minutes() {
    let (head, _) = started();
    let edit = |by: u8, seconds, text: &str, standing: &Standing| {
        message::edit(&head, &name(by), at(seconds), standing, draft(text))
    };
    assert!(edit(2, 900, "b", &standing()).unwrap().is_some());
    assert_eq!(edit(2, 901, "b", &standing()), Err(Refusal::TooLate));
    assert_eq!(edit(1, 10, "b", &standing()), Err(Refusal::NotTheAuthor));
    let gone = Standing { message: None, ..standing() };
    assert_eq!(edit(2, 1, "b", &gone), Err(Refusal::Withdrawn));
    // To say the same again changes nothing, also later: it may be a retry.
    assert_eq!(edit(2, 901, "a", &standing()), Ok(None));
    assert_eq!(message::withdraw(&head, &name(2), &gone), Ok(None));
    assert_eq!(message::withdraw(&head, &name(1), &gone), Err(Refusal::NotTheAuthor));
}

#[test]
fn a_message_has_a_text_or_an_attachment_also_when_it_was_edited() {
    let (head, _) = started();
    assert_eq!(message::send(&head, with_attachments(None, 0)), Err(Refusal::Empty));
    let sent = message::send(&head, with_attachments(None, 2)).unwrap();
    let Act::Message(bare) = sent else { panic!("a message") };
    assert_eq!(bare.content, Content::None);
    let edit = |present: &Message, draft| {
        let standing = Standing { message: Some(present.clone()), ..standing() };
        message::edit(&head, &name(2), at(1), &standing, draft)
    };
    let edited = |present: &Message, draft| match edit(present, draft) {
        Ok(Some(Act::Revision { change: Change::Edited(message), .. })) => message,
        other => panic!("not an edit: {other:?}"),
    };
    // What was sent with it stays, whatever the edit says of that.
    let said = edited(&bare, with_attachments(Some("now with words"), 1));
    assert_eq!(said, Message { content: Content::Body(body("now with words")), ..bare.clone() });
    assert_eq!(edited(&said, with_attachments(None, 0)), bare);
    assert_eq!(edit(&bare, with_attachments(None, 0)), Ok(None));
    let text = Message::from(draft("a"));
    assert_eq!(edit(&text, with_attachments(None, 2)), Err(Refusal::Empty));
    assert_eq!(edit(&text, with_attachments(Some("a"), 2)), Ok(None));
}

fn member(n: u8, role: Role, joined: u64) -> Member {
    Member { username: name(n), role, joined: Seq::try_from(joined).unwrap(), joined_at: at(0) }
}

#[test]
fn the_last_administrator_stays_unless_alone() {
    let (head, _) = started();
    assert_eq!(manage::leave(&head, Role::Administrator), Err(Refusal::LastAdministrator));
    assert!(manage::leave(&head, Role::Member).is_ok());
    let alone = Head { members_count: 1, ..head.clone() };
    let left = seal(&alone, signature(2, 1, 1), manage::leave(&alone, Role::Administrator).unwrap());
    assert_eq!(apply(&alone, &left).state, State::Archived);
    let right = Membership::begin(Role::Administrator, &started().1[0], &head).administrator().unwrap();
    let demote = Command::SetRole(member(1, Role::Administrator, 1), Role::Member);
    assert_eq!(manage::manage(&head, right, demote), Err(Refusal::LastAdministrator));
    assert!(Membership::begin(Role::Member, &started().1[0], &head).administrator().is_err());
}

#[test]
fn who_was_there_longest_succeeds_a_disabled_administrator() {
    let (head, _) = started();
    let disabled = member(1, Role::Administrator, 1);
    let (older, newer) = (member(3, Role::Member, 4), member(2, Role::Member, 7));
    let Some(Act::Event { event }) = manage::succeed(&head, &disabled, &[newer.clone(), older.clone()]) else {
        panic!("somebody succeeds")
    };
    let expected = Event::RoleChanged { member: older.username, role: Role::Administrator, instead_of: Some(name(1)) };
    assert_eq!(event, expected);
    let second = Member { role: Role::Administrator, ..newer };
    let Some(Act::Event { event: Event::RoleChanged { member, role, instead_of: None } }) =
        manage::succeed(&head, &disabled, &[second])
    else {
        panic!("the other one manages it from now on")
    };
    assert_eq!((member, role), (name(1), Role::Member));
    assert_eq!(manage::succeed(&head, &disabled, &[]), None);
}

#[test]
fn deleting_needs_the_title() {
    let (head, log) = started();
    let right = Membership::begin(Role::Administrator, &log[0], &head).administrator().unwrap();
    let delete =
        |title: &str| manage::manage(&head, right, Command::Delete(Title::try_from(title.to_owned()).unwrap()));
    assert_eq!(delete("Ward 5"), Err(Refusal::WrongTitle));
    assert!(delete("Ward 4").unwrap().is_some());
}

#[test]
fn a_label_stays_while_its_project_is_under_a_legal_hold() {
    let (head, log) = started();
    let head = Head { project: Some("STUDY-1".to_owned().try_into().unwrap()), ..head };
    let right = Membership::begin(Role::Administrator, &log[0], &head).administrator().unwrap();
    let label = |project: Option<&str>, on_hold| {
        let project = project.map(|project| project.to_owned().try_into().unwrap());
        manage::manage(&head, right, Command::Label { project, on_hold })
    };
    for other in [None, Some("STUDY-2")] {
        assert_eq!(label(other, true), Err(Refusal::OnHold));
        assert!(label(other, false).unwrap().is_some());
    }
    assert_eq!(label(Some("STUDY-1"), true), Ok(None), "whoever changes nothing is refused nothing");
}

#[test]
fn a_body_that_is_not_there_leaves_a_log_that_verifies() {
    let (head, mut log) = started();
    let act = message::send(&head, draft("to be removed")).unwrap();
    log.push(seal(&head, signature(2, 2, 1), act));
    let Act::Message(message) = &mut log[1].act else { panic!("a message") };
    message.content = Content::Absent(Digest::of(b"to be removed"));
    assert!(verify(conversation(), End::default(), &log).is_ok());
    let Act::Message(message) = &mut log[1].act else { panic!("a message") };
    message.content = Content::Absent(Digest::of(b"something else"));
    assert_eq!(verify(conversation(), End::default(), &log), Err(BrokenChain { at: log[1].seq }));
}

#[test]
fn a_name_that_is_not_there_leaves_a_log_that_verifies() {
    let (head, mut log) = started();
    let act = message::send(&head, with_attachments(None, 1)).unwrap();
    log.push(seal(&head, signature(2, 2, 1), act));
    for (hash, verifies) in [(Digest::of(b"Scan 0.pdf"), true), (Digest::of(b"Scan 1.pdf"), false)] {
        let Act::Message(message) = &mut log[1].act else { panic!("a message") };
        message.attachments[0].label = Label::Absent(hash);
        assert_eq!(verify(conversation(), End::default(), &log).is_ok(), verifies);
    }
}

#[test]
fn what_is_noted_beside_the_talk_changes_nothing_that_somebody_may_be_about_to_change() {
    let (head, mut log) = started();
    log.push(seal(&head, signature(2, 2, 1), message::send(&head, with_attachments(None, 1)).unwrap()));
    let mut before = apply(&head, &log[1]);
    let (attachment, message) = (attached(0).id, log[1].seq);
    for event in [
        Event::AttachmentBlocked { attachment, message },
        Event::Exported { from: Seq::START.next() },
        Event::GlassBroken { until: at(60) },
    ] {
        let noted = seal(&before, signature(3, 2, 2), Act::Event { event });
        let after = apply(&before, &noted);
        assert_eq!(after, Head { seq: after.seq, hash: after.hash, ..before });
        assert!(changes(&noted, &after).is_empty());
        log.push(noted);
        before = after;
    }
    assert!(verify(conversation(), End::default(), &log).is_ok());
}

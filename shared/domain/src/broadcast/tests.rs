use std::time::Duration;

use super::*;
use crate::text::DisplayName;

fn at(minutes: u64) -> Timestamp {
    "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minutes))
}

fn body(text: &str) -> Body {
    Body::try_from(text.to_owned()).unwrap()
}

fn broadcast(audience: Audience, span: Span) -> Broadcast {
    let announcement = Announcement::new(Kind::General, body("Down at noon"), false, audience, span, at(10)).unwrap();
    let id = uuid::Uuid::from_u128(1).into();
    Broadcast { id, by: "sys".parse().unwrap(), at: at(10), announcement, corrected_at: None, withdrawn: false }
}

fn person(name: &str, since: u64) -> Profile {
    let username: Username = name.parse().unwrap();
    Profile { active: true, since: Some(at(since)), name: DisplayName::from(&username), ..Profile::gone(&username) }
}

fn shown(broadcast: &Broadcast, profile: &Profile, minute: u64) -> bool {
    let reader = Reader { profile, roles: &profile.roles, projects: &BTreeSet::new() };
    broadcast.is_shown(reader, at(minute))
}

#[test]
fn it_is_shown_from_its_beginning_to_its_end() {
    let span = Span { from: Some(at(20)), until: Some(at(30)) };
    let broadcast = broadcast(Audience::Everybody, span);
    let ann = person("ann", 0);
    for (minute, expected) in [(10, false), (19, false), (20, true), (29, true), (30, false), (99, false)] {
        assert_eq!(shown(&broadcast, &ann, minute), expected, "{minute}");
    }
}

#[test]
fn who_came_later_sees_what_is_still_current_and_nothing_older() {
    let (early, late) = (person("ann", 5), person("ben", 15));
    let endless = broadcast(Audience::Everybody, Span::default());
    assert!(shown(&endless, &early, 20) && !shown(&endless, &late, 20));
    let current = broadcast(Audience::Everybody, Span { from: None, until: Some(at(60)) });
    assert!(shown(&current, &early, 20) && shown(&current, &late, 20));
}

#[test]
fn it_is_for_its_audience_by_name_role_or_project() {
    let project: ProjectId = "study-1".to_owned().try_into().unwrap();
    let group = Group {
        roles: vec![InstitutionRole::Auditor],
        projects: vec![project.clone()],
        usernames: vec!["ANN".parse().unwrap()],
    };
    let broadcast = broadcast(Audience::Only(group), Span::default());
    let auditor = Profile { roles: vec![InstitutionRole::Auditor], ..person("aud", 0) };
    assert!(shown(&broadcast, &person("ann", 0), 10) && shown(&broadcast, &auditor, 10));
    let ben = person("ben", 0);
    assert!(!shown(&broadcast, &ben, 10));
    let projects = BTreeSet::from([project]);
    assert!(broadcast.is_shown(Reader { profile: &ben, roles: &[], projects: &projects }, at(10)));
}

#[test]
fn what_nobody_would_see_is_no_announcement() {
    let new = |audience, span| Announcement::new(Kind::System, body("news"), false, audience, span, at(10));
    let over = Span { from: None, until: Some(at(10)) };
    assert_eq!(new(Audience::Everybody, over), Err(AnnouncementError::NeverShown));
    let backwards = Span { from: Some(at(30)), until: Some(at(20)) };
    assert_eq!(new(Audience::Everybody, backwards), Err(AnnouncementError::NeverShown));
    assert_eq!(new(Audience::Only(Group::default()), Span::default()), Err(AnnouncementError::ForNobody));
    // What should have begun begins now: it must not look as if it had been there before.
    let late = Span { from: Some(at(1)), until: None };
    assert_eq!(new(Audience::Everybody, late).unwrap().from, at(10));
}

#[test]
fn it_is_corrected_until_it_is_taken_back_and_then_nobody_sees_it() {
    let first = broadcast(Audience::Everybody, Span::default());
    let correction = |text| Correction { body: Some(body(text)), ..Correction::default() };
    assert_eq!(first.corrected(correction("Down at noon"), at(11)), Ok(None));
    let second = first.corrected(correction("Down at one"), at(12)).unwrap().unwrap();
    assert_eq!((second.corrected_at, second.id), (Some(at(12)), first.id));
    let gone = second.taken_back().unwrap();
    assert_eq!(gone.taken_back(), None);
    assert_eq!(gone.corrected(correction("again"), at(13)), Err(CorrectionError::Withdrawn));
    assert!(shown(&second, &person("ann", 0), 14) && !shown(&gone, &person("ann", 0), 14));
}

#[test]
fn without_an_end_it_is_shown_for_a_year() {
    const YEAR: u64 = 365 * 24 * 60;
    let broadcast = broadcast(Audience::Everybody, Span::default());
    let ann = person("ann", 0);
    assert!(shown(&broadcast, &ann, 9 + YEAR) && !shown(&broadcast, &ann, 10 + YEAR));
    // Who came in the minute in which it began was there, and so were those of whom it is not known since when they are.
    assert!(shown(&broadcast, &person("ben", 10), 10) && !shown(&broadcast, &person("ben", 11), 11));
    assert!(shown(&broadcast, &Profile { since: None, ..ann }, 10));
}

#[test]
fn who_has_read_it_is_known_until_no_correction_can_show_it_again() {
    const YEAR: u64 = 365 * 24 * 60;
    let endless = broadcast(Audience::Everybody, Span::default()).announcement;
    let current = broadcast(Audience::Everybody, Span { from: None, until: Some(at(60)) }).announcement;
    assert_eq!(endless.marks_end(), at(10 + 2 * YEAR));
    assert_eq!(current.marks_end(), at(60 + YEAR));
}

#[test]
fn a_group_names_at_most_a_thousand_together() {
    let group = |usernames: usize| Group {
        roles: vec![InstitutionRole::Auditor; 2],
        projects: (0..300).map(|n| format!("study-{n}").try_into().unwrap()).collect(),
        usernames: (0..usernames).map(|n| format!("person.{n}").parse().unwrap()).collect(),
    };
    let new = |group| {
        Announcement::new(Kind::General, body("news"), false, Audience::Only(group), Span::default(), at(10))
            .map(|_| ())
    };
    assert_eq!((new(group(698)), new(group(699))), (Ok(()), Err(AnnouncementError::ForTooMany)));
}

#[test]
fn a_correction_may_end_it_after_it_began_and_no_earlier() {
    let first = broadcast(Audience::Everybody, Span::default());
    let ends = |minute| first.corrected(Correction { until: Some(at(minute)), ..Correction::default() }, at(20));
    for minute in [9, 10] {
        assert_eq!(ends(minute), Err(AnnouncementError::NeverShown.into()), "{minute}");
    }
    // In the past, too: then it is over.
    let over = ends(11).unwrap().unwrap();
    assert_eq!((over.announcement.until, over.corrected_at), (Some(at(11)), Some(at(20))));
    assert!(!shown(&over, &person("ann", 0), 20));
    let important = |important| first.corrected(Correction { important, ..Correction::default() }, at(20));
    assert_eq!((important(Some(false)), important(None)), (Ok(None), Ok(None)));
    assert!(important(Some(true)).unwrap().unwrap().announcement.important);
}

//! What people and things are called, times, ids and keys: what is accepted means one thing, and is written as it is read.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::attachment::ObjectKey;
use domain::backup::ArchiveKey;
use domain::chain::Digest;
use domain::clock::Timestamp;
use domain::id::{ConversationId, IdempotencyKey};
use domain::identifier::RecordPattern;
use domain::preferences::{Preferences, QuietHours, TimeOfDay, Zone};
use domain::project::ProjectId;
use domain::text::{Body, CaseNumber, ClosedReason, DisplayName, Email, Reason, Title, Username};
use domain::trail::TrailKey;
use domain::user::{Profile, Search};
use fuzz::{MARKER, tells};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let title = once::<Title>(text);
    let name = once::<DisplayName>(text);
    let lines = [
        title.as_ref().map(|title| (title.as_str(), Title::MAX)),
        name.as_ref().map(|name| (name.as_str(), DisplayName::MAX)),
        once::<ClosedReason>(text).as_ref().map(|reason| (reason.as_str(), 200)),
        once::<CaseNumber>(text).as_ref().map(|case| (case.as_str(), 100)),
    ]
    .map(|line| line.map(|(line, limit)| (line.to_owned(), limit)));
    for (line, limit) in lines.into_iter().flatten() {
        assert!((1..=limit).contains(&line.chars().count()));
        assert!(!line.chars().any(char::is_control) && line.trim() == line);
    }
    if let Some(reason) = once::<Reason>(text) {
        assert!(reason.as_str().chars().count() <= 1_000);
    }
    if let Some(body) = once::<Body>(text) {
        assert!(body.as_str().chars().count() <= Body::MAX);
    }
    if let Some(email) = once::<Email>(text) {
        assert!(email.as_str().len() <= 254);
        assert!(!email.as_str().chars().any(|c| c.is_whitespace() || c.is_control()), "more than an address");
    }
    if let Some(username) = once::<Username>(text) {
        called(&username);
    }
    if let (Some(name), Ok(search)) = (name, Search::try_from(text.to_owned())) {
        found(name, &search);
    }
    times(text);
    keys(text);
});

/// Reads a text; what it is, is read from what it is written as, and does not show for debugging.
fn once<T: TryFrom<String> + Into<String> + Clone + Debug + PartialEq>(text: &str) -> Option<T> {
    let is = T::try_from(text.to_owned()).ok()?;
    let written: String = is.clone().into();
    let again = T::try_from(written.clone()).unwrap_or_else(|_| panic!("{written:?} is not read again"));
    assert_eq!(is, again);
    assert_eq!(written, again.into(), "written otherwise the second time");
    assert!(!tells(&format!("{is:?}")) || !text.to_lowercase().contains(MARKER), "{text:?} shows for debugging");
    Some(is)
}

/// Reads a text that is written in one way only.
fn alone<T: FromStr + Display>(text: &str) {
    if let Ok(is) = text.parse::<T>() {
        assert_eq!(is.to_string(), text, "there is another spelling");
    }
}

/// The form that makes keys is a name, and the same one: names are read back from keys.
fn called(name: &Username) {
    assert!((1..=Username::MAX).contains(&name.as_str().chars().count()));
    assert!(name.as_str().chars().all(Username::allows));
    let folded = name.folded().parse::<Username>().unwrap_or_else(|why| panic!("{:?} {why}", name.folded()));
    assert_eq!((folded.folded(), &folded), (name.folded(), name));
}

/// Whoever is called as somebody types is found by it.
fn found(name: DisplayName, search: &Search) {
    let username: Username = "somebody.else".parse().expect("a name");
    let person = Profile { name, active: true, ..Profile::gone(&username) };
    // Of a name with very many words the last ones lead nowhere.
    if person.name.as_str().contains('@') || search.words() == 0 || search.words() > 20 {
        return;
    }
    assert!(search.finds(&person.username, &person.name));
    let lookups = search.lookups();
    let leads = |token: &domain::user::Token| lookups.iter().any(|lookup| token.as_str().starts_with(lookup.as_str()));
    // Words of one letter are not listed: whoever has no others is found by the username only, which is always listed.
    let tokens = person.tokens();
    assert!(tokens.len() < 2 || tokens.iter().any(leads), "nobody is led to {:?}", person.name.as_str());
}

fn times(text: &str) {
    let now: Timestamp = "2026-03-29T00:30:00Z".parse().expect("a time");
    if let Ok(time) = text.parse::<Timestamp>() {
        let written = time.to_string();
        assert_eq!(written.parse::<Timestamp>(), Ok(time));
        assert_eq!(written.len(), "2026-03-29T00:30:00.000Z".len(), "{written}");
        assert_eq!(time.cmp(&now), written.cmp(&now.to_string()), "{written} is sorted elsewhere");
    }
    if let Ok(time) = TimeOfDay::try_from(text.to_owned()) {
        assert_eq!(time.to_string(), text);
    }
    let mut parts = text.split(' ');
    let Some(Ok(zone)) = parts.next().map(str::parse::<Zone>) else { return };
    assert_eq!(zone.name().parse::<Zone>().as_ref(), Ok(&zone));
    let mut time = || parts.next().and_then(|part| TimeOfDay::try_from(part.to_owned()).ok());
    let (Some(from), Some(to)) = (time(), time()) else { return };
    let at = parts
        .next()
        .and_then(|at| at.parse::<u32>().ok())
        .map_or(now, |at| Timestamp::from_millis(i64::from(at) * 1_000));
    let next = zone.next(from, at);
    assert!(next > at && next.since(at).as_secs() <= 50 * 3_600, "{at} is followed by {next}");
    let wanted = Preferences { timezone: zone, quiet_hours: Some(QuietHours { from, to }), ..Preferences::default() };
    if let Some(end) = wanted.quiet_until(at) {
        assert!(end > at && end.since(at).as_secs() <= 25 * 3_600, "quiet from {at} to {end}");
        assert_eq!(wanted.quiet_until(end), None, "quiet goes on after {end}");
    }
}

fn keys(text: &str) {
    alone::<ConversationId>(text);
    alone::<IdempotencyKey>(text);
    for digest in [Digest::try_from(text.to_owned())].into_iter().flatten() {
        assert_eq!(digest.to_string(), text);
    }
    if let Some(project) = once::<ProjectId>(text) {
        assert!(project.as_str().is_ascii() && !project.as_str().contains(['#', '/']));
    }
    if let Some(pattern) = once::<RecordPattern>(text) {
        assert!(pattern.as_str().chars().count() <= RecordPattern::MAX);
    }
    // A key of the bucket leads into its folder and nowhere else.
    let plain = |key: &str, folder: &str| {
        assert_eq!(key, text);
        assert!(key.starts_with(folder) && !key.contains("..") && key.split('/').count() == 3, "{key}");
    };
    if let Ok(key) = text.parse::<ObjectKey>() {
        plain(key.as_str(), "a/");
        assert!(key.preview().starts_with("p/") && key.preview()[1..] == key.as_str()[1..]);
    }
    if let Ok(key) = text.parse::<ArchiveKey>() {
        plain(key.as_str(), "b/");
    }
    if let Ok(key) = TrailKey::new(Timestamp::from_millis(0), text, "1") {
        assert_eq!(key.as_str(), format!("log/1970/01/01/{text}-1.jsonl"));
    }
}

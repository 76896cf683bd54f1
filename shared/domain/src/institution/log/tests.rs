use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::broadcast::{Audience, Group, Kind, Span};
use crate::preferences::Field;
use crate::text::{Body, ClosedReason};
use crate::user::InstitutionRole;

fn name(n: u8) -> Username {
    format!("person.{n}").parse().unwrap()
}

fn at(minutes: u8) -> Timestamp {
    Timestamp::from_millis(1_772_355_600_000 + i64::from(minutes) * 60_000)
}

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(text: String) -> T {
    T::try_from(text).unwrap()
}

fn uuid<T: From<uuid::Uuid>>(n: u8) -> T {
    T::from(uuid::Uuid::from_u128(u128::from(n)))
}

fn announcement(n: u8) -> Announcement {
    let group = Group {
        roles: vec![InstitutionRole::Auditor],
        projects: vec![text(format!("study-{n}"))],
        usernames: vec![name(n)],
    };
    let audience = if n.is_multiple_of(2) { Audience::Everybody } else { Audience::Only(group) };
    let span = Span { from: None, until: n.is_multiple_of(3).then(|| at(n.saturating_add(1))) };
    Announcement::new(Kind::General, text::<Body>(format!("news {n}")), n > 100, audience, span, at(n)).unwrap()
}

fn denied(n: u8) -> DeniedTypes {
    vec![text("video/*".to_owned()), text(format!("application/x-{n}"))].try_into().unwrap()
}

fn period(n: u8) -> Period {
    Period::try_from(30 + u64::from(n)).unwrap()
}

fn on(n: u8) -> HoldOn {
    if n.is_multiple_of(2) {
        HoldOn::Conversation { conversation: uuid(n) }
    } else {
        HoldOn::Project { project: text(format!("study-{n}")) }
    }
}

fn purge(n: u8) -> Purge {
    let from = Seq::START.next();
    Purge { conversation: uuid(n), from, to: from.next(), messages: u64::from(n), attachments: 3 }
}

fn act() -> impl Strategy<Value = Act> {
    let settings = |n: u8| Settings {
        messenger_enabled: n.is_multiple_of(2),
        closed_reason: n.is_multiple_of(3).then(|| text::<ClosedReason>(format!("until {n}"))),
        mail: MailPolicy {
            short_delay_minutes: n % 7,
            locked: if n.is_multiple_of(5) { [Field::Instant].into() } else { BTreeSet::new() },
            ..MailPolicy::default()
        },
        backup_by: [BackupBy::Member, BackupBy::Administrator, BackupBy::Nobody][usize::from(n % 3)],
        denied_types: if n.is_multiple_of(4) { DeniedTypes::default() } else { denied(n) },
        retention: if n.is_multiple_of(3) { Period::default() } else { period(n) },
        ..Settings::default()
    };
    (0_u8..12, 0_u8..250).prop_map(move |(kind, n)| match kind {
        0 => Act::UsersChanged {
            users: vec![UserChange {
                username: name(n),
                created: n > 100,
                name: text(format!("Person {n}")),
                email: (n > 50).then(|| text(format!("p{n}@site.org"))),
                active: n > 20,
            }],
        },
        1 => Act::ProjectChanged {
            project: text(format!("study-{n}")),
            title: text(format!("Study {n}")),
            added: vec![name(n)],
            removed: vec![name(1), name(2)],
            retention: (n > 100).then(|| period(n)),
        },
        2 => Act::SettingsChanged { was: settings(n), is: settings(n.wrapping_add(1)) },
        3 => Act::BroadcastSent { broadcast: uuid(n), announcement: announcement(n) },
        4 => Act::BroadcastCorrected { broadcast: uuid(n), announcement: announcement(n) },
        5 => Act::BroadcastWithdrawn { broadcast: uuid(n) },
        6 => Act::SuppressionLifted { email: text(format!("p{n}@site.org")) },
        7 => Act::HoldPlaced {
            on: on(n),
            reason: text(format!("claim {n}")),
            case: (n > 100).then(|| text(format!("case {n}"))),
        },
        8 => Act::HoldLifted { on: on(n), reason: text(format!("settled {n}")) },
        10 => Act::AnnouncementsPurged { from: Seq::START.next(), to: Seq::MAX, announcements: n.into() },
        9 => Act::Purged { purges: (0..n % 3).map(purge).collect() },
        _ => Act::GlassBroken {
            conversation: uuid(n),
            until: at(n),
            reason: text(format!("complaint {n}")),
            case: (n > 100).then(|| text(format!("case {n}"))),
        },
    })
}

fn log(acts: Vec<Act>) -> Vec<Entry> {
    let mut end = End::default();
    let mut log = Vec::new();
    for (n, act) in (0_u8..).zip(acts) {
        let entry = seal(end, Signature { id: uuid(n), by: name(n % 3), at: at(n) }, act);
        end = entry.end();
        log.push(entry);
    }
    log
}

/// A text, a number or a mark somewhere in what an entry says, changed.
fn forge(value: &mut serde_json::Value, which: &mut usize) -> bool {
    use serde_json::Value;
    match value {
        Value::Object(fields) => fields.values_mut().any(|value| forge(value, which)),
        Value::Array(values) => values.iter_mut().any(|value| forge(value, which)),
        Value::Null => false,
        _ if *which > 0 => {
            *which -= 1;
            false
        }
        Value::String(text) => {
            // Some character that may stand there too.
            let last = text.pop().unwrap_or('a');
            text.push(if last == '1' { '2' } else { '1' });
            true
        }
        Value::Bool(is) => {
            *is = !*is;
            true
        }
        Value::Number(n) => {
            *value = (n.as_u64().unwrap_or(0) + 1).into();
            true
        }
    }
}

proptest! {
    #[test]
    fn a_log_verifies_whole_and_in_parts(acts in prop::collection::vec(act(), 1..20), cut in 0_usize..20) {
        let log = log(acts);
        let end = log.last().unwrap().end();
        prop_assert_eq!(verify(End::default(), &log), Ok(end));
        let (before, after) = log.split_at(cut.min(log.len()));
        let middle = verify(End::default(), before).unwrap();
        prop_assert_eq!(verify(middle, after), Ok(end));
    }

    #[test]
    fn whatever_is_changed_left_out_or_moved_shows(
        acts in prop::collection::vec(act(), 2..10), n in 0_usize..10, how in 0_u8..3, which in 0_usize..30,
    ) {
        let log = log(acts);
        let n = n % (log.len() - 1);
        let mut forged = log.clone();
        match how {
            0 => { forged.remove(n); }
            1 => forged.swap(n, n + 1),
            _ => {
                let mut json = serde_json::to_value(&forged[n]).unwrap();
                if !forge(&mut json, &mut which.clone()) {
                    return Ok(());
                }
                // What cannot be read at all shows by itself.
                let Ok(entry) = serde_json::from_value::<Entry>(json) else { return Ok(()) };
                prop_assume!(entry != forged[n]);
                forged[n] = entry;
            }
        }
        let broken = verify(End::default(), &forged);
        prop_assert_eq!(broken, Err(BrokenChain { at: log[n].seq }));
    }

    #[test]
    fn whatever_an_entry_says_is_in_its_hash(act in act()) {
        let log = log(vec![act]);
        for which in 0.. {
            let mut json = serde_json::to_value(&log[0]).unwrap();
            if !forge(&mut json, &mut { which }) {
                break;
            }
            // What cannot be read at all shows by itself.
            if let Ok(entry) = serde_json::from_value::<Entry>(json) && entry != log[0] {
                prop_assert_eq!(verify(End::default(), [&entry]), Err(BrokenChain { at: log[0].seq }), "{}", which);
            }
        }
    }

    #[test]
    fn entries_survive_the_table(acts in prop::collection::vec(act(), 1..10)) {
        for entry in log(acts) {
            let stored = serde_json::to_string(&entry).unwrap();
            prop_assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), entry);
        }
    }

    #[test]
    fn the_word_for_an_act_is_the_one_that_is_stored_and_it_says_which_announcement_it_is_about(act in act()) {
        let stored = serde_json::to_value(&act).unwrap();
        prop_assert_eq!(&stored["type"], act.as_str());
        let broadcast = stored.get("broadcast").map(|id| id.as_str().unwrap().parse().unwrap());
        prop_assert_eq!(act.broadcast(), broadcast);
    }
}

#[test]
fn what_was_announced_can_be_removed_and_the_log_still_verifies() {
    let log = log(vec![
        Act::BroadcastSent { broadcast: uuid(1), announcement: announcement(2) },
        Act::BroadcastCorrected { broadcast: uuid(1), announcement: announcement(3) },
        Act::BroadcastWithdrawn { broadcast: uuid(1) },
    ]);
    let stubs: Vec<Entry> = log.iter().cloned().map(Entry::without_text).collect();
    assert!(
        serde_json::to_string(&log).unwrap().contains("news")
            && !serde_json::to_string(&stubs).unwrap().contains("news")
    );
    assert_eq!(verify(End::default(), &stubs), verify(End::default(), &log));
    let again: Vec<Entry> = stubs.iter().cloned().map(Entry::without_text).collect();
    assert_eq!(again, stubs);
}

#[test]
fn settings_that_were_chained_before_there_was_more_to_decide_have_the_same_hash() {
    let was = Settings::default();
    let is = Settings {
        protect_admins: true,
        mail: MailPolicy { short_delay_minutes: 7, ..was.mail.clone() },
        ..was.clone()
    };
    let log = log(vec![Act::SettingsChanged { was, is }]);
    assert_eq!(log[0].hash.to_string(), "25755c0d616d912db31c4064ee27b45cb0b4014b2f3296cfdb36eed28dc6acf4");
}

#[test]
fn whatever_is_decided_has_a_hash_of_its_own() {
    let with = |change: fn(&mut Settings)| {
        let mut is = Settings::default();
        change(&mut is);
        log(vec![Act::SettingsChanged { was: Settings::default(), is }])[0].hash
    };
    let hashes = [
        with(|_| {}),
        with(|is| is.protect_admins = true),
        with(|is| is.mail.short_delay_minutes = 7),
        with(|is| is.backup_by = BackupBy::Administrator),
        with(|is| is.backup_by = BackupBy::Nobody),
        with(|is| is.denied_types = denied(1)),
        with(|is| is.denied_types = denied(2)),
        with(|is| is.retention = period(1)),
        with(|is| is.retention = period(2)),
    ];
    let different: std::collections::HashSet<_> = hashes.iter().collect();
    assert_eq!(different.len(), hashes.len());
}

#[test]
fn the_words_for_who_speaks_and_for_roles_are_those_that_are_stored() {
    for kind in [Kind::General, Kind::System] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    for role in InstitutionRole::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
}

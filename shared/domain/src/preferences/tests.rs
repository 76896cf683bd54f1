use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::try_from(text.to_owned()).unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

#[test]
fn a_time_of_the_day_is_written_in_one_way() {
    for good in ["00:00", "08:00", "23:59"] {
        assert_eq!(time(good).to_string(), good);
    }
    for bad in ["8:00", "24:00", "08:60", "08:00:00", "0800", "", "-1:00", "+8:00", " 8:00", "٠٨:٠٠"] {
        assert_eq!(TimeOfDay::try_from(bad.to_owned()), Err(TimeOfDayError), "{bad}");
    }
}

#[test]
fn a_zone_is_one_of_the_database() {
    for (said, is) in [("UTC", "UTC"), ("Europe/Madrid", "Europe/Madrid"), ("america/new_york", "America/New_York")] {
        assert_eq!(zone(said).name(), is);
        assert_eq!(zone(zone(said).name()), zone(said));
        assert_eq!(serde_json::to_value(zone(said)).unwrap(), is);
        assert_eq!(serde_json::from_value::<Zone>(is.into()).unwrap(), zone(said));
    }
    for wrong in ["", "Europe", "Mars/Base", "+02:00", "CET-1CEST", "../etc/passwd", "Europe/Madrid\n"] {
        assert_eq!(wrong.parse::<Zone>(), Err(ZoneError), "{wrong}");
        assert!(serde_json::from_value::<Zone>(wrong.into()).is_err(), "{wrong}");
    }
    assert_eq!(zone("Europe/Madrid").shows(at("2026-07-01T10:05:59Z")), "2026-07-01 12:05");
}

#[test]
fn a_day_has_one_eight_o_clock_whatever_the_clocks_do() {
    let madrid = zone("Europe/Madrid");
    for (after, eight) in [
        ("2026-03-01T06:59:59.999Z", "2026-03-01T07:00:00Z"),
        ("2026-03-01T07:00:00Z", "2026-03-02T07:00:00Z"),
        // The clocks go forward on the 29th at two in the morning.
        ("2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"),
        // And back on the 25th of October at three.
        ("2026-10-24T06:00:00Z", "2026-10-25T07:00:00Z"),
    ] {
        assert_eq!(madrid.next(TimeOfDay::EIGHT, at(after)), at(eight), "{after}");
    }
    // Half past two does not exist on the 29th, and exists twice on the 25th: then the first one counts.
    assert_eq!(madrid.next(time("02:30"), at("2026-03-28T12:00:00Z")), at("2026-03-29T01:30:00Z"));
    assert_eq!(madrid.next(time("02:30"), at("2026-10-24T12:00:00Z")), at("2026-10-25T00:30:00Z"));
    assert_eq!(madrid.next(time("02:30"), at("2026-10-25T00:30:00Z")), at("2026-10-26T01:30:00Z"));
    // Samoa had no 30th of December in 2011.
    assert_eq!(zone("Pacific/Apia").next(TimeOfDay::EIGHT, at("2011-12-29T20:00:00Z")), at("2011-12-30T18:00:00Z"));
}

#[test]
fn quiet_hours_may_last_over_midnight() {
    let night = Preferences {
        timezone: zone("Europe/Madrid"),
        quiet_hours: Some(QuietHours { from: time("22:00"), to: time("07:00") }),
        ..Preferences::default()
    };
    for (now, until) in [
        ("2026-03-01T20:59:59Z", None),
        ("2026-03-01T21:00:00Z", Some("2026-03-02T06:00:00Z")),
        ("2026-03-02T05:59:59Z", Some("2026-03-02T06:00:00Z")),
        ("2026-03-02T06:00:00Z", None),
    ] {
        assert_eq!(night.quiet_until(at(now)), until.map(at), "{now}");
    }
    // The clocks go forward from two to three: half past two is over when they do.
    let early = QuietHours { from: time("01:00"), to: time("02:30") };
    let spring = Preferences { quiet_hours: Some(early), ..night.clone() };
    assert_eq!(spring.quiet_until(at("2026-03-29T00:10:00Z")), Some(at("2026-03-29T01:00:00Z")));
    // They go back from three to two: half past two comes twice, and it is quiet until the second one.
    assert_eq!(spring.quiet_until(at("2026-10-25T00:10:00Z")), Some(at("2026-10-25T00:30:00Z")));
    assert_eq!(spring.quiet_until(at("2026-10-25T01:10:00Z")), Some(at("2026-10-25T01:30:00Z")));
    let noon =
        Preferences { quiet_hours: Some(QuietHours { from: time("12:00"), to: time("13:00") }), ..night.clone() };
    assert_eq!(noon.quiet_until(at("2026-03-01T11:30:00Z")), Some(at("2026-03-01T12:00:00Z")));
    assert_eq!(noon.quiet_until(at("2026-03-01T12:00:00Z")), None);
    let never = Preferences { quiet_hours: Some(QuietHours { from: time("12:00"), to: time("12:00") }), ..night };
    assert_eq!(never.quiet_until(at("2026-03-01T11:00:00Z")), None);
}

#[test]
fn what_is_locked_holds_for_everybody() {
    let mut policy = MailPolicy::default();
    policy.defaults.frequency = Frequency::Daily;
    policy.locked = [Field::Frequency, Field::Instant].into();
    let wanted = Preferences { frequency: Frequency::None, broadcasts: true, ..Preferences::default() };
    assert_eq!(policy.forbidden(&wanted), [Field::Frequency].into());
    let is = policy.effective(Some(&wanted));
    assert_eq!((is.frequency, is.broadcasts), (Frequency::Daily, true));
    assert_eq!(policy.effective(None), policy.defaults);
    assert!(policy.forbidden(&is).is_empty());
}

#[test]
fn every_part_that_is_locked_is_as_the_institution_says_and_no_other() {
    let theirs = MailPolicy { locked: Field::ALL.into(), ..MailPolicy::default() };
    let wanted = Preferences {
        frequency: Frequency::None,
        digest_mode: DigestMode::Trailing,
        instant: false,
        instant_when: InstantWhen::Always,
        broadcasts: true,
        daily_at: time("09:00"),
        timezone: zone("Europe/Madrid"),
        language: Language::Spanish,
        quiet_hours: Some(QuietHours { from: time("22:00"), to: time("07:00") }),
    };
    assert_eq!(theirs.forbidden(&wanted), Field::ALL.into());
    assert!(theirs.forbidden(&theirs.defaults).is_empty());
    assert_eq!(theirs.effective(Some(&wanted)), theirs.defaults);
    for field in Field::ALL {
        let policy = MailPolicy { locked: [field].into(), ..MailPolicy::default() };
        assert_eq!(policy.forbidden(&wanted), [field].into(), "{field:?}");
        let is = policy.effective(Some(&wanted));
        assert!(policy.forbidden(&is).is_empty() && is != wanted, "{field:?}");
        // What is left to them is as they want it.
        let free = MailPolicy { locked: &theirs.locked - &policy.locked, defaults: wanted.clone(), ..policy };
        assert!(free.forbidden(&is).is_empty(), "{field:?}");
    }
}

#[test]
fn the_words_are_a_contract() {
    let words = serde_json::to_value(Field::ALL).unwrap();
    assert_eq!(words, serde_json::json!(Field::ALL.map(Field::as_str)));
    let stored = serde_json::to_string(&Preferences::default()).unwrap();
    assert_eq!(
        stored,
        r#"{"frequency":"4h","digest_mode":"leading","instant":true,"instant_when":"offline","broadcasts":false,"daily_at":"08:00","timezone":"UTC","language":"en"}"#
    );
    assert_eq!(serde_json::from_str::<Preferences>("{}").unwrap(), Preferences::default());
}

proptest! {
    #[test]
    fn the_next_time_of_the_day_is_within_a_day_and_is_shown_so(
        seconds in 1_700_000_000_i64..1_900_000_000,
        minute in 0_u16..1_440,
        name in prop::sample::select(vec!["UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    ) {
        let (zone, after) = (zone(name), Timestamp::from_millis(seconds * 1_000));
        let wanted = time(&format!("{:02}:{:02}", minute / 60, minute % 60));
        let next = zone.next(wanted, after);
        prop_assert!(next > after && next.since(after) <= Duration::from_hours(26), "{}", next);
        let shown = zone.shows(next);
        // In the gap of the clocks there is no such time: then it is as much later as the gap is long.
        let minutes = |text: &str| text[..2].parse::<u16>().unwrap() * 60 + text[3..].parse::<u16>().unwrap();
        let late = minutes(&shown[11..]).wrapping_sub(minute);
        prop_assert!(late <= 60, "{} for {}", shown, wanted);
    }
}

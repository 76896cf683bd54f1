//! How figures about notices are shown.

use super::*;
use record::Figures;

fn sweeping(people: u32, p50_ms: f64, read_units: f64) -> Sweeping {
    let swept = |times: f64| {
        let took = Spread { p50_ms: times * p50_ms, p99_ms: 2.0 * times * p50_ms };
        Swept { took, read_units: times * read_units, write_units: 0.0 }
    };
    Sweeping { people, idle: swept(1.0), due: 1_000, busy: swept(1_000.0) }
}

fn crowd(members: u32, p50_ms: f64, missing: u32) -> Crowd {
    Crowd {
        members,
        sent: Spread { p50_ms, p99_ms: 9.0 },
        delivered_ms: 4.0,
        mailed_ms: 90.0,
        mailed_at_once_ms: 40.0,
        owed: 3 * (members - 1),
        twice: 0,
        missing,
    }
}

fn notices(swept_ms: f64, read_units: f64, sent_ms: f64, missing: u32) -> Notices {
    let looking = |conversations, write_units| Looking { conversations, write_units, read_units: 9.5, trips: 8 };
    Notices {
        sweeps: vec![sweeping(10_000, 2.0, 4.0), sweeping(1_000_000, swept_ms, read_units)],
        looks: vec![looking(1, 6.0), looking(3, 8.0)],
        batches: vec![Batch { mails: 1, took_ms: 100.0 }, Batch { mails: 1_000, took_ms: 2_000.0 }],
        crowds: vec![crowd(2, 5.0, 0), crowd(5_000, sent_ms, missing)],
    }
}

#[test]
fn every_size_is_a_column_and_growth_the_last() {
    let text = notices(2.1, 4.0, 5.0, 0).markdown();
    for line in [
        "| looking whom to mail | 10,000 people | 1,000,000 people | growth |",
        "| nothing due (p50, p99) | 2.0, 4.0 ms | 2.1, 4.2 ms | 1.05 |",
        "| read units then | 4000.0 | 4000.0 | 1.00 |",
        "| one mail | about 1 conversation | about 3 | growth |",
        "| write units | 6.0 | 8.0 | 1.33 |",
        "| mails per second | 10 | 500 | 50.00 |",
        "| from there until all mails are sent (p50) | 90.0 ms | 90.0 ms | 1.00 |",
    ] {
        let same = |shown: &str| shown.split_whitespace().eq(line.split_whitespace());
        assert!(text.lines().any(same), "{line} in {text}");
    }
    assert!(text.contains("1,000 mails are due at once instead of 10,000"), "{text}");
}

#[test]
fn goals_are_met_or_missed() {
    let verdicts = |notices: Notices| notices.verdicts().concat().matches(" met.").count();
    assert_eq!(verdicts(notices(2.1, 4.0, 5.1, 0)), 4, "all but what a mail consumes");
    assert_eq!(verdicts(notices(2.3, 4.0, 5.1, 0)), 2, "more people may not slow a sweep");
    assert_eq!(verdicts(notices(2.1, 5.0, 5.1, 0)), 2, "nor make it read more");
    assert_eq!(verdicts(notices(2.1, 4.0, 6.0, 0)), 3, "many members may not slow a message");
    assert_eq!(verdicts(notices(2.1, 4.0, 5.1, 1)), 3, "no mail may be missing");
}

#[test]
fn figures_survive_the_record() {
    let before = notices(2.1, 4.0, 5.1, 0);
    let record = serde_json::to_value(&before).unwrap();
    let after: Notices = serde_json::from_value(record).unwrap();
    assert_eq!(after.markdown(), before.markdown());
}

//! How figures about growth are shown.

use super::*;
use record::Figures;

fn spread(p50_ms: f64) -> Spread {
    Spread { p50_ms, p99_ms: 3.0 * p50_ms }
}

fn searching(people: u32, p50_ms: f64, missed: u32) -> Searching {
    Searching {
        people,
        imported_per_second: 800.0,
        two_letters: spread(p50_ms),
        first_name: spread(2.0),
        full_name: spread(2.0),
        username: spread(2.0),
        wanted: 300,
        missed,
    }
}

fn sending(members: u32, p50_ms: f64) -> Sending {
    Sending { members, filled_ms: 6_400.0, sent: spread(p50_ms), important_ms: 3.0, delivered_ms: 1_500.0 }
}

fn scale(search_ms: f64, missed: u32, send_ms: f64) -> Scale {
    Scale {
        searches: vec![searching(1_000, 2.0, 0), searching(100_000, search_ms, missed)],
        sends: vec![sending(2, 2.0), sending(5_000, send_ms)],
        inboxes: vec![
            Inbox { conversations: 10, list: spread(4.0), badge: spread(3.0) },
            Inbox { conversations: 200, list: spread(8.0), badge: spread(3.0) },
        ],
    }
}

#[test]
fn every_size_is_a_column_and_growth_the_last() {
    let text = scale(5.0, 0, 2.1).markdown();
    for line in [
        "| finding somebody (p50, p99) | 1,000 people | 100,000 people | growth |",
        "| by two letters | 2.0, 6.0 ms | 5.0, 15.0 ms | 2.50 |",
        "| people imported per second | 800 | 800 | 1.00 |",
        "| from there until it is delivered to all (p50) | 1.5 s | 1.5 s | 1.00 |",
        "| its first 100 conversations | 4.0, 12.0 ms | 8.0, 24.0 ms | 2.00 |",
    ] {
        let same = |shown: &str| shown.split_whitespace().eq(line.split_whitespace());
        assert!(text.lines().any(same), "{line} in {text}");
    }
    assert!(text.ends_with(".\n"), "{text}");
}

#[test]
fn goals_are_met_or_missed() {
    let verdicts = |scale: Scale| scale.verdicts().concat().matches(" met.").count();
    assert_eq!(verdicts(scale(9.9, 0, 2.1)), 3);
    assert_eq!(verdicts(scale(10.1, 0, 2.1)), 2, "a search may take less than 30 ms");
    assert_eq!(verdicts(scale(9.9, 1, 2.1)), 2, "nobody may be missed");
    assert_eq!(verdicts(scale(9.9, 0, 2.3)), 2, "many members may not slow a message");
}

#[test]
fn figures_survive_the_record() {
    let before = scale(9.9, 0, 2.1);
    let record = serde_json::to_value(&before).unwrap();
    let after: Scale = serde_json::from_value(record).unwrap();
    assert_eq!(after.markdown(), before.markdown());
}

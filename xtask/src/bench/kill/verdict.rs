//! What must be true of a log after a kill.

use std::collections::HashMap;

use super::attempt::Attempt;
use crate::bench::person::{Entry, Receipt};

/// A broken promise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It was acknowledged, and is not where it was said to be.
    Lost(Receipt),
    /// One message stands in the log more than once.
    Doubled(String),
    /// The same request, repeated, was answered with another message.
    Changed { first: Receipt, then: Receipt },
    /// The entry at this place has another number.
    Gap { expected: u64, found: u64 },
}

/// Compares what was tried, and tried again, with the whole log.
pub(crate) fn judge(attempts: &[Attempt], log: &[Entry]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (entry, expected) in log.iter().zip(1..) {
        if entry.seq != expected {
            faults.push(Fault::Gap { expected, found: entry.seq });
            break;
        }
    }

    let mut by_body: HashMap<&str, Vec<&Entry>> = HashMap::new();
    for entry in log {
        by_body.entry(entry.body.as_deref().unwrap_or_default()).or_default().push(entry);
    }
    for attempt in attempts {
        let found = by_body.get(attempt.body.as_str()).map_or(&[][..], Vec::as_slice);
        if found.len() > 1 {
            faults.push(Fault::Doubled(attempt.body.clone()));
        }
        let receipts = [&attempt.acknowledged, &attempt.repeated];
        for receipt in receipts.into_iter().flatten() {
            if !found.iter().any(|entry| is(entry, receipt)) {
                faults.push(Fault::Lost(receipt.clone()));
            }
        }
        if let [Some(first), Some(then)] = receipts
            && first != then
        {
            faults.push(Fault::Changed { first: first.clone(), then: then.clone() });
        }
    }
    faults
}

fn is(entry: &Entry, receipt: &Receipt) -> bool {
    entry.seq == receipt.seq && entry.id.as_ref() == Some(&receipt.id)
}

/// The checker must find what it is there to find.
#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(seq: u64) -> Receipt {
        Receipt { id: format!("id-{seq}"), seq }
    }

    fn entry(seq: u64) -> Entry {
        Entry { id: Some(format!("id-{seq}")), seq, body: Some(format!("body-{seq}")) }
    }

    fn attempt(seq: u64, acknowledged: bool) -> Attempt {
        Attempt {
            person: 0,
            conversation: 0,
            key: uuid::Uuid::nil(),
            body: format!("body-{seq}"),
            acknowledged: acknowledged.then(|| receipt(seq)),
            repeated: Some(receipt(seq)),
        }
    }

    fn log() -> Vec<Entry> {
        vec![Entry { id: None, seq: 1, body: None }, entry(2), entry(3)]
    }

    #[test]
    fn a_whole_log_has_no_fault() {
        assert_eq!(judge(&[attempt(2, true), attempt(3, false)], &log()), []);
    }

    #[test]
    fn a_lost_message_is_found() {
        let lost = Fault::Lost(receipt(4));
        assert!(judge(&[attempt(4, true)], &log()).contains(&lost));
    }

    #[test]
    fn a_message_at_another_place_is_lost() {
        let mut log = log();
        log[1].id = Some("somebody else's".to_owned());
        assert!(judge(&[attempt(2, true)], &log).contains(&Fault::Lost(receipt(2))));
    }

    #[test]
    fn a_doubled_message_is_found() {
        let mut log = log();
        log.push(Entry { seq: 4, ..entry(3) });
        assert_eq!(judge(&[attempt(3, true)], &log), [Fault::Doubled("body-3".to_owned())]);
    }

    #[test]
    fn an_answer_that_changes_is_found() {
        let changed = Attempt { repeated: Some(receipt(3)), ..attempt(2, true) };
        assert!(judge(&[changed], &log()).contains(&Fault::Changed { first: receipt(2), then: receipt(3) }));
    }

    #[test]
    fn a_gap_is_found() {
        let mut log = log();
        log.remove(1);
        assert_eq!(judge(&[], &log), [Fault::Gap { expected: 2, found: 3 }]);
    }
}

//! How much somebody has not read: arithmetic on counts and marks, never a counter of its own.

use serde::{Deserialize, Serialize};

use crate::chain::Seq;

/// How far somebody has read: a place in the log, and how many messages there are up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The place.
    pub seq: Seq,
    /// How many of the entries up to that place are messages.
    pub messages: u64,
}

/// How many messages are unread in a log of `messages` messages, of which `withdrawn` others' messages after the mark
/// were taken back.
///
/// Sending sets the sender's mark, so that one's own messages never lie after it.
pub const fn unread(messages: u64, mark: Mark, withdrawn: u64) -> u64 {
    messages.saturating_sub(mark.messages).saturating_sub(withdrawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Send(u8),
        Event,
        Withdraw(usize),
        Read(u8, usize),
    }

    struct Posted {
        by: Option<u8>,
        withdrawn: bool,
        count: u64,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0_u8..3).prop_map(Step::Send),
            1 => Just(Step::Event),
            1 => (0_usize..40).prop_map(Step::Withdraw),
            2 => (0_u8..3, 0_usize..40).prop_map(|(by, seq)| Step::Read(by, seq)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_the_number_of_others_messages_after_the_mark(steps in prop::collection::vec(step(), 0..60)) {
            let mut log: Vec<Posted> = Vec::new();
            let mut marks = [Mark::default(); 3];
            for step in steps {
                let count = log.last().map_or(0, |last| last.count);
                match step {
                    Step::Send(by) => {
                        log.push(Posted { by: Some(by), withdrawn: false, count: count + 1 });
                        marks[usize::from(by)] = Mark { seq: Seq::try_from(log.len() as u64)?, messages: count + 1 };
                    }
                    Step::Event => log.push(Posted { by: None, withdrawn: false, count }),
                    Step::Withdraw(n) => if let Some(posted) = log.get_mut(n) { posted.withdrawn = posted.by.is_some() },
                    Step::Read(by, n) => {
                        let mark = &mut marks[usize::from(by)];
                        if let Some(posted) = log.get(n) && n as u64 + 1 > mark.seq.get() {
                            *mark = Mark { seq: Seq::try_from(n as u64 + 1)?, messages: posted.count };
                        }
                    }
                }
            }
            for (reader, mark) in (0_u8..).zip(marks) {
                let after = || log.iter().skip(usize::try_from(mark.seq.get()).unwrap());
                let expected = after().filter(|p| p.by.is_some_and(|by| by != reader) && !p.withdrawn).count() as u64;
                let withdrawn = after().filter(|p| p.withdrawn).count() as u64;
                let messages = log.last().map_or(0, |last| last.count);
                prop_assert_eq!(unread(messages, mark, withdrawn), expected);
            }
        }
    }
}

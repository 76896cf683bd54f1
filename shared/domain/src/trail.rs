//! What is kept of every log where nobody can change it, the institution's administrators of the cloud neither.
//!
//! A log that is written anew from some entry on, with all hashes, verifies by itself; compared with its trail it does not.
//! There is nothing in it that anybody wrote, and no name: it cannot be taken back, so that nothing may be there whose time
//! of retention can end.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Seq};
use crate::clock::Timestamp;
use crate::id::ConversationId;

/// A log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Log {
    /// The institution's own.
    Institution,
    /// A conversation's.
    Conversation(ConversationId),
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Institution => f.write_str("the institution's log"),
            Self::Conversation(id) => write!(f, "{id}"),
        }
    }
}

/// What is kept of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Of which log.
    pub log: Log,
    /// Its place.
    pub seq: Seq,
    /// When it was written.
    pub at: Timestamp,
    /// The hash of the entry before.
    pub previous: Digest,
    /// Its own hash, which is of all it says.
    pub hash: Digest,
}

/// Where lines are: `log/<year>/<month>/<day>/<number>-<number>.jsonl`, the numbers being those of the first and the last
/// change among them in the table's stream. Written again after a lost answer they are in the same place; a batch that the
/// stream has put together in another way is in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailKey(String);

/// The text is not a number of the table's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of the table's stream")]
pub struct TrailKeyError;

impl TrailKey {
    /// Where lines are of which the first was a change with one number, at this time, and the last one with the other.
    pub fn new(at: Timestamp, first: &str, last: &str) -> Result<Self, TrailKeyError> {
        let is_number = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !is_number(first) || !is_number(last) {
            return Err(TrailKeyError);
        }
        let day = at.to_string()[..10].replace('-', "/");
        Ok(Self(format!("log/{day}/{first}-{last}.jsonl")))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_which_entry_and_nothing_of_it() {
        let conversation = Log::Conversation("019ca8a0-3e80-7707-8707-070707070707".parse().unwrap());
        let line = |log| Line {
            log,
            seq: Seq::START.next(),
            at: "2026-03-01T09:00:00Z".parse().unwrap(),
            previous: Digest::default(),
            hash: Digest::of(b"entry"),
        };
        let zeros = "0".repeat(64);
        let hash = Digest::of(b"entry");
        for (log, named) in [
            (Log::Institution, r#""institution""#),
            (conversation, r#"{"conversation":"019ca8a0-3e80-7707-8707-070707070707"}"#),
        ] {
            let written = serde_json::to_string(&line(log)).unwrap();
            let expected = format!(
                r#"{{"log":{named},"seq":1,"at":"2026-03-01T09:00:00.000Z","previous":"{zeros}","hash":"{hash}"}}"#
            );
            assert_eq!(written, expected);
            assert_eq!(serde_json::from_str::<Line>(&written).unwrap(), line(log));
        }
        assert_eq!(conversation.to_string(), "019ca8a0-3e80-7707-8707-070707070707");
        assert_eq!(Log::Institution.to_string(), "the institution's log");
    }

    #[test]
    fn lines_are_where_the_stream_says() {
        let at: Timestamp = "2026-03-01T23:59:59.999Z".parse().unwrap();
        let (first, last) = ("111100000000000000000001", "111100000000000000000007");
        let key = TrailKey::new(at, first, last).unwrap();
        assert_eq!(key.as_str(), "log/2026/03/01/111100000000000000000001-111100000000000000000007.jsonl");
        assert!(TrailKey::new(at, &"1".repeat(64), &"1".repeat(64)).is_ok());
        for wrong in ["", "../1", "1/2", "x", &"1".repeat(65)] {
            assert_eq!(TrailKey::new(at, wrong, last), Err(TrailKeyError));
            assert_eq!(TrailKey::new(at, first, wrong), Err(TrailKeyError));
        }
    }
}

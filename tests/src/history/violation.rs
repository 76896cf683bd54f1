//! What can be wrong with a history, in words.

use std::fmt;

use super::Entry;

/// A broken rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The conversation.
    pub conversation: String,
    /// What is wrong in it.
    pub breach: Breach,
}

/// What is wrong in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// A message was acknowledged and is not there.
    Lost {
        /// The message.
        key: String,
    },
    /// A message was acknowledged as one entry and is another.
    Displaced {
        /// The message.
        key: String,
        /// What the acknowledgement said.
        acknowledged: Entry,
        /// What is stored.
        stored: Entry,
    },
    /// A message is there more than once.
    Doubled {
        /// The message.
        key: String,
        /// How often.
        times: usize,
    },
    /// A message was refused and is there.
    Smuggled {
        /// The message.
        key: String,
    },
    /// A message is there that nobody sent.
    Invented {
        /// The message.
        key: String,
    },
    /// An entry has not the number that is next.
    Gap {
        /// The number that is next.
        expected: u64,
        /// The number that the entry has.
        found: u64,
    },
    /// Two entries have one id.
    Repeated {
        /// The second of them.
        entry: Entry,
    },
    /// A page is not a piece of the final read.
    Torn {
        /// Whose page.
        reader: String,
        /// When it was asked for.
        began: u64,
        /// The first entry on it that is out of place.
        entry: Entry,
    },
    /// A message has a smaller number than one that was acknowledged before it was sent.
    Overtaken {
        /// The message that came first and has the greater number.
        first: String,
        /// The message that was sent afterwards.
        second: String,
    },
    /// A reader was shown an older end of the conversation than before.
    WentBack {
        /// The reader.
        reader: String,
        /// When it asked for the page that ends too early.
        began: u64,
    },
    /// A removed member was shown what it may not see any more.
    ShownAfterRemoval {
        /// The removed member.
        member: String,
        /// When it asked.
        began: u64,
    },
}

impl Breach {
    /// The number of the rule that is broken.
    pub fn rule(&self) -> u8 {
        match self {
            Self::Lost { .. } | Self::Displaced { .. } => 1,
            Self::Doubled { .. } | Self::Smuggled { .. } | Self::Invented { .. } => 2,
            Self::Gap { .. } | Self::Repeated { .. } => 3,
            Self::Torn { .. } => 4,
            Self::Overtaken { .. } => 5,
            Self::WentBack { .. } => 6,
            Self::ShownAfterRemoval { .. } => 7,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "conversation {}, rule {}: {}", self.conversation, self.breach.rule(), self.breach)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { key } => write!(f, "message {key} was acknowledged and is not there"),
            Self::Displaced { key, acknowledged, stored } => {
                write!(f, "message {key} was acknowledged as {acknowledged} and is {stored}")
            }
            Self::Doubled { key, times } => write!(f, "message {key} is there {times} times"),
            Self::Smuggled { key } => write!(f, "message {key} was refused and is there"),
            Self::Invented { key } => write!(f, "message {key} is there and nobody sent it"),
            Self::Gap { expected, found } => write!(f, "entry {found} stands where {expected} should"),
            Self::Repeated { entry } => write!(f, "{entry} has the id of an earlier one"),
            Self::Torn { reader, began, entry } => {
                write!(f, "{entry} is out of place on the page that {reader} asked for at {began}")
            }
            Self::Overtaken { first, second } => {
                write!(f, "message {second} was sent after {first} was acknowledged and stands before it")
            }
            Self::WentBack { reader, began } => {
                write!(f, "what {reader} was shown at {began} ends before what it had been shown")
            }
            Self::ShownAfterRemoval { member, began } => {
                write!(f, "{member} had been removed and was shown entries it asked for at {began}")
            }
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} ({})", self.seq, self.id)
    }
}

//! Identifiers: one type per kind of thing, so that one is never taken for another.
//!
//! All are UUIDv7 (RFC 9562) in canonical lower-case form. They are sorted by the time of their making, but the order
//! of a log comes from [`Seq`](crate::chain::Seq) alone: two machines' clocks never agree.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::chain::Digest;
use crate::clock::Clock;

/// The text is not an identifier in canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct IdError;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                canonical(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

// Append only, in the order of their making: a name that was once used is never used for something else.
ids! {
    /// Names one conversation.
    ConversationId;
    /// Names one entry of a log.
    EntryId;
    /// Names one HTTP request, in answers and logs.
    RequestId;
    /// Chosen by a client for one act; any UUID, so that every library's will do.
    IdempotencyKey;
    /// Names one broadcast.
    BroadcastId;
    /// Names one look at what waits for somebody.
    LookId;
    /// Names one attachment.
    AttachmentId;
    /// Names one back-up.
    BackupId;
    /// Names one run of the making of a back-up.
    RunId;
    /// Names one note that a run leaves for the next one.
    NoteId;
}

impl IdempotencyKey {
    /// The key of an act that has no other name than what is asked.
    pub fn of(asked: &Digest) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&asked.as_bytes()[..16]);
        // Version 8 (RFC 9562): made of a hash.
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Only the canonical spelling is an id: two spellings of one id would be two keys in the table.
fn canonical(text: &str) -> Result<Uuid, IdError> {
    let id = Uuid::try_parse(text).map_err(|_| IdError)?;
    let mut buffer = Uuid::encode_buffer();
    if *id.as_hyphenated().encode_lower(&mut buffer) == *text { Ok(id) } else { Err(IdError) }
}

/// Makes identifiers from a clock and a source of randomness. Cheap to clone.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    random: Arc<dyn Fn() -> [u8; 10] + Send + Sync>,
}

impl Ids {
    /// Makes ids from `clock` and from ten random bytes each.
    pub fn new(clock: Clock, random: impl Fn() -> [u8; 10] + Send + Sync + 'static) -> Self {
        Self { clock, random: Arc::new(random) }
    }

    /// Returns an identifier that was never made before.
    pub fn mint<T: From<Uuid>>(&self) -> T {
        let millis = u64::try_from(self.clock.now().as_millis()).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &(self.random)()).into_uuid())
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_version_seven_and_carry_their_time() {
        let (clock, _) = Clock::stopped_at("2026-03-01T09:00:00Z".parse().unwrap());
        let id: ConversationId = Ids::new(clock, || [7; 10]).mint();
        assert_eq!(id.to_string(), "019ca8a0-3e80-7707-8707-070707070707");
    }

    proptest! {
        #[test]
        fn only_the_canonical_spelling_is_an_id(bits in any::<u128>()) {
            let text = Uuid::from_u128(bits).to_string();
            prop_assert_eq!(text.parse::<ConversationId>().unwrap().to_string(), text.clone());
            let simple = Uuid::from_u128(bits).simple().to_string();
            for other in [simple, format!("{{{text}}}"), format!("urn:uuid:{text}"), format!("{text} ")] {
                prop_assert_eq!(other.parse::<ConversationId>(), Err(IdError));
            }
            if text != text.to_uppercase() {
                prop_assert_eq!(text.to_uppercase().parse::<ConversationId>(), Err(IdError));
            }
        }
    }
}

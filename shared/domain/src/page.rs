//! Part of a list.

use serde::Deserialize;

/// How many things one answer may hold: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Limit(u8);

/// The number is not between 1 and 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100")]
pub struct LimitError;

impl Limit {
    /// The limit as a number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u64> for Limit {
    type Error = LimitError;

    fn try_from(limit: u64) -> Result<Self, LimitError> {
        match u8::try_from(limit) {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
            _ => Err(LimitError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_one_to_a_hundred_things_and_fifty_if_nobody_says() {
        for limit in [1, 2, 100] {
            assert_eq!(Limit::try_from(limit).unwrap().get() as u64, limit);
        }
        for wrong in [0, 101, 256, 257, u64::MAX] {
            assert_eq!(Limit::try_from(wrong), Err(LimitError), "{wrong}");
        }
        assert_eq!(Limit::default().get(), 50);
    }
}

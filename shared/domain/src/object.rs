//! The keys of objects in the bucket: `<folder>/<whose>/<32 hexadecimal digits>`.
//!
//! No name is in them, and the digits are random, so that nobody who knows whose object it is can guess its key.

use std::fmt;
use std::str::FromStr;

/// The text is not the key of such an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the key of such an object")]
pub struct KeyError;

/// The key of an object of this owner.
pub(crate) fn key(folder: &str, owner: impl fmt::Display, random: [u8; 16]) -> Box<str> {
    let random = u128::from_be_bytes(random);
    format!("{folder}/{owner}/{random:032x}").into()
}

/// Whose object has this key in a folder.
pub(crate) fn named<T: FromStr>(folder: &str, text: &str) -> Result<T, KeyError> {
    let rest = text.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).ok_or(KeyError)?;
    let (owner, random) = rest.split_once('/').ok_or(KeyError)?;
    if random.len() != 32 || !random.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(KeyError);
    }
    owner.parse().map_err(|_| KeyError)
}

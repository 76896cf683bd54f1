//! What a run leaves for the next one.

use domain::chain::Seq;
use serde::{Deserialize, Serialize};
use store::BoxError;

use super::archive::Made;

/// A note: how far a back-up is, but for the bytes that are not put yet.
#[derive(Serialize, Deserialize)]
pub(crate) struct Note<M> {
    /// What was made of the archive.
    pub(crate) made: M,
    /// The number of the next stretch.
    pub(crate) stretch: u32,
    /// The last entry that is in it.
    pub(crate) done: Seq,
}

impl Note<&Made> {
    /// The note, and the bytes that are not put yet behind it.
    pub(crate) fn write(&self, rest: &[u8]) -> Result<Vec<u8>, BoxError> {
        let note = serde_json::to_vec(self)?;
        let length = (note.len() as u64).to_be_bytes();
        Ok([&length[..], &note, rest].concat())
    }
}

impl Note<Made> {
    /// The note in some bytes, and the bytes that are not put yet.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, Vec<u8>), BoxError> {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or("a note is too short")?;
        let length = usize::try_from(u64::from_be_bytes(*length))?;
        let (note, rest) = rest.split_at_checked(length).ok_or("a note is too short")?;
        Ok((serde_json::from_slice(note)?, rest.to_vec()))
    }
}

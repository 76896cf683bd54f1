//! A log's backbone: numbered places, each holding the hash of the one before.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The place of an entry in its log: 1, 2, 3 without gaps. 0 is the place before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Seq(u64);

/// The number is larger than any log grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {}", Seq::MAX.0)]
pub struct SeqError;

impl Seq {
    /// Before the first entry.
    pub const START: Self = Self(0);

    /// Twelve digits: as many as keys have room for.
    pub const MAX: Self = Self(999_999_999_999);

    /// The place as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The place before this one; the start stays the start.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<u64> for Seq {
    type Error = SeqError;

    fn try_from(n: u64) -> Result<Self, SeqError> {
        if n <= Self::MAX.0 { Ok(Self(n)) } else { Err(SeqError) }
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A SHA-256 value; in text, 64 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// The text is not 64 lower-case hexadecimal digits, or there are not 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 value")]
pub struct DigestError;

impl Digest {
    /// Hashes some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| DigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<&[u8]> for Digest {
    type Error = DigestError;

    fn try_from(bytes: &[u8]) -> Result<Self, DigestError> {
        bytes.try_into().map(Self).map_err(|_| DigestError)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// Where a log ends, or a part of it: the place of the last entry, and its hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The place; the start if there is no entry.
    pub seq: Seq,
    /// The hash; zeros if there is no entry.
    pub hash: Digest,
}

/// What is wrong with a log, and where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is broken at entry {at}")]
pub struct BrokenChain {
    /// The place of the first entry that does not follow from the one before, or does not match its own hash.
    pub at: Seq,
}

/// Bytes that mean one thing only: what a hash is taken of.
///
/// Each field is its length in bytes as an unsigned 64-bit big-endian number, followed by the bytes; numbers are fields
/// of 8 bytes, big-endian; a list is its length as a number, followed by its elements; yes and no are the numbers 1
/// and 0.
pub(crate) struct Canonical(Vec<u8>);

impl Canonical {
    /// Begins with the word for what this is, so that no two kinds of log have an entry in common.
    pub(crate) fn new(what: &str) -> Self {
        let mut form = Self(Vec::with_capacity(256));
        form.text(what);
        form
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn number(&mut self, n: u64) {
        self.0.extend_from_slice(&8_u64.to_be_bytes());
        self.0.extend_from_slice(&n.to_be_bytes());
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.number(u64::from(flag));
    }

    /// A list of none or one.
    pub(crate) fn optional(&mut self, text: Option<&str>) {
        self.list(text.into_iter().collect::<Vec<_>>().into_iter());
    }

    pub(crate) fn list<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.number(texts.len() as u64);
        texts.for_each(|text| self.text(text));
    }

    /// The hash of an entry: SHA-256 of the hash before, this form, and the hash of what retention may remove.
    pub(crate) fn chained(&self, previous: &Digest, content: &Digest) -> Digest {
        let mut hash = Sha256::new();
        hash.update(previous.as_bytes());
        hash.update(&self.0);
        hash.update(content.as_bytes());
        Digest(hash.finalize().into())
    }
}

/// One link of a chain, with the hash it must have.
pub(crate) struct Link {
    pub(crate) seq: Seq,
    pub(crate) previous: Digest,
    pub(crate) hash: Digest,
    pub(crate) expected: Digest,
}

/// Follows part of a chain, from the link after `from` on, and returns the end of that part.
pub(crate) fn follow(from: End, links: impl IntoIterator<Item = Link>) -> Result<End, BrokenChain> {
    links.into_iter().try_fold(from, |end, link| {
        let place = end.seq.next();
        if link.seq != place || link.previous != end.hash || link.hash != link.expected {
            return Err(BrokenChain { at: place });
        }
        Ok(End { seq: place, hash: link.hash })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_number_of_at_most_twelve_digits() {
        for n in [0, 1, 999_999_999_999] {
            let seq = Seq::try_from(n).unwrap();
            assert_eq!((seq.get(), seq.to_string()), (n, n.to_string()));
        }
        assert_eq!(Seq::try_from(1_000_000_000_000), Err(SeqError));
        assert_eq!(Seq::START.next().previous(), Seq::START);
        assert_eq!(Seq::START.previous(), Seq::START);
    }

    #[test]
    fn a_hash_is_written_in_one_way() {
        let written = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hash = Digest::of(b"abc");
        assert_eq!(hash.to_string(), written);
        assert_eq!(Digest::try_from(written.to_owned()), Ok(hash));
        for wrong in [
            String::new(),
            written[1..].to_owned(),
            format!("{written}0"),
            written.to_uppercase(),
            written.replace('a', "g"),
            written.replace("ba", "é"),
        ] {
            assert_eq!(Digest::try_from(wrong.clone()), Err(DigestError), "{wrong}");
        }
        assert_eq!(Digest::try_from(&hash.as_bytes()[..]), Ok(hash));
        assert_eq!(Digest::try_from(&hash.as_bytes()[1..]), Err(DigestError));
    }

    #[test]
    fn a_link_follows_by_its_place_its_past_and_its_own_hash() {
        let from = End { seq: Seq::START.next(), hash: Digest::of(b"one") };
        let (seq, hash) = (from.seq.next(), Digest::of(b"two"));
        let link = || Link { seq, previous: from.hash, hash, expected: hash };
        assert_eq!(follow(from, [link()]), Ok(End { seq, hash }));
        assert_eq!(follow(from, []), Ok(from));
        for wrong in [
            Link { seq: from.seq, ..link() },
            Link { seq: seq.next(), ..link() },
            Link { previous: hash, ..link() },
            Link { expected: from.hash, ..link() },
        ] {
            assert_eq!(follow(from, [wrong]), Err(BrokenChain { at: seq }));
        }
    }
}

//! What the fuzz targets have in common: the product over an empty table, and a word that must not come back.

mod cloud;
mod front;
mod lines;

pub use cloud::{Empty, stand_in};
pub use front::{Asked, Front, caller, clock, rules, runtime};
pub use lines::Lines;

/// A word that whoever makes an input writes where people write. No log line and no refusal may hold it.
///
/// It is in the dictionary and in the seeds, so that it gets everywhere.
pub const MARKER: &str = "canary7q";

/// Whether a text holds the [`MARKER`], in whatever case.
pub fn tells(text: &str) -> bool {
    text.to_lowercase().contains(MARKER)
}

/// The first line of an input, and the rest: in most targets it says what the rest is.
pub fn first_line(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&input[..end]).ok()?, &input[end + 1..]))
}

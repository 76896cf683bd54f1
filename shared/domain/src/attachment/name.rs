//! What an attachment is called.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{self, TextError};

/// What an attachment is called, made of what the client says: one line that can be seen, at most 255 bytes.
///
/// It is what somebody wrote, and for display only. Nothing is opened, stored or looked up by it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(Box<str>);

impl FileName {
    /// The longest name, in bytes: what file systems take.
    pub const MAX: usize = 255;

    /// The longest text that is taken for a name, in Unicode scalar values.
    pub const MAX_SAID: usize = 1_000;

    /// The longest ending that is kept when a name is shortened, in bytes and without its dot.
    const MAX_ENDING: usize = 16;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The header that lets a browser save something under this name and never show it (RFC 6266, RFC 8187).
    pub fn disposition(&self) -> String {
        // Without `%`, too: some browsers decode it there.
        let plain = |c: char| c == ' ' || c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%');
        let fallback: String = self.0.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        let mut header = format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''");
        let digit = |n: u8| char::from(b"0123456789ABCDEF"[usize::from(n)]);
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                header.push(char::from(byte));
            } else {
                header.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
            }
        }
        header
    }
}

impl TryFrom<String> for FileName {
    type Error = TextError;

    /// Cleans the name. To clean it again changes nothing, so that what is stored reads as it was written.
    fn try_from(text: String) -> Result<Self, TextError> {
        if text.chars().nth(Self::MAX_SAID).is_some() {
            return Err(TextError::TooLong { limit: Self::MAX_SAID });
        }
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let kept: String = last.chars().filter(|c| !is_hidden(*c)).collect();
        let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = line.trim_matches([' ', '.']);
        if name.is_empty() { Err(TextError::Blank) } else { Ok(Self(shortened(name).into())) }
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0.into()
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({} chars)", self.0.chars().count())
    }
}

fn shortened(name: &str) -> String {
    if name.len() <= FileName::MAX {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.len() > 1 + FileName::MAX_ENDING { "" } else { ending };
    let stem = &name[..name.floor_char_boundary(FileName::MAX - ending.len())];
    format!("{}{ending}", stem.trim_end_matches([' ', '.']))
}

/// Characters that cannot be seen, or that change how others are seen.
fn is_hidden(c: char) -> bool {
    c.is_control() || text::invisible(c) || formats(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Format characters (general category Cf) that are not in the list of blanks and joiners.
fn formats(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}')
}

#[cfg(test)]
mod tests;

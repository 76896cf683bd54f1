//! What people write and what people are called.
//!
//! Each type can only be made from text that it accepts, and its `Debug` shows a length instead of the text, so that
//! no log line can hold what somebody wrote about a patient.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use caseless::Caseless;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Why a text is refused. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing that can be seen.
    #[error("is empty")]
    Blank,
    /// More characters than allowed.
    #[error("has more than {limit} characters")]
    TooLong {
        /// How many Unicode scalar values are allowed.
        limit: usize,
    },
    /// A control character, a line break, or a character that reorders the text around it.
    #[error("holds a character that is not allowed here")]
    Forbidden,
}

macro_rules! mute {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} chars)", stringify!($name), self.as_str().chars().count())
            }
        }
    )*};
}

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident($parse:path);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                $parse(&text).map(|text| Self(text.into()))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        mute!($name);
    )*};
}

text! {
    /// What a conversation is called: one line of 1 to 150 characters after trimming.
    Title(title);
    /// What somebody wrote: 1 to 10,000 characters after trimming, of any kind.
    Body(body);
    /// What a person is called by people: one line of 1 to 200 characters after trimming.
    DisplayName(display_name);
    /// What the institution tells everybody who meets a closed door: one line of 1 to 200 characters after trimming.
    ClosedReason(closed_reason);
    /// Why an official does what must be accounted for: 1 to 1,000 characters after trimming.
    Reason(reason);
    /// The institution's name for a case: one line of 1 to 100 characters after trimming.
    CaseNumber(case_number);
}

impl Title {
    /// The longest title, in Unicode scalar values.
    pub const MAX: usize = 150;

    /// What a conversation of two people is called who did not call it anything: both names, cut if need be.
    pub fn of_two(one: &DisplayName, other: &DisplayName) -> Self {
        let half = (Self::MAX - 2) / 2;
        let cut = |name: &DisplayName| name.as_str().chars().take(half).collect::<String>().trim_end().to_owned();
        Self([cut(one), cut(other)].join(", ").into())
    }
}

impl Body {
    /// The longest body, in Unicode scalar values: at most 40,000 bytes, so that an entry stays far below the
    /// table's limit of 400 KB for an item.
    pub const MAX: usize = 10_000;

    /// The most scalar values one visible character may be made of. Languages need fewer than ten, the longest emoji
    /// about as many; more only hides the lines above and below.
    pub const MAX_PER_GRAPHEME: usize = 64;
}

impl DisplayName {
    /// The longest name, in Unicode scalar values.
    pub const MAX: usize = 200;
}

/// Every username is a name to call somebody by, if there is no other.
impl From<&Username> for DisplayName {
    fn from(username: &Username) -> Self {
        Self(username.as_str().into())
    }
}

fn title(text: &str) -> Result<&str, TextError> {
    one_line(text, Title::MAX)
}

fn display_name(text: &str) -> Result<&str, TextError> {
    one_line(text, DisplayName::MAX)
}

fn closed_reason(text: &str) -> Result<&str, TextError> {
    one_line(text, 200)
}

fn reason(text: &str) -> Result<&str, TextError> {
    within(visible(text)?, 1_000)
}

fn case_number(text: &str) -> Result<&str, TextError> {
    one_line(text, 100)
}

fn one_line(text: &str, limit: usize) -> Result<&str, TextError> {
    let text = visible(text)?;
    if text.chars().any(|c| c.is_control() || reorders(c) || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(TextError::Forbidden);
    }
    within(text, limit)
}

fn body(text: &str) -> Result<&str, TextError> {
    let text = within(visible(text)?, Body::MAX)?;
    // A grapheme has at most one character of ASCII, so that of a long one some 32 others are in a row. Most texts need not be
    // taken apart to see that there is none: that would be half of what it takes to read a message.
    let may_be_long = text.split(|c: char| c.is_ascii()).any(|run| run.len() >= Body::MAX_PER_GRAPHEME);
    let is_long = |grapheme: &str| grapheme.chars().nth(Body::MAX_PER_GRAPHEME).is_some();
    if may_be_long && text.graphemes(true).any(is_long) {
        return Err(TextError::TooLong { limit: Body::MAX });
    }
    Ok(text)
}

/// The text without the white space around it, if there is anything to see in it.
fn visible(text: &str) -> Result<&str, TextError> {
    let text = text.trim();
    if text.chars().all(|c| c.is_whitespace() || c.is_control() || invisible(c)) {
        Err(TextError::Blank)
    } else {
        Ok(text)
    }
}

fn within(text: &str, limit: usize) -> Result<&str, TextError> {
    if text.chars().nth(limit).is_some() { Err(TextError::TooLong { limit }) } else { Ok(text) }
}

/// Characters with no mark of their own (the field's usual list of blanks and joiners).
pub(crate) fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that override the direction of the text around them (Unicode Standard Annex 9).
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Names a person at the institution: letters, digits and `. _ - @ +`, at most 100 characters.
///
/// Two spellings that differ in case or in Unicode composition are the same person; the spelling that was given is
/// kept for display.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username {
    written: Box<str>,
    folded: Box<str>,
}

impl Username {
    /// The longest username, in Unicode scalar values.
    pub const MAX: usize = 100;

    /// As the institution writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The form that identifies: NFC, case-folded. Only this form makes keys.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The name under which Confer itself acts, as when it removes what was kept long enough. Nobody is let in with it, so
    /// that in a log it can be nobody else.
    pub fn system() -> Self {
        Self { written: Self::SYSTEM.into(), folded: Self::SYSTEM.into() }
    }

    const SYSTEM: &str = "confer";

    /// Whether it is that name.
    pub fn is_system(&self) -> bool {
        *self.folded == *Self::SYSTEM
    }

    /// Whether usernames may hold this character.
    pub fn allows(c: char) -> bool {
        c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+')
    }
}

impl TryFrom<String> for Username {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        text.parse()
    }
}

impl std::str::FromStr for Username {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Blank);
        }
        // Twice the length is enough for any text that composes to an allowed one, and bounds the work on the rest.
        if text.chars().nth(2 * Self::MAX).is_some() {
            return Err(TextError::TooLong { limit: Self::MAX });
        }
        let written: String = if text.is_ascii() { text.to_owned() } else { text.nfc().collect() };
        // Folding makes an `i` with a dot above of `İ`, for which there is no one character.
        if !written.replace("i\u{307}", "i").chars().all(Self::allows) {
            return Err(TextError::Forbidden);
        }
        within(&written, Self::MAX)?;
        // Most names are plain, and every row that is read has some.
        let folded = if written.is_ascii() {
            written.to_ascii_lowercase()
        } else {
            written.chars().default_case_fold().nfc().collect()
        };
        // Folding can make a name longer. What it makes is a name, too: it is read back from keys.
        within(&folded, Self::MAX)?;
        Ok(Self { folded: folded.into(), written: written.into() })
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.written.into()
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Username {}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

/// A mail address, as far as we need to know: it is the institution that vouches for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(Box<str>);

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let text = text.trim();
        // 254 is the longest path of RFC 5321.
        if text.len() > 254 {
            return Err(TextError::TooLong { limit: 254 });
        }
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty()
                    && !domain.is_empty()
                    && !text.chars().any(|c| c.is_whitespace() || c.is_control()) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(TextError::Forbidden),
        }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0.into()
    }
}

mute!(Username, Email);

#[cfg(test)]
mod tests;

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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn title(text: &str) -> Result<Title, TextError> {
        Title::try_from(text.to_owned())
    }

    fn body(text: &str) -> Result<Body, TextError> {
        Body::try_from(text.to_owned())
    }

    #[test]
    fn a_title_is_one_visible_line() {
        for blank in ["", "   ", "\u{200b}\u{200d}", "\u{3164}", "\t\n", "\u{7}", "\u{200b} \u{7}\u{200b}"] {
            assert_eq!(title(blank), Err(TextError::Blank), "{blank:?}");
        }
        for forbidden in ["a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{7}b", "a\u{2028}b"] {
            assert_eq!(title(forbidden), Err(TextError::Forbidden), "{forbidden:?}");
        }
        assert_eq!(title(&"x".repeat(151)), Err(TextError::TooLong { limit: 150 }));
        assert_eq!(title(&format!("  {}  ", "é".repeat(150))).unwrap().as_str(), "é".repeat(150));
    }

    #[test]
    fn a_body_is_anything_one_can_see_up_to_its_limit() {
        assert_eq!(body(" \u{200b} "), Err(TextError::Blank));
        assert_eq!(body(&"y".repeat(10_001)), Err(TextError::TooLong { limit: 10_000 }));
        assert_eq!(body(&"👍".repeat(10_000)).unwrap().as_str().chars().count(), 10_000);
        assert_eq!(body(&format!("a{}", "\u{301}".repeat(1_000))), Err(TextError::TooLong { limit: 10_000 }));
        // One visible character is made of 64 at most, however many bytes these have.
        let stack = |marks| body(&format!("a{}", "\u{301}".repeat(marks)));
        assert!(stack(63).is_ok());
        assert_eq!(stack(64), Err(TextError::TooLong { limit: 10_000 }));
        let hostile = "<script>alert(1)</script> \u{1b}[31m\r\n javascript:x";
        assert_eq!(body(hostile).unwrap().as_str(), hostile);
    }

    #[test]
    fn usernames_are_compared_folded_and_shown_as_written() {
        let a: Username = "J\u{f6}rg.Stra\u{df}e@Site.org".parse().unwrap();
        let b: Username = "jo\u{308}rg.STRASSE@site.ORG".parse().unwrap();
        assert_eq!(a, b);
        assert_eq!(a.as_str(), "J\u{f6}rg.Stra\u{df}e@Site.org");
        assert_eq!(a.folded(), "j\u{f6}rg.strasse@site.org");
        for wrong in ["a b", "a#b", "a/b", "a\u{0}", "a\u{202e}b"] {
            assert_eq!(wrong.parse::<Username>(), Err(TextError::Forbidden));
        }
        assert_eq!("".parse::<Username>(), Err(TextError::Blank));
        for wrong in ["z".repeat(101), "o\u{308}".repeat(101)] {
            assert_eq!(wrong.parse::<Username>(), Err(TextError::TooLong { limit: 100 }));
        }
        for longest in ["z".repeat(100), "o\u{308}".repeat(100)] {
            assert_eq!(longest.parse::<Username>().unwrap().as_str().chars().count(), 100);
        }
    }

    #[test]
    fn the_name_under_which_confer_acts_is_its_own_in_any_spelling() {
        assert!(Username::system().is_system());
        assert_eq!((Username::system().as_str(), Username::system().folded()), ("confer", "confer"));
        for (name, is) in [("confer", true), ("Confer", true), ("confer.", false), ("ann", false)] {
            assert_eq!(name.parse::<Username>().unwrap().is_system(), is, "{name}");
        }
    }

    #[test]
    fn usernames_are_in_the_order_of_what_identifies_them() {
        let mut names = ["ben", "ANN", "Ben.b", "ann.a"].map(|name| name.parse::<Username>().unwrap());
        names.sort();
        assert_eq!(names.each_ref().map(Username::as_str), ["ANN", "ann.a", "ben", "Ben.b"]);
        assert!(names.is_sorted());
    }

    #[test]
    fn every_kind_of_text_has_its_own_limit() {
        fn longest<T: TryFrom<String, Error = TextError>>(read: impl Fn(&T) -> &str, limit: usize) {
            let (long, longer) = ("é".repeat(limit), "é".repeat(limit + 1));
            assert_eq!(T::try_from(format!(" {long} ")).as_ref().map(&read), Ok(long.as_str()));
            assert_eq!(T::try_from(longer).as_ref().map(&read), Err(&TextError::TooLong { limit }));
            assert_eq!(T::try_from(" ".to_owned()).as_ref().map(&read), Err(&TextError::Blank));
        }
        longest(Title::as_str, 150);
        longest(Body::as_str, 10_000);
        longest(DisplayName::as_str, 200);
        longest(ClosedReason::as_str, 200);
        longest(Reason::as_str, 1_000);
        longest(CaseNumber::as_str, 100);
        assert_eq!(Reason::try_from("two\nlines".to_owned()).unwrap().as_str(), "two\nlines");
        assert_eq!(CaseNumber::try_from("two\nlines".to_owned()), Err(TextError::Forbidden));
    }

    #[test]
    fn two_people_who_did_not_say_what_they_talk_of_talk_under_their_names() {
        let name = |text: &str| DisplayName::try_from(text.to_owned()).unwrap();
        assert_eq!(Title::of_two(&name("Ann"), &name("Ben")).as_str(), "Ann, Ben");
        let long = "x".repeat(200);
        let title = Title::of_two(&name(&long), &name(&long));
        assert_eq!(title.as_str(), format!("{0}, {0}", "x".repeat(74)));
        assert_eq!(super::title(title.as_str()), Ok(title.as_str()));
        let cut = name(&format!("{} y", "x".repeat(73)));
        assert_eq!(Title::of_two(&cut, &name("Ben")).as_str(), format!("{}, Ben", "x".repeat(73)));
        assert_eq!(DisplayName::from(&"Ann".parse::<Username>().unwrap()), name("Ann"));
    }

    #[test]
    fn an_address_has_two_sides_and_no_white_space() {
        let longest = format!("{}@site.org", "a".repeat(245));
        for right in ["a@b", "a@b@c", &longest] {
            assert_eq!(Email::try_from(format!(" {right} ")).unwrap().as_str(), right);
        }
        for wrong in ["", "a", "@", "a@", "@b", "a b@c", "a@b c", "a@b\u{0}c", "a\n@b"] {
            assert_eq!(Email::try_from(wrong.to_owned()), Err(TextError::Forbidden), "{wrong:?}");
        }
        assert_eq!(Email::try_from(format!("a{longest}")), Err(TextError::TooLong { limit: 254 }));
    }

    #[test]
    fn the_folded_form_of_a_username_is_a_username() {
        for written in ["İbrahim", "Jörg.Straße", "ŉ", "ΐ", "ﬃ", "\u{345}", &"ß".repeat(50)] {
            let name: Username = written.parse().unwrap();
            assert_eq!(name.folded().parse(), Ok(name.clone()), "{written}");
        }
        assert_eq!("ß".repeat(51).parse::<Username>(), Err(TextError::TooLong { limit: 100 }));
        for wrong in ["\u{307}", "q\u{307}", "i\u{307}\u{307}"] {
            assert_eq!(wrong.parse::<Username>(), Err(TextError::Forbidden));
        }
    }

    #[test]
    fn nothing_that_was_written_shows_in_debug() {
        let shown = format!(
            "{:?} {:?} {:?} {:?}",
            title("Canary one").unwrap(),
            body("Canary two").unwrap(),
            "Canary".parse::<Username>().unwrap(),
            Email::try_from("canary@site.org".to_owned()).unwrap(),
        );
        assert!(!shown.to_lowercase().contains("canary"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_body_has_no_grapheme_that_is_too_long(text in "[a\r\n\u{301}\u{600}\u{200d}\u{1f468}]{0,200}") {
            let text = format!("x{text}x");
            let fits = text.graphemes(true).all(|grapheme| grapheme.chars().count() <= Body::MAX_PER_GRAPHEME);
            prop_assert_eq!(body(&text).is_ok(), fits);
        }

        #[test]
        fn plain_names_are_folded_as_all_others_are(text in "[A-Za-z0-9._@+-]{1,40}") {
            let name: Username = text.parse().unwrap();
            let folded: String = text.nfc().default_case_fold().nfc().collect();
            prop_assert_eq!((name.as_str(), name.folded()), (text.as_str(), folded.as_str()));
        }

        #[test]
        fn whatever_parses_is_within_its_limits(text in "\\PC{0,200}") {
            if let Ok(title) = title(&text) {
                prop_assert!((1..=Title::MAX).contains(&title.as_str().chars().count()));
                prop_assert_eq!(title.as_str().trim(), title.as_str());
                prop_assert_eq!(Title::try_from(String::from(title.clone())).unwrap(), title);
            }
            if let Ok(name) = text.parse::<Username>() {
                prop_assert_eq!(name.folded().parse::<Username>().unwrap(), name);
            }
        }
    }
}

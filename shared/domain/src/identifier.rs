//! What could identify a patient in the title of a conversation.
//!
//! A title is seen by more people than a body, so whoever writes one is told what it seems to hold. It is a warning and
//! never a refusal: nothing in a title says for certain whether a number is that of a patient or that of a freezer.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use caseless::Caseless;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::clock::Timestamp;
use crate::text::Title;

/// What a title seems to hold that could identify a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// A date between 1900 and a year ago.
    DateOfBirth,
    /// Ten digits with the checksum of an NHS number.
    NhsNumber,
    /// An international, national or North American telephone number.
    TelephoneNumber,
    /// A mail address.
    EmailAddress,
    /// A number as the project writes its records.
    RecordNumber,
}

impl Identifier {
    /// The word for it, as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DateOfBirth => "date_of_birth",
            Self::NhsNumber => "nhs_number",
            Self::TelephoneNumber => "telephone_number",
            Self::EmailAddress => "email_address",
            Self::RecordNumber => "record_number",
        }
    }
}

/// How a project writes its record numbers: 3 to 40 characters after trimming, at least two of them `#`.
///
/// `#` stands for a digit, `@` for a letter, and everything else for itself in either case.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RecordPattern(Box<str>);

/// Mute, because it is what somebody wrote, and may be a number instead of a pattern.
impl fmt::Debug for RecordPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordPattern({} chars)", self.0.chars().count())
    }
}

/// The text does not describe a record number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a pattern of 3 to 40 characters with at least two `#`")]
pub struct RecordPatternError;

impl RecordPattern {
    /// The longest pattern, in Unicode scalar values.
    pub const MAX: usize = 40;

    /// As the project writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RecordPattern {
    type Error = RecordPatternError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = text.trim();
        let length = text.chars().take(Self::MAX + 1).count();
        let digits = text.chars().filter(|c| *c == '#').count();
        if (3..=Self::MAX).contains(&length) && digits >= 2 && !text.chars().any(char::is_control) {
            Ok(Self(text.into()))
        } else {
            Err(RecordPatternError)
        }
    }
}

impl From<RecordPattern> for String {
    fn from(pattern: RecordPattern) -> Self {
        pattern.0.into()
    }
}

/// What the title seems to hold, each kind once, in order.
pub fn identifiers(title: &Title, patterns: &[RecordPattern], today: Timestamp) -> Vec<Identifier> {
    let today = jiff::Timestamp::from_millisecond(today.as_millis()).unwrap_or_default();
    let today = jiff::tz::Offset::UTC.to_datetime(today).date();
    let mut text = plain(title.as_str());
    let record = patterns.iter().any(|pattern| holds(&text, &plain(pattern.as_str())));
    let email = (0..text.len()).any(|at| is_email(&text, at));
    // Digits are read once, as the first thing they fit, and dates come before telephone numbers: otherwise
    // `04-11-2026 10:30` begins with ten digits of one.
    let mut birth = false;
    take(&mut text, |text, at| {
        let (end, readings) = date(text, at, today)?;
        birth |= readings.into_iter().any(|date| may_be_birth(date, today));
        Some(end)
    });
    let international = take(&mut text, international);
    let nhs = take(&mut text, nhs_number);
    let telephone = take(&mut text, national) || international;
    [
        (Identifier::DateOfBirth, birth),
        (Identifier::NhsNumber, nhs),
        (Identifier::TelephoneNumber, telephone),
        (Identifier::EmailAddress, email),
        (Identifier::RecordNumber, record),
    ]
    .into_iter()
    .filter_map(|(identifier, found)| found.then_some(identifier))
    .collect()
}

/// The text as it is read: compatible characters, case, dashes and blanks made alike, and without the invisible ones
/// that come along when a number is pasted.
fn plain(text: &str) -> Vec<char> {
    text.nfkc()
        .default_case_fold()
        .nfkc()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

/// Blanks out all that `find` sees from some place to the end it returns, and says whether there was anything.
fn take(text: &mut [char], mut find: impl FnMut(&[char], usize) -> Option<usize>) -> bool {
    let mut any = false;
    for at in 0..text.len() {
        if let Some(end) = find(text, at) {
            text[at..end].fill('\0');
            any = true;
        }
    }
    any
}

/// How many characters at the beginning are such.
fn span(text: &[char], such: impl Fn(char) -> bool) -> usize {
    text.iter().take_while(|c| such(**c)).count()
}

/// Whether the character before `at` is such.
fn follows(text: &[char], at: usize, such: impl Fn(char) -> bool) -> bool {
    at > 0 && such(text[at - 1])
}

/// Whether the character at `at` is such.
fn precedes(text: &[char], at: usize, such: impl Fn(char) -> bool) -> bool {
    text.get(at).is_some_and(|c| such(*c))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// The runs of digits from `at` on, with 1 to `widest` of the separators from each to the next.
fn groups(text: &[char], at: usize, separators: &str, widest: usize) -> impl Iterator<Item = Range<usize>> {
    let mut next = (!follows(text, at, is_digit)).then_some(at);
    std::iter::from_fn(move || {
        let start = next?;
        let end = start + span(&text[start..], is_digit);
        let gap = span(&text[end..], |c| separators.contains(c));
        next = (1..=widest).contains(&gap).then_some(end + gap);
        (start < end).then_some(start..end)
    })
}

fn holds(text: &[char], pattern: &[char]) -> bool {
    (0..text.len()).any(|at| {
        let end = at + pattern.len();
        let fits = |(c, p): (&char, &char)| match p {
            '#' => is_digit(*c),
            '@' => c.is_alphabetic(),
            p => c == p,
        };
        end <= text.len()
            && text[at..end].iter().zip(pattern).all(fits)
            && !follows(text, at, char::is_alphanumeric)
            && !precedes(text, end, char::is_alphanumeric)
    })
}

/// Whether the `@` at this place stands between a name and a domain of at least two labels, the last of letters.
fn is_email(text: &[char], at: usize) -> bool {
    let named = follows(text, at, |c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+'));
    if text[at] != '@' || !named {
        return false;
    }
    let rest = &text[at + 1..];
    let domain: String = rest[..span(rest, |c| c.is_alphanumeric() || matches!(c, '-' | '.'))].iter().collect();
    let Some((name, top)) = domain.trim_end_matches(['.', '-']).rsplit_once('.') else { return false };
    name.split('.').all(|label| !label.is_empty()) && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
}

/// The end of the runs of digits from `at` on, if they have these lengths.
fn grouped(text: &[char], at: usize, separators: &str, widest: usize, lengths: &[usize]) -> Option<usize> {
    let runs: Vec<Range<usize>> = groups(text, at, separators, widest).take(lengths.len()).collect();
    runs.last().filter(|_| runs.iter().map(Range::len).eq(lengths.iter().copied())).map(|run| run.end)
}

/// Ten digits in one run or as 3-3-4, whose sum with the weights 10 to 1 is a multiple of 11.
///
/// That is the checksum of the NHS Data Model and Dictionary, attribute NHS NUMBER
/// (<https://www.datadictionary.nhs.uk/attributes/nhs_number.html>): the last digit is 11 minus the remainder of the
/// others, 11 is written 0, and 10 is no digit.
fn nhs_number(text: &[char], at: usize) -> Option<usize> {
    let end = grouped(text, at, "", 0, &[10]).or_else(|| grouped(text, at, " -", 1, &[3, 3, 4]))?;
    let digits: Vec<u32> = text[at..end].iter().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    (sum.is_multiple_of(11) && digits.iter().any(|digit| *digit != digits[0])).then_some(end)
}

/// What people put between the digits of a telephone number, at most three together: `) (`, ` - `.
const DIALLED: &str = " -.()";

/// The end of the first run of digits from `at` on by which there are as many as wanted.
fn dials(text: &[char], at: usize, wanted: &RangeInclusive<usize>) -> Option<usize> {
    let mut digits = 0;
    groups(text, at, DIALLED, 3).find_map(|run| {
        digits += run.len();
        wanted.contains(&digits).then_some(run.end)
    })
}

fn international(text: &[char], at: usize) -> Option<usize> {
    let start = at + 1 + span(&text[at + 1..], |c| c == '(');
    let plus = text[at] == '+' && !follows(text, at, char::is_alphanumeric);
    if plus { dials(text, start, &(8..=15)) } else { None }
}

fn national(text: &[char], at: usize) -> Option<usize> {
    // The zero of `2019-001234-56` or `0.05` begins nothing.
    let continues = follows(text, at, |c| "-./,:".contains(c)) && at > 1 && is_digit(text[at - 2]);
    match text[at..] {
        ['0', '0'..='9', ..] if continues || follows(text, at, char::is_alphanumeric) => None,
        // From many countries, `00` dials what `+` writes.
        ['0', '0', '1'..='9', ..] => dials(text, at, &(9..=17)),
        ['0', '0'..='9', ..] => dials(text, at, &(9..=11)),
        _ => grouped(text, at, DIALLED, 3, &[3, 3, 4]),
    }
}

const MONTHS: &str = "january february march april may june july august september october november december";

/// A part of a date: a number, or the name of a month, which has no digits.
#[derive(Clone, Copy)]
struct Part {
    value: i16,
    digits: usize,
}

/// The part that begins at this place, and its end.
fn part(text: &[char], at: usize) -> Option<(Part, usize)> {
    let alike = if precedes(text, at, is_digit) { is_digit } else { char::is_alphabetic };
    if follows(text, at, alike) {
        return None;
    }
    let end = at + span(&text[at..], alike);
    let word: String = text[at..end].iter().collect();
    if let Ok(value) = word.parse() {
        let ordinal = matches!(text[end..], ['s', 't', ..] | ['n' | 'r', 'd', ..] | ['t', 'h', ..]);
        return Some((Part { value, digits: end - at }, if ordinal { end + 2 } else { end }));
    }
    let (value, _) = (1..).zip(MONTHS.split(' ')).find(|(_, month)| word.len() >= 3 && month.starts_with(&word))?;
    Some((Part { value, digits: 0 }, end))
}

/// What stands between two parts, the part after it, and its end.
fn next_part(text: &[char], at: usize) -> Option<(&[char], Part, usize)> {
    let start = at + span(&text[at..], |c| " -/.,".contains(c));
    part(text, start).map(|(part, end)| (&text[at..start], part, end))
}

/// The end of the date at this place, and what it may mean: people write the day and the month in either order.
fn date(text: &[char], at: usize, today: Date) -> Option<(usize, Vec<Date>)> {
    let (first, end) = part(text, at)?;
    let (before, second, end) = next_part(text, end)?;
    let (after, third, end) = next_part(text, end)?;
    // `01.02.34.56.78` is no date, and `v2.3.61` is none either.
    let joined = before == after
        && matches!(*before, [c @ ('-' | '/' | '.')] if !(
            follows(text, at, |b| b == c) && at > 1 && is_digit(text[at - 2])
            || precedes(text, end, |a| a == c) && precedes(text, end + 1, is_digit)
        ));
    let alone = !follows(text, at, char::is_alphanumeric) && !precedes(text, end, char::is_alphanumeric);
    // The comma of `Visit 12, May 2024` parts what is no date.
    let named = first.digits.min(second.digits) == 0 && before.len().max(after.len()) <= 2 && !before.contains(&',');
    let orders = match first.digits {
        4 => vec![(first, second, third)],
        _ => vec![(third, second, first), (third, first, second)],
    };
    let reading = |(year, month, day): (Part, Part, Part)| {
        let year = match year.digits {
            4 if joined || named => year.value,
            2 if joined && alone => latest_year(year.value, today),
            _ => return None,
        };
        let fits = month.digits <= 2 && (1..=2).contains(&day.digits);
        Date::new(year, i8::try_from(month.value).ok()?, i8::try_from(day.value).ok()?).ok().filter(|_| fits)
    };
    let readings: Vec<Date> = orders.into_iter().filter_map(reading).collect();
    (!readings.is_empty()).then_some((end, readings))
}

/// The latest year with these last two digits up to the next one, for which people make plans: a meeting in January
/// is more common in a title than a patient of 99 years.
fn latest_year(digits: i16, today: Date) -> i16 {
    let next = today.year() + 1;
    next - (next - digits).rem_euclid(100)
}

/// Whether somebody born then is at least one year old: later dates are those of visits and meetings.
fn may_be_birth(date: Date, today: Date) -> bool {
    let first_birthday = (date.year() + 1, date.month(), date.day());
    date.year() >= 1900 && first_birthday <= (today.year(), today.month(), today.day())
}

#[cfg(test)]
mod tests;

//! What somebody wants to be mailed about, and when.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// How often digests come at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Frequency {
    /// Never.
    #[serde(rename = "none")]
    None,
    /// For every message, after the short delay.
    #[serde(rename = "immediate")]
    Immediate,
    /// Every two hours.
    #[serde(rename = "2h")]
    TwoHours,
    /// Every four hours.
    #[default]
    #[serde(rename = "4h")]
    FourHours,
    /// Every six hours.
    #[serde(rename = "6h")]
    SixHours,
    /// Every eight hours.
    #[serde(rename = "8h")]
    EightHours,
    /// Every twelve hours.
    #[serde(rename = "12h")]
    TwelveHours,
    /// Once a day, at a time of one's own.
    #[serde(rename = "daily")]
    Daily,
}

impl Frequency {
    /// How long it is between two digests, in elapsed time: a change of the clocks changes nothing. Nothing where that
    /// is not what decides.
    pub const fn interval(self) -> Option<Duration> {
        let hours = match self {
            Self::None | Self::Daily => return None,
            Self::Immediate => 0,
            Self::TwoHours => 2,
            Self::FourHours => 4,
            Self::SixHours => 6,
            Self::EightHours => 8,
            Self::TwelveHours => 12,
        };
        Some(Duration::from_hours(hours))
    }
}

/// When the first digest after a quiet time comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestMode {
    /// After the short delay; the next ones at most as often as the frequency says.
    #[default]
    Leading,
    /// When the interval is over, counted from the first message: never fewer messages in more mails.
    Trailing,
}

/// When an instant notice comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstantWhen {
    /// When one is not there; to whoever is there when it is sent, as soon as they leave without having read it.
    #[default]
    Offline,
    /// Always.
    Always,
}

/// The language of mails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
}

/// The text is not a time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time of the day like 08:00")]
pub struct TimeOfDayError;

/// A time of the day, to the minute, by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(civil::Time);

impl TimeOfDay {
    /// In the morning, before rounds.
    pub const EIGHT: Self = Self(civil::Time::constant(8, 0, 0, 0));
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = TimeOfDayError;

    fn try_from(text: String) -> Result<Self, TimeOfDayError> {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (hour, minute) = text.split_once(':').ok_or(TimeOfDayError)?;
        if !digits(hour) || !digits(minute) {
            return Err(TimeOfDayError);
        }
        let (hour, minute) = (hour.parse().map_err(|_| TimeOfDayError)?, minute.parse().map_err(|_| TimeOfDayError)?);
        civil::Time::new(hour, minute, 0, 0).map(Self).map_err(|_| TimeOfDayError)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

/// The text names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone like Europe/Madrid")]
pub struct ZoneError;

/// A time zone of the IANA database, whose rules are compiled in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Its name in the database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the clock on the wall says.
    fn local(&self, at: Timestamp) -> civil::DateTime {
        jiff::Timestamp::from_millisecond(at.as_millis()).map_or(civil::DateTime::MIN, |at| self.0.to_datetime(at))
    }

    /// The date and the time that the clock on the wall shows, to the minute.
    pub fn shows(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// When the clock on the wall shows `time` next after `after`: once a day, at the first of two such moments where the
    /// clocks go back, and as long after the gap began as it should have been where they go forward over it.
    pub fn next(&self, time: TimeOfDay, after: Timestamp) -> Timestamp {
        let mut date = self.local(after).date();
        // Some zones once left out a whole day.
        for _ in 0..3 {
            let moment = self.0.to_ambiguous_timestamp(date.to_datetime(time.0)).compatible();
            if let Some(at) = moment.ok().map(|at| Timestamp::from_millis(at.as_millisecond())).filter(|at| *at > after)
            {
                return at;
            }
            match date.tomorrow() {
                Ok(tomorrow) => date = tomorrow,
                Err(_) => break,
            }
        }
        after.after(Duration::from_hours(24))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        if name == "UTC" {
            return Ok(Self::default());
        }
        TimeZone::get(name).map(Self).map_err(|_| ZoneError)
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(name: String) -> Result<Self, ZoneError> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

/// When no digest comes: from one time of the day to another, over midnight if that is earlier. Instant notices come
/// all the same, because somebody said that it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When they begin.
    pub from: TimeOfDay,
    /// When they end.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Whether they last at this moment. From one time to the same one is no time at all.
    fn last(&self, at: Timestamp, zone: &Zone) -> bool {
        let now = TimeOfDay(zone.local(at).time());
        if self.from <= self.to { (self.from..self.to).contains(&now) } else { now >= self.from || now < self.to }
    }

    /// When they end, if they last at this moment: at the first minute at which they do not, whatever the clocks do
    /// meanwhile.
    fn end(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        const MINUTE: i64 = 60_000;
        let minute = at.as_millis().div_euclid(MINUTE) * MINUTE;
        let ends = |n: i64| Timestamp::from_millis(minute + n * MINUTE);
        self.last(at, zone).then(|| (1..=25 * 60).map(ends).find(|end| !self.last(*end, zone)).unwrap_or(at))
    }
}

/// What somebody wants to be mailed about, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// How often digests come at most.
    pub frequency: Frequency,
    /// When the first digest after a quiet time comes.
    pub digest_mode: DigestMode,
    /// Whether messages that mention one or are important come at once, whatever the frequency.
    pub instant: bool,
    /// When they do.
    pub instant_when: InstantWhen,
    /// Whether broadcasts are mailed.
    pub broadcasts: bool,
    /// When the daily digest comes.
    pub daily_at: TimeOfDay,
    /// By which clock.
    pub timezone: Zone,
    /// The language of mails.
    pub language: Language,
    /// When no digest comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            frequency: Frequency::default(),
            digest_mode: DigestMode::default(),
            instant: true,
            instant_when: InstantWhen::default(),
            broadcasts: false,
            daily_at: TimeOfDay::EIGHT,
            timezone: Zone::default(),
            language: Language::default(),
            quiet_hours: None,
        }
    }
}

impl Preferences {
    /// When the quiet hours end, if they last at this moment.
    pub fn quiet_until(&self, at: Timestamp) -> Option<Timestamp> {
        self.quiet_hours.and_then(|hours| hours.end(at, &self.timezone))
    }

    /// What is unlike in two of them.
    fn differences(&self, other: &Self) -> BTreeSet<Field> {
        let unlike = |field: &Field| match field {
            Field::Frequency => self.frequency != other.frequency,
            Field::DigestMode => self.digest_mode != other.digest_mode,
            Field::Instant => self.instant != other.instant,
            Field::InstantWhen => self.instant_when != other.instant_when,
            Field::Broadcasts => self.broadcasts != other.broadcasts,
            Field::DailyAt => self.daily_at != other.daily_at,
            Field::Timezone => self.timezone != other.timezone,
            Field::Language => self.language != other.language,
            Field::QuietHours => self.quiet_hours != other.quiet_hours,
        };
        Field::ALL.into_iter().filter(unlike).collect()
    }
}

/// Names a part of the preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// How often digests come at most.
    Frequency,
    /// When the first digest after a quiet time comes.
    DigestMode,
    /// Whether there are instant notices.
    Instant,
    /// When they come.
    InstantWhen,
    /// Whether broadcasts are mailed.
    Broadcasts,
    /// When the daily digest comes.
    DailyAt,
    /// By which clock.
    Timezone,
    /// The language of mails.
    Language,
    /// When no digest comes.
    QuietHours,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Frequency,
        Self::DigestMode,
        Self::Instant,
        Self::InstantWhen,
        Self::Broadcasts,
        Self::DailyAt,
        Self::Timezone,
        Self::Language,
        Self::QuietHours,
    ];

    /// Its name in requests and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frequency => "frequency",
            Self::DigestMode => "digest_mode",
            Self::Instant => "instant",
            Self::InstantWhen => "instant_when",
            Self::Broadcasts => "broadcasts",
            Self::DailyAt => "daily_at",
            Self::Timezone => "timezone",
            Self::Language => "language",
            Self::QuietHours => "quiet_hours",
        }
    }
}

/// What the institution decides about mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailPolicy {
    /// What holds for whoever never said what they want.
    pub defaults: Preferences,
    /// The parts of it that hold for everybody.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub locked: BTreeSet<Field>,
    /// After how many minutes somebody is told of a message at the earliest, so that a conversation under way makes one
    /// mail; at most [`MAX_SHORT_DELAY`](Self::MAX_SHORT_DELAY).
    pub short_delay_minutes: u8,
}

impl Default for MailPolicy {
    fn default() -> Self {
        Self { defaults: Preferences::default(), locked: BTreeSet::new(), short_delay_minutes: 5 }
    }
}

impl MailPolicy {
    /// The longest short delay, in minutes.
    pub const MAX_SHORT_DELAY: u8 = 60;

    /// Whether nobody has decided anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How long the short delay is.
    pub fn short_delay(&self) -> Duration {
        Duration::from_mins(self.short_delay_minutes.into())
    }

    /// What holds for somebody who said this, or never said anything.
    pub fn effective(&self, said: Option<&Preferences>) -> Preferences {
        let Some(said) = said else { return self.defaults.clone() };
        let mut is = said.clone();
        let defaults = &self.defaults;
        for field in &self.locked {
            match field {
                Field::Frequency => is.frequency = defaults.frequency,
                Field::DigestMode => is.digest_mode = defaults.digest_mode,
                Field::Instant => is.instant = defaults.instant,
                Field::InstantWhen => is.instant_when = defaults.instant_when,
                Field::Broadcasts => is.broadcasts = defaults.broadcasts,
                Field::DailyAt => is.daily_at = defaults.daily_at,
                Field::Timezone => is.timezone = defaults.timezone.clone(),
                Field::Language => is.language = defaults.language,
                Field::QuietHours => is.quiet_hours = defaults.quiet_hours,
            }
        }
        is
    }

    /// The parts of what somebody wants that the institution does not leave to them.
    pub fn forbidden(&self, wanted: &Preferences) -> BTreeSet<Field> {
        wanted.differences(&self.defaults).intersection(&self.locked).copied().collect()
    }
}

#[cfg(test)]
mod tests;

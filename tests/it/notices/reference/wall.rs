//! Clocks on walls.

use domain::clock::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

fn zone(name: &str) -> TimeZone {
    if name == "UTC" { TimeZone::UTC } else { TimeZone::get(name).unwrap() }
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap()
}

/// The time of the day that the clock on the wall shows, to the minute.
pub(super) fn shows(name: &str, at: Timestamp) -> String {
    zone(name).to_datetime(instant(at)).strftime("%H:%M").to_string()
}

/// When the clock on the wall shows `time` next after a moment: once a day, the first time if it shows it twice. On a
/// day on which it never does, because the clocks go forward over it, as much later as they go forward.
pub(super) fn next(name: &str, time: &str, after: Timestamp) -> Timestamp {
    let zone = zone(name);
    let (hour, minute) = time.split_once(':').unwrap();
    let today = zone.to_datetime(instant(after)).date();
    let mut days = today.series(jiff::Span::new().days(1));
    let moment = days.find_map(|date| {
        let wanted = date.at(hour.parse().unwrap(), minute.parse().unwrap(), 0, 0);
        Some(first_moment(&zone, wanted)).filter(|moment| *moment > after)
    });
    moment.unwrap()
}

/// The first moment at which the clock shows this, by what it differs from UTC the day before and the day after.
fn first_moment(zone: &TimeZone, wanted: DateTime) -> Timestamp {
    let utc = Offset::UTC.to_timestamp(wanted).unwrap();
    let day = jiff::SignedDuration::from_hours(24);
    let offsets = [zone.to_offset(utc - day), zone.to_offset(utc + day)];
    let moments = offsets.map(|offset| offset.to_timestamp(wanted).unwrap());
    let shown = moments.into_iter().filter(|moment| zone.to_datetime(*moment) == wanted).min();
    Timestamp::from_millis(shown.unwrap_or(moments[0]).as_millisecond())
}

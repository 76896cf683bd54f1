//! What can happen.

use proptest::prelude::*;

use crate::notices::reference::wants::Wants;
use crate::notices::reference::{Place, Who};

/// How many people there are.
pub(super) const PEOPLE: usize = 3;

/// How many conversations: of each the person of the same number is the administrator.
pub(super) const PLACES: usize = 2;

/// What happens. What the product refuses is no part of the history.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Send {
        by: Who,
        to: Place,
        mentions: Option<Who>,
        important: bool,
    },
    /// A message is edited that was sent so many before the newest.
    Edit {
        back: usize,
        mentions: Option<Who>,
        important: bool,
    },
    Withdraw {
        back: usize,
    },
    /// Somebody has read up to so many places before the newest.
    Read {
        by: Who,
        there: Place,
        back: u64,
    },
    Unread {
        by: Who,
        there: Place,
        back: u64,
    },
    Notify {
        by: Who,
        there: Place,
        what: &'static str,
    },
    /// A page says that somebody looks at it.
    Looks(Who),
    /// A page asks by itself how much is unread, and says that nobody looks.
    Polls(Who),
    SignOut(Who),
    Prefer(Who, Wants),
    Archive(Place, bool),
    /// Of those who are not the administrator, this one.
    Add(Place, usize),
    Remove(Place, usize),
    Leave(Place, usize),
    /// So many seconds pass.
    Pass(u64),
    /// When all ticks are handled, the last one comes again, and one that is so many minutes old.
    TicksAgain {
        back: u64,
    },
    /// So many ticks are late, and come all at once, also in another order.
    TicksLate {
        minutes: u64,
        backwards: bool,
    },
}

fn wants() -> impl Strategy<Value = Wants> {
    let times = || prop::sample::select(vec!["00:00", "02:30", "08:00", "12:15", "21:45", "23:59"]);
    let frequencies = vec!["none", "immediate", "2h", "4h", "6h", "8h", "12h", "daily", "daily"];
    let zones = vec!["UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu"];
    let how = (prop::sample::select(frequencies), any::<bool>(), prop::bool::weighted(0.7), any::<bool>());
    let by = (times(), prop::sample::select(zones), prop::sample::select(vec!["en", "es"]));
    let quiet = prop::option::weighted(0.4, (times(), times()));
    (how, by, quiet).prop_map(|((frequency, trailing, instant, always), (daily_at, zone, language), quiet)| Wants {
        frequency,
        trailing,
        instant,
        always,
        daily_at,
        zone,
        language,
        quiet,
    })
}

/// Seconds, minutes, hours, and now and then more than a day.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 1_u64..60,
        4 => 60_u64..600,
        2 => 600_u64..5 * 3_600,
        1 => 5 * 3_600_u64..30 * 3_600,
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE;
    let place = || 0..PLACES;
    let mentioned = || prop::option::weighted(0.4, who());
    let seldom = || prop::bool::weighted(0.2);
    let talk = prop_oneof![
        10 => (who(), place(), mentioned(), seldom())
            .prop_map(|(by, to, mentions, important)| Step::Send { by, to, mentions, important }),
        2 => (0_usize..4, mentioned(), seldom())
            .prop_map(|(back, mentions, important)| Step::Edit { back, mentions, important }),
        1 => (0_usize..4).prop_map(|back| Step::Withdraw { back }),
        3 => (who(), place(), 0_u64..4).prop_map(|(by, there, back)| Step::Read { by, there, back }),
        1 => (who(), place(), 0_u64..6).prop_map(|(by, there, back)| Step::Unread { by, there, back }),
    ];
    let manners = prop_oneof![
        2 => (who(), place(), prop::sample::select(vec!["all", "mentions", "nothing"]))
            .prop_map(|(by, there, what)| Step::Notify { by, there, what }),
        3 => who().prop_map(Step::Looks),
        1 => who().prop_map(Step::Polls),
        2 => who().prop_map(Step::SignOut),
        4 => (who(), wants()).prop_map(|(by, wants)| Step::Prefer(by, wants)),
    ];
    let places = prop_oneof![
        2 => (place(), any::<bool>()).prop_map(|(there, archived)| Step::Archive(there, archived)),
        1 => (place(), 1..PEOPLE).prop_map(|(there, other)| Step::Remove(there, other)),
        1 => (place(), 1..PEOPLE).prop_map(|(there, other)| Step::Leave(there, other)),
        2 => (place(), 1..PEOPLE).prop_map(|(there, other)| Step::Add(there, other)),
    ];
    let ticks = prop_oneof![
        1 => (1_u64..90).prop_map(|back| Step::TicksAgain { back }),
        1 => (0_u64..12, any::<bool>()).prop_map(|(minutes, backwards)| Step::TicksLate { minutes, backwards }),
    ];
    prop_oneof![16 => talk, 8 => manners, 4 => places, 3 => ticks, 12 => time().prop_map(Step::Pass)]
}

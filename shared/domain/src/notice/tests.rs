use proptest::prelude::*;

use super::*;
use crate::id::LookId;
use crate::preferences::QuietHours;

fn at(minute: u64) -> Timestamp {
    "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minute))
}

fn look(n: u128) -> LookId {
    uuid::Uuid::from_u128(n).into()
}

fn message(minute: u64) -> Item {
    Item { at: at(minute), urgent: false, broadcast: false }
}

fn urgent(minute: u64) -> Item {
    Item { urgent: true, ..message(minute) }
}

fn news(minute: u64) -> Item {
    Item { broadcast: true, ..message(minute) }
}

struct Scene {
    preferences: Preferences,
    seen: Option<Seen>,
    notices: Notices,
}

impl Scene {
    fn new() -> Self {
        Self { preferences: Preferences::default(), seen: None, notices: Notices::default() }
    }

    fn wanting(change: impl FnOnce(&mut Preferences)) -> Self {
        let mut scene = Self::new();
        change(&mut scene.preferences);
        scene
    }

    fn seen(mut self, since: u64, last: u64) -> Self {
        self.seen = Some(Seen { at: at(last), since: Some(at(since)), signed_out: None });
        self
    }

    fn mailed(mut self, minute: u64, fate: Fate) -> Self {
        self.notices.mailed = Some(Mailed { at: at(minute), fate });
        self
    }

    fn judge(&self, news: &[Item], minute: u64) -> Verdict {
        let circumstances = Circumstances {
            preferences: &self.preferences,
            short_delay: Duration::from_mins(5),
            seen: self.seen.as_ref(),
            notices: &self.notices,
        };
        circumstances.judge(news, at(minute))
    }
}

fn hold(minute: u64, rule: Rule, reason: Reason) -> Verdict {
    Verdict::Hold(Due { at: at(minute), rule, reason })
}

#[test]
fn the_first_mail_comes_after_the_short_delay_and_the_next_after_the_interval() {
    let scene = Scene::new();
    assert_eq!(scene.judge(&[message(0)], 0), hold(5, Rule::Digest, Reason::ShortDelay));
    assert_eq!(scene.judge(&[message(0), message(4)], 5), Verdict::Mail(Rule::Digest, Reason::ShortDelay));
    let scene = scene.mailed(5, Fate::Sent);
    assert_eq!(scene.judge(&[message(30)], 30), hold(245, Rule::Digest, Reason::Interval));
    assert_eq!(scene.judge(&[message(30)], 245), Verdict::Mail(Rule::Digest, Reason::Interval));
    assert_eq!(scene.judge(&[message(300)], 300), hold(305, Rule::Digest, Reason::ShortDelay));
}

#[test]
fn every_frequency_has_its_interval() {
    for (frequency, minutes) in [
        (Frequency::Immediate, 5),
        (Frequency::TwoHours, 120),
        (Frequency::FourHours, 240),
        (Frequency::SixHours, 360),
        (Frequency::EightHours, 480),
        (Frequency::TwelveHours, 720),
    ] {
        let scene = Scene::wanting(|preferences| preferences.frequency = frequency).mailed(0, Fate::Sent);
        let due = match scene.judge(&[message(0)], 0) {
            Verdict::Hold(due) => due.at,
            other => panic!("{other:?}"),
        };
        assert_eq!(due, at(minutes), "{frequency:?}");
    }
    let never = Scene::wanting(|preferences| preferences.frequency = Frequency::None);
    assert_eq!(never.judge(&[message(0)], 99), Verdict::Skip(Reason::FrequencyNone));
    let daily = Scene::wanting(|preferences| preferences.frequency = Frequency::Daily).mailed(0, Fate::Sent);
    assert_eq!(daily.judge(&[message(0)], 0), hold(23 * 60, Rule::Digest, Reason::Daily));
}

#[test]
fn trailing_waits_for_the_whole_interval() {
    let scene = Scene::wanting(|preferences| preferences.digest_mode = DigestMode::Trailing);
    assert_eq!(scene.judge(&[message(10)], 10), hold(250, Rule::Digest, Reason::Interval));
    assert_eq!(scene.mailed(100, Fate::Sent).judge(&[message(10)], 10), hold(340, Rule::Digest, Reason::Interval));
    // Also for whoever was there when it came: from when they went.
    let scene = Scene::wanting(|preferences| preferences.digest_mode = DigestMode::Trailing).seen(0, 8);
    assert_eq!(scene.judge(&[message(9)], 9), hold(253, Rule::Digest, Reason::Interval));
}

#[test]
fn what_is_urgent_comes_at_once_even_to_whoever_wants_no_digests() {
    for frequency in [Frequency::None, Frequency::FourHours, Frequency::Daily] {
        let scene = Scene::wanting(|preferences| preferences.frequency = frequency).mailed(0, Fate::Sent);
        assert_eq!(scene.judge(&[urgent(1)], 1), Verdict::Mail(Rule::Instant, Reason::Urgent), "{frequency:?}");
    }
    let off = Scene::wanting(|preferences| preferences.instant = false);
    assert_eq!(off.judge(&[urgent(1)], 1), hold(6, Rule::Digest, Reason::ShortDelay));
}

#[test]
fn urgent_messages_in_a_row_make_one_mail() {
    let mut scene = Scene::new();
    scene.notices.instant_at = Some(at(10));
    assert_eq!(scene.judge(&[urgent(10)], 10), hold(11, Rule::Instant, Reason::Coalescing));
    assert_eq!(scene.judge(&[urgent(10)], 11), Verdict::Mail(Rule::Instant, Reason::Coalescing));
    assert_eq!(scene.judge(&[urgent(12)], 12), Verdict::Mail(Rule::Instant, Reason::Urgent));
}

#[test]
fn whoever_is_there_is_told_when_they_go() {
    let scene = Scene::new().seen(0, 8);
    assert_eq!(scene.judge(&[urgent(9)], 9), hold(13, Rule::Instant, Reason::Online));
    assert_eq!(scene.judge(&[urgent(9)], 13), Verdict::Mail(Rule::Instant, Reason::Online));
    assert_eq!(scene.judge(&[message(9)], 9), hold(18, Rule::Digest, Reason::Online));
    // It came before they did, and was due while they were there.
    let came = Scene::new().seen(3, 4);
    assert_eq!(came.judge(&[message(0)], 5), hold(9, Rule::Digest, Reason::Online));
    assert_eq!(came.judge(&[message(0)], 9), Verdict::Mail(Rule::Digest, Reason::ShortDelay));
    let always = Scene::wanting(|preferences| preferences.instant_when = InstantWhen::Always).seen(0, 8);
    assert_eq!(always.judge(&[urgent(9)], 9), Verdict::Mail(Rule::Instant, Reason::Urgent));
}

#[test]
fn quiet_hours_hold_digests_and_not_what_is_urgent() {
    let quiet = |from: &str, to: &str| QuietHours {
        from: from.to_owned().try_into().unwrap(),
        to: to.to_owned().try_into().unwrap(),
    };
    let scene = Scene::wanting(|preferences| preferences.quiet_hours = Some(quiet("09:03", "11:00")));
    assert_eq!(scene.judge(&[message(0)], 0), hold(120, Rule::Digest, Reason::QuietHours));
    assert_eq!(scene.judge(&[message(0)], 119), hold(120, Rule::Digest, Reason::QuietHours));
    assert_eq!(scene.judge(&[message(0)], 120), Verdict::Mail(Rule::Digest, Reason::ShortDelay));
    assert_eq!(scene.judge(&[urgent(7)], 7), Verdict::Mail(Rule::Instant, Reason::Urgent));
}

#[test]
fn broadcasts_are_mailed_to_whoever_wants_nothing_else() {
    let scene = Scene::wanting(|preferences| preferences.frequency = Frequency::None);
    assert_eq!(scene.judge(&[news(0), message(0)], 0), hold(5, Rule::Broadcast, Reason::ShortDelay));
    assert_eq!(scene.judge(&[news(0)], 5), Verdict::Mail(Rule::Broadcast, Reason::ShortDelay));
    assert_eq!(Scene::new().judge(&[news(0)], 5), Verdict::Mail(Rule::Digest, Reason::ShortDelay));
    let important = Item { urgent: true, ..news(0) };
    assert_eq!(scene.judge(&[important], 0), Verdict::Mail(Rule::Instant, Reason::Urgent));
}

#[test]
fn what_may_have_been_sent_is_told_again_later_and_not_at_once() {
    let scene = Scene::new().mailed(10, Fate::Unknown);
    assert_eq!(scene.judge(&[urgent(5)], 11), hold(70, Rule::Instant, Reason::OutcomeUnknown));
    // What came after it was not told by it.
    assert_eq!(scene.judge(&[urgent(5), urgent(11)], 11), Verdict::Mail(Rule::Instant, Reason::Urgent));
    assert_eq!(scene.judge(&[message(5)], 11), hold(250, Rule::Digest, Reason::OutcomeUnknown));
    let immediate =
        Scene::wanting(|preferences| preferences.frequency = Frequency::Immediate).mailed(10, Fate::Refused);
    assert_eq!(immediate.judge(&[message(5)], 11), hold(250, Rule::Digest, Reason::Refused));
    assert_eq!(immediate.judge(&[message(5), message(12)], 12), hold(17, Rule::Digest, Reason::ShortDelay));
}

#[test]
fn a_look_that_is_to_come_needs_no_other() {
    let later = Timer { due: Some(Due::now(at(9))), ..Timer::default() };
    let waiting = Notices { timer: later, ..Notices::default() };
    assert!(waiting.covers(false, at(1)) && !waiting.covers(true, at(1)) && waiting.covers(true, at(9)));
    let (timer, _) = later.claim(at(9), look(1), at(9)).unwrap();
    assert!(!Notices { timer, ..Notices::default() }.covers(false, at(9)));
    let failed = Notices { mailed: Some(Mailed { at: at(0), fate: Fate::Unknown }), ..waiting };
    assert!(!failed.covers(false, at(1)) && failed.covers(false, at(9)));
    assert!(!Notices::default().covers(false, at(0)));
}

#[test]
fn one_look_at_a_time_and_nothing_that_comes_meanwhile_is_lost() {
    let due = |minute| Due::now(at(minute));
    let timer = Timer::default().mark(due(5)).unwrap();
    assert_eq!(timer.mark(due(5)), None);
    assert_eq!(timer.mark(due(9)), None);
    assert_eq!(timer.mark(due(3)).unwrap().due, Some(due(3)));

    assert_eq!(timer.claim(at(4), look(1), at(5)), None);
    let (claimed, first) = timer.claim(at(5), look(1), at(5)).unwrap();
    assert_eq!(claimed.claim(at(5), look(2), at(7)), None);
    let (taken_over, second) = claimed.claim(at(5), look(2), at(8)).unwrap();
    assert_eq!(taken_over.finish(first, None), None);
    assert_eq!(second.window, first.window);
    let over = taken_over.finish(second, None).unwrap();
    assert_eq!(over, Timer { last: Some(at(5)), ..Timer::default() });
    // What is due at the same time again is another window.
    let again = over.mark(due(5)).unwrap().claim(at(5), look(3), at(9)).unwrap().1;
    assert!(again.window > second.window && again.window < at(6));

    let marked = claimed.mark(due(6)).unwrap();
    assert_eq!(marked.due, timer.due);
    assert_eq!(marked.mark(due(7)), None);
    assert_eq!(marked.finish(first, Some(due(60))).unwrap().due, Some(due(6)));
}

#[test]
fn what_is_put_off_waits_for_the_latest_of_its_reasons() {
    let mut due = Due { at: at(5), rule: Rule::Digest, reason: Reason::ShortDelay };
    for (minute, reason, expected) in [
        (4, Reason::Online, (5, Reason::ShortDelay)),
        (5, Reason::Online, (5, Reason::ShortDelay)),
        (6, Reason::Interval, (6, Reason::Interval)),
    ] {
        due.not_before(at(minute), reason);
        assert_eq!((due.at, due.reason), (at(expected.0), expected.1));
    }
}

#[test]
fn a_look_is_marked_if_none_comes_before() {
    let marked = Notices { version: 3, ..Notices::default() }.marked(Due::now(at(5))).unwrap();
    assert_eq!((marked.timer.due, marked.version), (Some(Due::now(at(5))), 3));
    assert_eq!(marked.marked(Due::now(at(6))), None);
}

#[test]
fn a_look_leaves_behind_what_came_of_it() {
    let timer = Timer { due: Some(Due::now(at(5))), ..Timer::default() };
    let (timer, claim) = timer.claim(at(5), look(1), at(6)).unwrap();
    let notices = Notices { timer, ..Notices::default() };
    let mailed = |rule, fate| Outcome::Mailed { at: at(6), rule, fate, told: BTreeSet::new(), next: None };
    let sent = notices.looked(claim, mailed(Rule::Instant, Fate::Sent), at(7)).unwrap();
    assert_eq!((sent.mailed, sent.instant_at), (Some(Mailed { at: at(6), fate: Fate::Sent }), Some(at(6))));
    assert_eq!(sent.timer.due, None);
    assert_eq!(sent.looked(claim, mailed(Rule::Instant, Fate::Sent), at(7)), None);
    let skipped = notices.looked(claim, Outcome::Skipped(Reason::NothingUnread), at(7)).unwrap();
    assert!(skipped.was_skipped(Reason::NothingUnread, at(8)));
    // By a digest nothing urgent has to wait, and the reason why nothing went before is over.
    let digest = skipped.timer.mark(Due::now(at(9))).unwrap().claim(at(9), look(2), at(9)).unwrap();
    let again = Notices { timer: digest.0, ..skipped };
    let sent = again.looked(digest.1, mailed(Rule::Digest, Fate::Sent), at(9)).unwrap();
    assert_eq!((sent.instant_at, sent.skipped), (None, None));
    // What a mail told of is known when it went, and only then.
    let told: BTreeSet<BroadcastId> = [uuid::Uuid::from_u128(1).into()].into();
    for (fate, expected) in
        [(Fate::Sent, told.clone()), (Fate::Unknown, BTreeSet::new()), (Fate::Refused, BTreeSet::new())]
    {
        let outcome = Outcome::Mailed { at: at(6), rule: Rule::Digest, fate, told: told.clone(), next: None };
        assert_eq!(notices.looked(claim, outcome, at(7)).unwrap().told, expected, "{fate:?}");
    }
    let held = Due { at: at(30), rule: Rule::Digest, reason: Reason::Online };
    assert_eq!(notices.looked(claim, Outcome::Held(held), at(7)).unwrap().timer.due, Some(held));
}

#[test]
fn whoever_asks_for_a_look_gets_one_at_once_and_is_told_anew_why_nothing_is_mailed() {
    let later = Due { at: at(30), rule: Rule::Digest, reason: Reason::Online };
    let timer = Timer { due: Some(later), ..Timer::default() };
    let notices = Notices { timer, version: 3, ..Notices::default() }.skipping(Reason::NoAddress, at(0)).unwrap();
    let soon = Timer { due: Some(Due::now(at(1))), ..Timer::default() };
    assert_eq!(notices.asked(at(1)), Notices { timer: soon, skipped: None, ..notices.clone() });
    // What is due before that stays.
    assert_eq!(notices.asked(at(31)), Notices { skipped: None, ..notices });
}

#[test]
fn why_nothing_is_mailed_is_written_down_once_a_day() {
    let skipping = Notices::default().skipping(Reason::Muted, at(0)).unwrap();
    assert_eq!(skipping.skipping(Reason::Muted, at(24 * 60 - 1)), None);
    assert!(skipping.skipping(Reason::Muted, at(24 * 60)).is_some());
    assert!(skipping.skipping(Reason::NoAddress, at(0)).is_some());

    let counted = |items: &[Item]| {
        let Decision { rule, messages, conversations, broadcasts, .. } =
            Decision::skipped(items, Reason::FrequencyNone, at(0));
        (rule, messages, conversations, broadcasts)
    };
    assert_eq!(counted(&[]), (Rule::Digest, 1, 1, 0));
    assert_eq!(counted(&[message(0), urgent(1)]), (Rule::Instant, 2, 1, 0));
    assert_eq!(counted(&[news(0)]), (Rule::Digest, 0, 0, 1));
    assert_eq!(counted(&[message(0), news(0)]), (Rule::Digest, 1, 1, 1));
}

#[test]
fn whoever_wants_no_mail_about_broadcasts_wants_it_about_messages() {
    let wanted = |broadcasts, item: Item| {
        let scene = Scene::wanting(|preferences| preferences.broadcasts = broadcasts);
        item.is_wanted(&scene.preferences)
    };
    assert!(wanted(true, news(0)) && !wanted(false, news(0)));
    assert!(wanted(true, urgent(0)) && wanted(false, message(0)) && wanted(false, urgent(0)));
}

#[derive(Clone, Copy, Debug)]
struct Case {
    news: [Option<(u64, bool, bool)>; 3],
    now: u64,
    mailed: Option<u64>,
    seen: Option<(u64, u64)>,
}

fn case() -> impl Strategy<Value = Case> {
    let item = || prop::option::of((0_u64..600, any::<bool>(), any::<bool>()));
    let news = [item(), item(), item()];
    (news, 0_u64..900, prop::option::of(0_u64..600), prop::option::of((0_u64..600, 0_u64..60)))
        .prop_map(|(news, now, mailed, seen)| Case { news, now, mailed, seen })
}

fn frequency() -> impl Strategy<Value = Frequency> {
    use Frequency::{Daily, EightHours, FourHours, Immediate, None, SixHours, TwelveHours, TwoHours};
    prop::sample::select(vec![None, Immediate, TwoHours, FourHours, SixHours, EightHours, TwelveHours, Daily])
}

proptest! {
    /// Whoever looks when it is due, and finds the same, mails: a look that was put off is not put off for ever.
    #[test]
    fn what_is_held_is_due_when_it_says(case in case(), frequency in frequency(), instant in any::<bool>()) {
        let mut scene = Scene::wanting(|preferences| {
            preferences.frequency = frequency;
            preferences.instant = instant;
        });
        if let Some(minute) = case.mailed {
            scene = scene.mailed(minute, Fate::Sent);
        }
        if let Some((since, long)) = case.seen {
            scene = scene.seen(since, since + long);
        }
        let items: Vec<Item> = case.news.iter().flatten()
            .map(|(minute, urgent, broadcast)| Item { at: at(*minute), urgent: *urgent, broadcast: *broadcast })
            .collect();
        if let Verdict::Hold(due) = scene.judge(&items, case.now) {
            prop_assert!(due.at > at(case.now));
            let then = due.at.since(at(0)).as_secs() / 60;
            prop_assert!(matches!(scene.judge(&items, then), Verdict::Mail(..)), "{:?}", scene.judge(&items, then));
            // And never before.
            prop_assert!(!matches!(scene.judge(&items, then.saturating_sub(1).max(case.now)), Verdict::Mail(..)));
        }
    }

    /// More to tell is never told later.
    #[test]
    fn more_news_is_not_told_later(case in case(), frequency in frequency()) {
        let scene = Scene::wanting(|preferences| preferences.frequency = frequency);
        let when = |verdict| match verdict {
            Verdict::Mail(..) => Some(at(0)),
            Verdict::Hold(due) => Some(due.at),
            Verdict::Skip(_) => None,
        };
        let few = when(scene.judge(&[message(300)], case.now));
        let more = when(scene.judge(&[message(300), urgent(200)], case.now));
        prop_assert!(few.is_none_or(|few| more.is_some_and(|more| more <= few)));
    }
}

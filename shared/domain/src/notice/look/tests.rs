use super::*;
use crate::notice::Skipped;

fn at(minute: u64) -> Timestamp {
    "2026-03-01T09:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_mins(minute))
}

fn due(minute: u64, rule: Rule, reason: Reason) -> Due {
    Due { at: at(minute), rule, reason }
}

/// Somebody for whom one message waits since the first minute.
struct Scene {
    settings: Settings,
    preferences: Preferences,
    notices: Notices,
    profile: Profile,
    suppressed: Option<Suppression>,
    facts: DigestFacts,
    news: Vec<Item>,
    silenced: bool,
}

impl Scene {
    fn new() -> Self {
        let profile = Profile {
            email: Some("ann@hospital.example".to_owned().try_into().unwrap()),
            active: true,
            ..Profile::gone(&"ann".parse().unwrap())
        };
        Self {
            settings: Settings::default(),
            preferences: Preferences::default(),
            notices: Notices::default(),
            profile,
            suppressed: None,
            facts: DigestFacts { messages: 1, conversations: 1, ..DigestFacts::default() },
            news: vec![Item::message(at(0), false)],
            silenced: false,
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut scene = Self::new();
        change(&mut scene);
        scene
    }

    fn at(&self, minute: u64) -> Look<'_> {
        Look {
            settings: &self.settings,
            preferences: &self.preferences,
            notices: &self.notices,
            profile: &self.profile,
            seen: None,
            suppressed: self.suppressed,
            facts: self.facts,
            news: &self.news,
            silenced: self.silenced,
            now: at(minute),
        }
    }
}

#[test]
fn a_mail_goes_when_it_is_owed_for_what_it_had_waited_for() {
    let scene = Scene::new();
    assert_eq!(scene.at(4).verdict(), Verdict::Hold(due(5, Rule::Digest, Reason::ShortDelay)));
    assert_eq!(scene.at(5).verdict(), Verdict::Mail(Rule::Digest, Reason::ShortDelay));
    for (waited, reason) in [
        (due(5, Rule::Digest, Reason::QuietHours), Reason::QuietHours),
        (due(5, Rule::Digest, Reason::Changed), Reason::ShortDelay),
        (due(5, Rule::Instant, Reason::Coalescing), Reason::ShortDelay),
    ] {
        let scene = Scene::with(|scene| scene.notices.timer.due = Some(waited));
        assert_eq!(scene.at(5).verdict(), Verdict::Mail(Rule::Digest, reason), "{waited:?}");
    }
}

#[test]
fn no_mail_goes_where_none_should_or_can() {
    let told = |scene: &mut Scene| scene.news.clear();
    let read = |scene: &mut Scene| (scene.facts, scene.news) = (DigestFacts::default(), Vec::new());
    let broadcast = |scene: &mut Scene| {
        told(scene);
        scene.facts = DigestFacts { broadcasts: 1, ..DigestFacts::default() };
    };
    let cases: [(Scene, Reason); 10] = [
        (Scene::with(|scene| scene.profile.active = false), Reason::AccountDisabled),
        (Scene::with(|scene| scene.profile.email = None), Reason::NoAddress),
        (Scene::with(|scene| scene.suppressed = Some(Suppression::Bounced)), Reason::AddressBounced),
        (Scene::with(|scene| scene.suppressed = Some(Suppression::Complained)), Reason::AddressComplained),
        (Scene::with(|scene| scene.preferences.frequency = Frequency::None), Reason::FrequencyNone),
        (Scene::with(told), Reason::AlreadyTold),
        (Scene::with(broadcast), Reason::AlreadyTold),
        (Scene::with(read), Reason::NothingUnread),
        (
            Scene::with(|scene| {
                read(scene);
                scene.silenced = true;
            }),
            Reason::Muted,
        ),
        (
            Scene::with(|scene| {
                told(scene);
                scene.silenced = true;
            }),
            Reason::AlreadyTold,
        ),
    ];
    for (scene, reason) in cases {
        assert_eq!(scene.at(5).verdict(), Verdict::Skip(reason));
    }
    // That no mail can go is said when one would.
    let early = Scene::with(|scene| scene.profile.email = None);
    assert_eq!(early.at(4).verdict(), Verdict::Hold(due(5, Rule::Digest, Reason::ShortDelay)));
}

#[test]
fn while_the_messenger_is_off_everything_waits() {
    let scene = Scene::with(|scene| {
        scene.settings.messenger_enabled = false;
        scene.profile.active = false;
    });
    assert_eq!(scene.at(5).verdict(), Verdict::Hold(due(65, Rule::Digest, Reason::MessengerDisabled)));
}

#[test]
fn what_somebody_knows_already_is_not_written_down_again() {
    let held = due(9, Rule::Digest, Reason::Online);
    let scene = Scene::with(|scene| scene.notices.timer.due = Some(due(5, Rule::Digest, Reason::Online)));
    assert!(scene.at(5).was_noted(Verdict::Hold(held)));
    assert!(!scene.at(5).was_noted(Verdict::Hold(Due { reason: Reason::Interval, ..held })));
    assert!(!Scene::new().at(5).was_noted(Verdict::Hold(held)));
    assert!(!scene.at(5).was_noted(Verdict::Mail(Rule::Digest, Reason::Online)));

    for (reason, known) in [(Reason::Muted, true), (Reason::NothingUnread, false)] {
        let scene = Scene::with(|scene| scene.notices.skipped = Some(Skipped { reason, at: at(0) }));
        assert_eq!(scene.at(60).was_noted(Verdict::Skip(reason)), known);
        assert!(!scene.at(24 * 60).was_noted(Verdict::Skip(reason)));
        assert!(!scene.at(60).was_noted(Verdict::Skip(Reason::NoAddress)));
    }
}

#[test]
fn whoever_can_get_fewer_mails_is_told_how() {
    assert!(Scene::new().at(5).may_ask_for_less());
    assert!(!Scene::with(|scene| scene.preferences.frequency = Frequency::None).at(5).may_ask_for_less());
    let locked = |field| Scene::with(|scene| scene.settings.mail.locked = [field].into());
    assert!(!locked(Field::Frequency).at(5).may_ask_for_less());
    assert!(locked(Field::Instant).at(5).may_ask_for_less());
}

#[test]
fn after_a_mail_that_may_not_have_gone_it_is_looked_again() {
    let scene = Scene::new();
    let told: BTreeSet<BroadcastId> = [uuid::Uuid::from_u128(1).into()].into();
    let mailed = |fate| match scene.at(5).mailed(Rule::Digest, fate, told.clone()) {
        Outcome::Mailed { at: when, next, told: of, .. } if when == at(5) && of == told => next,
        other => panic!("{other:?}"),
    };
    assert_eq!(mailed(Fate::Sent), None);
    // As long as it takes until the next mail by the frequency: four hours, unless something else is said.
    assert_eq!(mailed(Fate::Unknown), Some(due(245, Rule::Digest, Reason::OutcomeUnknown)));
    assert_eq!(mailed(Fate::Refused), Some(due(245, Rule::Digest, Reason::Refused)));
    assert_eq!(scene.at(5).throttled(Rule::Instant), due(6, Rule::Instant, Reason::Throttled));
}

#[test]
fn what_somebody_began_who_did_not_come_back_counts_as_far_as_it_was_written_down() {
    let told: BTreeSet<BroadcastId> = [uuid::Uuid::from_u128(1).into()].into();
    let scene = Scene::with(|scene| scene.notices.told = told.clone());
    let begun = |result| scene.at(5).decision(Rule::Digest, result, Reason::ShortDelay);
    for (result, fate, reason) in [
        (DecisionResult::Sent, Fate::Sent, Reason::Interval),
        (DecisionResult::Refused, Fate::Refused, Reason::Refused),
        (DecisionResult::Unknown, Fate::Unknown, Reason::OutcomeUnknown),
    ] {
        let next = Some(due(245, Rule::Digest, reason));
        let expected = Outcome::Mailed { at: at(5), rule: Rule::Digest, fate, told: told.clone(), next };
        assert_eq!(scene.at(8).after(&begun(result)), expected);
    }
    for result in [DecisionResult::Held, DecisionResult::Skipped] {
        let expected = Outcome::Held(due(9, Rule::Digest, Reason::ShortDelay));
        assert_eq!(scene.at(8).after(&begun(result)), expected);
    }
}

#[test]
fn what_is_written_down_says_how_much_waited() {
    let facts = DigestFacts { messages: 3, conversations: 2, important: true, mentioned: true, broadcasts: 1 };
    let scene = Scene::with(|scene| scene.facts = facts);
    let held = scene.at(4).held(due(5, Rule::Instant, Reason::Coalescing));
    let expected = Decision {
        at: at(4),
        rule: Rule::Instant,
        result: DecisionResult::Held,
        reason: Reason::Coalescing,
        messages: 3,
        conversations: 2,
        broadcasts: 1,
        until: Some(at(5)),
    };
    assert_eq!(held, expected);
}

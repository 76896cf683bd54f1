//! Two that look at the same moment, in many orders of their requests, and ticks that come twice or late.

use domain::clock::Timestamp;
use serde_json::{Value, json};
use store::Purpose;
use tests::turnstile::{Turnstile, named};
use tests::world::World;

use super::{Owed, tick};
use crate::notices::{hours, mails, minutes, sends_important};

const NAMES: [&str; 2] = ["one", "two"];

const NOBODY: [&str; 0] = [];

/// Has two handle these events at once, their requests one at a time in an order that the dice choose.
async fn at_once(world: &World, seed: u64, events: [Value; 2]) {
    let turnstile = Turnstile::default();
    world.wire().hold(turnstile.clone());
    let mut names = NAMES.into_iter();
    let mut tasks = events.map(|event| {
        let digest = world.metered_digest();
        tokio::spawn(named(names.next().unwrap(), async move { digest.handle(event, None).await.unwrap() }))
    });
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut ended = [false; 2];
    loop {
        for (n, task) in tasks.iter_mut().enumerate() {
            if !ended[n] {
                tokio::select! {
                    _ = turnstile.wait_for(NAMES[n]) => {}
                    done = &mut *task => {
                        done.unwrap();
                        ended[n] = true;
                    }
                }
            }
        }
        let able: Vec<&str> = (0..2).filter(|n| !ended[*n]).map(|n| NAMES[n]).collect();
        let Some(goes) = dice.choice(&able) else { return };
        turnstile.let_through(goes).await;
    }
}

async fn notice_due(world: &World, owed: &Owed) -> Value {
    let reference = world.reference(Purpose::Notice, &owed.jo).await;
    json!({ "source": "confer", "detail-type": "NoticeDue", "detail": { "reference": reference } })
}

#[tokio::test]
async fn of_two_that_look_at_the_same_moment_one_mails() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for seed in 0..40_u64 {
        let owed = Owed::new(&world, &ann, &format!("jo.{seed}")).await;
        let other = if seed.is_multiple_of(2) { tick(&world) } else { notice_due(&world, &owed).await };
        at_once(&world, seed, [tick(&world), other]).await;
        assert_eq!(owed.mails(&world).len(), 1, "{seed}");
        world.passes(hours(24)).await;
        assert_eq!(owed.mails(&world), [], "{seed}");
    }
}

#[tokio::test]
async fn what_comes_while_another_looks_is_told_and_nothing_twice() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for seed in 0..20 {
        let owed = Owed::new(&world, &ann, &format!("jo.{seed}")).await;
        let sends = async {
            ann.sends(&owed.ward, "and this").await.expect(201);
            world.settles().await;
        };
        tokio::join!(at_once(&world, seed, [tick(&world), tick(&world)]), sends);
        let first = owed.mails(&world).len();
        assert_eq!(first, 1, "{seed}");
        // If the mail did not tell of it, the next one does.
        world.passes(hours(24)).await;
        assert!(owed.mails(&world).len() <= 1, "{seed}");
        let row = world.item(&format!("U#{}", owed.jo.username()), &format!("C#{}", owed.ward.id)).await.unwrap();
        assert!(row["noticed"].as_u64() > Some(owed.seq), "{seed}: {row}");
    }
}

#[tokio::test]
async fn ticks_that_come_twice_or_late_make_one_mail() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let owed = Owed::new(&world, &ann, "jo").await;
    let now = world.clock().now();
    let late = |minutes: i64| json!({ "scheduled_at": Timestamp::from_millis(now.as_millis() - minutes * 60_000) });
    // He went a minute ago: nothing was due before.
    for minutes in [2, 5, 60 * 24] {
        world.digest().handle(late(minutes), None).await.unwrap();
        assert_eq!(owed.mails(&world), []);
    }
    for minutes in [1, 0, 0, 1, 7] {
        world.digest().handle(late(minutes), None).await.unwrap();
        let due = notice_due(&world, &owed).await;
        world.digest().handle(due, None).await.unwrap();
    }
    assert_eq!(owed.mails(&world), [now]);
    world.passes(minutes(5)).await;
    for minutes in [0, 1, 3] {
        world.digest().handle(late(minutes), None).await.unwrap();
    }
    world.passes(hours(24)).await;
    assert_eq!(owed.mails(&world), []);
}

#[tokio::test]
async fn a_tick_whose_clock_is_ahead_of_ours_looks_at_what_is_due_by_its_own() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let jo = world.person("jo").await;
    let ward = ann.starts("Ward 4", &[&jo]).await;
    sends_important(&ann, &ward, "fire").await.expect(201);
    world.settles().await;
    // He is there for another minute, by our clock.
    world.hand().advance(minutes(4));
    world.digest().handle(tick(&world), None).await.unwrap();
    assert_eq!(mails(&world), NOBODY);
    let ahead = world.clock().now().after(minutes(1));
    world.digest().handle(json!({ "scheduled_at": ahead }), None).await.unwrap();
    assert_eq!(mails(&world), ["jo 03-01 09:04:00"]);
    world.passes(hours(24)).await;
    assert_eq!(mails(&world), NOBODY);
}

#[tokio::test]
async fn who_is_named_by_a_reference_that_is_not_ours_is_nobody() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let owed = Owed::new(&world, &ann, "jo").await;
    let others = [json!("jo"), json!(""), json!(world.reference(Purpose::Unsubscribe, &owed.jo).await)];
    for reference in others {
        let event = json!({ "source": "confer", "detail-type": "NoticeDue", "detail": { "reference": reference } });
        world.digest().handle(event, None).await.unwrap();
        assert_eq!(owed.mails(&world), [], "{reference}");
    }
}

//! Looks that die: after any of their requests to the table, with or without its answer.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tests::turnstile::{Last, dies};
use tests::world::World;

use super::{Owed, tick};
use crate::notices::{hours, log, minutes};

/// When what is urgent is told of again, if the mail may have been sent.
const AGAIN: Duration = Duration::from_hours(1);

/// How long a look that died is in the way of another one, and the ticks before and after.
const IN_THE_WAY: Duration = Duration::from_mins(4);

/// Lets the function handle the tick of this minute, make so many requests, and end there; says whether it had not
/// ended by itself.
async fn look_dies(world: &World, requests: usize, last: Last) -> bool {
    let (digest, tick) = (world.metered_digest(), tick(world));
    dies(world, requests, last, async move { digest.handle(tick, None).await.unwrap() }).await
}

#[tokio::test]
async fn a_look_that_dies_anywhere_makes_one_mail_at_most_and_what_it_did_not_tell_is_told() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut deaths = 0;
    let mut ends = BTreeSet::new();
    for last in [Last::Answered, Last::Unanswered] {
        for requests in 0.. {
            let owed = Owed::new(&world, &ann, &format!("jo.{last:?}.{requests}").to_lowercase()).await;
            let (died, died_at) = (look_dies(&world, requests, last).await, world.clock().now());
            let in_time = owed.mails(&world);
            world.passes(minutes(80)).await;
            let later = owed.mails(&world);
            world.passes(hours(24)).await;
            assert_eq!(owed.mails(&world), [], "{last:?} {requests}: more than two windows");
            if !died {
                assert_eq!((in_time.len(), later.len()), (1, 0), "{last:?} {requests}: nothing was in the way");
                break;
            }
            deaths += 1;
            match (&in_time[..], &later[..]) {
                // It is told once: soon, if no mail was begun; or in the next window, because one may have left.
                ([], [at]) => {
                    let wait = at.since(died_at);
                    assert!(wait <= IN_THE_WAY || wait >= AGAIN, "{last:?} {requests}: {wait:?}");
                }
                // It was told, and that was noted before the end.
                ([_], []) => {}
                // It was told, and nobody knows that: it is told again in the next window, never in the same.
                ([first], [second]) => assert!(second.since(*first) >= AGAIN, "{last:?} {requests}"),
                other => panic!("{last:?} {requests}: {other:?}"),
            }
            let mails = in_time.len() + later.len();
            let rows = log(&owed.jo).await;
            let count = |what: &str| rows.iter().filter(|row| row.split(' ').nth(1) == Some(what)).count();
            assert!(
                count("sent") <= mails && mails <= count("sent") + count("unknown"),
                "{last:?} {requests}: {rows:?}"
            );
            ends.insert((in_time.len(), later.len()));
        }
    }
    assert!(deaths >= 20, "{deaths}");
    assert!(ends.len() > 1, "looks died before and after their mail: {ends:?}");
    eprintln!("{deaths} deaths of a look");
}

#[tokio::test]
async fn what_was_read_after_a_look_died_makes_no_further_mail() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for requests in 0.. {
        let owed = Owed::new(&world, &ann, &format!("jo.{requests}")).await;
        let died = look_dies(&world, requests, Last::Answered).await;
        let in_time = owed.mails(&world).len();
        assert!(in_time <= 1, "{requests}");
        owed.jo.put(&owed.ward.read(), json!({ "seq": owed.seq })).await.expect(200);
        world.passes(hours(24)).await;
        assert_eq!(owed.mails(&world), [], "{requests}");
        if !died {
            assert_eq!(in_time, 1);
            break;
        }
    }
}

#[tokio::test]
async fn a_look_meets_faults_of_the_table_and_nobody_has_two_mails_for_one_window() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    for seed in 0..20 {
        let owed = Owed::new(&world, &ann, &format!("jo.{seed}")).await;
        world.wire().faults.at_random(20, seed);
        // Whether it says that it failed or not: the next ones come to what it left.
        let _ = world.metered_digest().handle(tick(&world), None).await;
        world.wire().faults.stop();
        let in_time = owed.mails(&world);
        world.passes(minutes(80)).await;
        let later = owed.mails(&world);
        match (&in_time[..], &later[..]) {
            ([], [_]) | ([_], []) => {}
            ([first], [second]) => assert!(second.since(*first) >= AGAIN, "{seed}"),
            other => panic!("{seed}: {other:?}"),
        }
        world.passes(hours(24)).await;
        assert_eq!(owed.mails(&world), [], "{seed}");
    }
}

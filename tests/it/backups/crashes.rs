//! Runs that end without a word, come twice, or find that somebody else is at work.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::beside::files_below;
use tests::faults::Fault;
use tests::turnstile::{Last, Turnstile, dies, named};
use tests::world::World;

use super::archives::large;
use super::{asks, fetched, looks};

/// What lies in the bucket beside the attachments, by the end of its key.
pub(super) fn objects(world: &World) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files_below(&world.bucket().join("b")).iter().map(name).collect()
}

/// The first file in a folder that is called so.
fn find(folder: &Path, so: impl Fn(&str) -> bool) -> PathBuf {
    files_below(folder).into_iter().find(|path| so(&path.file_name().unwrap().to_string_lossy())).unwrap()
}

/// A small conversation of which Ann asked for a back-up, and the event that says so.
async fn asked(world: &World) -> (Actor, Conversation, Value, Value) {
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    ann.sends(&ward, "Hello").await.expect(201);
    let asked = asks(&ann, &ward).await.expect(202);
    world.delivers().await;
    let [due] = &world.bus().take_own()[..] else { panic!("one event") };
    (ann, ward, asked, due.clone())
}

/// Runs, and ends before the request to the table with this number; says whether there was one.
async fn dies_before(world: &World, due: &Value, deadline: bool, request: usize) -> bool {
    let (jobs, due, deadline) = (world.metered_jobs(), due.clone(), deadline.then(|| world.clock().now()));
    dies(world, request, Last::Answered, async move { jobs.handle(due, deadline).await.unwrap() }).await
}

#[tokio::test]
async fn whenever_a_run_ends_another_one_goes_on() {
    for request in 0.. {
        let world = World::new().await;
        let (ann, ward, asked, due) = asked(&world).await;
        let died = dies_before(&world, &due, false, request).await;
        // As soon as Lambda comes again the back-up is nobody's any more.
        world.hand().advance(Duration::from_mins(1));
        world.jobs().handle(due, None).await.unwrap();
        let ready = looks(&ann, &ward, &asked).await.expect(200);
        fetched(&world, &ward, &ready).await;
        assert_eq!(objects(&world).len(), 1, "{request}");
        if !died {
            assert!(request > 5, "there were only {request} requests");
            return;
        }
    }
}

#[tokio::test]
async fn a_run_that_dies_after_a_note_is_gone_on_with_from_there() {
    let world = World::new().await;
    let (ann, ward, files) = large(&world).await;
    let asked = asks(&ann, &ward).await.expect(202);
    world.delivers().await;
    let [due] = &world.bus().take_own()[..] else { panic!("one event") };
    world.jobs().handle(due.clone(), Some(world.clock().now())).await.unwrap();
    // The second run puts parts, and dies before it can say how far it came.
    assert!(dies_before(&world, due, true, 6).await);
    world.jobs().handle(due.clone(), None).await.unwrap();
    assert_eq!(looks(&ann, &ward, &asked).await.expect(200)["state"], "running", "it is somebody else's");
    world.hand().advance(Duration::from_mins(1));
    world.jobs().handle(due.clone(), None).await.unwrap();
    let ready = looks(&ann, &ward, &asked).await.expect(200);
    let backup = fetched(&world, &ward, &ready).await;
    assert_eq!(backup.0.values().filter(|bytes| files.contains(bytes)).count(), 3);
    assert_eq!(objects(&world).len(), 1, "no note is left");
}

#[tokio::test]
async fn what_earlier_runs_left_and_is_gone_or_changed_is_made_anew() {
    for lost in ["a note", "a part"] {
        let world = World::new().await;
        let (ann, ward, files) = large(&world).await;
        let asked = asks(&ann, &ward).await.expect(202);
        world.delivers().await;
        let due = world.bus().take_own().remove(0);
        for _ in 0..2 {
            world.jobs().handle(due.clone(), Some(world.clock().now())).await.unwrap();
        }
        if lost == "a note" {
            std::fs::remove_file(find(&world.bucket().join("b"), |name| name.contains('.'))).unwrap();
        } else {
            // What is not put together yet lies beside the buckets.
            std::fs::remove_file(find(world.bucket().parent().unwrap(), |name| name.contains(".part-"))).unwrap();
            world.jobs().handle(due.clone(), None).await.unwrap_err();
            world.hand().advance(Duration::from_mins(1));
        }
        world.jobs().handle(due, None).await.unwrap();
        let ready = looks(&ann, &ward, &asked).await.expect(200);
        let backup = fetched(&world, &ward, &ready).await;
        assert_eq!(backup.0.values().filter(|bytes| files.contains(bytes)).count(), 3, "{lost}");
    }
}

#[tokio::test]
async fn a_run_that_was_taken_for_dead_changes_nothing_any_more() {
    for request in 3.. {
        let world = World::new().await;
        let (ann, ward, asked, due) = asked(&world).await;
        let turnstile = Turnstile::default();
        world.wire().hold(turnstile.clone());
        let (jobs, slow) = (world.metered_jobs(), due.clone());
        let mut run = tokio::spawn(named("jobs", async move { jobs.handle(slow, None).await.unwrap() }));
        for n in 0..=request {
            tokio::select! {
                _ = turnstile.wait_for("jobs") => {}
                done = &mut run => {
                    done.unwrap();
                    assert!(n > 5, "there were only {n} requests");
                    return;
                }
            }
            if n < request {
                turnstile.let_through("jobs").await;
            }
        }
        // It has the back-up, and is silent for too long.
        world.hand().advance(Duration::from_mins(1));
        world.jobs().handle(due, None).await.unwrap();
        let ready = looks(&ann, &ward, &asked).await.expect(200);
        let outcome = loop {
            tokio::select! {
                _ = turnstile.let_through("jobs") => {}
                done = &mut run => break done.unwrap()["outcome"].clone(),
            }
        };
        assert_eq!(outcome, "nothing", "{request}");
        let later = looks(&ann, &ward, &asked).await.expect(200);
        assert_eq!((&later["size"], &later["expires_at"]), (&ready["size"], &ready["expires_at"]));
        fetched(&world, &ward, &later).await;
    }
}

#[tokio::test]
async fn told_twice_at_once_it_is_made_once() {
    let world = World::new().await;
    let (ann, ward, asked, due) = asked(&world).await;
    let runs = [0; 4].map(|_| {
        let (jobs, due) = (world.jobs().clone(), due.clone());
        tokio::spawn(async move { jobs.handle(due, None).await.unwrap()["outcome"].clone() })
    });
    let mut outcomes = Vec::new();
    for run in runs {
        outcomes.push(run.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "ready").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "nothing").count(), 3, "{outcomes:?}");
    let ready = looks(&ann, &ward, &asked).await.expect(200);
    fetched(&world, &ward, &ready).await;
}

#[tokio::test]
async fn an_answer_of_the_table_that_is_lost_changes_nothing() {
    for operation in ["GetItem", "BatchGetItem", "Query", "PutItem"] {
        for fault in [Fault::LoseTheAnswer, Fault::Drop, Fault::ServerError, Fault::Throttle] {
            let world = World::new().await;
            let (ann, ward, asked, due) = asked(&world).await;
            world.wire().faults.plan(operation, [Some(fault)]);
            let done = world.metered_jobs().handle(due, None).await.unwrap();
            assert_eq!(done, json!({ "outcome": "ready" }), "{operation} {fault:?}");
            assert_eq!(world.wire().faults.left(), 0, "{operation} {fault:?}: it never came to it");
            let ready = looks(&ann, &ward, &asked).await.expect(200);
            fetched(&world, &ward, &ready).await;
        }
    }
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_recorded_once() {
    for fault in [Fault::LoseTheAnswer, Fault::Drop, Fault::ServerError, Fault::Throttle] {
        let world = World::new().await;
        let ann = world.person("ann").await;
        let ward = ann.starts("Ward 4", &[]).await;
        world.wire().faults.plan("TransactWriteItems", [Some(fault)]);
        let asked = asks(&ann, &ward).await.expect(202);
        world.settles().await;
        let ready = looks(&ann, &ward, &asked).await.expect(200);
        let backup = fetched(&world, &ward, &ready).await;
        assert_eq!(backup.rows().iter().filter(|row| row[6] == "made a back-up").count(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_tried_for_a_day_and_then_given_up() {
    let world = World::new().await;
    let (ann, ward, asked, _) = asked(&world).await;
    let at = format!("C#{}", ward.id);
    let mut spoilt = world.item(&at, "E#000000000002").await.unwrap();
    let content = std::mem::replace(&mut spoilt["content"], json!(7));
    world.plant(&spoilt).await;
    world.passes(Duration::from_hours(3)).await;
    assert_eq!(looks(&ann, &ward, &asked).await.expect(200)["state"], "running");
    world.passes(Duration::from_hours(22)).await;
    assert_eq!(looks(&ann, &ward, &asked).await.expect(200)["state"], "failed");
    spoilt["content"] = content;
    world.plant(&spoilt).await;
    // What failed can be asked for again, and the one that failed is forgotten.
    super::backs_up(&world, &ann, &ward).await;
    world.passes(Duration::from_hours(26)).await;
    looks(&ann, &ward, &asked).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn nobody_gets_one_that_is_made_after_they_were_removed() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    let asked = asks(&ben, &ward).await.expect(202);
    world.delivers().await;
    let due = world.bus().take_own().remove(0);
    ann.removes(&ward, &ben).await.expect(204);
    assert_eq!(world.jobs().handle(due, None).await.unwrap()["outcome"], "given_up");
    assert!(objects(&world).is_empty());
    looks(&ben, &ward, &asked).await.expect_problem(404, "not-found");
}

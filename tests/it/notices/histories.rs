//! What people do while time passes, at random: after every step exactly the mails have come that the [`Reference`]
//! says, to the same people, at the same times, with the same numbers in them.
//!
//! [`Reference`]: super::reference::Reference

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tests::environment::told;

use stage::Stage;
use step::{Step, step};

mod stage;
mod step;

/// How many histories are played at the same time, each in a world of its own.
const WORKERS: u32 = 2;

/// How many histories are played, by `CONFER_HISTORIES_OF_NOTICES`.
fn histories() -> u32 {
    told("CONFER_HISTORIES_OF_NOTICES").unwrap_or(40)
}

/// How long after the first of March 2026, nine o'clock in the morning, a history begins: at once, or in the evening
/// before clocks are changed, in New York and Madrid, forward and back.
fn beginning() -> impl Strategy<Value = Duration> {
    let days = prop::sample::select(vec![0, 6, 27, 237, 244]);
    days.prop_map(|days| if days == 0 { Duration::ZERO } else { Duration::from_hours(24 * days + 12) })
}

/// Lets people take these steps, and says which mails came that should not have, or should have and did not.
async fn play(after: Duration, steps: &[Step]) -> Result<(), String> {
    let mut stage = Stage::new(after).await;
    for (n, step) in steps.iter().enumerate() {
        stage.take(step).await.map_err(|why| format!("step {n}, {step:?}\n{why}"))?;
    }
    stage.ends().await.map_err(|why| format!("in the end\n{why}"))
}

/// Plays histories, and returns one that the reference does not explain.
fn unexplained(cases: u32) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let history = (beginning(), prop::collection::vec(step(), 1..30));
    let play = |(after, steps): (Duration, Vec<Step>)| {
        runtime.block_on(async { play(after, &steps).await }).map_err(TestCaseError::fail)
    };
    TestRunner::new(config).run(&history, play).err().map(|found| found.to_string())
}

#[test]
fn whatever_people_do_everybody_gets_the_mails_that_the_rules_say_and_no_others() {
    let cases = histories().div_ceil(WORKERS);
    let found: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(move || unexplained(cases))).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    eprintln!("{} histories have the mails that the rules say, and no others", cases * WORKERS);
}

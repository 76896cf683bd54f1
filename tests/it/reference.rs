//! Conversations and messages as a whole, against a reference: the rules once more, without a table, a log or a queue.
//!
//! People do something, alone or two at the same moment in two processes. After that, the [`Model`] must explain every
//! answer and all that everybody sees. Of two acts at the same moment it may have been either that came first.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use tests::environment::told;
use tokio::runtime::Runtime;

use model::{Flaw, Model};
use stage::Stage;
use step::{Step, opening, step};

mod call;
mod check;
mod model;
mod rules;
mod stage;
mod step;
mod view;

/// How many sequences are played at the same time, each in a world of its own.
const WORKERS: u32 = 2;

/// In how many sequences a wrong rule must show.
const SOON: u32 = 150;

/// How many sequences are played, by `CONFER_SEQUENCES`.
fn sequences() -> u32 {
    told("CONFER_SEQUENCES").unwrap_or(100)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Lets people take these steps, and says where the model does not explain what came of it.
async fn play(stage: &Stage, steps: &[Step], flaw: Option<Flaw>) -> Result<(), String> {
    let mut cast = stage.cast().await;
    let mut model = Model::new(cast.names(), stage.now(), flaw);
    for step in opening().iter().chain(steps) {
        model = cast.take(model, step).await.map_err(|why| format!("{step:?}\n{why}"))?;
    }
    cast.look_around(&model).await.map_err(|why| format!("in the end\n{why}"))
}

/// Plays sequences in one world, and returns one that the model does not explain.
fn unexplained(mut runner: TestRunner, flaw: Option<Flaw>) -> Option<TestError<Vec<Step>>> {
    let runtime = runtime();
    let stage = runtime.block_on(Stage::new());
    let steps = prop::collection::vec(step(), 1..25);
    let found =
        runner.run(&steps, |steps| runtime.block_on(play(&stage, &steps, flaw)).map_err(TestCaseError::fail)).err();
    // What it holds ends where it began.
    runtime.block_on(async move { drop(stage) });
    found
}

#[test]
fn whatever_people_do_alone_or_at_the_same_moment_comes_out_as_the_rules_say() {
    let cases = sequences().div_ceil(WORKERS);
    let work = || {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        unexplained(TestRunner::new(config), None).as_ref().map(ToString::to_string)
    };
    let found: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    eprintln!("{} random sequences come out as the rules say", cases * WORKERS);
}

/// Asserts that a model with a flaw fails to explain something, which the model without it explains.
fn assert_noticed(flaw: Flaw) {
    let config = Config { cases: SOON, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let Some(TestError::Fail(_, steps)) = unexplained(TestRunner::new_with_rng(config, dice), Some(flaw)) else {
        panic!("nobody noticed {flaw:?}")
    };
    let again = runtime().block_on(async { play(&Stage::new().await, &steps, None).await });
    assert_eq!(again, Ok(()), "{flaw:?} was not what was wrong");
}

#[test]
fn a_model_with_a_wrong_rule_is_found_out() {
    std::thread::scope(|scope| {
        let controls: Vec<_> = Flaw::ALL.into_iter().map(|flaw| scope.spawn(move || assert_noticed(flaw))).collect();
        for control in controls {
            control.join().unwrap();
        }
    });
}

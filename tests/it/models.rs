//! The protocols that the messenger rests on, each as a model small enough to try every interleaving.
//!
//! A model knows several designs: ours, and the obvious ones that are wrong.
//! Ours must keep every promise in every state that can be reached.
//! The wrong ones are negative controls: a model that cannot catch them proves nothing about ours.

use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker, Model};

mod answer;
mod claim;
mod clock_ids;
mod order;
mod removal;

/// The most steps that a negative control may take to go wrong.
const FAR_ENOUGH: usize = 12;

/// Asserts that every state was visited, at least `floor` of them, and that none breaks a promise.
///
/// The floor catches the model that keeps its promises because nothing happens in it.
/// So do the `sometimes` properties of the model, each of which must have an example.
fn assert_holds<M>(protocol: M, floor: usize)
where
    M: Model<State: Clone + Debug + Hash + PartialEq + Send + Sync, Action: Clone + Debug + PartialEq>,
    M: Send + Sync + 'static,
{
    let checker = protocol.checker().spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.is_done(), "some states were not visited");
    let states = checker.unique_state_count();
    assert!(states >= floor, "{states} states are too few to mean anything");
}

/// Asserts that the protocol can break the promise, and that the shortest way to it has so many steps.
fn assert_breaks<M>(protocol: &M, promise: &'static str, steps: usize)
where
    M: Model<State: Clone + Debug + Hash + PartialEq + Send + Sync, Action: Clone + Debug + PartialEq>,
    M: Clone + Send + Sync + 'static,
{
    // The checker keeps the last counterexample it meets, not the shortest: so it may look one step further at a time.
    let counterexample = (0..=FAR_ENOUGH).find_map(|steps| {
        // Its depth counts states, not steps, and it stops before the limit.
        let checker = protocol.clone().checker().target_max_depth(steps + 2).spawn_bfs().join();
        checker.discovery(promise)
    });
    let actions = counterexample.expect("the wrong design must be caught").into_actions();
    assert_eq!(actions.len(), steps, "the shortest way to break it: {actions:#?}");
}

//! Several who act at once, in every order that their requests to the table can have.

use crate::environment::told;
use crate::turnstile::{Turnstile, named};

/// The names of those who act.
pub const NAMES: [&str; 4] = ["one", "two", "three", "four"];

/// An order: who goes first, next, and so on, each with everybody who could have gone. Whoever went before comes first
/// among them, then the others in turn.
pub type Order = Vec<(usize, Vec<usize>)>;

/// Lets some act, their requests one at a time in the order that `choices` begins, and says what was answered and which
/// order it was. Where `choices` says nothing more, whoever went goes on, and then the first who can.
///
/// Each of them has to be in a process of their own: within one they may wait for each other beside the table.
pub async fn in_order<T: Send + 'static, const N: usize>(
    turnstile: &Turnstile,
    choices: &[usize],
    acts: [impl Future<Output = T> + Send + 'static; N],
) -> ([T; N], Order) {
    let mut names = NAMES.into_iter();
    let mut tasks = acts.map(|act| tokio::spawn(named(names.next().expect("a name"), act)));
    let (mut answers, mut order) = ([const { None }; N], Order::new());
    let mut last = None;
    loop {
        for n in 0..N {
            if answers[n].is_none() {
                tokio::select! {
                    _ = turnstile.wait_for(NAMES[n]) => {}
                    answer = &mut tasks[n] => answers[n] = Some(answer.expect("an act that ends")),
                }
            }
        }
        let mut able: Vec<usize> = (0..N).filter(|n| answers[*n].is_none()).collect();
        able.sort_by_key(|n| Some(*n) != last);
        let Some(first) = able.first() else { return (answers.map(|answer| answer.expect("an answer")), order) };
        let goes = choices.get(order.len()).copied().unwrap_or(*first);
        // Whoever is waited for and has nothing to ask is waited for without end. It happens where a machine is so busy that
        // the SDK gives up on a request that is held, and asks again.
        assert!(able.contains(&goes), "{} asks otherwise than before: {choices:?} {order:?}", NAMES[goes]);
        turnstile.let_through(NAMES[goes]).await;
        last = Some(goes);
        order.push((goes, able));
    }
}

/// The next order to try after one that was tried; nothing after the last.
pub fn after(tried: Order) -> Option<Vec<usize>> {
    after_with(tried, usize::MAX)
}

/// The next order to try in which somebody is interrupted so many times at most; nothing after the last.
///
/// Most of what goes wrong does so when one is interrupted once, between what they read and what they write, and there
/// are far fewer of these orders than of all.
pub fn after_with(mut tried: Order, interruptions: usize) -> Option<Vec<usize>> {
    while let Some((goes, able)) = tried.pop() {
        let chosen = |tried: Order, next| tried.into_iter().map(|(goes, _)| goes).chain([next]).collect();
        let last = tried.last().map(|(goes, _)| *goes);
        // Whoever went before could have gone on.
        let interrupts = last.is_some_and(|last| able[0] == last);
        let next = able.iter().skip_while(|other| **other != goes).nth(1);
        if let Some(next) = next
            && (!interrupts || interrupted(&tried) < interruptions)
        {
            return Some(chosen(tried, *next));
        }
    }
    None
}

/// How many times somebody is interrupted in the orders that are tried, if whoever starts the tests says so in
/// `CONFER_INTERRUPTIONS`.
pub fn interruptions() -> Option<usize> {
    told("CONFER_INTERRUPTIONS")
}

/// How many times somebody was interrupted who could have gone on.
fn interrupted(order: &Order) -> usize {
    order.windows(2).filter(|pair| pair[1].1.contains(&pair[0].0) && pair[1].0 != pair[0].0).count()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every order of so many requests each, as the requests would go.
    fn all(lengths: [usize; 3], interruptions: usize) -> Vec<Vec<usize>> {
        let (mut next, mut found) = (Some(Vec::new()), Vec::new());
        while let Some(choices) = next {
            let (mut left, mut order, mut last) = (lengths, Order::new(), None);
            while left.iter().any(|left| *left > 0) {
                let mut able: Vec<usize> = (0..3).filter(|n| left[*n] > 0).collect();
                able.sort_by_key(|n| Some(*n) != last);
                let goes = choices.get(order.len()).copied().unwrap_or(able[0]);
                left[goes] -= 1;
                last = Some(goes);
                order.push((goes, able));
            }
            found.push(order.iter().map(|(goes, _)| *goes).collect());
            next = after_with(order, interruptions);
        }
        found
    }

    #[test]
    fn every_order_is_tried_once() {
        let found = all([2, 3, 2], usize::MAX);
        assert_eq!(found.len(), 210, "7! / (2! 3! 2!)");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 210);
    }

    #[test]
    fn with_few_interruptions_there_are_few_orders() {
        assert_eq!(all([2, 3, 2], 0).len(), 6, "3!");
        // One is interrupted, at one of 1 + 2 + 1 places, and what is left of them comes anywhere but there.
        let found = all([2, 3, 2], 1);
        assert_eq!(found.len(), 6 + 4 * (12 - 6));
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    }
}

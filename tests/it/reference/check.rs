//! Whether the model explains what was answered and what is seen.

use serde_json::{Value, json};
use tests::actor::Answer;

use super::call::Call;
use super::model::Model;
use super::stage::Sight;

/// What an answer must be.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) status: u16,
    /// The slug, of a problem.
    pub(super) problem: &'static str,
    /// Whether an earlier request with the same key had done it.
    pub(super) replayed: bool,
    /// What it shows at least.
    pub(super) shows: Value,
    /// What it shows besides if nobody else does anything at the same moment.
    pub(super) alone: Value,
}

impl Expected {
    /// That something was done.
    pub(super) fn done(status: u16, shows: Value) -> Self {
        Self { status, problem: "none", replayed: false, shows, alone: json!({}) }
    }

    fn met_by(&self, answer: &Answer, alone: bool) -> Result<(), String> {
        let replayed = answer.headers.get("idempotency-replayed").is_some_and(|replayed| replayed == "true");
        let (is, expected) = ((answer.status, answer.problem(), replayed), (self.status, self.problem, self.replayed));
        if is != expected {
            return Err(format!("answered {is:?}, not {expected:?}: {}", answer.body));
        }
        shows("", &answer.body, &self.shows)?;
        if alone { shows("", &answer.body, &self.alone) } else { Ok(()) }
    }
}

/// Whether an answer shows at least what is expected.
pub(super) fn shows(place: &str, is: &Value, expected: &Value) -> Result<(), String> {
    match (is, expected) {
        (_, Value::Object(fields)) => {
            fields.iter().try_for_each(|(name, value)| shows(&format!("{place}/{name}"), &is[name], value))
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.try_for_each(|(n, (item, other))| shows(&format!("{place}/{n}"), item, other))
        }
        _ if is == expected => Ok(()),
        _ => Err(format!("{place} is {is}, not {expected}")),
    }
}

/// Whether everybody sees what they should.
pub(super) fn explains(model: &Model, sights: &[Sight]) -> Result<(), String> {
    sights.iter().try_for_each(|Sight { what, slot, who, answer }| {
        let expected = model.sees(*what, *slot, *who);
        let is = (answer.status, answer.problem());
        let said = match &expected {
            Some(expected) if is == (200, "none") => shows("", &answer.body, expected),
            None if is == (404, "not-found") => Ok(()),
            Some(_) => Err(format!("answered {is:?}, not with what they see")),
            None => Err(format!("answered {is:?}, though to them there is nothing")),
        };
        said.map_err(|why| format!("{what:?} of conversation {slot}, for person {who}: {why}"))
    })
}

/// The state that explains the answers and what everybody sees afterwards, if there is one.
///
/// Of two acts either may have come first. Whom a text names is looked up before it is written, so that the one that
/// came last may name those who were members before the other.
pub(super) fn explained(model: &Model, calls: &[Call], answers: &[Answer], sights: &[Sight]) -> Result<Model, String> {
    let mut reasons = Vec::new();
    for order in orders(calls, answers) {
        for early in [false, true].into_iter().take(order.len().max(1)) {
            let after = follow(model, calls, answers, &order, early);
            match after.and_then(|after| explains(&after, sights).map(|()| after)) {
                Ok(after) => return Ok(after),
                Err(why) => reasons.push(format!("in the order {order:?}: {why}")),
            }
        }
    }
    Err(reasons.join("\n"))
}

/// The orders in which the acts may have come. Of two, one that was told to come back later did nothing.
fn orders(calls: &[Call], answers: &[Answer]) -> Vec<Vec<usize>> {
    let busy = |n: &usize| (answers[*n].status, answers[*n].problem()) == (503, "conversation-busy");
    let acted: Vec<usize> = (0..calls.len()).filter(|n| calls.len() == 1 || !busy(n)).collect();
    let other: Vec<usize> = acted.iter().rev().copied().collect();
    if acted.len() > 1 { vec![acted, other] } else { vec![acted] }
}

/// Does the acts in this order, if the answers are those that belong to it.
fn follow(model: &Model, calls: &[Call], answers: &[Answer], order: &[usize], early: bool) -> Result<Model, String> {
    let mut after = model.clone();
    for (place, n) in order.iter().enumerate() {
        let mut call = calls[*n].clone();
        if early && place > 0 {
            let there = model.conversations.get(&call.slot);
            call.among = there.map(|there| there.members.keys().copied().collect());
        }
        let expected = after.apply(&call);
        expected.met_by(&answers[*n], calls.len() == 1).map_err(|why| format!("{call:?} was {why}"))?;
    }
    Ok(after)
}

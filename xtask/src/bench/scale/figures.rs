//! The figures about growth, and how they are shown.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::bench::curve::{Curve, growth, time};
use crate::bench::met;
use crate::bench::timing::Spread;
use crate::markdown::thousands;
use crate::record;

/// At most this long for nearly every search, among the most people.
const SEARCH_GOAL_MS: f64 = 30.0;
/// A tenth more is not slower: the same thing measured twice differs by as much.
const SEND_GOAL: f64 = 1.1;

/// Everything, each from the smallest size to the largest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Scale {
    pub(crate) searches: Vec<Searching>,
    pub(crate) sends: Vec<Sending>,
    pub(crate) inboxes: Vec<Inbox>,
}

/// Searches among so many people.
#[derive(Serialize, Deserialize)]
pub(crate) struct Searching {
    pub(crate) people: u32,
    /// How fast the people came in of whom there were not so many before.
    pub(crate) imported_per_second: f64,
    pub(crate) two_letters: Spread,
    pub(crate) first_name: Spread,
    pub(crate) full_name: Spread,
    pub(crate) username: Spread,
    /// How many were looked for by their full name.
    pub(crate) wanted: u32,
    /// How many of them were not among the people found.
    pub(crate) missed: u32,
}

/// A conversation of so many members.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sending {
    pub(crate) members: u32,
    /// From nothing until all of them are members.
    pub(crate) filled_ms: f64,
    pub(crate) sent: Spread,
    /// An important message until its answer.
    pub(crate) important_ms: f64,
    /// From that answer until it is in everybody's inbox.
    pub(crate) delivered_ms: f64,
}

/// An inbox of so many conversations.
#[derive(Serialize, Deserialize)]
pub(crate) struct Inbox {
    pub(crate) conversations: u32,
    pub(crate) list: Spread,
    pub(crate) badge: Spread,
}

impl Searching {
    fn slowest_p99(&self) -> f64 {
        let spreads = [self.two_letters, self.first_name, self.full_name, self.username];
        spreads.iter().map(|spread| spread.p99_ms).fold(0.0, f64::max)
    }
}

impl Display for Searching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { people, imported_per_second, two_letters, first_name, full_name, username, missed, .. } = self;
        write!(
            f,
            "{people} people, imported {imported_per_second:.0} a second: two letters {two_letters}; \
             first name {first_name}; both names {full_name}, missed {missed}; username {username}"
        )
    }
}

impl Scale {
    fn searching(&self) -> String {
        let mut curve =
            Curve::new("finding somebody (p50, p99)", &self.searches, |at| format!("{} people", thousands(at.people)));
        curve.spread("by two letters", |at| at.two_letters);
        curve.spread("by the first name", |at| at.first_name);
        curve.spread("by first and last name", |at| at.full_name);
        curve.spread("by the beginning of the username", |at| at.username);
        curve.line("people imported per second", |at| at.imported_per_second, |figure| format!("{figure:.0}"));
        curve.markdown()
    }

    fn sending(&self) -> String {
        let mut curve = Curve::new("writing to everybody in a conversation", &self.sends, |at| {
            format!("{} members", thousands(at.members))
        });
        curve.spread("a message (p50, p99)", |at| at.sent);
        curve.line("an important message (p50)", |at| at.important_ms, time);
        curve.line("from there until it is delivered to all (p50)", |at| at.delivered_ms, time);
        curve.line("making all of them members", |at| at.filled_ms, time);
        curve.markdown()
    }

    fn reading(&self) -> String {
        let mut curve = Curve::new("looking into an inbox (p50, p99)", &self.inboxes, |at| {
            format!("{} conversations", thousands(at.conversations))
        });
        curve.spread("its first 100 conversations", |at| at.list);
        curve.spread("how much is unread", |at| at.badge);
        curve.markdown()
    }

    /// Compares with the goals, in a sentence each.
    fn verdicts(&self) -> Vec<String> {
        let mut verdicts = Vec::new();
        if let Some(largest) = self.searches.last() {
            let (people, slowest) = (thousands(largest.people), largest.slowest_p99());
            let met = met(slowest < SEARCH_GOAL_MS);
            verdicts.push(format!(
                "- Among {people} people the slowest kind of search has a p99 of {slowest:.1} ms; \
                 goal, below {SEARCH_GOAL_MS} ms, {met}.\n"
            ));
        }
        let wanted: u32 = self.searches.iter().map(|at| at.wanted).sum();
        let missed: u32 = self.searches.iter().map(|at| at.missed).sum();
        verdicts.push(format!(
            "- Of {} people looked for by first and last name, {} were not found; goal, 0, {}.\n",
            thousands(wanted),
            thousands(missed),
            met(missed == 0)
        ));
        let middles: Vec<f64> = self.sends.iter().map(|at| at.sent.p50_ms).collect();
        if let (Some(growth), Some(largest)) = (growth(&middles), self.sends.last()) {
            let (members, met) = (thousands(largest.members), met(growth <= SEND_GOAL));
            verdicts.push(format!(
                "- A message to {members} members takes {growth:.2} times as long as one to the fewest; \
                 goal, no slower within a tenth, {met}.\n"
            ));
        }
        verdicts
    }
}

impl record::Figures for Scale {
    fn headlines(&self) -> Vec<(String, String)> {
        let mut told = Vec::new();
        if let (Some(first), Some(last)) = (self.searches.first(), self.searches.last()) {
            let figure = format!(
                "p99 {:.1} ms; among {} {:.1} ms",
                last.slowest_p99(),
                thousands(first.people),
                first.slowest_p99()
            );
            told.push((format!("the slowest search among {} people", thousands(last.people)), figure));
        }
        if let (Some(first), Some(last)) = (self.sends.first(), self.sends.last()) {
            let figure =
                format!("p50 {:.1} ms; to {} members {:.1} ms", last.sent.p50_ms, first.members, first.sent.p50_ms);
            told.push((format!("a message to {} members", thousands(last.members)), figure));
        }
        told
    }

    const NAME: &'static str = "scale";
    const COMMAND: &'static str = "cargo xtask bench scale --record";

    fn markdown(&self) -> String {
        format!(
            "{}\n{}\n{}\nOne request at a time, on disk. Growth is the figure of the last size over that of the first, \
             of p50 where there are two.\n\n{}",
            self.searching(),
            self.sending(),
            self.reading(),
            self.verdicts().concat()
        )
    }
}

#[cfg(test)]
mod tests;

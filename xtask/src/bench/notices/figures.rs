//! The figures about notices, and how they are shown.

use serde::{Deserialize, Serialize};

use crate::bench::curve::{Curve, growth, time};
use crate::bench::met;
use crate::bench::timing::Spread;
use crate::markdown::thousands;
use crate::record;

/// A tenth more is not more: the same thing measured twice differs by as much.
const SAME: f64 = 1.1;
/// What a mail about one conversation was to consume.
const WRITE_UNITS_GOAL: f64 = 3.0;
const READ_UNITS_GOAL: f64 = 2.5;
/// To how many people at once a mail may be due.
const DUE_GOAL: u32 = 10_000;

/// Everything, each from the smallest size to the largest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Notices {
    pub(crate) sweeps: Vec<Sweeping>,
    pub(crate) looks: Vec<Looking>,
    pub(crate) batches: Vec<Batch>,
    pub(crate) crowds: Vec<Crowd>,
}

/// Sweeps of an institution of so many people.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sweeping {
    pub(crate) people: u32,
    /// Sweeps that find nothing due.
    pub(crate) idle: Swept,
    /// To how many people a mail was due in the others.
    pub(crate) due: u32,
    pub(crate) busy: Swept,
}

/// What a sweep took.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Swept {
    pub(crate) took: Spread,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
}

/// A look at somebody with news in so many conversations, and the mail.
#[derive(Serialize, Deserialize)]
pub(crate) struct Looking {
    pub(crate) conversations: u32,
    pub(crate) write_units: f64,
    pub(crate) read_units: f64,
    /// Requests to the table that wait for each other.
    pub(crate) trips: u32,
}

/// So many mails that are due at once, and one process that sends them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) mails: u32,
    pub(crate) took_ms: f64,
}

/// A conversation of so many members, and important messages to it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Crowd {
    pub(crate) members: u32,
    /// What their sender waits for.
    pub(crate) sent: Spread,
    /// From there until it is in everybody's inbox, and noted that a mail is due.
    pub(crate) delivered_ms: f64,
    /// From there until the last mail is taken.
    pub(crate) mailed_ms: f64,
    /// The same with a mail service that takes no time.
    pub(crate) mailed_at_once_ms: f64,
    /// Mails that were to go, over all messages.
    pub(crate) owed: u32,
    pub(crate) twice: u32,
    pub(crate) missing: u32,
}

impl Batch {
    fn per_second(&self) -> f64 {
        f64::from(self.mails) * 1_000.0 / self.took_ms
    }
}

fn units(figure: f64) -> String {
    format!("{figure:.1}")
}

impl Notices {
    fn sweeping(&self) -> String {
        let mut curve =
            Curve::new("looking whom to mail", &self.sweeps, |at| format!("{} people", thousands(at.people)));
        curve.spread("nothing due (p50, p99)", |at| at.idle.took);
        curve.line("read units", |at| at.idle.read_units, units);
        let due = self.sweeps.last().map_or(0, |at| at.due);
        curve.spread(&format!("{} mails due (p50, p99)", thousands(due)), |at| at.busy.took);
        curve.line("read units then", |at| at.busy.read_units, units);
        curve.line("write units then", |at| at.busy.write_units, units);
        curve.markdown()
    }

    fn looking(&self) -> String {
        let mut curve = Curve::new("one mail", &self.looks, |at| match at.conversations {
            1 => "about 1 conversation".to_owned(),
            more => format!("about {more}"),
        });
        curve.line("write units", |at| at.write_units, units);
        curve.line("read units", |at| at.read_units, units);
        curve.line("trips one after the other", |at| f64::from(at.trips), |figure| format!("{figure:.0}"));
        curve.markdown()
    }

    fn mailing(&self) -> String {
        let mut curve = Curve::new("one process mails, each mail taking 50 ms", &self.batches, |at| match at.mails {
            1 => "1 mail due".to_owned(),
            more => format!("{} due", thousands(more)),
        });
        curve.line("until the last one is sent (p50)", |at| at.took_ms, time);
        curve.line("mails per second", Batch::per_second, |figure| format!("{figure:.0}"));
        curve.markdown()
    }

    fn crowds(&self) -> String {
        let mut curve =
            Curve::new("an important message", &self.crowds, |at| format!("{} members", thousands(at.members)));
        curve.spread("its sender has an answer (p50, p99)", |at| at.sent);
        curve.line("from there until it is delivered to all (p50)", |at| at.delivered_ms, time);
        curve.line("from there until all mails are sent (p50)", |at| at.mailed_ms, time);
        curve.line("the same if a mail took no time (p50)", |at| at.mailed_at_once_ms, time);
        curve.markdown()
    }

    /// Compares with the goals, in a sentence each.
    fn verdicts(&self) -> Vec<String> {
        let mut verdicts = Vec::new();
        verdicts.extend(self.same_for_more_people("nothing due", |at| at.idle));
        verdicts.extend(self.same_for_more_people("mails due", |at| at.busy));
        if let Some(Looking { write_units, read_units, .. }) = self.looks.first() {
            let verdict = if *write_units <= WRITE_UNITS_GOAL && *read_units <= READ_UNITS_GOAL {
                "met"
            } else {
                "missed by design: a look is claimed, its mail is written down before it is sent and after, and what \
                 it told of is noted, so that there is one mail wherever a process ends"
            };
            verdicts.push(format!(
                "- A mail about one conversation consumes {write_units:.1} write and {read_units:.1} read units; \
                 goal, {WRITE_UNITS_GOAL:.1} and {READ_UNITS_GOAL:.1}, {verdict}.\n"
            ));
        }
        let middles: Vec<f64> = self.crowds.iter().map(|at| at.sent.p50_ms).collect();
        if let (Some(growth), Some(largest)) = (growth(&middles), self.crowds.last()) {
            let (members, met) = (thousands(largest.members), met(growth <= SAME));
            verdicts.push(format!(
                "- The sender of an important message to {members} members waits {growth:.2} times as long as one to \
                 the fewest; goal, no longer within a tenth, {met}.\n"
            ));
        }
        let sum = |count: fn(&Crowd) -> u32| self.crowds.iter().map(count).sum::<u32>();
        let (owed, missing, twice) = (sum(|at| at.owed), sum(|at| at.missing), sum(|at| at.twice));
        verdicts.push(format!(
            "- Of {} mails about important messages {} were missing, and {} went twice; goal, 0, {}.\n",
            thousands(owed),
            thousands(missing),
            thousands(twice),
            met(missing == 0 && twice == 0)
        ));
        verdicts
    }

    fn same_for_more_people(&self, what: &str, swept: impl Fn(&Sweeping) -> Swept) -> Option<String> {
        let figures = |figure: fn(Swept) -> f64| self.sweeps.iter().map(|at| figure(swept(at))).collect::<Vec<f64>>();
        let reads = growth(&figures(|swept| swept.read_units))?;
        let took = growth(&figures(|swept| swept.took.p50_ms))?;
        let (people, met) = (thousands(self.sweeps.last()?.people), met(reads <= SAME && took <= SAME));
        Some(format!(
            "- With {what}, looking whom to mail among {people} people reads {reads:.2} times as many units as among \
             the fewest and takes {took:.2} times as long; goal, no more within a tenth, {met}.\n"
        ))
    }

    /// What somebody who reads the tables must know.
    fn remarks(&self) -> String {
        let due = self.sweeps.last().map_or(0, |at| at.due);
        format!(
            "One process, tables on disk. A tenth of the people have a mail that is due later. In each institution {} \
             mails are due at once instead of {}, for a run to end soon. Growth is the figure of the last size over \
             that of the first, of p50 where there are two.\n",
            thousands(due),
            thousands(DUE_GOAL)
        )
    }
}

impl record::Figures for Notices {
    fn headlines(&self) -> Vec<(String, String)> {
        let (Some(first), Some(last)) = (self.sweeps.first(), self.sweeps.last()) else { return Vec::new() };
        let figure = format!(
            "{} read units a minute; among {} {}",
            last.idle.read_units,
            thousands(first.people),
            first.idle.read_units
        );
        vec![(format!("finding whom to mail among {} people, nobody due", thousands(last.people)), figure)]
    }

    const NAME: &'static str = "notices";
    const COMMAND: &'static str = "cargo run --release --package xtask -- bench notices --record";

    fn markdown(&self) -> String {
        format!(
            "{}\n{}\n{}\n{}\n{}\n{}",
            self.sweeping(),
            self.looking(),
            self.mailing(),
            self.crowds(),
            self.remarks(),
            self.verdicts().concat()
        )
    }
}

#[cfg(test)]
mod tests;

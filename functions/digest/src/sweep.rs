//! One run of the schedule: everything that is due is looked at.
//!
//! The index is the checkpoint: what was looked at is not due any more, and what was not reached is found by the next run.
//! Its cost grows with what is due, not with how many people there are.

use std::time::Duration;

use domain::clock::Timestamp;
use domain::text::Username;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde::Serialize;
use store::{Error, Overdue, Store, Subject};

use crate::App;

/// How many looks of a shard are under way at once, at most: a mail takes the mail service some fifty milliseconds.
const AT_ONCE: usize = 8;

/// How much of a shard is read at a time.
const PAGE: usize = 200;

/// How long before its deadline a run begins no more looks: longer than one takes.
const SPARE: Duration = Duration::from_secs(10);

/// From one tick to the next.
const A_MINUTE: Duration = Duration::from_mins(1);

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Looks that were made.
    pub(crate) looked: usize,
    /// Mails that the mail service took.
    pub(crate) sent: usize,
    /// Looks that failed, and stay due.
    pub(crate) failed: usize,
    /// Whether the run ended before all was looked at.
    pub(crate) unfinished: bool,
}

/// What came of one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It was not due any more, or somebody else looks.
    Not,
    /// No mail went.
    Quiet,
    /// A mail went.
    Sent,
}

impl Report {
    fn count(&mut self, looked: Result<Looked, Error>) {
        match looked {
            Ok(Looked::Not) => {}
            Ok(Looked::Quiet) => self.looked += 1,
            Ok(Looked::Sent) => (self.looked, self.sent) = (self.looked + 1, self.sent + 1),
            Err(error) => {
                let cause: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(cause, "Could not look at what is due");
                self.failed += 1;
            }
        }
    }
}

impl App {
    /// Looks at everything that is due at or before `until`.
    pub(crate) async fn sweep(&self, until: Timestamp, deadline: Option<Timestamp>) -> Report {
        let mut report = Report::default();
        let sweeps: Vec<_> = (0..Store::SHARDS).map(|shard| self.sweep_shard(shard, until, deadline)).collect();
        for part in futures_util::future::join_all(sweeps).await {
            report.looked += part.looked;
            report.sent += part.sent;
            report.failed += part.failed;
            report.unfinished |= part.unfinished;
        }
        if report != Report::default() {
            let Report { looked, sent, failed, unfinished } = report;
            tracing::info!(looked, sent, failed, unfinished, "Swept");
        }
        report
    }

    async fn sweep_shard(&self, shard: u8, until: Timestamp, deadline: Option<Timestamp>) -> Report {
        let mut report = Report::default();
        let mut known: Vec<Overdue> = Vec::new();
        // Whoever waits for their turn to be mailed shall have it before the run must end.
        let at_once = (self.mailer.within(SPARE / 2) / usize::from(Store::SHARDS)).clamp(1, AT_ONCE);
        loop {
            // What stays due after a look is passed over until the next run.
            let due = match self.store.due(shard, until, PAGE + known.len()).await {
                Ok(due) => due,
                Err(error) => {
                    report.count(Err(error));
                    return report;
                }
            };
            let fresh: Vec<Overdue> = due.into_iter().filter(|due| !known.contains(due)).collect();
            if fresh.is_empty() {
                return report;
            }
            known.extend(fresh.iter().cloned());
            let looks = fresh.into_iter().map(|due| self.look_in_time(due, until, deadline));
            let looks: Vec<_> = looks.collect();
            let mut looks = stream::iter(looks).buffer_unordered(at_once);
            while let Some(looked) = looks.next().await {
                match looked {
                    Some(looked) => report.count(looked),
                    None => report.unfinished = true,
                }
            }
            if self.is_late(deadline) {
                report.unfinished = true;
                return report;
            }
        }
    }

    /// Whether it is too late to begin anything.
    fn is_late(&self, deadline: Option<Timestamp>) -> bool {
        self.timing.clock.has_less_than(SPARE, deadline)
    }

    /// A look, unless there is no time for it.
    async fn look_in_time(
        &self,
        due: Overdue,
        until: Timestamp,
        deadline: Option<Timestamp>,
    ) -> Option<Result<Looked, Error>> {
        if self.is_late(deadline) {
            return None;
        }
        // A tick speaks of its minute, whatever it is by then on this machine's clock: so the next window is a whole number
        // of minutes away, and a clock that is behind the schedule's does not find everything too early.
        let clock = self.timing.now();
        let now = if clock.since(until) < A_MINUTE { until } else { clock };
        Some(match &due.subject {
            Subject::Person(name) => self.look(name, due.at, now).boxed().await,
            subject => self.spread(subject, due.at, deadline).boxed().await,
        })
    }

    /// Looks at what waits for somebody, if that is due now.
    pub(crate) async fn look_now(&self, name: &Username) -> Result<Report, Error> {
        let mut report = Report::default();
        let now = self.timing.now();
        if let Some(due_at) = self.store.next_look(name).await?.filter(|due_at| *due_at <= now) {
            report.count(self.look(name, due_at, now).boxed().await);
        }
        Ok(report)
    }

    /// Tells very many people that something has come, a page at a time.
    async fn spread(&self, subject: &Subject, due_at: Timestamp, deadline: Option<Timestamp>) -> Result<Looked, Error> {
        let Some((mut spread, claim)) = self.store.claim_spread(subject, due_at, &self.timing).await? else {
            return Ok(Looked::Not);
        };
        loop {
            match self.store.spread_page(subject, &spread, claim, &self.timing).await? {
                Some(further) => spread = further,
                None => break,
            }
            if self.is_late(deadline) {
                self.store.end_spread(subject, claim, false, self.timing.now()).await?;
                return Ok(Looked::Quiet);
            }
        }
        self.store.end_spread(subject, claim, true, self.timing.now()).await?;
        Ok(Looked::Quiet)
    }
}

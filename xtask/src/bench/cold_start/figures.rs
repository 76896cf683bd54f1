//! The figures about cold starts, and how they are shown.

use serde::{Deserialize, Serialize};

use super::subject::{Program, Subject};
use super::trial::Trial;
use crate::bench::met;
use crate::bench::size::{megabytes, megabytes_held, tenths};
use crate::bench::timing::milliseconds;
use crate::{markdown, record};

/// At most this many times the processor time of the hello.
const GOAL_OF_HELLO: f64 = 3.0;
/// At least this many times faster than the defaults.
const GOAL_OF_DEFAULTS: f64 = 5.0;

/// The fastest start of every program.
#[derive(Serialize, Deserialize)]
pub(crate) struct ColdStarts {
    runs: u32,
    starts: Vec<Start>,
}

#[derive(Serialize, Deserialize)]
struct Start {
    program: Program,
    cpu_ms: f64,
    wall_ms: f64,
    init_ms: f64,
    memory_mb: f64,
    binary_mb: f64,
}

impl ColdStarts {
    pub(crate) fn new<'a>(runs: u32, starts: impl Iterator<Item = (&'a Subject, Trial)>) -> anyhow::Result<Self> {
        let starts = starts
            .map(|(subject, trial)| {
                let bytes = std::fs::metadata(&subject.binary)?.len();
                Ok(Start {
                    program: subject.program,
                    cpu_ms: milliseconds(trial.cpu),
                    wall_ms: milliseconds(trial.wall),
                    init_ms: milliseconds(trial.init),
                    memory_mb: tenths(megabytes_held(trial.peak_kilobytes)),
                    binary_mb: tenths(megabytes(bytes)),
                })
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { runs, starts })
    }

    fn cpu(&self, wanted: Program) -> Option<f64> {
        let start = self.starts.iter().find(|start| start.program == wanted)?;
        Some(start.cpu_ms)
    }

    /// Compares every function that somebody waits for with both ends of the scale, in a sentence each.
    fn verdicts(&self) -> Vec<String> {
        let (Some(hello), Some(defaults)) = (self.cpu(Program::Hello), self.cpu(Program::Defaults)) else {
            return Vec::new();
        };
        let functions = self.starts.iter().filter(|start| start.program.is_waited_for());
        functions
            .map(|Start { program, cpu_ms, .. }| {
                let (of_hello, of_defaults) = (cpu_ms / hello, defaults / cpu_ms);
                let met = met(of_hello <= GOAL_OF_HELLO && of_defaults >= GOAL_OF_DEFAULTS);
                let name = program.name();
                format!("- `{name}`: {of_hello:.1} times the hello, {of_defaults:.1} times faster than the defaults; goal {met}.\n")
            })
            .collect()
    }
}

impl record::Figures for ColdStarts {
    fn headlines(&self) -> Vec<(String, String)> {
        let cpu = |program| self.cpu(program).unwrap_or_default();
        let (hello, defaults) = (cpu(Program::Hello), cpu(Program::Defaults));
        let figure = format!(
            "{:.1} ms of processor time; with the SDK's defaults {defaults:.1} ms, a hello without a table {hello:.1} ms",
            cpu(Program::Messages)
        );
        vec![("the first answer of a cold `messages`, over TLS".to_owned(), figure)]
    }

    const NAME: &'static str = "cold-start";
    const COMMAND: &'static str = "cargo xtask bench cold-start --record";

    fn markdown(&self) -> String {
        let rows: Vec<_> = self
            .starts
            .iter()
            .map(|start| {
                vec![
                    match start.program {
                        Program::Hello => "bare `lambda_http` hello, no table".to_owned(),
                        Program::Defaults => "`messages` with the SDK's defaults".to_owned(),
                        function => format!("`{}`", function.name()),
                    },
                    format!("{:.2} ms", start.cpu_ms),
                    format!("{:.2} ms", start.wall_ms),
                    format!("{:.2} ms", start.init_ms),
                    format!("{:.1} MB", start.memory_mb),
                    format!("{:.1} MB", start.binary_mb),
                ]
            })
            .collect();
        let header =
            ["function", "processor time to the first answer", "on the clock", "of that, start", "memory", "binary"];
        let table = markdown::table(&header, &rows);
        let how = format!(
            "The fastest of {} starts each, in turns. The first answer needed the table over TLS, except the hello's. \
             Goal of those that somebody waits for: at most {GOAL_OF_HELLO} times the hello, at least {GOAL_OF_DEFAULTS} times \
             faster than the defaults. An event is a whole run: of `jobs` and `digest` one that asks every shard of the index.",
            self.runs
        );
        format!("{table}\n{how}\n\n{}", self.verdicts().concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(function: f64) -> ColdStarts {
        let start =
            |program, cpu_ms| Start { program, cpu_ms, wall_ms: 1.0, init_ms: 1.0, memory_mb: 1.0, binary_mb: 1.0 };
        let starts =
            vec![start(Program::Hello, 1.5), start(Program::Messages, function), start(Program::Defaults, 30.0)];
        ColdStarts { runs: 30, starts }
    }

    #[test]
    fn the_goal_is_three_hellos_and_a_fifth_of_the_defaults() {
        assert!(figures(4.5).verdicts()[0].contains("goal met"));
        assert!(figures(4.6).verdicts()[0].contains("goal missed"));
        assert!(figures(6.1).verdicts()[0].contains("4.9 times faster"));
    }
}

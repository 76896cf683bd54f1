//! The figures about load and memory, and how they are shown.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::bench::size::{megabytes_held, tenths};
use crate::markdown::{self, thousands};
use crate::record;

/// Where the product kept its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kept {
    /// In a file: an acknowledged message survives the end of the process.
    Disk,
    Memory,
}

impl Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disk => "on disk",
            Self::Memory => "in memory",
        })
    }
}

/// What was sent and read, by whom and how fast.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Sends {
    pub(crate) cells: Vec<Done>,
    /// The same transactions without the product.
    #[serde(default)]
    pub(crate) bare: Vec<Bare>,
    pub(crate) readings: Vec<Reading>,
}

/// One measured cell.
#[derive(Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) kept: Kept,
    pub(crate) members: usize,
    pub(crate) conversations: usize,
    pub(crate) clients: usize,
    pub(crate) sends: u32,
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// How often the service asked to try again.
    pub(crate) busy: u32,
}

/// The transaction of a send alone, by so many writers.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bare {
    pub(crate) kept: Kept,
    pub(crate) clients: usize,
    pub(crate) sends: u32,
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// The middle of what a reader waited for.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) kept: Kept,
    pub(crate) members: usize,
    pub(crate) clients: usize,
    pub(crate) open_ms: f64,
    pub(crate) inbox_ms: f64,
    pub(crate) mark_read_ms: f64,
    pub(crate) search_ms: f64,
}

impl Done {
    pub(crate) fn per_second(&self) -> f64 {
        f64::from(self.sends) / self.seconds
    }
}

impl Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kept, members, conversations, clients, p50_ms, p99_ms, busy, .. } = self;
        let per_second = self.per_second();
        write!(
            f,
            "{kept}: {members} members, {conversations} conversations, {clients} clients: \
             {per_second:.0}/s, p50 {p50_ms} ms, p99 {p99_ms} ms, busy {busy}"
        )
    }
}

impl Sends {
    /// Returns the clients that were measured, in order.
    fn clients(&self) -> Vec<usize> {
        let mut clients: Vec<usize> = self.cells.iter().map(|cell| cell.clients).collect();
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    /// One row per storage, size and spread; one column per number of clients.
    fn sending(&self) -> String {
        let clients = self.clients();
        let columns: Vec<String> = clients
            .iter()
            .map(|&clients| if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") })
            .collect();
        let mut header = vec!["sends per second (p50, p99)", "members", "conversations"];
        header.extend(columns.iter().map(String::as_str));

        let same_row = |one: &Done, other: &Done| {
            (one.kept, one.members, one.conversations) == (other.kept, other.members, other.conversations)
        };
        let rows: Vec<_> = self
            .cells
            .chunk_by(same_row)
            .map(|row| {
                let first = &row[0];
                let mut cells =
                    vec![first.kept.to_string(), first.members.to_string(), first.conversations.to_string()];
                cells.extend(
                    row.iter()
                        .map(|cell| format!("{:.0} ({:.1}, {:.1} ms)", cell.per_second(), cell.p50_ms, cell.p99_ms)),
                );
                cells
            })
            .collect();
        markdown::table(&header, &rows)
    }

    /// What a send takes beside its transaction alone, by writers in conversations of their own.
    fn beside(&self) -> String {
        let rows: Vec<_> = self
            .bare
            .iter()
            .filter_map(|bare| {
                let is_like = |cell: &&Done| {
                    cell.kept == bare.kept
                        && cell.clients == bare.clients
                        && cell.conversations > 1
                        && cell.members == 2
                };
                let cell = self.cells.iter().find(is_like)?;
                Some(vec![
                    bare.kept.to_string(),
                    bare.clients.to_string(),
                    format!("{:.1}, {:.1} ms", cell.p50_ms, cell.p99_ms),
                    format!("{:.1}, {:.1} ms", bare.p50_ms, bare.p99_ms),
                    format!("{:.2}", cell.p50_ms / bare.p50_ms),
                ])
            })
            .collect();
        let header =
            ["a send beside its transaction alone", "clients", "send (p50, p99)", "transaction (p50, p99)", "times"];
        if rows.is_empty() { String::new() } else { markdown::table(&header, &rows) + "\n" }
    }

    /// Compares the largest conversations with the smallest, all other things equal, by their middle ratio.
    fn ratio(&self) -> Option<String> {
        let smallest = self.cells.iter().map(|cell| cell.members).min()?;
        let largest = self.cells.iter().map(|cell| cell.members).max()?;
        let mut ratios: Vec<f64> = self
            .cells
            .iter()
            .filter(|cell| cell.members == largest)
            .filter_map(|large| {
                let small = self.cells.iter().find(|cell| {
                    cell.members == smallest
                        && (cell.kept, cell.conversations, cell.clients)
                            == (large.kept, large.conversations, large.clients)
                })?;
                Some(large.per_second() / small.per_second())
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let (least, middle, most) = (ratios.first()?, ratios.get(ratios.len() / 2)?, ratios.last()?);
        Some(format!(
            "Sends per second with {largest} members, as a share of those with {smallest}: {middle:.2} in the middle, {least:.2} to {most:.2}."
        ))
    }

    /// One row per storage and size; in each cell the middles by the numbers of clients, in order.
    fn reading(&self) -> String {
        let cell = |row: &[Reading], of: fn(&Reading) -> f64| {
            let middles: Vec<String> = row.iter().map(|reading| format!("{:.1}", of(reading))).collect();
            format!("{} ms", middles.join(", "))
        };
        let rows: Vec<_> = self
            .readings
            .chunk_by(|one, other| (one.kept, one.members) == (other.kept, other.members))
            .map(|row| {
                vec![
                    row[0].kept.to_string(),
                    row[0].members.to_string(),
                    cell(row, |reading| reading.open_ms),
                    cell(row, |reading| reading.inbox_ms),
                    cell(row, |reading| reading.mark_read_ms),
                    cell(row, |reading| reading.search_ms),
                ]
            })
            .collect();
        let clients: Vec<String> = self.clients().iter().map(ToString::to_string).collect();
        let what = format!("reading (p50, by {} clients)", clients.join(", "));
        markdown::table(&[&what, "members", "open the last 50", "inbox", "mark read", "find somebody"], &rows)
    }
}

impl record::Figures for Sends {
    fn headlines(&self) -> Vec<(String, String)> {
        let alone = self.bare.iter().find(|bare| bare.kept == Kept::Disk && bare.clients == 1);
        let sent = self
            .cells
            .iter()
            .find(|cell| (cell.kept, cell.clients, cell.members) == (Kept::Disk, 1, 2) && cell.conversations > 1);
        let told = sent.map(|cell| {
            let beside =
                alone.map_or_else(String::new, |bare| format!("; its transaction alone {:.1} ms", bare.p50_ms));
            let figure = format!("p50 {:.1} ms{beside}", cell.p50_ms);
            ("a send through the local stack, on disk, by one client".to_owned(), figure)
        });
        told.into_iter().collect()
    }

    const NAME: &'static str = "send";
    const COMMAND: &'static str = "cargo xtask bench load --record";

    fn markdown(&self) -> String {
        let ratio = self.ratio().unwrap_or_default();
        format!("{}\n{ratio}\n\n{}{}", self.sending(), self.beside(), self.reading())
    }
}

/// What the product holds in memory when nobody asks for anything.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    rows: Vec<Resting>,
}

#[derive(Serialize, Deserialize)]
struct Resting {
    kept: Kept,
    at_start_mb: f64,
    after_load_mb: f64,
    people: usize,
    sends: u32,
}

impl Memory {
    /// Takes one row; memory is in kilobytes.
    pub(crate) fn add(&mut self, kept: Kept, at_start: u32, after_load: u32, people: usize, sends: u32) {
        let [at_start_mb, after_load_mb] = [at_start, after_load].map(|held| tenths(megabytes_held(held)));
        self.rows.push(Resting { kept, at_start_mb, after_load_mb, people, sends });
    }
}

impl record::Figures for Memory {
    const NAME: &'static str = "memory";
    const COMMAND: &'static str = "cargo xtask bench load --record";

    fn markdown(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                vec![
                    row.kept.to_string(),
                    format!("{:.1} MB", row.at_start_mb),
                    format!("{:.1} MB", row.after_load_mb),
                    row.people.to_string(),
                    thousands(row.sends),
                ]
            })
            .collect();
        markdown::table(
            &["the whole product on one machine", "at start", "after the load", "people", "messages sent"],
            &rows,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(members: usize, clients: usize, sends: u32) -> Done {
        Done {
            kept: Kept::Disk,
            members,
            conversations: 1,
            clients,
            sends,
            seconds: 2.0,
            p50_ms: 3.0,
            p99_ms: 9.0,
            busy: 0,
        }
    }

    #[test]
    fn a_row_of_readings_holds_all_clients_in_order() {
        let reading = |members, clients, open_ms| Reading {
            kept: Kept::Disk,
            members,
            clients,
            open_ms,
            inbox_ms: 2.0,
            mark_read_ms: 3.0,
            search_ms: 4.0,
        };
        let readings = vec![reading(2, 1, 1.0), reading(2, 16, 9.0), reading(50, 1, 1.5), reading(50, 16, 8.0)];
        let sends = Sends { cells: vec![cell(2, 1, 200), cell(2, 16, 400)], readings, ..Sends::default() };
        let table = sends.reading();
        assert_eq!(table.lines().count(), 4, "{table}");
        assert!(table.contains("by 1, 16 clients") && table.contains(" 1.0, 9.0 ms |"), "{table}");
    }

    #[test]
    fn a_row_holds_all_clients_of_one_size() {
        let cells = vec![cell(2, 1, 200), cell(2, 16, 400), cell(1_000, 1, 100), cell(1_000, 16, 300)];
        let sends = Sends { cells, ..Sends::default() };
        let table = sends.sending();
        assert_eq!(table.lines().count(), 4, "{table}");
        assert!(table.contains("| on disk ") && table.contains("200 (3.0, 9.0 ms)"), "{table}");
        let ratio = sends.ratio().unwrap();
        assert!(ratio.ends_with("0.75 in the middle, 0.50 to 0.75."), "{ratio}");
    }
}

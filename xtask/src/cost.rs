//! What an operation costs: round trips and capacity, as the metering tests saw them, and what AWS asks for it.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{markdown, record};

/// On-demand prices of DynamoDB in us-east-1, in dollars per million request units.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;

/// The cost of every operation.
#[derive(Serialize, Deserialize)]
pub(crate) struct Cost {
    operations: Vec<Operation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    name: String,
    /// Calls to services, one after the other.
    trips: u32,
    write_units: f64,
    read_units: f64,
}

impl Operation {
    fn dollars_per_million(&self) -> f64 {
        self.write_units * WRITE_UNITS + self.read_units * READ_UNITS
    }
}

impl Cost {
    /// Reads `{"operations": [{"name", "trips", "write_units", "read_units"}]}`.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }
}

impl record::Figures for Cost {
    const NAME: &'static str = "cost";
    const COMMAND: &'static str = "cargo test -p tests costs";

    fn headlines(&self) -> Vec<(String, String)> {
        let wanted = ["send", "open, last 50", "unread badge of 50"];
        let found = wanted.iter().filter_map(|name| self.operations.iter().find(|one| one.name == *name));
        let told = |one: &Operation| {
            let Operation { name, trips, write_units, read_units } = one;
            let cost = one.dollars_per_million();
            let s = if *trips == 1 { "" } else { "s" };
            let figure =
                format!("{trips} trip{s}, {write_units} write and {read_units} read units; a million cost ${cost:.2}");
            (format!("one request: {name}"), figure)
        };
        found.map(told).collect()
    }

    fn markdown(&self) -> String {
        let rows: Vec<_> = self
            .operations
            .iter()
            .map(|operation| {
                vec![
                    operation.name.clone(),
                    operation.trips.to_string(),
                    operation.write_units.to_string(),
                    operation.read_units.to_string(),
                    format!("${:.2}", operation.dollars_per_million()),
                ]
            })
            .collect();
        let header = ["operation", "round trips", "write units", "read units", "a million of them"];
        let table = markdown::table(&header, &rows);
        format!(
            "{table}\nThe price is DynamoDB's share, on demand in us-east-1: ${WRITE_UNITS} per million write units, ${READ_UNITS} per million read units.\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Figures;

    #[test]
    fn a_send_costs_five_dollars_a_million() {
        let json = r#"{"operations": [{"name": "send", "trips": 1, "write_units": 8, "read_units": 0}]}"#;
        let cost: Cost = serde_json::from_str(json).unwrap();
        assert!(cost.markdown().contains("$5.00"), "{}", cost.markdown());
    }
}

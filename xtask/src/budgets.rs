//! What each function may weigh and cost before it does anything: the size of its package, and the processor time to its
//! first answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::bench::cold_start;

/// Where the budgets are.
const FILE: &str = "infra/budgets.json";

/// How much more than its budget something may be: compilers and machines differ a little.
const TOLERANCE: f64 = 1.1;

/// What is measured once more before it is said to be over.
const CPU: &str = "processor time to the first answer";

/// Check that no function's package, and no function's way to its first answer, has grown by more than a tenth over its
/// budget in infra/budgets.json.
///
/// The functions must have been packaged: infra/package.sh. Processor time is counted in that of a hello, which starts in
/// turns with them. What is over is measured once more, with more starts, before it is said to be.
#[derive(clap::Args)]
pub(crate) struct Budgets {
    /// How often each function starts.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,

    /// Where the packages are.
    #[arg(long, default_value = "target/lambda", value_name = "DIR")]
    packages: PathBuf,

    /// Make what is measured now the budget; of processor time a tenth more, up to the next half: how fast a hello is beside
    /// the rest differs from machine to machine.
    #[arg(long)]
    write: bool,
}

/// What a function weighs and costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Weight {
    /// The size of its package, in bytes.
    package_bytes: u64,
    /// How many times the processor time of a hello it takes to its first answer; nothing, if that is not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu_of_hello: Option<f64>,
}

impl Budgets {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut now = self.measure(self.runs).await?;
        if self.write {
            for weight in now.values_mut() {
                weight.cpu_of_hello = weight.cpu_of_hello.map(roomy);
            }
            fs::write(FILE, serde_json::to_string_pretty(&now)? + "\n")?;
            println!("{FILE} is written");
            return Ok(());
        }
        let text = fs::read_to_string(FILE).context(FILE)?;
        let budgets: BTreeMap<String, Weight> = serde_json::from_str(&text).context(FILE)?;
        if findings(&budgets, &now).iter().any(|finding| finding.contains(CPU)) {
            eprintln!("measured once more");
            now = self.measure(self.runs * 3).await?;
        }
        println!("{:<14} {:>10} {:>10} {:>8} {:>8}", "function", "package", "budget", "CPU", "budget");
        for (name, Weight { package_bytes, cpu_of_hello }) in &now {
            let budget = budgets.get(name);
            let bytes = budget.map_or(0, |budget| budget.package_bytes);
            let times = |cpu: Option<f64>| cpu.map_or_else(|| "–".to_owned(), |cpu| format!("{cpu:.2}×"));
            let (cpu, of) = (times(*cpu_of_hello), times(budget.and_then(|budget| budget.cpu_of_hello)));
            println!("{name:<14} {package_bytes:>10} {bytes:>10} {cpu:>8} {of:>8}");
        }
        let findings = findings(&budgets, &now);
        for finding in &findings {
            println!("OVER  {finding}");
        }
        anyhow::ensure!(findings.is_empty(), "{} budgets are exceeded", findings.len());
        Ok(())
    }

    async fn measure(&self, runs: u32) -> anyhow::Result<BTreeMap<String, Weight>> {
        let cpu = cold_start::of_hello(runs).await?;
        let mut now = BTreeMap::new();
        for folder in fs::read_dir("functions")? {
            let name = folder?.file_name().to_string_lossy().into_owned();
            let package_bytes = size(&self.packages.join(&name).join("bootstrap.zip"))?;
            // To two decimals: more is noise.
            let cpu_of_hello = cpu.get(&name).map(|cpu| (cpu * 100.0).round() / 100.0);
            now.insert(name, Weight { package_bytes, cpu_of_hello });
        }
        Ok(now)
    }
}

/// A tenth more, up to the next half.
fn roomy(cpu: f64) -> f64 {
    (cpu * TOLERANCE * 2.0).ceil() / 2.0
}

fn size(package: &Path) -> anyhow::Result<u64> {
    let found = package.metadata().with_context(|| format!("{}: infra/package.sh makes it", package.display()))?;
    Ok(found.len())
}

/// What has grown over its budget, or has none.
fn findings(budgets: &BTreeMap<String, Weight>, now: &BTreeMap<String, Weight>) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, weight) in now {
        let Some(budget) = budgets.get(name) else {
            findings.push(format!("{name} has no budget"));
            continue;
        };
        #[expect(clippy::cast_precision_loss, reason = "packages have millions of bytes")]
        let of_size = weight.package_bytes as f64 / budget.package_bytes as f64;
        if of_size > TOLERANCE {
            findings.push(format!("{name}'s package is {of_size:.2} times its budget"));
        }
        match (weight.cpu_of_hello, budget.cpu_of_hello) {
            (Some(now), Some(budget)) if now / budget > TOLERANCE => {
                let times = now / budget;
                findings.push(format!("{name}'s {CPU} is {times:.2} times its budget"));
            }
            (Some(_), None) => findings.push(format!("{name} has no budget for processor time")),
            (None, Some(_)) => findings.push(format!("{name}'s processor time was not measured")),
            // Within its budget; or, as of what answers no request, neither measured nor given one.
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    findings.extend(budgets.keys().filter(|name| !now.contains_key(*name)).map(|name| format!("{name} is gone")));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(all: &[(&str, u64, Option<f64>)]) -> BTreeMap<String, Weight> {
        let weight = |(name, package_bytes, cpu_of_hello): &(&str, u64, Option<f64>)| {
            ((*name).to_owned(), Weight { package_bytes: *package_bytes, cpu_of_hello: *cpu_of_hello })
        };
        all.iter().map(weight).collect()
    }

    #[test]
    fn there_is_room_for_another_machine() {
        assert_eq!([2.56, 3.65, 8.74].map(|cpu| format!("{:.1}", roomy(cpu))), ["3.0", "4.5", "10.0"]);
    }

    #[test]
    fn a_tenth_more_is_within_the_budget_and_anything_beyond_is_found() {
        let budgets = weights(&[("a", 1_000, Some(3.0)), ("b", 1_000, None)]);
        let good = weights(&[("a", 1_100, Some(3.3)), ("b", 900, None)]);
        assert_eq!(findings(&budgets, &good), Vec::<String>::new());
        let found = |all: &[_]| findings(&budgets, &weights(all)).len();
        assert_eq!(found(&[("a", 1_101, Some(3.0)), ("b", 1_000, None)]), 1);
        assert_eq!(found(&[("a", 1_000, Some(3.31)), ("b", 1_000, None)]), 1);
        assert_eq!(found(&[("a", 1_000, None), ("b", 1_000, None)]), 1, "not measured");
        assert_eq!(found(&[("a", 1_000, Some(3.0)), ("b", 1_000, Some(3.0))]), 1, "no budget for it");
        assert_eq!(found(&[("a", 1_000, Some(3.0))]), 1, "gone");
        assert_eq!(found(&[("a", 1_000, Some(3.0)), ("b", 1_000, None), ("c", 1, None)]), 1, "new");
    }
}

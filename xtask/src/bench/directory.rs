//! The institution's directory: it is imported by who runs it, and searched by everybody.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use super::names::Colleague;
use super::person::{Person, accepted};

/// How many people one request imports: the endpoint takes a thousand, and 256 KB.
pub(crate) const AT_ONCE: usize = 900;

/// Imports people who are not known yet, at most [`AT_ONCE`].
pub(crate) async fn import(director: &Person, colleagues: &[Colleague]) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Imported {
        results: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        outcome: String,
        code: Option<String>,
    }
    let request = director.ask("/v1/admin/import").json(&rows(colleagues));
    let Imported { results } = accepted(request).await?.json().await.context("the results of an import")?;
    anyhow::ensure!(results.len() == colleagues.len(), "{} results for {} people", results.len(), colleagues.len());
    for (Row { outcome, code }, colleague) in results.iter().zip(colleagues) {
        anyhow::ensure!(outcome == "created", "importing {} ended with {outcome}, {code:?}", colleague.username);
    }
    Ok(())
}

/// Returns the usernames of the people whom a search finds.
pub(crate) async fn search(seeker: &Person, query: &str) -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Found {
        items: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        username: String,
    }
    let request = seeker.ask("/v1/users/search").json(&json!({ "query": query }));
    let Found { items } = accepted(request).await?.json().await?;
    Ok(items.into_iter().map(|row| row.username).collect())
}

fn rows(colleagues: &[Colleague]) -> Value {
    let users: Vec<Value> = colleagues.iter().map(Colleague::row).collect();
    json!({ "users": users, "projects": [] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::names::colleague;

    #[test]
    fn a_request_to_import_is_within_the_limits() {
        let colleagues: Vec<Colleague> = (99_000..).take(AT_ONCE).map(colleague).collect();
        let body = rows(&colleagues).to_string();
        assert!(colleagues.len() <= 1_000 && body.len() < 256 * 1024, "{} bytes", body.len());
    }
}

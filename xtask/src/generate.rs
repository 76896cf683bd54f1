//! What is generated from the code, and the check that it is up to date.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use api::Kind;
use store::pattern;

/// The marks around the part of the root manifest that is generated.
const ROUTES: [&str; 2] = ["# >>> routes of `cargo lambda watch`\n", "# <<< routes of `cargo lambda watch`\n"];

/// Writes what is generated.
pub(crate) fn generate() -> Result<()> {
    for (path, content) in generated()? {
        if fs::read_to_string(path).ok().as_deref() != Some(&content) {
            fs::write(path, content).with_context(|| path.to_owned())?;
            println!("written  {path}");
        }
    }
    Ok(())
}

/// Says whether what is generated is up to date and the rules that no compiler knows are kept.
pub(crate) fn check() -> Result<()> {
    let mut findings = keys_elsewhere()?;
    findings.extend(crate::permissions::findings()?);
    for (path, content) in generated()? {
        if fs::read_to_string(path).ok().as_deref() != Some(&content) {
            findings.push(format!("{path} is out of date: run `cargo xtask generate`"));
        }
    }
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("everything generated is up to date");
    Ok(())
}

fn generated() -> Result<Vec<(&'static str, String)>> {
    let document = local::functions::document();
    let contract = serde_json::to_string_pretty(&document)? + "\n";
    let manifest = fs::read_to_string("Cargo.toml")?;
    let [open, close] = ROUTES;
    let (before, rest) = manifest.split_once(open).context("the root manifest has no mark for the routes")?;
    let (_, after) = rest.split_once(close).context("the root manifest has no mark for the end of the routes")?;
    Ok(vec![
        ("infra/openapi.json", contract),
        ("Cargo.toml", format!("{before}{open}{}{close}{after}", routes(&serde_json::to_value(&document)?)?)),
        ("docs/problems.md", problems()),
        ("docs/data-model.md", data_model()?),
    ])
}

/// The router of `cargo lambda watch`: the first tag of an operation names its function.
fn routes(document: &serde_json::Value) -> Result<String> {
    let mut table = "[workspace.metadata.lambda.watch.router]\n".to_owned();
    for (path, operations) in document["paths"].as_object().context("a contract without paths")? {
        let mut methods = BTreeMap::new();
        for (method, operation) in operations.as_object().context("a path without operations")? {
            if let Some(function) = operation["tags"][0].as_str() {
                methods.insert(method.to_uppercase(), function);
            }
        }
        let routes: Vec<String> = methods
            .iter()
            .map(|(method, function)| format!("{{ method = \"{method}\", function = \"{function}\" }}"))
            .collect();
        writeln!(table, "\"{path}\" = [{}]", routes.join(", "))?;
    }
    Ok(table)
}

fn problems() -> String {
    let mut page = "# Problems\n\n\
        Every failure of the API is a problem document (RFC 9457): `application/problem+json` with `type`, `title`, \
        `status`, `detail`, `instance` (the id of the request) and, where places in the request are not right, `errors` \
        with a JSON pointer, a code and a message each.\n\
        Nothing of what was sent is ever said back.\n\
        What the gateway before the functions refuses by itself, such as a token that is not good or an address that no \
        route has, it answers in its own way, `{\"message\": …}`.\n\n\
        Made from the catalogue in `shared/api/src/problem.rs` by `cargo xtask generate`.\n\n\
        | `type` ends in | status | what it is | what to do |\n|---|---|---|---|\n"
        .to_owned();
    for kind in Kind::ALL {
        let (slug, status) = (kind.slug(), kind.status().as_u16());
        // Writing to a text cannot fail.
        let _ = writeln!(page, "| `{slug}` | {status} | {} | {} |", kind.title(), kind.detail());
    }
    page
}

/// The page about the table: prose by hand, the access patterns from the code.
fn data_model() -> Result<String> {
    let page = fs::read_to_string("docs/data-model.md").unwrap_or_default();
    let [open, close] = ["<!-- patterns -->\n", "<!-- /patterns -->\n"];
    let (before, rest) = page.split_once(open).context("docs/data-model.md has no mark for the patterns")?;
    let (_, after) = rest.split_once(close).context("docs/data-model.md has no mark for the end of the patterns")?;
    let mut table = "| question or act | how it is asked | permissions | functions |\n|---|---|---|---|\n".to_owned();
    for row in pattern::all() {
        let actions: Vec<String> = row.actions.iter().map(|action| format!("{action:?}")).collect();
        let (name, actions, askers) = (row.name, actions.join(", "), row.askers.join(", "));
        writeln!(table, "| **`{name}`** {} | {} | {actions} | {askers} |", row.what, row.keys)?;
    }
    Ok(format!("{before}{open}{table}{close}{after}"))
}

/// Keys are made in one file: nobody else formats a text with a `#` in it.
fn keys_elsewhere() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for folder in ["shared/domain/src", "shared/store/src", "shared/bucket/src", "shared/api/src", "functions"] {
        each_source(Path::new(folder), &mut |path, source| findings.extend(keys_in(path, source)))?;
    }
    Ok(findings)
}

/// Where a source makes keys that must not.
fn keys_in(path: &Path, source: &str) -> Vec<String> {
    if path.ends_with("store/src/keys.rs") {
        return Vec::new();
    }
    let lines = source.lines().enumerate().filter(|(_, line)| line.contains("#{") || line.contains("}#"));
    lines
        .map(|(n, _)| format!("{}:{}: keys are made in shared/store/src/keys.rs only", path.display(), n + 1))
        .collect()
}

fn each_source(folder: &Path, see: &mut impl FnMut(&Path, &str)) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            each_source(&path, see)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path, &fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_makes_a_key_elsewhere_is_named_with_every_line() {
        let source = "fn of(id: u8) -> String {\n    format!(\"C#{id}\")\n}\n\nconst E: u8 = 1;\nfn at(n: u8, k: u8) -> String {\n    format!(\"{n}#K{k}\")\n}\n";
        let found = keys_in(Path::new("functions/audit/src/lib.rs"), source);
        let expected =
            [2, 7].map(|n| format!("functions/audit/src/lib.rs:{n}: keys are made in shared/store/src/keys.rs only"));
        assert_eq!(found, expected);
        assert_eq!(keys_in(Path::new("shared/store/src/keys.rs"), source), Vec::<String>::new());
        assert_eq!(keys_in(Path::new("shared/bucket/src/lib.rs"), "format!(\"a/{id}\")"), Vec::<String>::new());
    }
}

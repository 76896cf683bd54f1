//! The functions' permissions, as the template gives them and as the code needs them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::Result;
use store::pattern;

type Permissions = BTreeMap<String, BTreeSet<String>>;

/// What the template gives too much or too little: a permission is typed by a person and refused by a machine.
pub(crate) fn findings() -> Result<Vec<String>> {
    let given = given(&fs::read_to_string("infra/template.yaml")?);
    let needed = needed();
    let mut findings = Vec::new();
    for function in given.keys().chain(needed.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeSet::new();
        let (given, needed) = (given.get(function).unwrap_or(&none), needed.get(function).unwrap_or(&none));
        for action in given.difference(needed) {
            findings.push(format!("infra/template.yaml: {function} may {action}, and never does"));
        }
        for action in needed.difference(given) {
            findings.push(format!("infra/template.yaml: {function} needs {action}"));
        }
    }
    Ok(findings)
}

/// What Lambda does in the name of a function that a stream invokes.
const STREAM: [&str; 3] = ["DescribeStream", "GetRecords", "GetShardIterator"];

fn needed() -> Permissions {
    let streamed = ["delivery", "trail"].map(|name| (name.to_owned(), STREAM.map(str::to_owned).into()));
    let mut needed = Permissions::from(streamed);
    for row in pattern::all() {
        for asker in row.askers {
            needed
                .entry((*asker).to_owned())
                .or_default()
                .extend(row.actions.iter().map(|action| format!("{action:?}")));
        }
    }
    needed
}

/// The function of a logical name: `MailEvents` is `mail-events`.
fn function(logical: &str) -> String {
    let mut name = String::new();
    for letter in logical.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Reads `dynamodb:` actions under `<Function>Role:`, two spaces deep as every resource of the template.
fn given(template: &str) -> Permissions {
    let mut given = Permissions::new();
    let mut role = None;
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("  ").filter(|name| !name.starts_with([' ', '#'])) {
            role = name.trim_end_matches(':').strip_suffix("Role").map(function);
        }
        if let Some(role) = &role {
            let actions = line.split("dynamodb:").skip(1);
            let names = actions.map(|rest| rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>());
            given.entry(role.clone()).or_default().extend(names);
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_read_per_role() {
        let template = "Resources:
  ReaderRole:
    Policies:
      - Action: [dynamodb:GetItem, dynamodb:Query]
  Table:
    Action: dynamodb:DeleteTable
  LogWriterRole:
    Action:
      - dynamodb:PutItem
";
        let expected = [("reader", vec!["GetItem", "Query"]), ("log-writer", vec!["PutItem"])];
        let expected: Permissions = expected
            .into_iter()
            .map(|(role, actions)| (role.to_owned(), actions.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(given(template), expected);
    }
}

//! The operations of the contract, so that whatever is to be said of all of them can be seen to be.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use http::Method;
use serde_json::Value;

/// An operation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// By which method.
    pub method: Method,
    /// At which path, with names in braces for what differs.
    pub path: String,
    /// What the contract says of it.
    pub says: Value,
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The contract, as the routers make it.
pub fn document() -> Value {
    serde_json::to_value(local::functions::document()).expect("a document")
}

/// Every operation of the contract.
pub fn operations() -> Vec<Operation> {
    operations_in(&document())
}

/// Every operation of a document.
pub fn operations_in(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths");
    let each = |(path, of): (&String, &Value)| {
        let methods = of.as_object().expect("methods").clone();
        let path = path.clone();
        methods.into_iter().map(move |(method, says)| {
            let method = method.to_uppercase().parse().expect("a method");
            Operation { method, path: path.clone(), says }
        })
    };
    paths.iter().flat_map(each).collect()
}

/// What the contract calls its operations, such as `GET /v1/me`.
pub fn names() -> BTreeSet<String> {
    operations().iter().map(ToString::to_string).collect()
}

/// Fails if these are not just the operations of the contract, and says which are missing and which are too many.
#[track_caller]
pub fn assert_covered(these: impl IntoIterator<Item: Into<String>>) {
    let (all, these) = (names(), these.into_iter().map(Into::into).collect::<BTreeSet<String>>());
    let missing: Vec<&String> = all.difference(&these).collect();
    let unknown: Vec<&String> = these.difference(&all).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing here: {missing:?}; not in the contract: {unknown:?}");
}

/// The path of the contract that a path is an example of; itself, if it is of none.
pub fn template(path: &str, operations: &[Operation]) -> String {
    let path = path.split('?').next().unwrap_or_default();
    // What is written out in the contract is meant before what is left open.
    let found = operations.iter().filter_map(|operation| Some((left_open(path, &operation.path)?, &operation.path)));
    found.min().map_or(path, |(_, template)| template).to_owned()
}

/// How many parts of a path the contract leaves open; nothing, if it is another path.
fn left_open(path: &str, template: &str) -> Option<usize> {
    let (parts, wanted): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), template.split('/').collect());
    let open = |part: &str| part.starts_with('{');
    let fits = parts.len() == wanted.len() && parts.iter().zip(&wanted).all(|(part, want)| open(want) || part == want);
    fits.then(|| wanted.iter().filter(|want| open(want)).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_example_of_what_the_contract_writes_out_before_what_it_leaves_open() {
        let document = serde_json::json!({ "paths": {
            "/v1/users/{username}": { "get": {} }, "/v1/users/search": { "post": {} }, "/v1/users": { "get": {}, "put": {} },
        } });
        let operations = operations_in(&document);
        assert_eq!(operations.len(), 4);
        for (path, expected) in [
            ("/v1/users/search", "/v1/users/search"),
            ("/v1/users/ben?x=/y", "/v1/users/{username}"),
            ("/v1/users?limit=1", "/v1/users"),
            ("/v1/users/ben/x", "/v1/users/ben/x"),
        ] {
            assert_eq!(template(path, &operations), expected);
        }
    }
}

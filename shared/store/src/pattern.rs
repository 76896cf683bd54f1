//! Every question the table answers and every act it records, subject by subject.
//!
//! The page of documentation about the table and the check of the functions' permissions are made from it.

mod attachments;
mod backups;
mod conversations;
mod institution;
mod messages;
mod notices;
mod people;
mod retention;

/// What DynamoDB is asked to do, by the names of its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// One item by its key.
    GetItem,
    /// Several items by their keys.
    BatchGetItem,
    /// Part of a partition.
    Query,
    /// A whole item, on condition.
    PutItem,
    /// Some attributes of an item, on condition.
    UpdateItem,
    /// Away with an item.
    DeleteItem,
    /// Nothing is written, but the rest of a transaction depends on it.
    ConditionCheckItem,
}

/// One access pattern.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The method of [`Store`](crate::Store).
    pub name: &'static str,
    /// What it answers or does.
    pub what: &'static str,
    /// What it asks of the table, in order.
    pub keys: &'static str,
    /// The permissions it needs.
    pub actions: &'static [Action],
    /// The functions that use it.
    pub askers: &'static [&'static str],
}

/// All of them, subject by subject.
pub fn all() -> impl Iterator<Item = &'static Pattern> {
    let subjects = [
        conversations::ALL,
        messages::ALL,
        people::ALL,
        institution::ALL,
        notices::ALL,
        retention::ALL,
        attachments::ALL,
        backups::ALL,
    ];
    subjects.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_public_question_is_a_row_and_every_row_a_question() {
        let mut asked = Vec::new();
        asked_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut asked);
        let mut rows: Vec<&str> = all().map(|pattern| pattern.name).collect();
        asked.sort_unstable();
        rows.sort_unstable();
        assert_eq!(asked, rows);
    }

    /// The public questions of each file, but for the one that makes the table itself.
    fn asked_in(folder: &Path, asked: &mut Vec<String>) {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                asked_in(&path, asked);
            } else if !path.ends_with("table.rs") {
                let source = fs::read_to_string(path).unwrap();
                let names = source.lines().filter_map(|line| line.trim().strip_prefix("pub async fn "));
                asked.extend(names.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
            }
        }
    }
}

//! Every question the table answers and every act it records, on one page.
//!
//! The page of documentation about the table and the check of the functions' permissions are made from it.

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

use Action::{BatchGetItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};

/// All of them.
pub const ALL: &[Pattern] = &[
    Pattern {
        name: "create_conversation",
        what: "Starts a conversation with its first message and its members",
        keys: "BatchGet `U#<user>/~PROFILE` of the others; Transact {put `U#<user>/K#<key>`, `C#<id>/E~`, `C#<id>/E#1`, `C#<id>/E#2`, and for each member `C#<id>/P#<user>` and `U#<user>/C#<id>`}; beyond 45 members, Transact {put `U#<user>/K#<key>` if nobody came further, and the rows of 49 more}",
        actions: &[GetItem, BatchGetItem, Query, PutItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "conversation",
        what: "One conversation and one's own side of it, at one instant",
        keys: "TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "inbox",
        what: "All conversations of a user",
        keys: "Query `U#<user>/C#…`; BatchGet `C#<id>/E~`; Query `U#<user>/C#…`, consistent",
        actions: &[BatchGetItem, Query],
        askers: &["conversations", "messages"],
    },
    Pattern {
        name: "send",
        what: "Appends a message to a log",
        keys: "Transact {put `C#<id>/E~` if seq and hash are as guessed and it is active; put new `C#<id>/E#<n>`; put new `C#<id>/K#<user>#<key>`; update `U#<user>/C#<id>` if it exists}; without a guess, first BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, BatchGetItem, PutItem, UpdateItem],
        askers: &["messages"],
    },
    Pattern {
        name: "members_named",
        what: "Which of the people a message names are members",
        keys: "BatchGet `C#<id>/P#<user>`, consistent",
        actions: &[BatchGetItem],
        askers: &["messages"],
    },
    Pattern {
        name: "open",
        what: "Part of a log, with the conversation",
        keys: "Query `C#<id>/E#…`–`E~`, consistent, and for an older or newer part Get `C#<id>/E~` beside it, consistent; then Get `U#<user>/C#<id>`, consistent, beside BatchGet `U#<author>/~PROFILE`",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["messages"],
    },
    Pattern {
        name: "mark_read",
        what: "Moves a read mark forward",
        keys: "BatchGet {`C#<id>/E~`, `C#<id>/E#<n>`}; Update `U#<user>/C#<id>` if its mark is before n",
        actions: &[GetItem, BatchGetItem, UpdateItem],
        askers: &["messages"],
    },
    Pattern {
        name: "meet",
        what: "Makes sure that a caller has a profile",
        keys: "nothing for whom the process met before; else Get `U#<user>/~PROFILE`; if there is none, Transact {put it and `D#<2 letters>/<word>#<user>` for each word}",
        actions: &[GetItem, PutItem],
        askers: &["conversations", "messages", "people"],
    },
    Pattern {
        name: "introduce",
        what: "A caller's profile, as the token has it",
        keys: "Get `U#<user>/~PROFILE`; if it is new or old, Transact {put it, put and delete `D#<2 letters>/<word>#<user>`}",
        actions: &[GetItem, PutItem, DeleteItem],
        askers: &["people"],
    },
    Pattern {
        name: "search",
        what: "People by a part of the name or by username",
        keys: "Query `D#<2 letters>/<beginning>…`, once or twice",
        actions: &[Query],
        askers: &["people"],
    },
    Pattern {
        name: "spend",
        what: "Counts against a quota",
        keys: "nothing, nineteen times of twenty; else Update `U#<user>/~RATE#<what>#<minute>`",
        actions: &[UpdateItem],
        askers: &["messages", "people"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_question_is_a_row_and_every_row_a_question() {
        let sources = [
            include_str!("conversations.rs"),
            include_str!("inbox.rs"),
            include_str!("messages.rs"),
            include_str!("people.rs"),
            include_str!("query.rs"),
            include_str!("commit.rs"),
            include_str!("rate.rs"),
        ];
        let mut asked: Vec<&str> = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter_map(|line| line.trim().strip_prefix("pub async fn "))
            .filter_map(|rest| rest.split(['(', '<']).next())
            .collect();
        let mut rows: Vec<&str> = ALL.iter().map(|pattern| pattern.name).collect();
        asked.sort_unstable();
        rows.sort_unstable();
        assert_eq!(asked, rows);
    }
}

//! What is kept, and what goes.

use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "holds",
        what: "The legal holds",
        keys: "Query `I#/H#…`, consistent",
        actions: &[Query],
        askers: &["people"],
    },
    Pattern {
        name: "place_hold",
        what: "Places a legal hold",
        keys: "Get `I#/E~`; Get `I#/H#C#<id>` or `I#/H#J#<project>`; Get `C#<id>/E~` or `J#<project>/~`; Transact {as `set_accounts`: the log; put new `I#/H#…`}",
        actions: &[GetItem, PutItem],
        askers: &["people"],
    },
    Pattern {
        name: "lift_hold",
        what: "Lifts a legal hold",
        keys: "Get `I#/E~`; Get `I#/H#…`; Transact {as `set_accounts`: the log; delete `I#/H#…`}",
        actions: &[GetItem, PutItem, DeleteItem],
        askers: &["people"],
    },
    Pattern {
        name: "due_retention",
        what: "The conversations that are to be looked through for what is to go, in one shard",
        keys: "Query index `due`, `R#<shard>` up to the time",
        actions: &[Query],
        askers: &["retention"],
    },
    Pattern {
        name: "purge",
        what: "Removes what a conversation was to keep until now",
        keys: "BatchGet {`C#<id>/R~`, `C#<id>/E~`, `I#/~SETTINGS`, `I#/H#C#<id>`}, consistent, and with a label {`J#<project>/~`, `I#/H#J#<project>`}; Query `C#<id>/E#<n>…`, consistent; with attachments, BatchGet `A#<attachment>/~`; Transact {put `C#<id>/R~` if it is as read; check that there is no hold, and that label and periods are as read; put `C#<id>/E#<n>` and `C#<id>/E#<n>#<m>` without what was written; delete `C#<id>/K#<user>#<key>` or `U#<user>/K#<key>`; update `A#<attachment>/~`}",
        actions: &[BatchGetItem, Query, PutItem, UpdateItem, DeleteItem, ConditionCheckItem],
        askers: &["retention"],
    },
    Pattern {
        name: "record_purges",
        what: "Records what went of up to forty-eight conversations",
        keys: "Get `I#/E~`; BatchGet `C#<id>/R~`, consistent; Transact {as `set_accounts`: the log; put each `C#<id>/R~` if it is as read}; after a lost answer, Get `I#/E#<n>`",
        actions: &[GetItem, BatchGetItem, PutItem],
        askers: &["retention"],
    },
    Pattern {
        name: "purge_announcements",
        what: "Removes what was announced and was to be kept until now, and records that it did",
        keys: "Get `I#/E~`; Get `I#/~SETTINGS` beside Get `I#/R~`; Query `I#/E#<n>…`, consistent; with announcements, BatchGet `B#/<id>`; Transact {as `set_accounts`: the log; put `I#/E#<n>` without what was announced; delete `B#/<id>` with its last version; put `I#/R~` if it is as read}; where nothing was announced, Put `I#/R~` if it is as read",
        actions: &[GetItem, BatchGetItem, Query, PutItem, DeleteItem],
        askers: &["retention"],
    },
];

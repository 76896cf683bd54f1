//! Messages: written, read and brought to inboxes.

use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "send",
        what: "Appends a message to a log",
        keys: "Transact {put `C#<id>/E~` if seq and hash are as guessed; put new `C#<id>/E#<n>`; put new `C#<id>/K#<user>#<key>`; update `U#<user>/C#<id>` if it exists; update `A#<attachment>/~` of each attachment if it is the sender's, belongs to no message and was not given up}; with attachments, first BatchGet `A#<attachment>/~`; without a guess, first BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
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
        name: "edit",
        what: "Lets a message say something else",
        keys: "as `rename`, with Query `C#<id>/E#<k>…` before and put new `C#<id>/E#<k>#<n>` in the transaction",
        actions: &[GetItem, BatchGetItem, Query, PutItem, ConditionCheckItem],
        askers: &["messages"],
    },
    Pattern {
        name: "withdraw",
        what: "Takes a message back",
        keys: "as `edit`; with attachments, BatchGet `A#<attachment>/~`, consistent, before the transaction, and in it update `A#<attachment>/~` of each that is there",
        actions: &[GetItem, BatchGetItem, Query, PutItem, UpdateItem, ConditionCheckItem],
        askers: &["messages"],
    },
    Pattern {
        name: "open",
        what: "Part of a log, with the conversation",
        keys: "Query `C#<id>/E#…`–`E~`, consistent, and for an older or newer part Get `C#<id>/E~` beside it, consistent; for messages revised later, Query `C#<id>/E#<k>…`; then Get `U#<user>/C#<id>`, consistent, beside BatchGet `U#<author>/~PROFILE`",
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
        name: "mark_unread",
        what: "Moves a read mark back",
        keys: "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}; Query `C#<id>/E#<n>…`, consistent; Update `U#<user>/C#<id>` if nothing was read or delivered meanwhile",
        actions: &[BatchGetItem, Query, UpdateItem],
        askers: &["messages"],
    },
    Pattern {
        name: "deliver",
        what: "Brings what was appended to a log to the inboxes",
        keys: "Get `C#<id>/E~`; Query `C#<id>/E#<n>…`; Query `C#<id>/P#…`; BatchGet `U#<member>/C#<id>`; Update `U#<member>/C#<id>` of each if nothing was delivered meanwhile, or Delete it when the conversation is deleted; then BatchGet `U#<member>/~NOTICE` of whom it is news for; for whom nothing is due yet, BatchGet {`U#<member>/~PREFERENCES`, `~SEEN`} and Put `U#<member>/~NOTICE` if it is as read; once a day for whom nothing is mailed, Put new `U#<member>/M#<time>#<look>`; for more than 256 members, Put `N#/C#<id>` if it is as read",
        actions: &[GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem],
        askers: &["delivery"],
    },
    Pattern {
        name: "rebuild",
        what: "Makes what was delivered anew, from the log",
        keys: "as `deliver`, of the whole log",
        actions: &[GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem],
        askers: &["delivery"],
    },
    Pattern {
        name: "count_important",
        what: "Counts the important messages of a person",
        keys: "Update `U#<user>/~RATE#important#<ten minutes>`",
        actions: &[UpdateItem],
        askers: &["messages"],
    },
    Pattern {
        name: "spend",
        what: "Counts against a quota",
        keys: "nothing, nineteen times of twenty; else Update `U#<user>/~RATE#<what>#<minute>`",
        actions: &[UpdateItem],
        askers: &["attachments", "backups", "conversations", "messages", "people"],
    },
];

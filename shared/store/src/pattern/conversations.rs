//! Conversations, and who is in them.

use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};
use super::Pattern;

/// What acts on a conversation itself ask: they differ in what else the transaction writes.
const ACT: &str = "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}; Transact {put `C#<id>/E~` if seq and hash are as read; put new `C#<id>/E#<n>`; check `U#<user>/C#<id>` has the role}; after a lost answer, Get `C#<id>/E#<n>`";

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "create_conversation",
        what: "Starts a conversation with its first message and its members",
        keys: "BatchGet `U#<user>/~PROFILE` of the others; Transact {check `U#<user>/~PROFILE` is active; put `U#<user>/K#<key>`, `C#<id>/E~`, `C#<id>/R~`, `C#<id>/E#1`, `C#<id>/E#2`, and for each member `C#<id>/P#<user>` and `U#<user>/C#<id>`}; beyond 45 members, Transact {put `U#<user>/K#<key>` if nobody came further, and the rows of 49 more}",
        actions: &[GetItem, BatchGetItem, Query, PutItem, ConditionCheckItem],
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
        what: "All conversations of a user that are active, or archived",
        keys: "Query `U#<user>/C#…`, consistent; for those that are archived or have more than 256 members, TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, Query],
        askers: &["conversations"],
    },
    Pattern {
        name: "waiting",
        what: "What waits for a user: active conversations, and broadcasts not read",
        keys: "Query `U#<user>/B#…`–`J#…`, consistent, beside Query `B#/…`; for conversations that have more than 256 members, TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, Query],
        askers: &["messages"],
    },
    Pattern {
        name: "direct",
        what: "The newest conversation of exactly two people",
        keys: "Query `U#<user>/C#…`, consistent; BatchGet `C#<id>/P#<other>`; TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["conversations"],
    },
    Pattern {
        name: "prefer",
        what: "Pins a conversation, or says of what in it one wants to be told",
        keys: "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}; Update `U#<user>/C#<id>` if it is the same membership; where something in it waits and one wants to be told of other things, as `ask_for_look`",
        actions: &[GetItem, BatchGetItem, PutItem, UpdateItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "rename",
        what: "Gives a conversation another title",
        keys: ACT,
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "label",
        what: "Labels a conversation with a project",
        keys: "as `rename`; where it had a label, with Get `I#/H#J#<project>` before and a check in the transaction that there is none",
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "archive",
        what: "Closes a conversation for messages, or opens it again",
        keys: ACT,
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "delete_conversation",
        what: "Hides a conversation from everybody",
        keys: "as `rename`; then Query `C#<id>/P#…` and Delete `U#<user>/C#<id>` of each",
        actions: &[GetItem, BatchGetItem, Query, PutItem, ConditionCheckItem, DeleteItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "list_members",
        what: "The members of a conversation, by name",
        keys: "Query `C#<id>/P#…`, consistent; then TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`} beside BatchGet `U#<member>/~PROFILE`",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["conversations"],
    },
    Pattern {
        name: "add_members",
        what: "Adds people, forty-eight at once",
        keys: "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`} beside BatchGet `U#<new>/~PROFILE`; for each forty-eight: BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}; BatchGet `C#<id>/P#<new>`; Transact {as `rename`, and for each put new `C#<id>/P#<new>` and `U#<new>/C#<id>`}",
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "remove_member",
        what: "Ends a membership, one's own or another's",
        keys: "as `rename`, with Get `C#<id>/P#<member>` before and Delete `C#<id>/P#<member>` and `U#<member>/C#<id>` in the transaction",
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem, DeleteItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "set_role",
        what: "Gives a member a role",
        keys: "as `rename`, with Get `C#<id>/P#<member>` and `U#<member>/~PROFILE` before and Update `C#<id>/P#<member>` and `U#<member>/C#<id>` in the transaction, and a check that `U#<member>/~PROFILE` is active",
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem, UpdateItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "candidates",
        what: "Members who could be made administrators",
        keys: "Query `C#<id>/P#…`, consistent; BatchGet `U#<member>/~PROFILE`",
        actions: &[BatchGetItem, Query],
        askers: &["conversations"],
    },
];

//! Back-ups.

use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "request_backup",
        what: "Notes that somebody wants a back-up, and says so in the conversation",
        keys: "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`, `U#<user>/K#<key>`}; Transact {put `C#<id>/E~` if seq and hash are as read; put new `C#<id>/E#<n>`, `U#<user>/K#<key>` and `C#<id>/B#<backup>`; check `U#<user>/C#<id>` is the same membership}; for a repetition Get `C#<id>/B#<backup>`",
        actions: &[GetItem, BatchGetItem, PutItem, ConditionCheckItem],
        askers: &["backups"],
    },
    Pattern {
        name: "own_backup",
        what: "A back-up, for the one who asked for it",
        keys: "Get `C#<id>/B#<backup>`, consistent; then BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, BatchGetItem],
        askers: &["backups"],
    },
    Pattern {
        name: "due_backups",
        what: "The back-ups with which something is to be done, in one shard",
        keys: "Query index `due`, `B#<shard>` up to the time",
        actions: &[Query],
        askers: &["jobs"],
    },
    Pattern {
        name: "backup_at_work",
        what: "A back-up, for whoever makes or removes it, and whether the one who asked still is a member",
        keys: "Get `C#<id>/B#<backup>`, consistent; then BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}",
        actions: &[GetItem, BatchGetItem],
        askers: &["jobs"],
    },
    Pattern {
        name: "replace_backup",
        what: "Says how far a back-up is, unless somebody else did",
        keys: "Get `C#<id>/B#<backup>`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["jobs"],
    },
    Pattern {
        name: "forget_backup",
        what: "Away with a back-up whose objects are removed",
        keys: "Delete `C#<id>/B#<backup>`",
        actions: &[DeleteItem],
        askers: &["jobs"],
    },
    Pattern {
        name: "backup_part",
        what: "Part of a log as it goes into a back-up, with its people and attachments",
        keys: "Query `C#<id>/E#<n>…`, consistent; Query `C#<id>/E#<k>…` for each message before them that they revise; BatchGet `U#<author>/~PROFILE` beside BatchGet `A#<attachment>/~`",
        actions: &[BatchGetItem, Query],
        askers: &["jobs"],
    },
];

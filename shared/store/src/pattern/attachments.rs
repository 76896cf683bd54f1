//! Attachments and their previews.

use super::Action::{BatchGetItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "request_attachment",
        what: "Notes that somebody is about to upload an attachment",
        keys: "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`, `U#<user>/K#<key>`}; Transact {put new `U#<user>/K#<key>`, `A#<attachment>/~`}; asked again, Get `A#<attachment>/~`",
        actions: &[GetItem, BatchGetItem, PutItem],
        askers: &["attachments"],
    },
    Pattern {
        name: "own_attachment",
        what: "An attachment that somebody uploads",
        keys: "BatchGet {`A#<attachment>/~`, `C#<id>/E~`}, then Get `U#<user>/C#<id>`, consistent",
        actions: &[GetItem, BatchGetItem],
        askers: &["attachments"],
    },
    Pattern {
        name: "visible_attachment",
        what: "An attachment that somebody may see",
        keys: "as `own_attachment`",
        actions: &[GetItem, BatchGetItem],
        askers: &["attachments"],
    },
    Pattern {
        name: "complete_attachment",
        what: "Notes that an attachment was uploaded",
        keys: "Get `A#<attachment>/~`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["attachments"],
    },
    Pattern {
        name: "scanned_attachment",
        what: "An attachment, for whoever makes its preview",
        keys: "Get `A#<attachment>/~`, consistent",
        actions: &[GetItem],
        askers: &["previews"],
    },
    Pattern {
        name: "note_preview",
        what: "Notes that it was tried to make a preview",
        keys: "Get `A#<attachment>/~`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["previews"],
    },
    Pattern {
        name: "abandoned_attachments",
        what: "The attachments that no message has in time, in one shard",
        keys: "Query index `due`, `A#<shard>` up to the time",
        actions: &[Query],
        askers: &["jobs"],
    },
    Pattern {
        name: "give_up_attachment",
        what: "Lets no message have an attachment any more",
        keys: "Update `A#<attachment>/~` if it belongs to no message",
        actions: &[UpdateItem],
        askers: &["attachments", "jobs"],
    },
    Pattern {
        name: "forget_attachment",
        what: "Forgets an attachment that was given up",
        keys: "Delete `A#<attachment>/~` if it was given up",
        actions: &[DeleteItem],
        askers: &["jobs"],
    },
    Pattern {
        name: "judge_attachment",
        what: "Notes what the scanner says of an attachment",
        keys: "Get `A#<attachment>/~`, consistent; Put it if it is as read; where a message's is blocked, Get `A#<attachment>/~` and `C#<id>/E~`, Transact {put `C#<id>/E~` if seq and hash are as read; put new `C#<id>/E#<n>`; update `A#<attachment>/~` if its members were not told}",
        actions: &[GetItem, PutItem, UpdateItem],
        askers: &["scan-results"],
    },
    Pattern {
        name: "attachments_of",
        what: "The attachments of a message that was sent",
        keys: "nothing, if it has none; else BatchGet `A#<attachment>/~`, consistent",
        actions: &[BatchGetItem],
        askers: &["messages"],
    },
    Pattern {
        name: "attachments_said",
        what: "The attachments of a message",
        keys: "as `attachments_of`",
        actions: &[BatchGetItem],
        askers: &["messages"],
    },
];

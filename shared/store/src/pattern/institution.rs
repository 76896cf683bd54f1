//! The institution: its settings, broadcasts and logs.

use super::Action::{BatchGetItem, GetItem, PutItem, Query};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "settings",
        what: "How the institution set the messenger up",
        keys: "Get `I#/~SETTINGS`, consistent",
        actions: &[GetItem],
        askers: &["people"],
    },
    Pattern {
        name: "set_up",
        what: "Sets the messenger up",
        keys: "Get `I#/E~`; Get `I#/~SETTINGS`; Transact {as `set_accounts`: the log; put `I#/~SETTINGS` if it is as read}",
        actions: &[GetItem, PutItem],
        askers: &["people"],
    },
    Pattern {
        name: "announce",
        what: "Sends a broadcast",
        keys: "Get `I#/E~`; BatchGet `U#<user>/K#<key>`; Transact {as `set_accounts`: the log; put new `U#<user>/K#<key>` and `B#/<id>`}",
        actions: &[GetItem, BatchGetItem, PutItem],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "correct_broadcast",
        what: "Lets a broadcast say something else",
        keys: "Get `I#/E~`; Get `B#/<id>`; Transact {as `set_accounts`: the log; put `B#/<id>` if it is as read}",
        actions: &[GetItem, PutItem],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "withdraw_broadcast",
        what: "Takes a broadcast back",
        keys: "as `correct_broadcast`",
        actions: &[GetItem, PutItem],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "all_broadcasts",
        what: "The newest broadcasts, for those who send them",
        keys: "Query `B#/…`, newest first, consistent",
        actions: &[Query],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "broadcasts",
        what: "The broadcasts that somebody sees",
        keys: "Query `B#/…`, newest first, beside Query `U#<user>/B#…`, consistent, and Query `U#<user>/J#…`",
        actions: &[Query],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "read_broadcast",
        what: "Notes that somebody has read a broadcast",
        keys: "Get `B#/<id>` beside Query `U#<user>/J#…`; put new `U#<user>/B#<id>`",
        actions: &[GetItem, Query, PutItem],
        askers: &["broadcasts"],
    },
    Pattern {
        name: "institution_log",
        what: "Part of the institution's log",
        keys: "Query `I#/E#<n>…`, newest first, consistent",
        actions: &[Query],
        askers: &["audit"],
    },
    Pattern {
        name: "verify_institution",
        what: "Whether part of the institution's log is as it was recorded",
        keys: "Get `I#/E#<n>`; Query `I#/E#<n+1>…`, consistent; Get `I#/E~`",
        actions: &[GetItem, Query],
        askers: &["audit"],
    },
    Pattern {
        name: "conversation_log",
        what: "Part of a conversation's log, for an auditor",
        keys: "Query `C#<id>/E#<n>…`, newest first, beside Get `C#<id>/E~` and `C#<id>/G#<auditor>`, all consistent; where it is open, BatchGet `C#<id>/E#<k>#<n>`",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["audit"],
    },
    Pattern {
        name: "break_glass",
        what: "Opens a conversation to an auditor",
        keys: "Get `I#/E~`, `C#<id>/E~`, `I#/~SETTINGS`; BatchGet `U#<auditor>/K#<key>`; Transact {as `set_accounts`: the log; put new `U#<auditor>/K#<key>`; put `C#<id>/G#<auditor>`; where members are told, put `C#<id>/E~` if seq and hash are as read, and put new `C#<id>/E#<n>`}",
        actions: &[GetItem, BatchGetItem, PutItem],
        askers: &["audit"],
    },
    Pattern {
        name: "verify_conversation",
        what: "Whether part of a conversation's log is as it was recorded",
        keys: "Get `C#<id>/E#<n>`; Query `C#<id>/E#<n+1>…`, consistent; Get `C#<id>/E~`; BatchGet `C#<id>/E#<k>#<n>`",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["audit"],
    },
];

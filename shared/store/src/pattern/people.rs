//! People, their accounts and projects.

use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};
use super::Pattern;

pub(super) const ALL: &[Pattern] = &[
    Pattern {
        name: "colleague",
        what: "Somebody with an active account",
        keys: "Get `U#<user>/~PROFILE`, consistent",
        actions: &[GetItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "own_project",
        what: "A project of a person's own",
        keys: "Get `U#<user>/J#<project>`, consistent, beside Get `J#<project>/~`",
        actions: &[GetItem],
        askers: &["conversations"],
    },
    Pattern {
        name: "admit",
        what: "Who calls, and how the institution set the messenger up; the first call makes a profile",
        keys: "nothing for whom the process admitted within the last minute; else BatchGet {`U#<user>/~PROFILE`, `I#/~SETTINGS`, `U#<user>/~SEEN`}; if there is no profile, Transact {put it, `R#<part>/U#<user>`, and `D#<2 letters>/<word>#<user>` for each word}",
        actions: &[GetItem, BatchGetItem, PutItem],
        askers: &["attachments", "backups", "conversations", "messages", "people", "broadcasts", "audit"],
    },
    Pattern {
        name: "note_seen",
        what: "Notes that somebody is there",
        keys: "nothing, if the process noted it within the last minute; else Update `U#<user>/~SEEN` if it is earlier, beside the request itself; after a while away, Get `U#<user>/~NOTICE` and, if something is due later, Put it if it is as read",
        actions: &[GetItem, PutItem, UpdateItem],
        askers: &["attachments", "backups", "conversations", "messages", "people", "broadcasts", "audit"],
    },
    Pattern {
        name: "introduce",
        what: "A caller's profile, as the token has it",
        keys: "nothing, if the token says nothing new; else Transact {put it, put and delete `D#<2 letters>/<word>#<user>`; where it says another address, Get `U#<user>/~NOTICE` before and put it if it is as read}",
        actions: &[GetItem, PutItem, DeleteItem],
        askers: &["people"],
    },
    Pattern {
        name: "own_projects",
        what: "The projects of a person",
        keys: "Query `U#<user>/J#…`; BatchGet `J#<project>/~`",
        actions: &[BatchGetItem, Query],
        askers: &["people"],
    },
    Pattern {
        name: "suggested",
        what: "People who share a project with somebody",
        keys: "Query `U#<user>/J#…`; for each project Query `J#<project>/U#…`; BatchGet `U#<other>/~PROFILE` of a page",
        actions: &[BatchGetItem, Query],
        askers: &["people"],
    },
    Pattern {
        name: "set_accounts",
        what: "Makes and changes accounts; others take over what somebody administers whose account is disabled",
        keys: "Get `I#/E~`; BatchGet `U#<user>/~PROFILE`; Transact {put `I#/E~` if seq and hash are as read; put new `I#/E#<n>`; put each profile if it is as read, put and delete `D#<2 letters>/<word>#<user>`; of whom can be reached by mail now, Get `U#<user>/~NOTICE` before and put it if it is as read}; of a disabled account before and after: Query `U#<user>/C#…`, and for each conversation it administers Get `C#<id>/E~`, Query `C#<id>/P#…`, BatchGet `U#<member>/~PROFILE`, Transact {as `set_role`}",
        actions: &[GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem, ConditionCheckItem],
        askers: &["people"],
    },
    Pattern {
        name: "set_project",
        what: "Makes and changes a project and who works on it, forty-eight people at once",
        keys: "BatchGet `U#<user>/~PROFILE`; Get `I#/E~`; Get `J#<project>/~` beside Query `J#<project>/U#…`; Transact {as `set_accounts`: the log; put `J#<project>/~`; put new or delete `J#<project>/U#<user>` and `U#<user>/J#<project>`}",
        actions: &[GetItem, BatchGetItem, Query, PutItem, DeleteItem],
        askers: &["people"],
    },
    Pattern {
        name: "search",
        what: "People by a part of the name or by username",
        keys: "Query `D#<2 letters>/<beginning>…`, once or twice",
        actions: &[Query],
        askers: &["people"],
    },
];

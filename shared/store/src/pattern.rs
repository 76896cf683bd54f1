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

use Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, UpdateItem};

/// What acts on a conversation itself ask: they differ in what else the transaction writes.
const ACT: &str = "BatchGet {`C#<id>/E~`, `U#<user>/C#<id>`}; Transact {put `C#<id>/E~` if seq and hash are as read; put new `C#<id>/E#<n>`; check `U#<user>/C#<id>` has the role}; after a lost answer, Get `C#<id>/E#<n>`";

/// All of them.
pub const ALL: &[Pattern] = &[
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
        keys: "nothing, if the token says nothing new; else Transact {put it, put and delete `D#<2 letters>/<word>#<user>`; where it says another address, put `U#<user>/~NOTICE` if it is as Get said}",
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
        keys: "Get `I#/E~`; BatchGet `U#<user>/~PROFILE`; Transact {put `I#/E~` if seq and hash are as read; put new `I#/E#<n>`; put each profile if it is as read, put and delete `D#<2 letters>/<word>#<user>`; of whom can be reached by mail now, put `U#<user>/~NOTICE` if it is as Get said}; of a disabled account before and after: Query `U#<user>/C#…`, and for each conversation it administers Get `C#<id>/E~`, Query `C#<id>/P#…`, BatchGet `U#<member>/~PROFILE`, Transact {as `set_role`}",
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
    Pattern {
        name: "sign_out",
        what: "Notes that somebody goes",
        keys: "Get `U#<user>/~SEEN`, consistent; Update it if it is earlier; Get `U#<user>/~NOTICE` and, if something is due, Put it if it is as read",
        actions: &[GetItem, PutItem, UpdateItem],
        askers: &["people"],
    },
    Pattern {
        name: "preferences",
        what: "What somebody said they want to be mailed about",
        keys: "Get `U#<user>/~PREFERENCES`, consistent",
        actions: &[GetItem],
        askers: &["people"],
    },
    Pattern {
        name: "mail_standing",
        what: "The same, and whether mail goes to their address",
        keys: "BatchGet `U#<user>/~PREFERENCES`, `S#/<hash of the address>`, consistent",
        actions: &[BatchGetItem],
        askers: &["people"],
    },
    Pattern {
        name: "set_preferences",
        what: "Says what somebody wants to be mailed about",
        keys: "Get `U#<user>/~PREFERENCES` beside Get `U#<user>/~NOTICE`, consistent; Transact {put both if they are as read; where it says something else of broadcasts, update `R#<part>/U#<user>`}",
        actions: &[GetItem, PutItem, UpdateItem],
        askers: &["people"],
    },
    Pattern {
        name: "current_settings",
        what: "How the institution set the messenger up, as of a minute ago",
        keys: "nothing, if the process read it within the last minute; else Get `I#/~SETTINGS`",
        actions: &[GetItem],
        askers: &["delivery", "digest", "people"],
    },
    Pattern {
        name: "ask_for_look",
        what: "Asks for a look at what waits for somebody",
        keys: "Get `U#<user>/~NOTICE`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["conversations", "delivery", "people"],
    },
    Pattern {
        name: "due",
        what: "What is due in one shard",
        keys: "Query index `due`, `D#<shard>` up to the time",
        actions: &[Query],
        askers: &["digest"],
    },
    Pattern {
        name: "next_look",
        what: "When the next look at somebody is due",
        keys: "Get `U#<user>/~NOTICE`, consistent",
        actions: &[GetItem],
        askers: &["digest"],
    },
    Pattern {
        name: "claim_look",
        what: "Claims a look at somebody",
        keys: "Get `U#<user>/~NOTICE`, consistent; Put it if it is as read; where somebody else had claimed it, Get `U#<user>/M#<window>`",
        actions: &[GetItem, PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "waits",
        what: "All that waits for somebody, and what of it is news",
        keys: "BatchGet {`U#<user>/~PROFILE`, `~PREFERENCES`, `~SEEN`} beside Query `U#<user>/B#…`–`J#…`, consistent, and Query `B#/…`; for conversations with more than 256 members TransactGet {`C#<id>/E~`, `U#<user>/C#<id>`}; then Get `S#/<hash of the address>` beside, for each conversation with news, Query `C#<id>/E#<n>…`",
        actions: &[GetItem, BatchGetItem, Query],
        askers: &["digest"],
    },
    Pattern {
        name: "begin_mail",
        what: "Writes down that the mail of a window is about to go",
        keys: "Put new `U#<user>/M#<window>`",
        actions: &[PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "end_mail",
        what: "Writes down what became of it",
        keys: "Update `U#<user>/M#<window>` if it is the same look's",
        actions: &[UpdateItem],
        askers: &["digest"],
    },
    Pattern {
        name: "cover",
        what: "Notes that a mail told of what waited",
        keys: "for each conversation with something that waited, Update `U#<user>/C#<id>` if it is the same membership and told of less",
        actions: &[UpdateItem],
        askers: &["digest"],
    },
    Pattern {
        name: "end_look",
        what: "Ends a look",
        keys: "where no mail went, Put new `U#<user>/M#<time>#<look>`; Put `U#<user>/~NOTICE` if it is as when it was claimed, else as it is then if the claim still holds",
        actions: &[GetItem, PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "notice_log",
        what: "What came of looks at somebody",
        keys: "Query `U#<user>/M#…`, newest first, beside Get `U#<user>/~NOTICE`",
        actions: &[GetItem, Query],
        askers: &["people"],
    },
    Pattern {
        name: "spread_broadcast",
        what: "Notes that people are to be told of a broadcast",
        keys: "Get `B#/<id>`; Get `N#/B#<id>`; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["delivery"],
    },
    Pattern {
        name: "claim_spread",
        what: "Claims the telling of very many people",
        keys: "Get `N#/C#<id>` or `N#/B#<id>`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "spread_page",
        what: "Tells five hundred of them",
        keys: "Query `C#<id>/P#…` and BatchGet `U#<member>/C#<id>`, or Query `R#<part>/U#…` or `J#<project>/U#…`; BatchGet `U#<user>/~NOTICE`; for whom nothing is due yet, BatchGet {`U#<user>/~PREFERENCES`, `~SEEN`} and Put `U#<user>/~NOTICE` if it is as read; then Put `N#/…` if it is as read",
        actions: &[GetItem, BatchGetItem, Query, PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "end_spread",
        what: "Ends the telling",
        keys: "Get `N#/…`, consistent; Put it if it is as read",
        actions: &[GetItem, PutItem],
        askers: &["digest"],
    },
    Pattern {
        name: "suppress",
        what: "Sends no mail to an address from now on",
        keys: "Update `S#/<hash of the address>` if nothing that weighs as much is there",
        actions: &[UpdateItem],
        askers: &["mail-events"],
    },
    Pattern {
        name: "suppressed",
        what: "The addresses to which no mail goes",
        keys: "Query `S#/…`",
        actions: &[Query],
        askers: &["people"],
    },
    Pattern {
        name: "lift_suppression",
        what: "Sends mail to an address again",
        keys: "Get `I#/E~`; Get `S#/<hash of the address>`; Transact {as `set_accounts`: the log; delete `S#/<hash of the address>`}",
        actions: &[GetItem, PutItem, DeleteItem],
        askers: &["people"],
    },
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
    Pattern {
        name: "seal",
        what: "A reference to somebody that only we can read",
        keys: "nothing, if the process has the key; else Get `I#/~SEAL`; the first time ever, Put new `I#/~SEAL`",
        actions: &[GetItem, PutItem],
        askers: &["delivery", "digest"],
    },
    Pattern {
        name: "unseal",
        what: "To whom a reference is",
        keys: "nothing, if the process has the key; else Get `I#/~SEAL`",
        actions: &[GetItem],
        askers: &["digest", "people"],
    },
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
    Pattern {
        name: "search",
        what: "People by a part of the name or by username",
        keys: "Query `D#<2 letters>/<beginning>…`, once or twice",
        actions: &[Query],
        askers: &["people"],
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_public_question_is_a_row_and_every_row_a_question() {
        let mut asked = Vec::new();
        asked_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut asked);
        let mut rows: Vec<&str> = ALL.iter().map(|pattern| pattern.name).collect();
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

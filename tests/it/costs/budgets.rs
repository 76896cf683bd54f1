//! What every operation may cost, and why where it is more than it should be in the end.

/// What one operation may cost.
pub(super) struct Budget {
    pub(super) name: &'static str,
    /// Trips, write units and read units, to the last half.
    pub(super) costs: (usize, f64, f64),
    /// What it should cost at most in the end.
    pub(super) aim: (usize, f64, f64),
    /// Why it costs more at present.
    pub(super) why: &'static str,
}

const fn budget(name: &'static str, costs: (usize, f64, f64), aim: (usize, f64, f64), why: &'static str) -> Budget {
    Budget { name, costs, aim, why }
}

const COPIES: &str =
    "a row holds the whole head, so that a list needs no second trip; and it is read consistently, because it permits";
const LONG: &str =
    "messages of 300 characters make entries of 690 bytes, of which the two hashes are 150 and the request's key 40";
const REVISED: &str = "what the message says now is read first, because the rules depend on it, and last, to show it";
const ADDED: &str = "who is meant is read after the head, so that nothing has changed when it is written";
const KNOWN: &str = "the profiles of the others are read first, so that nobody unknown is named; and the write checks that \
    its creator's account is active, so that somebody active is an administrator; and from the start the index knows when to look for what is to go";
const ROWS: &str = "beyond the first forty-five, each forty-nine members' rows note that they are there";
const SETTINGS: &str = "with the profile it is read how the institution set the messenger up and when they were there, \
    then what they want to be mailed and how mail to them fares";
const INDEXED: &str = "who may is read first, with the head, because an archived conversation takes none; and until it is \
    sent the index knows it, for whoever cleans up";
const COMPLETED: &str =
    "whose it is, is read before the bucket is asked, and afterwards what the scanner said meanwhile";
const MAY: &str = "the head says from where on one may see what was sent, and that the conversation is there";
const MAILED: &str = "what they want to be mailed and how mail to them fares is read anew: here they see what they set";

/// Every operation that asks the table, by how it is met.
pub(super) const BUDGETS: &[Budget] = &[
    // The sender's own row stands where a participant would be checked: it also moves the read mark, for the same price.
    budget("send", (1, 8.0, 0.0), (1, 8.0, 0.0), ""),
    budget("send, another process was quicker", (2, 16.0, 0.0), (2, 16.0, 0.0), ""),
    budget("send, first of a process", (2, 8.0, 2.0), (2, 8.0, 2.0), ""),
    budget("send, again with the same key", (2, 8.0, 1.0), (2, 8.0, 1.0), ""),
    budget("open, last 50", (2, 0.0, 10.5), (2, 0.0, 8.0), LONG),
    budget("page back, 50", (2, 0.0, 11.5), (2, 0.0, 8.0), LONG),
    budget("follow, nothing new", (2, 0.0, 3.0), (3, 0.0, 8.0), ""),
    budget("follow, one new", (2, 0.0, 3.5), (3, 0.0, 8.0), ""),
    budget("inbox of 50", (1, 0.0, 6.0), (2, 0.0, 4.0), COPIES),
    budget("unread badge of 50", (1, 0.0, 6.5), (1, 0.0, 2.0), COPIES),
    budget("inbox, empty", (1, 0.0, 1.0), (1, 0.0, 2.0), ""),
    budget("mark read", (2, 1.0, 1.0), (2, 1.0, 1.0), ""),
    budget("create, 2 members", (2, 21.0, 1.0), (1, 16.0, 0.0), KNOWN),
    budget("create, 10 members", (2, 53.0, 9.0), (1, 48.0, 0.0), KNOWN),
    budget("create, 45 members", (2, 195.0, 44.0), (1, 190.0, 0.0), KNOWN),
    budget("edit", (4, 8.0, 4.0), (2, 10.0, 1.0), REVISED),
    budget("withdraw", (3, 8.0, 3.0), (2, 10.0, 1.0), REVISED),
    budget("rename", (2, 6.0, 2.0), (2, 12.0, 2.0), ""),
    budget("archive", (2, 6.0, 2.0), (2, 12.0, 2.0), ""),
    budget("add a member", (4, 10.0, 6.0), (2, 12.0, 2.0), ADDED),
    budget("promote a member", (4, 12.0, 5.5), (2, 12.0, 2.0), ADDED),
    budget("remove a member", (3, 10.0, 3.0), (2, 12.0, 2.0), ADDED),
    budget("list members", (2, 0.0, 6.0), (2, 0.0, 6.0), ""),
    budget("pin", (2, 1.0, 2.0), (2, 1.0, 2.0), ""),
    budget("mark unread", (3, 1.0, 3.0), (3, 1.0, 8.0), ""),
    budget("conversation", (1, 0.0, 4.0), (1, 0.0, 4.0), ""),
    budget("me", (1, 0.0, 2.0), (1, 0.0, 1.0), MAILED),
    budget("me, first of a process in a minute", (2, 0.0, 5.0), (1, 0.0, 2.0), SETTINGS),
    budget("search", (1, 0.0, 0.5), (1, 0.0, 0.5), ""),
    budget("first call ever", (3, 11.0, 5.0), (2, 8.0, 1.0), SETTINGS),
    budget("inbox of 200, first 100", (1, 0.0, 23.0), (2, 0.0, 16.0), COPIES),
    budget("unread badge of 200", (1, 0.0, 23.5), (2, 0.0, 16.0), COPIES),
    budget("create, 1,000 members", (31, 4061.0, 999.0), (31, 4000.0, 999.0), ROWS),
    budget("send to 1,000", (1, 8.0, 0.0), (2, 8.0, 0.0), ""),
    budget("open the last 50 of 1,000 members", (2, 0.0, 3.5), (2, 0.0, 8.0), ""),
    // One row for each recipient, up to as many as a row is written for; and when it is to be looked whether they are
    // to be told by mail, with its place in the index. The settings are read once a minute.
    budget("deliver to 2", (9, 4.0, 9.0), (9, 4.0, 9.0), ""),
    budget("deliver to 10", (8, 28.0, 40.0), (8, 28.0, 40.0), ""),
    budget("deliver to 200", (42, 598.0, 806.0), (42, 598.0, 806.0), ""),
    budget("deliver to 1,000", (4, 2.0, 3.0), (4, 2.0, 3.0), ""),
    budget("make an account", (3, 12.0, 2.0), (3, 12.0, 2.0), ""),
    budget("import 16 accounts", (3, 146.0, 17.0), (3, 146.0, 17.0), ""),
    // Looked up beside one another whether mail reaches them anew.
    budget("give 16 accounts other addresses", (4, 162.0, 33.0), (4, 162.0, 33.0), ""),
    budget("make a project of 3", (4, 18.0, 6.0), (4, 18.0, 6.0), ""),
    budget("suggested people", (3, 0.0, 2.5), (3, 0.0, 2.5), ""),
    budget("my projects", (2, 0.0, 1.0), (2, 0.0, 1.0), ""),
    budget("announce", (3, 8.0, 2.0), (3, 8.0, 2.0), ""),
    budget("broadcasts", (1, 0.0, 2.0), (1, 0.0, 2.0), ""),
    budget("read a broadcast", (2, 1.0, 1.5), (2, 1.0, 1.5), ""),
    budget("change the settings", (3, 6.0, 2.0), (3, 6.0, 2.0), ""),
    budget("institution's log", (1, 0.0, 1.0), (1, 0.0, 1.0), ""),
    budget("conversation's log", (2, 0.0, 19.0), (2, 0.0, 19.0), ""),
    budget("break the glass", (5, 12.0, 4.0), (5, 12.0, 4.0), ""),
    budget("verify a log of 110", (3, 0.0, 22.0), (3, 0.0, 22.0), ""),
    budget("request an upload", (2, 5.0, 3.0), (1, 1.0, 1.0), INDEXED),
    // The bucket, which is asked three times at most, is not counted here.
    budget("complete an upload", (4, 1.0, 4.0), (1, 1.0, 0.0), COMPLETED),
    budget("hear a verdict", (2, 1.0, 1.0), (2, 1.0, 1.0), ""),
    budget("download", (2, 0.0, 3.0), (1, 0.0, 2.0), MAY),
    // What is to be sent is read before, and shown as it is after; each is bound, and leaves the index.
    budget("send with an attachment", (3, 11.0, 2.0), (3, 11.0, 2.0), ""),
    // Which of them are there is read before it is written; each is withdrawn.
    budget("withdraw, with 10 attachments", (4, 28.0, 13.0), (4, 28.0, 13.0), ""),
    budget("send with 10 attachments", (3, 42.0, 20.0), (3, 42.0, 20.0), ""),
    budget("open, with 10 attachments", (2, 0.0, 12.5), (2, 0.0, 8.0), "what was just found clean shows at once"),
    budget("ask for a back-up", (2, 11.0, 3.0), (2, 11.0, 3.0), ""),
    budget("look at a back-up", (2, 0.0, 3.0), (2, 0.0, 3.0), ""),
    // Whatever its size it is taken, said to be at work, and said to be ready; and each hundred entries are one query.
    budget("back up 100 messages", (12, 7.0, 25.0), (12, 7.0, 25.0), ""),
    budget("note a preview", (3, 1.0, 2.0), (3, 1.0, 2.0), ""),
    budget("place a legal hold", (4, 6.0, 3.0), (4, 6.0, 3.0), ""),
    // Of each message the entry and what is known of its request; beside them what must be so, and the line in the log.
    budget("remove 10 messages", (6, 58.0, 8.0), (6, 58.0, 8.0), ""),
    budget("look and remove nothing", (2, 3.0, 4.0), (2, 3.0, 4.0), ""),
    budget("health", (0, 0.0, 0.0), (0, 0.0, 0.0), ""),
    budget("my preferences", (1, 0.0, 1.0), (1, 0.0, 1.0), ""),
    // The first time it is noted in the list of everybody who wants broadcasts.
    budget("set my preferences", (2, 7.0, 2.0), (2, 7.0, 2.0), ""),
    budget("notification log", (1, 0.0, 1.5), (1, 0.0, 1.5), ""),
    // As it comes, once a minute: who calls is read as often.
    budget("heartbeat", (2, 1.0, 3.0), (2, 1.0, 3.0), ""),
    budget("sign out", (3, 1.0, 2.0), (3, 1.0, 2.0), ""),
];

//! What is promised, and the programs that prove it.

/// Something that is promised.
pub(crate) struct Promise {
    /// Its name, for the command line.
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    /// How it is proved, in a sentence.
    pub(crate) how: &'static str,
    pub(crate) proof: Proof,
}

impl Promise {
    /// What of its proof can be tried more often than CI does.
    pub(crate) const fn more(&self) -> &'static [More] {
        match self.proof {
            Proof::Tests { more, .. } => more,
            Proof::Package { .. } | Proof::Elsewhere { .. } | Proof::Later => &[],
        }
    }

    /// How many times as much as CI can be tried at most.
    pub(crate) fn most(&self) -> u64 {
        self.more().iter().map(|more| more.most.div_ceil(more.few)).max().unwrap_or(1)
    }
}

/// What proves it.
pub(crate) enum Proof {
    /// Tests of the system from outside, by the beginnings of their names.
    Tests {
        names: &'static [&'static str],
        /// What can be tried more often than CI does.
        more: &'static [More],
    },
    /// Tests of another package.
    Package { package: &'static str, names: &'static [&'static str] },
    /// A program of its own, which takes longer, needs more, or writes its figures itself.
    Elsewhere { command: &'static str },
    /// What it is about is not there yet.
    Later,
}

/// A number of tries, as the environment tells it.
pub(crate) struct More {
    pub(crate) variable: &'static str,
    /// About as many as CI tries.
    pub(crate) few: u64,
    /// More than these show nothing more, or cannot be waited for.
    pub(crate) most: u64,
}

const fn more(variable: &'static str, few: u64, most: u64) -> More {
    More { variable, few, most }
}

const fn tests(names: &'static [&'static str], more: &'static [More]) -> Proof {
    Proof::Tests { names, more }
}

/// Those that whoever has three minutes reads: their names, and words of the figure that is shown of each.
pub(crate) const IN_SHORT: &[(&str, &str)] = &[
    ("never-lost", "histories of"),
    ("one-order", "two senders"),
    ("removed", "removed, sending and reading"),
    ("unknown", "kinds of callers"),
    ("history-stays", "changes to a log"),
    ("attachments", "found infected"),
    ("one-mail", "deaths of a look"),
    ("not-in-logs", "log lines"),
    ("refused", "kinds of bad input"),
];

/// All of them, in the order in which people ask.
pub(crate) const ALL: &[Promise] = &[
    Promise {
        name: "never-lost",
        says: "A message that was acknowledged is never lost, and never doubled by a repetition, however late",
        how: "Every combination of faults over the attempts of a send, a death at each of its requests, and random histories of several people under faults, checked as a whole, through the real handlers and the real SDK",
        proof: tests(
            &["faults::crashes", "faults::schedules", "faults::histories", "faults::acts", "models::answer"],
            &[more("CONFER_HISTORIES", 24, 10_000)],
        ),
    },
    Promise {
        name: "killed",
        says: "The same, if the whole product is killed at any moment",
        how: "Killed with signal 9 while people write, started again, and read",
        proof: Proof::Elsewhere { command: "cargo xtask bench kill" },
    },
    Promise {
        name: "one-key-one-request",
        says: "A key stands for one request: another one with it is refused, and the same one finds its first answer",
        how: "Any two requests with one key, also at the same moment through two processes",
        proof: tests(
            &[
                "faults::keys",
                "bad_inputs::a_key",
                "races::the_same_key",
                "races::interleavings::the_same",
                "races::interleavings::two_requests",
            ],
            &[],
        ),
    },
    Promise {
        name: "one-order",
        says: "Everybody sees the same order, 1, 2, 3, without gaps, whatever clocks say",
        how: "Models of the protocol, with its wrong versions found out; two who send at once in every order of their requests",
        proof: tests(&["models::order", "models::clock_ids", "races::interleavings::two_who", "races::two_who"], &[]),
    },
    Promise {
        name: "pages",
        says: "Whoever pages skips nothing and sees nothing twice, also while others write; another's cursor reaches nothing",
        how: "Paging in both directions while people write; forged and foreign cursors",
        proof: tests(&["faults::pages", "messages::list"], &[]),
    },
    Promise {
        name: "progress",
        says: "However many write at once, each gets through or is told to try again, and then nothing was done",
        how: "Fifty who send at once; a table that refuses most requests",
        proof: tests(&["faults::contention", "faults::throttled"], &[]),
    },
    Promise {
        name: "unread",
        says: "What is unread is what the log says, and a read mark only moves forward",
        how: "Random histories whose badges are counted anew; two devices in every order of their requests",
        proof: tests(&["delivery::every_badge", "messages::mark_read", "races::interleavings::two_devices"], &[]),
    },
    Promise {
        name: "history-stays",
        says: "An edit or a withdrawal never hides from an auditor what was there before",
        how: "Any value of a log changed, any entry left out or moved, is named; what was said before is read after a reason was given",
        proof: tests(&["audit::", "messages::revise"], &[]),
    },
    Promise {
        name: "removed",
        says: "Whoever is removed reads nothing and sends nothing from then on, not even by a request under way",
        how: "Removing, sending and reading at once in every order of their first requests; a model whose wrong versions are found out",
        proof: tests(&["races::whoever", "races::interleavings::whoever", "models::removal"], &[]),
    },
    Promise {
        name: "unknown",
        says: "Who may not see a conversation cannot tell it from nothing",
        how: "Every operation of the contract for every kind of caller; an operation without a row fails",
        proof: tests(&["authz::", "bad_inputs::what_is_not_yours"], &[]),
    },
    Promise {
        name: "rules",
        says: "Whatever people do, alone or at the same moment, comes out as the rules say",
        how: "Random sequences against a simple model of the rules, pairs of acts through two processes; seven wrong models are found out",
        proof: tests(&["reference::"], &[more("CONFER_SEQUENCES", 100, 5_000)]),
    },
    Promise {
        name: "administrator",
        says: "A conversation that has members always has an administrator whose account is active",
        how: "Accounts disabled one after another, at the same moment, and while they start conversations",
        proof: tests(&["institution::accounts", "conversations::members"], &[]),
    },
    Promise {
        name: "tokens",
        says: "Only a token of the institution's issuer, for this product and in its time, speaks for somebody",
        how: "Tokens that were tampered with in every way we know, with and without a gateway; keys that change",
        proof: tests(&["tokens::"], &[]),
    },
    Promise {
        name: "attachments",
        says: "An attachment has at most 52,428,800 bytes, belongs to one message or none, and only what was scanned and found clean is served, as something to save",
        how: "Sizes at the limits, uploads that lie or are cut off, random histories against the rules; completed, sent, judged and its sender removed at once in every order",
        proof: tests(
            &[
                "attachments::limits",
                "attachments::binding",
                "attachments::sending",
                "attachments::interleavings",
                "attachments::stories",
                "attachments::names",
            ],
            &[more("CONFER_HISTORIES_OF_ATTACHMENTS", 16, 5_000)],
        ),
    },
    Promise {
        name: "back-ups",
        says: "A back-up holds what its member may see, all of it and nothing else, and is made once",
        how: "Made by runs that die before any of their requests, by four at once; unpacked by a library of others and compared",
        proof: tests(&["backups::"], &[]),
    },
    Promise {
        name: "one-mail",
        says: "There is at most one mail for a window, and nothing unread of which somebody is to be told is forgotten",
        how: "A model of claims, with five wrong versions; the function itself killed after each request, twice at once, under faults of the table and of the mail service; histories against an independent reference",
        proof: tests(
            &["models::claim", "notices::faults", "notices::histories", "notices::stories"],
            &[more("CONFER_HISTORIES_OF_NOTICES", 40, 5_000)],
        ),
    },
    Promise {
        name: "mail-says-nothing",
        says: "Nothing that anybody wrote is in a mail",
        how: "No four characters in a row of a text, a title or a name in random mails, in each of their parts",
        proof: tests(&["notices::canary"], &[more("CONFER_MAILS", 400, 20_000)]),
    },
    Promise {
        name: "no-mail-there",
        says: "No mail goes to an address that does not take it, or whose owner complained",
        how: "What the mail service tells, twice, late and in any order",
        proof: tests(&["notices::stories::addresses"], &[]),
    },
    Promise {
        name: "officials",
        says: "What an official did is in the institution's log, and what is in the log they did",
        how: "Every act under every pair of faults",
        proof: tests(&["institution::log"], &[]),
    },
    Promise {
        name: "trail",
        says: "A log that somebody writes anew, with all its hashes, is found out",
        how: "Of every entry its hashes are where nobody can change them, and are compared",
        proof: tests(&["trail::"], &[]),
    },
    Promise {
        name: "retention",
        says: "Nothing goes that is under a legal hold or younger than its period; what is older goes with all that belongs to it, and is recorded once",
        how: "A hold placed, or a longer period set, while something goes and somebody writes, in every order; whoever removes is killed after each request; histories over months",
        proof: tests(&["retention::"], &[more("CONFER_HISTORIES_OF_RETENTION", 12, 5_000)]),
    },
    Promise {
        name: "restored",
        says: "What was restored is the same, and its logs are chains",
        how: "A table restored to another one and compared; one value changed; a log written anew",
        proof: Proof::Package { package: "xtask", names: &["restore::"] },
    },
    Promise {
        name: "not-in-logs",
        says: "Nothing that anybody wrote is in a log line, an error, a header, a key or a metric",
        how: "A marker in every text of every operation, looked for everywhere",
        proof: tests(&["phi::"], &[]),
    },
    Promise {
        name: "refused",
        says: "A refused request writes nothing, and no input whatever is answered with a failure of ours",
        how: "The table before and after each bad input; random requests to every operation and address",
        proof: tests(&["bad_inputs::bad_input", "junk::"], &[]),
    },
    Promise {
        name: "contract",
        says: "Every answer is what the contract says",
        how: "Every operation's answers against the document, with an answer that is spoilt found out",
        proof: tests(&["contract::"], &[]),
    },
    Promise {
        name: "requests",
        says: "Every request that fits the contract is taken, or refused for what a schema cannot say; none that does not fit is taken",
        how: "Ten thousand requests and more, made from the contract, with a token of each kind of caller",
        proof: Proof::Elsewhere { command: ".ci/contract" },
    },
    Promise {
        name: "costs",
        says: "Each operation costs what the table of costs says, and nobody can make another one's cost grow without limit",
        how: "Requests to the table are counted with what DynamoDB bills; quotas are met",
        proof: tests(&["costs::", "people::the_thirty_first", "messages::send"], &[]),
    },
    Promise {
        name: "least-privilege",
        says: "A function may do what its code does, and nothing else",
        how: "The template deployed onto an emulator that enforces each permission: all are used, none is missing; with one less a story fails",
        proof: Proof::Elsewhere { command: ".ci/deployed" },
    },
    Promise {
        name: "consent",
        says: "A client's message has content in mail or SMS only with recorded consent",
        how: "",
        proof: Proof::Later,
    },
    Promise {
        name: "reply-links",
        says: "Reply links cannot be guessed, are revoked at once, and show no history",
        how: "",
        proof: Proof::Later,
    },
    Promise {
        name: "inbound",
        says: "What a client writes by SMS is one message, once, in that client's channel, or waits to be matched",
        how: "",
        proof: Proof::Later,
    },
    Promise {
        name: "panel",
        says: "The panel's session ends by itself and leaves nothing in the browser",
        how: "",
        proof: Proof::Later,
    },
];

//! Every key of the table, once.
//!
//! `#` is written here and nowhere else. Keys hold identifiers and numbers, and for the directory of staff the words
//! of their names; never anything somebody wrote.

use domain::chain::Seq;
use domain::id::{BroadcastId, ConversationId, IdempotencyKey};
use domain::project::ProjectId;
use domain::text::Username;
use domain::user::Token;
use serde::Serialize;

/// A primary key. Only the functions of this module make one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// A part of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) pk: String,
    /// The first sort key, inclusive.
    pub(crate) from: String,
    /// The last sort key, inclusive.
    pub(crate) to: String,
}

fn conversation(id: ConversationId) -> String {
    format!("C#{id}")
}

fn user(name: &Username) -> String {
    format!("U#{}", name.folded())
}

/// Twelve digits, so that text order is number order.
fn place(seq: Seq) -> String {
    format!("E#{:012}", seq.get())
}

pub(crate) fn entry(id: ConversationId, seq: Seq) -> Key {
    Key { pk: conversation(id), sk: place(seq) }
}

/// Which entry lies at a key, if it is an entry's.
pub(crate) fn entry_at(pk: &str, sk: &str) -> Option<(ConversationId, Seq)> {
    let id = pk.strip_prefix("C#")?.parse().ok()?;
    let place = sk.strip_prefix("E#").filter(|place| place.len() == 12)?;
    Some((id, Seq::try_from(place.parse::<u64>().ok()?).ok()?))
}

/// What the revision at place `by` says, kept beside the message it revises: who reads the message reads it too.
pub(crate) fn revision(id: ConversationId, of: Seq, by: Seq) -> Key {
    Key { pk: conversation(id), sk: format!("{}#{:012}", place(of), by.get()) }
}

const HEAD: &str = "E~";

/// Sorts after every entry, so that one query returns the newest entries and the head.
pub(crate) fn head(id: ConversationId) -> Key {
    Key { pk: conversation(id), sk: HEAD.to_owned() }
}

pub(crate) fn participant(id: ConversationId, name: &Username) -> Key {
    Key { pk: conversation(id), sk: format!("P#{}", name.folded()) }
}

pub(crate) fn idempotency(id: ConversationId, name: &Username, key: IdempotencyKey) -> Key {
    Key { pk: conversation(id), sk: format!("K#{}#{key}", name.folded()) }
}

pub(crate) fn inbox_row(name: &Username, id: ConversationId) -> Key {
    Key { pk: user(name), sk: conversation(id) }
}

/// A conversation has no partition before it is started: the key of its start lies with its creator.
pub(crate) fn creation(name: &Username, key: IdempotencyKey) -> Key {
    Key { pk: user(name), sk: format!("K#{key}") }
}

pub(crate) fn project(id: &ProjectId) -> Key {
    Key { pk: project_partition(id), sk: "~".to_owned() }
}

fn project_partition(id: &ProjectId) -> String {
    format!("J#{}", id.as_str())
}

/// That somebody works on a project, where the person's projects are.
pub(crate) fn own_project(name: &Username, id: &ProjectId) -> Key {
    Key { pk: user(name), sk: project_partition(id) }
}

/// The projects of a person.
pub(crate) fn own_projects(name: &Username) -> Range {
    Range { pk: user(name), from: "J#".to_owned(), to: OWN_PROJECTS_END.to_owned() }
}

const OWN_PROJECTS_END: &str = "J#~";

/// That somebody works on a project, where the project is.
pub(crate) fn collaborator(id: &ProjectId, name: &Username) -> Key {
    Key { pk: project_partition(id), sk: user(name) }
}

/// The people of a project.
pub(crate) fn collaborators(id: &ProjectId) -> Range {
    Range { pk: project_partition(id), from: "U#".to_owned(), to: "U#\u{10ffff}".to_owned() }
}

/// All broadcasts lie together, by the time of their making.
const BROADCASTS: &str = "B#";

pub(crate) fn broadcast(id: BroadcastId) -> Key {
    Key { pk: BROADCASTS.to_owned(), sk: id.to_string() }
}

pub(crate) fn broadcasts() -> Range {
    Range { pk: BROADCASTS.to_owned(), from: "0".to_owned(), to: "~".to_owned() }
}

/// That somebody has read a broadcast.
pub(crate) fn broadcast_mark(name: &Username, id: BroadcastId) -> Key {
    Key { pk: user(name), sk: format!("B#{id}") }
}

/// What broadcasts somebody has read.
pub(crate) fn broadcast_marks(name: &Username) -> Range {
    Range { pk: user(name), from: "B#".to_owned(), to: "B#~".to_owned() }
}

/// What a badge is counted from, side by side: broadcasts read, conversations, projects.
pub(crate) fn own(name: &Username) -> Range {
    Range { pk: user(name), from: "B#".to_owned(), to: OWN_PROJECTS_END.to_owned() }
}

/// The institution itself.
const INSTITUTION: &str = "I#";

pub(crate) fn settings() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: "~SETTINGS".to_owned() }
}

/// Where the institution's log ends.
pub(crate) fn institution_end() -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: HEAD.to_owned() }
}

pub(crate) fn institution_entry(seq: Seq) -> Key {
    Key { pk: INSTITUTION.to_owned(), sk: place(seq) }
}

/// The entries of the institution's log from `from` to `to`, both included.
pub(crate) fn institution_entries(from: Seq, to: Seq) -> Range {
    Range { pk: INSTITUTION.to_owned(), from: place(from), to: place(to.max(from)) }
}

/// That an auditor may read a conversation for a while.
pub(crate) fn glass(id: ConversationId, auditor: &Username) -> Key {
    Key { pk: conversation(id), sk: format!("G#{}", auditor.folded()) }
}

pub(crate) fn profile(name: &Username) -> Key {
    Key { pk: user(name), sk: "~PROFILE".to_owned() }
}

/// When somebody last did something.
pub(crate) fn seen(name: &Username) -> Key {
    Key { pk: user(name), sk: "~SEEN".to_owned() }
}

pub(crate) fn rate(name: &Username, what: &str, minute: i64) -> Key {
    Key { pk: user(name), sk: format!("~RATE#{what}#{minute}") }
}

pub(crate) fn directory(token: &Token, name: &Username) -> Key {
    Key { pk: format!("D#{}", token.initials()), sk: format!("{}#{}", token.as_str(), name.folded()) }
}

/// The entries from `from` to the newest, and the head after them.
pub(crate) fn log_and_head(id: ConversationId) -> Range {
    Range { pk: conversation(id), from: place(Seq::START), to: head(id).sk }
}

/// Whether the head lies in a range.
pub(crate) fn reaches_the_head(range: &Range) -> bool {
    range.to == HEAD
}

/// The entries from `from` to `to`, both included, each followed by its revisions; none if `to` lies before `from`.
pub(crate) fn entries(id: ConversationId, from: Seq, to: Seq) -> Range {
    let to = if to < from { place(to) } else { format!("{}#~", place(to)) };
    Range { pk: conversation(id), from: place(from), to }
}

/// The members of a conversation.
pub(crate) fn participants(id: ConversationId) -> Range {
    participants_after(id, None)
}

/// The members of a conversation whose names come after this one.
pub(crate) fn participants_after(id: ConversationId, after: Option<&Username>) -> Range {
    // No name holds this character, so it is the next key there can be.
    let from = after.map_or_else(|| "P#".to_owned(), |name| format!("P#{}\0", name.folded()));
    Range { pk: conversation(id), from, to: "P#\u{10ffff}".to_owned() }
}

pub(crate) fn inbox(name: &Username) -> Range {
    Range { pk: user(name), from: "C#".to_owned(), to: "C#~".to_owned() }
}

/// The people who are found by a word that begins like `token`.
pub(crate) fn directory_prefix(token: &Token) -> Range {
    Range {
        pk: format!("D#{}", token.initials()),
        from: token.as_str().to_owned(),
        to: format!("{}\u{10ffff}", token.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> ConversationId {
        "019ca8a0-3e80-7707-8707-070707070707".parse().unwrap()
    }

    fn name(text: &str) -> Username {
        text.parse().unwrap()
    }

    #[test]
    fn the_keys_are_a_contract() {
        let key = "019ca8a0-3e80-7707-8707-0707070707aa".parse().unwrap();
        let seq = Seq::try_from(42).unwrap();
        let strom = domain::text::DisplayName::try_from("Ström".to_owned()).unwrap();
        let token = domain::user::Profile { name: strom, active: true, ..domain::user::Profile::gone(&name("jo")) }
            .tokens()
            .pop()
            .unwrap();
        let study = ProjectId::try_from("STUDY-1".to_owned()).unwrap();
        let news = "019ca8a0-3e80-7707-8707-0707070707bb".parse().unwrap();
        let all = [
            entry(id(), seq),
            head(id()),
            participant(id(), &name("Jo")),
            idempotency(id(), &name("Jo"), key),
            inbox_row(&name("Jo"), id()),
            creation(&name("Jo"), key),
            profile(&name("Jo")),
            seen(&name("Jo")),
            rate(&name("Jo"), "sends", 29_539_260),
            directory(&token, &name("Jo")),
            project(&study),
            collaborator(&study, &name("Jo")),
            own_project(&name("Jo"), &study),
            broadcast(news),
            broadcast_mark(&name("Jo"), news),
            settings(),
            institution_end(),
            institution_entry(seq),
            glass(id(), &name("Jo")),
        ]
        .map(|Key { pk, sk }| format!("{pk} | {sk}"))
        .join("\n");
        insta::assert_snapshot!(all, @r"
        C#019ca8a0-3e80-7707-8707-070707070707 | E#000000000042
        C#019ca8a0-3e80-7707-8707-070707070707 | E~
        C#019ca8a0-3e80-7707-8707-070707070707 | P#jo
        C#019ca8a0-3e80-7707-8707-070707070707 | K#jo#019ca8a0-3e80-7707-8707-0707070707aa
        U#jo | C#019ca8a0-3e80-7707-8707-070707070707
        U#jo | K#019ca8a0-3e80-7707-8707-0707070707aa
        U#jo | ~PROFILE
        U#jo | ~SEEN
        U#jo | ~RATE#sends#29539260
        D#st | strom#jo
        J#STUDY-1 | ~
        J#STUDY-1 | U#jo
        U#jo | J#STUDY-1
        B# | 019ca8a0-3e80-7707-8707-0707070707bb
        U#jo | B#019ca8a0-3e80-7707-8707-0707070707bb
        I# | ~SETTINGS
        I# | E~
        I# | E#000000000042
        C#019ca8a0-3e80-7707-8707-070707070707 | G#jo
        ");
    }

    proptest! {
        #[test]
        fn key_order_is_log_order_and_the_head_comes_last(a in 0_u64..1_000_000_000_000, b in 0_u64..1_000_000_000_000) {
            let (a, b) = (Seq::try_from(a).unwrap(), Seq::try_from(b).unwrap());
            prop_assert_eq!(entry(id(), a).sk.cmp(&entry(id(), b).sk), a.cmp(&b));
            prop_assert!(entry(id(), a).sk < head(id()).sk);
            let range = log_and_head(id());
            prop_assert!((range.from..=range.to).contains(&entry(id(), a).sk));
        }

        #[test]
        fn no_two_people_share_a_key(a in "[a-z0-9._@+-]{1,12}", b in "[a-z0-9._@+-]{1,12}") {
            prop_assert_eq!(a == b, inbox(&name(&a)).pk == inbox(&name(&b)).pk);
            prop_assert_eq!(a == b, participant(id(), &name(&a)) == participant(id(), &name(&b)));
        }
    }
}

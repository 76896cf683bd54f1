//! What `cargo xtask bench instructions` counts: pure work of the rules, each so many times, with nothing else around it.

#![expect(clippy::print_stdout, reason = "a program whose output is read by another")]
#![expect(clippy::unwrap_used, reason = "all of its input is its own")]

use std::hint::black_box;

use domain::attachment::{ContentType, FileName};
use domain::chain::{Digest, End, Seq};
use domain::clock::Timestamp;
use domain::conversation::message::{Draft, Standing, send};
use domain::conversation::{Creation, Head, History, Signature, apply, create, seal};
use domain::entry::{Entry, verify};
use domain::identifier::identifiers;
use domain::inbox::Delivered;
use domain::mention::{resolve, tags};
use domain::text::{Body, Title, Username};
use domain::unread::Mark;

/// A message of some length, as people write them.
const TEXT: &str = "@person.2 can you see room 4 at ten? The pump was changed at six, the line flushed twice; \
    what is left is to call the pharmacy (ext. 4411) and to tell @Person.3, who has the night, that bed 12 waits.";

/// A conversation of ten people, and its first entry.
fn started() -> (Head, Entry) {
    let creation = Creation {
        id: uuid::Uuid::from_u128(7).into(),
        title: Title::try_from("Ward 4".to_owned()).unwrap(),
        history: History::All,
        project: None,
        others: (2..=10).map(name).collect(),
    };
    create(creation, signature(1))
}

fn name(n: u32) -> Username {
    format!("person.{n}").parse().unwrap()
}

fn signature(n: u32) -> Signature {
    let at = Timestamp::from_millis(1_772_355_600_000 + i64::from(n) * 1_000);
    Signature { id: uuid::Uuid::from_u128(u128::from(n)).into(), by: name(1), at }
}

/// From the text of a request to the entry of the log and the head after it.
fn sent(head: &Head, members: &[Username], n: u32) -> (Entry, Head) {
    let body = Body::try_from(TEXT.to_owned()).unwrap();
    let mentions = resolve(&tags(&body).unwrap(), |name| members.iter().find(|member| *member == name).cloned());
    let draft = Draft { body: Some(body), important: false, mentions, attachments: Vec::new() };
    let entry = seal(head, signature(n), send(head, draft).unwrap());
    let next = apply(head, &entry);
    (entry, next)
}

/// A log of so many entries.
fn log(entries: u32) -> (Head, Vec<Entry>) {
    let members: Vec<Username> = (1..=10).map(name).collect();
    let (mut head, first) = started();
    let mut log = vec![first];
    for n in 2..=entries {
        let (entry, next) = sent(&head, &members, n);
        log.push(entry);
        head = next;
    }
    (head, log)
}

/// What the works are done with.
struct Ward {
    members: Vec<Username>,
    head: Head,
    log: Vec<Entry>,
}

impl Ward {
    fn last(&self) -> &Entry {
        self.log.last().unwrap()
    }
}

/// A name, and the work of that name, done so many times.
type Work = (&'static str, fn(&Ward, u32));

const WORKS: &[Work] = &[
    ("send a message: its text, whom it mentions, its entry, the head", |ward, times| {
        repeat(times, || sent(black_box(&ward.head), &ward.members, 101));
    }),
    ("hash an entry", |ward, times| repeat(times, || black_box(ward.last()).chained(ward.head.id))),
    ("verify a log of 100 entries", |ward, times| {
        repeat(times, || {
            let start = End { seq: Seq::START, hash: Digest::default() };
            assert_eq!(verify(ward.head.id, start, black_box(&ward.log)).unwrap().hash, ward.head.hash);
        });
    }),
    ("read an entry as it is stored", |ward, times| {
        let stored = serde_json::to_string(ward.last()).unwrap();
        repeat(times, || serde_json::from_str::<Entry>(black_box(&stored)).unwrap());
    }),
    ("deliver a message to a member", |ward, times| {
        let (row, read) = (Delivered::default(), Mark::default());
        let standing = [Standing::of(ward.last(), []).unwrap()];
        repeat(times, || row.deliver(&ward.members[1], read, &ward.head, black_box(&standing)));
    }),
    ("look whether a title could identify a patient", |_, times| {
        let title = Title::try_from("Visit 3 of 04/11/1958, room 12, call 0171 555 0199".to_owned()).unwrap();
        repeat(times, || identifiers(black_box(&title), &[], signature(1).at));
    }),
    ("fold a username", |_, times| {
        repeat(times, || black_box("J\u{f6}rg.M\u{fc}ller").parse::<Username>().unwrap());
    }),
    ("clean the name of an attachment and look at its first bytes", |_, times| {
        repeat(times, || {
            let name = FileName::try_from("C:\\scans\\bed 12\u{202e}.pdf".to_owned()).unwrap();
            let kind = ContentType::try_from("application/pdf".to_owned()).unwrap();
            (name, kind.agrees(black_box(b"%PDF-1.7 one two three")))
        });
    }),
];

fn repeat<T>(times: u32, work: impl Fn() -> T) {
    for _ in 0..times {
        black_box(work());
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(asked), Some(times)) = (arguments.next(), arguments.next()) else {
        for (name, _) in WORKS {
            println!("{name}");
        }
        return;
    };
    let Some((_, work)) = WORKS.iter().find(|(name, _)| **name == *asked) else { std::process::exit(2) };
    let (head, log) = log(100);
    work(&Ward { members: (1..=10).map(name).collect(), head, log }, times.parse().unwrap());
}

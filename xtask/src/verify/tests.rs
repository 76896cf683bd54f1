//! A back-up that is what was made is verified; one that somebody changed anywhere is not.

use std::io::Write as _;

use domain::backup::Line;
use domain::conversation::message::{Draft, send};
use domain::conversation::{Creation, Head, History, Signature, apply, create, seal};
use domain::entry::Entry;
use serde_json::json;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

type Files = BTreeMap<String, Vec<u8>>;

fn signature(n: u128) -> Signature {
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    Signature { id: uuid::Uuid::from_u128(n).into(), by: "ann".parse().unwrap(), at }
}

/// The log of a conversation: how it began, and three messages.
fn log() -> (Head, Vec<Entry>) {
    let creation = Creation {
        id: uuid::Uuid::from_u128(7).into(),
        title: "Ward 4".to_owned().try_into().unwrap(),
        history: History::All,
        project: None,
        others: Vec::new(),
    };
    let (mut head, first) = create(creation, signature(1));
    let mut entries = vec![first];
    for n in 2..5 {
        let body = Some(format!("message {n}").try_into().unwrap());
        let draft = Draft { body, important: false, mentions: Vec::new(), attachments: Vec::new() };
        let sent = seal(&head, signature(n), send(&head, draft).unwrap());
        head = apply(&head, &sent);
        entries.push(sent);
    }
    (head, entries)
}

/// The files of a back-up but for their sums: a log in two parts, a file that was attached, and what they are.
fn made() -> Files {
    let (head, entries) = log();
    let line = |entry: &Entry| {
        let line = Line { seq: entry.seq, previous: entry.previous, hash: entry.hash, entry: Some(entry.clone()) };
        serde_json::to_string(&line).unwrap() + "\n"
    };
    let part = |entries: &[Entry]| entries.iter().map(line).collect::<String>().into_bytes();
    let manifest = json!({
        "format": "confer-backup-1", "conversation": head.id, "from": 1, "to": head.seq, "hash": head.hash,
    });
    Files::from([
        ("log-000001.jsonl".to_owned(), part(&entries[..2])),
        ("log-000002.jsonl".to_owned(), part(&entries[2..])),
        ("files/scan.txt".to_owned(), b"a scan".to_vec()),
        ("manifest.json".to_owned(), manifest.to_string().into_bytes()),
    ])
}

/// The same, with the sums of what is there.
fn summed(mut files: Files) -> Files {
    let sums: Vec<String> = files.iter().map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes))).collect();
    files.insert("SHA256SUMS".to_owned(), sums.concat().into_bytes());
    files
}

/// Packs files as a back-up does, and some beside its folder.
fn packed(files: &Files, beside: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let inside = files.iter().map(|(name, bytes)| (format!("{FOLDER}{name}"), bytes.as_slice()));
    for (name, bytes) in inside.chain(beside.iter().map(|(name, bytes)| ((*name).to_owned(), *bytes))) {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// What is said of a ZIP file.
fn said_of_zip(bytes: &[u8]) -> anyhow::Result<Verified> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("conversation.zip");
    fs::write(&path, bytes).unwrap();
    check(&path)
}

/// What is said of the files, packed and unpacked, which is the same.
fn said_of(files: &Files) -> Result<Verified, String> {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let unpacked = check(folder.path());
    let packed = said_of_zip(&packed(files, &[]));
    assert_eq!(packed.is_ok(), unpacked.is_ok(), "packed or not");
    packed.map_err(|error| format!("{error:#}"))
}

#[track_caller]
fn expect_refused(files: &Files, why: &str) {
    let said = said_of(files).err().expect("it is not what was made");
    assert!(said.contains(why), "{said}");
}

/// A back-up of which one file became another; nothing, where it is no more.
fn with(mut files: Files, name: &str, bytes: Option<Vec<u8>>) -> Files {
    match bytes {
        Some(bytes) => files.insert(name.to_owned(), bytes),
        None => files.remove(name),
    };
    files
}

fn lines(files: &Files, name: &str) -> Vec<String> {
    String::from_utf8(files[name].clone()).unwrap().lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_was_made_is_verified_packed_and_unpacked() {
    let verified = said_of(&summed(made())).unwrap();
    let (head, entries) = log();
    assert_eq!((verified.files, verified.entries), (4, entries.len()));
    assert_eq!((verified.end.seq, verified.end.hash), (head.seq, head.hash));
}

#[test]
fn a_byte_that_was_changed_is_noticed_in_every_file() {
    let good = summed(made());
    for name in made().keys() {
        let mut bytes = good[name].clone();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        expect_refused(&with(good.clone(), name, Some(bytes)), &format!("{name:?} is not what was made"));
    }
}

#[test]
fn a_file_that_was_added_is_noticed_wherever_it_lies() {
    let good = summed(made());
    expect_refused(&with(good.clone(), "notes.txt", Some(b"by another".to_vec())), "\"notes.txt\" was added");
    // In a ZIP file there is a place beside the folder, too, and what lies there may be called like a file that is known.
    for name in ["manifest.json", "SHA256SUMS", "notes.txt", "conversation.txt"] {
        let said = said_of_zip(&packed(&good, &[(name, b"by another")])).err().expect("it is not what was made");
        assert_eq!(said.to_string(), format!("\"../{name}\" was added"));
    }
}

#[test]
fn a_file_that_is_missing_is_noticed() {
    let good = summed(made());
    for name in good.keys() {
        assert!(said_of(&with(good.clone(), name, None)).is_err(), "{name}");
    }
    // Nor is it enough to leave it out of the sums as well.
    expect_refused(&summed(with(made(), "log-000002.jsonl", None)), "the log ends elsewhere than it says");
    expect_refused(&summed(with(made(), "log-000001.jsonl", None)), "the log begins elsewhere than it says");
}

#[test]
fn a_log_that_was_cut_is_noticed_though_the_sums_are_right() {
    let good = made();
    let cut = |name: &str, keep: std::ops::Range<usize>| {
        let kept = lines(&good, name)[keep].concat().into_bytes();
        summed(with(good.clone(), name, Some(kept)))
    };
    expect_refused(&cut("log-000002.jsonl", 0..1), "the log ends elsewhere than it says");
    expect_refused(&cut("log-000001.jsonl", 1..2), "the log begins elsewhere than it says");
    // In the middle it is no chain any more.
    assert!(said_of(&cut("log-000001.jsonl", 0..1)).is_err());
    // What it says is chained, too.
    let other = lines(&good, "log-000002.jsonl").concat().replace("message 3", "message 4");
    assert!(said_of(&summed(with(good.clone(), "log-000002.jsonl", Some(other.into_bytes())))).is_err());
}

#[test]
fn another_end_in_the_manifest_is_noticed_though_the_sums_are_right() {
    let good = made();
    for (field, other) in [("hash", json!(Digest::of(b"another"))), ("to", json!(3))] {
        let mut manifest: serde_json::Value = serde_json::from_slice(&good["manifest.json"]).unwrap();
        manifest[field] = other;
        let bytes = manifest.to_string().into_bytes();
        let files = summed(with(good.clone(), "manifest.json", Some(bytes)));
        expect_refused(&files, "the log ends elsewhere than it says");
    }
}

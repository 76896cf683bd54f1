//! Back-ups that somebody was given, and that somebody else may have changed: what is said to be what was made is that.
#![no_main]

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::LazyLock;

use domain::chain::Digest;
use domain::clock::Timestamp;
use domain::conversation::{Creation, History, Signature, apply, create, message, seal};
use domain::id::ConversationId;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

#[path = "../../xtask/src/verify.rs"]
#[expect(dead_code, clippy::print_stdout, reason = "a command of xtask, which has no library")]
mod verify;

/// What somebody does to a back-up.
#[derive(Debug, Arbitrary)]
enum Change<'a> {
    /// A byte of a file is another.
    Byte { file: u8, at: u16, is: u8 },
    /// A file is gone.
    Gone { file: u8 },
    /// A file has another name.
    Renamed { file: u8, name: &'a str },
    /// A file is added, beside the folder or in it, perhaps with a name that there is already.
    Added { name: &'a str, bytes: &'a [u8], beside: bool, first: bool },
    /// A file is there once more.
    Twice { file: u8, bytes: &'a [u8], beside: bool, first: bool },
    /// The manifest is another.
    Manifest { bytes: &'a [u8] },
    /// The hashes are those of what is there now: whoever changes files changes these, too.
    Sums,
    /// A byte of the archive itself is another.
    Raw { at: u16, is: u8 },
}

type Files = Vec<(String, Vec<u8>)>;

const FOLDER: &str = "conversation/";

static MADE: LazyLock<Files> = LazyLock::new(made);

fuzz_target!(|changes: Vec<Change<'_>>| {
    let mut files = MADE.clone();
    let mut summed = false;
    for change in &changes {
        summed |= matches!(change, Change::Sums);
        apply_to(&mut files, change);
    }
    let mut archive = zipped(&mut files);
    let mut raw = false;
    for change in &changes {
        if let Change::Raw { at, is } = change {
            let place = usize::from(*at) % archive.len();
            archive[place] = *is;
            raw = true;
        }
    }
    let path = std::env::temp_dir().join(format!("confer-fuzz-{}.zip", std::process::id()));
    std::fs::write(&path, &archive).expect("a file");
    let verified = verify::check(&path);
    if let Err(error) = &verified {
        let said = format!("{error:#}");
        assert!(!said.chars().any(char::is_control), "it writes to the terminal what a stranger wrote: {said:?}");
        assert!(!changes.is_empty(), "nothing was changed: {said}");
        return;
    }
    // Whoever has the file need not have this reader: what there is in it, for whatever reader, is what was verified.
    let found = if raw { listed(&archive) } else { files };
    let names: BTreeSet<&String> = found.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), found.len(), "a name is there twice: {names:?}");
    for (name, bytes) in &found {
        assert!(name.starts_with(FOLDER), "{name:?} lies elsewhere");
        assert!(!name.contains("..") && !name.contains('\\'), "{name:?} leads elsewhere");
        // Who writes the hashes anew can change all but the log, which has its own.
        let made = MADE.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes);
        assert!(summed || made == Some(bytes), "{name:?} is not what was made");
    }
    assert!(summed || found.len() == MADE.len());
});

fn apply_to(files: &mut Files, change: &Change<'_>) {
    if files.is_empty() {
        return;
    }
    let place = |file: &u8| usize::from(*file) % MADE.len();
    let named = |name: &str, beside: bool| if beside { name.to_owned() } else { format!("{FOLDER}{name}") };
    let put = |files: &mut Files, file: (String, Vec<u8>), first: bool| {
        let end = if first { 0 } else { files.len() };
        files.insert(end, file);
    };
    match change {
        Change::Byte { file, at, is } => {
            if let Some((_, bytes)) = files.get_mut(place(file)).filter(|(_, bytes)| !bytes.is_empty()) {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *is;
            }
        }
        Change::Gone { file } => drop(files.remove(usize::from(*file) % files.len())),
        Change::Renamed { file, name } => {
            if let Some((is, _)) = files.get_mut(place(file)) {
                named(name, false).clone_into(is);
            }
        }
        Change::Added { name, bytes, beside, first } => put(files, (named(name, *beside), bytes.to_vec()), *first),
        Change::Twice { file, bytes, beside, first } => {
            if let Some((name, _)) = MADE.get(place(file)) {
                let name = name.strip_prefix(FOLDER).unwrap_or(name);
                put(files, (named(name, *beside), bytes.to_vec()), *first);
            }
        }
        Change::Manifest { bytes } => {
            if let Some((_, is)) = files.iter_mut().find(|(name, _)| name.ends_with("manifest.json")) {
                *is = bytes.to_vec();
            }
        }
        Change::Sums => {
            let inside = files.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(FOLDER)?, bytes)));
            let lines: Vec<String> = inside
                .filter(|(name, _)| *name != "SHA256SUMS")
                .map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes)))
                .collect();
            if let Some((_, sums)) = files.iter_mut().find(|(name, _)| name.ends_with("SHA256SUMS")) {
                *sums = lines.concat().into_bytes();
            }
        }
        Change::Raw { .. } => {}
    }
}

/// A ZIP of these files, without those that have a name that no ZIP has.
fn zipped(files: &mut Files) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // The writer takes no name twice, so the second one gets another of the same length first.
    let mut names = BTreeSet::new();
    let mut twice = Vec::new();
    files.retain(|(name, bytes)| {
        let known = !names.insert(name.clone());
        let stand_in = if known { format!("{:!>width$}", twice.len(), width = name.len()) } else { name.clone() };
        let there = stand_in.len() == name.len() && writer.start_file(&*stand_in, options).is_ok();
        if there {
            writer.write_all(bytes).expect("memory takes it");
        }
        if there && known {
            twice.push((stand_in, name.clone()));
        }
        there
    });
    let mut archive = writer.finish().expect("memory takes it").into_inner();
    for (stand_in, name) in twice {
        for at in 0..archive.len() - name.len() {
            if archive[at..].starts_with(stand_in.as_bytes()) {
                archive[at..at + name.len()].copy_from_slice(name.as_bytes());
            }
        }
    }
    archive
}

/// What somebody finds who looks at the list at the end.
fn listed(archive: &[u8]) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("it was read");
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).expect("it was read");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("it was read");
            (file.name().to_owned(), bytes)
        })
        .collect()
}

/// A back-up of two messages.
fn made() -> Files {
    let id: ConversationId = "019ca8a0-3e80-7707-8707-070707070707".parse().expect("an id");
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().expect("a time");
    let signature = |last: u8| Signature {
        id: format!("019ca8a0-3e80-7707-8707-0707070707{last:02}").parse().expect("an id"),
        by: "ann".parse().expect("a name"),
        at,
    };
    let title = "Ward 4".to_owned().try_into().expect("a title");
    let others = vec!["ben".parse().expect("a name")];
    let (mut head, first) = create(Creation { id, title, history: History::All, project: None, others }, signature(1));
    let mut entries = vec![first];
    for (n, text) in [(2, "hello"), (3, "goodbye")] {
        let body = Some(text.to_owned().try_into().expect("a body"));
        let draft = message::Draft { body, important: false, mentions: Vec::new(), attachments: Vec::new() };
        let act = message::send(&head, draft).expect("it is active");
        let entry = seal(&head, signature(n), act);
        head = apply(&head, &entry);
        entries.push(entry);
    }
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            json!({ "seq": entry.seq, "previous": entry.previous, "hash": entry.hash, "entry": entry }).to_string()
        })
        .collect();
    let manifest = json!({
        "format": "confer-backup-1", "conversation": id, "from": 1, "to": head.seq, "hash": head.hash, "title": "Ward 4",
    });
    let mut files: Files = [
        ("index.html", "<!doctype html><p>hello".to_owned()),
        ("log-000001.jsonl", lines[..2].join("\n") + "\n"),
        ("log-000003.jsonl", lines[2..].join("\n") + "\n"),
        ("manifest.json", manifest.to_string()),
        ("SHA256SUMS", String::new()),
    ]
    .map(|(name, text)| (format!("{FOLDER}{name}"), text.into_bytes()))
    .into();
    apply_to_made(&mut files);
    files
}

/// Writes the hashes, without asking [`MADE`], which is being made.
fn apply_to_made(files: &mut Files) {
    let line = |(name, bytes): &(String, Vec<u8>)| format!("{}  {}\n", Digest::of(bytes), &name[FOLDER.len()..]);
    let sums: String = files.iter().filter(|(name, _)| !name.ends_with("SHA256SUMS")).map(line).collect();
    if let Some((_, is)) = files.last_mut() {
        *is = sums.into_bytes();
    }
}

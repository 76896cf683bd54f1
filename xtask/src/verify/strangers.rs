//! What a stranger made of a back-up, for those who verify it.

use std::io::Write as _;

use domain::clock::Timestamp;
use domain::conversation::{Creation, History, Signature, create};
use serde_json::json;
use zip::write::SimpleFileOptions;

use super::*;

/// A ZIP of these files; those in the folder are the back-up's.
fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The files of a back-up of a conversation in which nothing was said.
fn backup() -> Vec<(String, Vec<u8>)> {
    let id: ConversationId = "019ca8a0-3e80-7707-8707-070707070707".parse().unwrap();
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    let signature =
        Signature { id: "019ca8a0-3e80-7707-8707-070707070701".parse().unwrap(), by: "ann".parse().unwrap(), at };
    let title = "Ward 4".to_owned().try_into().unwrap();
    let (_, entry) =
        create(Creation { id, title, history: History::All, project: None, others: Vec::new() }, signature);
    let line = json!({ "seq": 1, "previous": entry.previous, "hash": entry.hash, "entry": entry });
    let manifest = json!({ "format": "confer-backup-1", "conversation": id, "from": 1, "to": 1, "hash": entry.hash });
    let files = [("log-1.jsonl", line.to_string()), ("manifest.json", manifest.to_string())];
    let sums = files.iter().map(|(name, text)| format!("{}  {name}\n", Digest::of(text.as_bytes())));
    let sums = ("SHA256SUMS", sums.collect());
    files.into_iter().chain([sums]).map(|(name, text)| (format!("{FOLDER}{name}"), text.into_bytes())).collect()
}

fn checked(archive: &[u8]) -> Result<usize, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), archive).unwrap();
    check(file.path()).map(|verified| verified.files).map_err(|error| format!("{error:#}"))
}

#[test]
fn what_lies_beside_the_folder_or_twice_in_it_was_added() {
    assert_eq!(checked(&zipped(&backup())), Ok(2));
    for name in ["manifest.json", "index.html", "conversation/index.html", "\u{1b}[2J"] {
        let mut files = backup();
        files.push((name.to_owned(), b"<h1>Nothing was said".to_vec()));
        let said = checked(&zipped(&files)).unwrap_err();
        assert!(said.ends_with(" was added") && !said.contains('\u{1b}'), "{said:?}");
    }
    // The writer takes no name twice.
    let mut files = backup();
    files.insert(0, ("conversation/manifest.jso!".to_owned(), b"{}".to_vec()));
    let mut archive = zipped(&files);
    for at in 0..archive.len() {
        if archive[at..].starts_with(b"manifest.jso!") {
            archive[at + 12] = b'n';
        }
    }
    assert_eq!(checked(&archive), Err("\"manifest.json\" is there twice".to_owned()));
}

#[test]
fn what_a_stranger_wrote_is_not_said_to_the_terminal_and_leads_nowhere_else() {
    let mut files = backup();
    for name in ["../secret", "/etc/hostname", "a/../../b", ".."] {
        files[2].1 = format!("{}  {name}\n", Digest::of(b"")).into_bytes();
        assert_eq!(checked(&zipped(&files)), Err("SHA256SUMS cannot be read".to_owned()));
    }
    let line = br#"{"seq":1,"previous":"\u001b[2J"}"#;
    files[0].1 = line.to_vec();
    files[2].1 =
        format!("{}  log-1.jsonl\n{}  manifest.json\n", Digest::of(line), Digest::of(&files[1].1)).into_bytes();
    assert_eq!(checked(&zipped(&files)), Err("\"log-1.jsonl\" cannot be read".to_owned()));
}

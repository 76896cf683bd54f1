//! What says what a back-up is, and by which a stranger sees that nothing of it was changed.

use domain::backup::Backup;
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::id::{BackupId, ConversationId};
use domain::text::{Title, Username};
use serde::Serialize;
use store::BoxError;

use super::archive::File;
use super::contents::FOLDER;

/// What a back-up is.
#[derive(Serialize)]
struct Manifest<'a> {
    format: &'static str,
    backup: BackupId,
    conversation: ConversationId,
    title: &'a Title,
    requested_by: &'a Username,
    requested_at: Timestamp,
    /// The places of the first and the last entry, and the hash of the last.
    from: Seq,
    to: Seq,
    hash: Digest,
    files: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    size: u32,
    sha256: Digest,
}

/// The manifest of a back-up that has these files.
pub(crate) fn manifest(backup: &Backup, title: &Title, files: &[File]) -> Result<Vec<u8>, BoxError> {
    let files = files.iter().map(|file| Listed { name: inside(&file.name), size: file.size, sha256: file.sha256 });
    let manifest = Manifest {
        format: "confer-backup-1",
        backup: backup.id,
        conversation: backup.conversation,
        title,
        requested_by: &backup.by,
        requested_at: backup.at,
        from: backup.from,
        to: backup.to,
        hash: backup.hash,
        files: files.collect(),
    };
    Ok(serde_json::to_vec_pretty(&manifest)?)
}

/// The hashes of all files, as `sha256sum --check` reads them.
pub(crate) fn sums(files: &[File]) -> String {
    let lines: Vec<String> = files.iter().map(|file| format!("{}  {}", file.sha256, inside(&file.name))).collect();
    lines.join("\n") + "\n"
}

/// A file's name in the folder.
fn inside(name: &str) -> &str {
    name.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/')).unwrap_or(name)
}

/// What to do with all this.
pub(crate) const README: &str = include_str!("../../templates/README.txt");

//! Back-ups: made stretch by stretch, in as many runs as it takes, with as much memory for a long conversation as for a
//! short one.
//!
//! A run takes a back-up for itself for a while, and says again and again that it is still at it. Whoever ends without a
//! word is followed by another, who goes on from the last note. Whoever was taken for ended and is not sees that as soon
//! as it says something; and what it has put meanwhile cannot be mixed in, because the bucket is told which parts make the
//! archive.

mod archive;
mod contents;
mod manifest;
mod note;
mod table;

use std::time::Duration;

use bucket::BucketError;
use domain::attachment::Attachment;
use domain::backup::{Backup, Task};
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::conversation::Head;
use domain::id::{BackupId, ConversationId, NoteId};
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::BoxError;

use crate::App;
use archive::Archive;
use contents::{FOLDER, Files, Stamp, Stretch};
use note::Note;

/// How many entries are read at once.
const PAGE: usize = 100;

/// How long before its deadline a run begins with nothing more: longer than a stretch takes.
pub(crate) const SPARE: Duration = Duration::from_secs(90);

/// After how long a run says that it is still at it, and after how long it writes a note.
const SIGN_AFTER: Duration = Duration::from_secs(10);
const NOTE_AFTER: Duration = Duration::from_secs(30);

/// That a back-up waits, as the event bus says it.
#[derive(Deserialize)]
pub(crate) struct BackupDue {
    pub(crate) conversation_id: ConversationId,
    pub(crate) backup_id: BackupId,
}

/// What came of a look at a back-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Looked {
    /// There was nothing to do, or somebody else does it.
    Nothing,
    /// It is ready.
    Ready,
    /// It goes on in another run.
    HandedOn,
    /// It was given up: there was not enough time, or it is nobody's any more.
    GivenUp,
    /// Its time was over.
    Removed,
}

/// A run of the making of a back-up.
struct Run<'a> {
    app: &'a App,
    backup: Backup,
    archive: Archive,
    stretch: u32,
    done: Seq,
    signed_at: Timestamp,
    noted_at: Timestamp,
}

/// Why a run ends early.
enum Ended {
    /// Somebody else has the back-up.
    Lost,
    /// Something did not do what it was asked.
    Failed(BoxError),
}

impl<E: Into<BoxError>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl App {
    /// Does what is to be done with a back-up now.
    pub(crate) async fn look_at_backup(
        &self,
        of: ConversationId,
        id: BackupId,
        deadline: Option<Timestamp>,
    ) -> Result<Looked, BoxError> {
        let Some((backup, head)) = self.store.backup_at_work(of, id).await? else { return Ok(Looked::Nothing) };
        let now = self.clock.now();
        match (backup.task(now), head) {
            (Task::Wait, _) => Ok(Looked::Nothing),
            (Task::Remove, _) => {
                self.remove_objects(&backup).await?;
                self.store.forget_backup(&backup).await?;
                Ok(Looked::Removed)
            }
            (Task::Run, Some(head)) => self.run(&backup, &head, deadline).boxed().await,
            (Task::GiveUp, _) | (Task::Run, None) => {
                self.remove_objects(&backup).await?;
                let given_up = self.store.replace_backup(&backup, &backup.given_up(now)).await?;
                Ok(if given_up { Looked::GivenUp } else { Looked::Nothing })
            }
        }
    }

    async fn remove_objects(&self, backup: &Backup) -> Result<(), BucketError> {
        self.bucket.remove_archive(&backup.archive).await?;
        match backup.note() {
            Some(note) => self.bucket.remove_note(&backup.archive, note).await,
            None => Ok(()),
        }
    }

    async fn run(&self, was: &Backup, head: &Head, deadline: Option<Timestamp>) -> Result<Looked, BoxError> {
        let Some(backup) = was.taken(self.ids.mint(), self.clock.now()) else { return Ok(Looked::Nothing) };
        if !self.store.replace_backup(was, &backup).await? {
            return Ok(Looked::Nothing);
        }
        let mut run = self.resume(backup).await?;
        match run.go(head, deadline).await {
            Ok(looked) => Ok(looked),
            Err(Ended::Lost) => Ok(Looked::Nothing),
            Err(Ended::Failed(error)) => {
                // Parts that the bucket does not know are of no use to the next run, and it begins anew.
                if error.downcast_ref().is_some_and(BucketError::is_refusal) {
                    self.store.replace_backup(&run.backup, &run.backup.begun_anew()).await?;
                }
                Err(error)
            }
        }
    }

    /// A run that goes on from the note of the last one, if there is one.
    async fn resume(&self, backup: Backup) -> Result<Run<'_>, BoxError> {
        let now = self.clock.now();
        let stamp = Stamp::from(backup.at);
        let (bucket, key) = (self.bucket.clone(), backup.archive.clone());
        let noted = match backup.note() {
            None => None,
            Some(note) => match self.bucket.note(&backup.archive, note).await {
                Ok(bytes) => Some(Note::read(&bytes)?),
                // Whatever took it away: it can be made anew.
                Err(BucketError::Missing) => None,
                Err(error) => return Err(error.into()),
            },
        };
        let (archive, stretch, done) = match noted {
            None => (Archive::new(bucket, key, stamp), 1, backup.from.previous()),
            Some((Note { made, stretch, done }, rest)) => {
                (Archive::resumed(bucket, key, stamp, made, rest), stretch, done)
            }
        };
        Ok(Run { app: self, backup, archive, stretch, done, signed_at: now, noted_at: now })
    }
}

impl Run<'_> {
    async fn go(&mut self, head: &Head, deadline: Option<Timestamp>) -> Result<Looked, Ended> {
        // An earlier run may have ended between the last part and the word that it is there.
        if let Some(size) = self.app.bucket.archive_size(&self.backup.archive).await? {
            return self.say_ready(size).await;
        }
        if self.stretch == 1 {
            self.archive.add(format!("{FOLDER}/README.txt"), manifest::README.as_bytes()).await?;
        }
        while self.done < self.backup.to {
            self.add_stretch(head).boxed().await?;
            if self.done == self.backup.to {
                break;
            }
            let no_time = self.app.clock.has_less_than(SPARE, deadline);
            if no_time || self.app.clock.now().since(self.noted_at) >= NOTE_AFTER {
                self.write_note().await?;
            }
            if no_time {
                self.replace(self.backup.handed_on()).await?;
                return Ok(Looked::HandedOn);
            }
        }
        let manifest = manifest::manifest(&self.backup, &head.title, self.archive.files())?;
        self.archive.add(format!("{FOLDER}/manifest.json"), &manifest).await?;
        let sums = manifest::sums(self.archive.files());
        self.archive.add(format!("{FOLDER}/SHA256SUMS"), sums.as_bytes()).await?;
        let size = match self.archive.finish().await {
            Ok(size) => size,
            // It may be there all the same.
            Err(error) => match self.app.bucket.archive_size(&self.backup.archive).await? {
                Some(size) => size,
                None => return Err(error.into()),
            },
        };
        self.say_ready(size).await
    }

    /// Adds the next stretch of the log, with its attachments.
    async fn add_stretch(&mut self, head: &Head) -> Result<(), Ended> {
        let of = self.backup.clone();
        let mut stretch = Stretch::new(&of, &head.title, self.stretch);
        let mut done = self.done;
        while done < of.to && !stretch.is_full() {
            let part = self.app.store.backup_part(&of, done, PAGE).await?;
            if part.entries.is_empty() {
                return Err(Ended::Failed("a log ends before its end".into()));
            }
            for recorded in &part.entries {
                if stretch.is_full() {
                    break;
                }
                stretch.add(recorded, &part)?;
                done = recorded.line.seq;
            }
        }
        let Files { texts, attachments } = stretch.files(done == of.to)?;
        for (name, bytes) in texts {
            self.archive.add(name, &bytes).await?;
        }
        for (attachment, name) in attachments {
            self.add_attachment(&attachment, name).await?;
            if self.app.clock.now().since(self.signed_at) >= SIGN_AFTER {
                self.sign(self.done).await?;
            }
        }
        self.stretch += 1;
        self.done = done;
        self.sign(done).await
    }

    /// Adds an attachment, and makes sure that it is what was sent.
    async fn add_attachment(&mut self, attachment: &Attachment, name: String) -> Result<(), Ended> {
        let mut bytes = match self.app.bucket.read(attachment).await {
            Ok(bytes) => bytes,
            // The rest is worth having all the same, and the table names a file that says so.
            Err(BucketError::Missing) => {
                return Ok(self.archive.add(format!("{name}.missing.txt"), b"It is not there any more.\n").await?);
            }
            Err(error) => return Err(error.into()),
        };
        let mut file = self.archive.begin_stream(name).await?;
        let mut hash = Sha256::new();
        let mut size = 0;
        while let Some(piece) = bytes.try_next().await? {
            hash.update(&piece);
            size += piece.len();
            self.archive.push(&mut file, &piece).await?;
        }
        let sha256 = Digest::try_from(&hash.finalize()[..])?;
        if sha256 != attachment.sha256 {
            return Err(Ended::Failed("an attachment is not what was sent".into()));
        }
        self.archive.end(file, sha256, size).await?;
        Ok(())
    }

    /// Says that the run is still at it, and how far it came.
    async fn sign(&mut self, done: Seq) -> Result<(), Ended> {
        let now = self.app.clock.now();
        let is = self.backup.advanced(done, now).ok_or(Ended::Lost)?;
        self.replace(is).await?;
        self.signed_at = now;
        Ok(())
    }

    /// Writes down how to go on from here; the last note is of no use any more.
    async fn write_note(&mut self) -> Result<(), Ended> {
        let (made, rest) = self.archive.so_far();
        let note = self.app.ids.mint();
        let bytes = Note { made, stretch: self.stretch, done: self.done }.write(rest)?;
        self.app.bucket.put_note(&self.backup.archive, note, bytes).await?;
        let last = self.backup.note();
        self.replace(self.backup.noted(note)).await?;
        self.noted_at = self.app.clock.now();
        self.remove_note(last).await
    }

    async fn remove_note(&self, note: Option<NoteId>) -> Result<(), Ended> {
        match note {
            Some(note) => Ok(self.app.bucket.remove_note(&self.backup.archive, note).await?),
            None => Ok(()),
        }
    }

    async fn say_ready(&mut self, size: u64) -> Result<Looked, Ended> {
        let note = self.backup.note();
        self.replace(self.backup.finished(size, self.app.clock.now())).await?;
        self.remove_note(note).await?;
        tracing::info!(backup.id = %self.backup.id, size, "A back-up is ready");
        Ok(Looked::Ready)
    }

    /// Puts the back-up in the place of what it was, unless somebody else has it.
    async fn replace(&mut self, is: Backup) -> Result<(), Ended> {
        if !self.app.store.replace_backup(&self.backup, &is).await? {
            return Err(Ended::Lost);
        }
        self.backup = is;
        Ok(())
    }
}

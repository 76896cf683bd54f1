//! What is in a back-up: a stretch of the log at a time, as a table, as a page and as the log itself.

use askama::Template;
use domain::attachment::{Attachment, State as AttachmentState};
use domain::backup::Backup;
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::message::Standing;
use domain::entry::{Act, Attached, Content, Event, Label};
use domain::text::{Title, Username};
use store::{BackupPart, BoxError, Recorded};

use super::table::{Row, Table};

/// Under which all files are, so that unpacking fills one folder.
pub(crate) const FOLDER: &str = "conversation";

/// How much text a stretch may have, in bytes: it is in memory in three forms.
const MOST_TEXT: usize = 2 * 1024 * 1024;

/// How many bytes of attachments a stretch may have: a run that ends within it fetches them once more.
const MOST_ATTACHED: u64 = 64 * 1024 * 1024;

/// When files were changed, as ZIP files say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) time: u16,
    pub(crate) date: u16,
}

impl From<Timestamp> for Stamp {
    fn from(at: Timestamp) -> Self {
        let text = at.to_string();
        let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u16>().ok());
        let part = |from, to| number(from, to).unwrap_or_default();
        let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
        let (hour, minute, second) = (part(11, 13), part(14, 16), part(17, 19));
        // Years count from 1980, seconds by twos.
        Self {
            time: (hour << 11) | (minute << 5) | (second / 2),
            date: (year.saturating_sub(1980) << 9) | (month << 5) | day,
        }
    }
}

/// A stretch of the log, as it goes into a back-up.
pub(crate) struct Stretch<'a> {
    backup: &'a Backup,
    title: &'a Title,
    number: u32,
    log: Vec<u8>,
    table: Table,
    page: Vec<Shown>,
    text: usize,
    attachments: Vec<(Attachment, String)>,
    attached: u64,
}

/// The files of a stretch.
pub(crate) struct Files {
    /// Their names and what is in them.
    pub(crate) texts: Vec<(String, Vec<u8>)>,
    /// The attachments, and their files' names.
    pub(crate) attachments: Vec<(Attachment, String)>,
}

/// What a page shows of an entry.
struct Shown {
    seq: Seq,
    at: Timestamp,
    by: Username,
    name: String,
    what: What,
}

enum What {
    Happened(String),
    Withdrawn,
    Said { body: String, important: bool, edited_at: Option<Timestamp>, attachments: Vec<Shared> },
}

/// An attachment, and its file if there is one.
struct Shared {
    name: String,
    state: &'static str,
    file: Option<String>,
}

#[derive(Template)]
#[template(path = "conversation.html")]
struct Page<'a> {
    title: &'a str,
    number: u32,
    last: bool,
    requested_by: &'a str,
    requested_at: Timestamp,
    shown: &'a [Shown],
}

impl<'a> Stretch<'a> {
    pub(crate) fn new(backup: &'a Backup, title: &'a Title, number: u32) -> Self {
        Self {
            backup,
            title,
            number,
            log: Vec::new(),
            table: Table::new(),
            page: Vec::new(),
            text: 0,
            attachments: Vec::new(),
            attached: 0,
        }
    }

    /// Whether the next entry belongs to the next stretch.
    pub(crate) const fn is_full(&self) -> bool {
        self.text >= MOST_TEXT || self.attached >= MOST_ATTACHED
    }

    /// Adds an entry of this part of the log.
    pub(crate) fn add(&mut self, recorded: &Recorded, part: &BackupPart) -> Result<(), BoxError> {
        let before = self.log.len();
        serde_json::to_writer(&mut self.log, &recorded.line)?;
        self.log.push(b'\n');
        self.text += self.log.len() - before;
        let name = part.people.get(&recorded.by).map_or_else(String::new, |person| person.name.as_str().to_owned());
        let what = match (&recorded.standing, recorded.line.entry.as_ref().map(|entry| &entry.act)) {
            (Some(standing), _) => self.said(standing, part),
            (None, Some(Act::Event { event })) => What::Happened(happened(event)),
            // What was later done to a message shows in the message.
            (None, _) => return Ok(()),
        };
        let shown = Shown { seq: recorded.line.seq, at: recorded.at, by: recorded.by.clone(), name, what };
        self.table.add(&shown.row())?;
        self.page.push(shown);
        Ok(())
    }

    fn said(&mut self, standing: &Standing, part: &BackupPart) -> What {
        let Some(message) = &standing.message else { return What::Withdrawn };
        let body = match &message.content {
            Content::Body(body) => body.as_str().to_owned(),
            Content::None | Content::Absent(_) => String::new(),
        };
        self.text += body.len();
        let numbered = message.attachments.iter().zip(1..);
        let shared = numbered.map(|(attached, n)| self.shared(standing.seq, n, attached, part));
        let attachments = shared.collect();
        What::Said { body, important: message.important, edited_at: standing.edited_at, attachments }
    }

    /// An attachment of a message; one that is clean goes along.
    fn shared(&mut self, seq: Seq, n: usize, attached: &Attached, part: &BackupPart) -> Shared {
        let name = match &attached.label {
            Label::Name(name) => name.as_str().to_owned(),
            Label::Absent(_) => String::new(),
        };
        let found = part.attachments.get(&attached.id).filter(|found| !found.withdrawn);
        let state = match found.map(Attachment::state) {
            Some(AttachmentState::Clean) => "clean",
            Some(AttachmentState::Blocked) => "blocked",
            Some(AttachmentState::Pending | AttachmentState::Scanning) => "scanning",
            Some(AttachmentState::Removed) | None => "removed",
        };
        let file = found.filter(|found| found.state() == AttachmentState::Clean).map(|found| {
            let file = format!("attachments/{:06}-{n}-{}", seq.get(), file_name(&name));
            self.attached += found.size.get();
            self.attachments.push((found.clone(), format!("{FOLDER}/{file}")));
            file
        });
        Shared { name, state, file }
    }

    /// What the stretch comes to; `last` says whether it is the last one.
    pub(crate) fn files(self, last: bool) -> Result<Files, BoxError> {
        let Self { backup, title, number, log, table, page, attachments, .. } = self;
        let html = Page {
            title: title.as_str(),
            number,
            last,
            requested_by: backup.by.as_str(),
            requested_at: backup.at,
            shown: &page,
        };
        let html = html.render()?.into_bytes();
        let name = |what: &str, ending: &str| format!("{FOLDER}/{what}-{number:04}.{ending}");
        let texts = vec![
            (name("messages", "html"), html),
            (name("messages", "csv"), table.end()?),
            (name("log", "jsonl"), log),
        ];
        Ok(Files { texts, attachments })
    }
}

impl Shown {
    fn row(&self) -> Row<'_> {
        let row = Row::of(self.seq, self.at, self.by.as_str(), &self.name);
        match &self.what {
            What::Happened(what) => Row { kind: "event", text: what, ..row },
            What::Withdrawn => Row { kind: "withdrawn", ..row },
            What::Said { body, important, edited_at, attachments } => {
                let files = attachments.iter().map(|shared| match &shared.file {
                    Some(file) => file.clone(),
                    None => format!("{} ({})", shared.name, shared.state),
                });
                let attachments = files.collect::<Vec<_>>().join("\n");
                Row { kind: "message", text: body, important: *important, edited_at: *edited_at, attachments, ..row }
            }
        }
    }
}

/// A name that every system can give a file.
fn file_name(name: &str) -> String {
    const LONGEST: usize = 180;
    let allowed = |c: char| !c.is_control() && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\');
    let name: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    // The end says what it is.
    let from = name.ceil_char_boundary(name.len().saturating_sub(LONGEST));
    name[from..].to_owned()
}

/// What happened, in words.
fn happened(event: &Event) -> String {
    let names = |names: &[Username]| names.iter().map(Username::as_str).collect::<Vec<_>>().join(", ");
    match event {
        Event::Created { title, members, .. } => format!("started “{}” with {}", title.as_str(), names(members)),
        Event::Joined { members } => format!("added {}", names(members)),
        Event::Left { .. } => "left".to_owned(),
        Event::Removed { member, .. } => format!("removed {}", member.as_str()),
        Event::RoleChanged { member, role, .. } => format!("made {} {}", member.as_str(), role.as_str()),
        Event::Renamed { title } => format!("renamed it to “{}”", title.as_str()),
        Event::ProjectChanged { project: Some(project) } => format!("labelled it with {}", project.as_str()),
        Event::ProjectChanged { project: None } => "took the label away".to_owned(),
        Event::Archived => "archived it".to_owned(),
        Event::Unarchived => "took it out of the archive".to_owned(),
        Event::Deleted => "deleted it".to_owned(),
        Event::GlassBroken { until } => format!("may read it as an auditor until {until}"),
        Event::AttachmentBlocked { message, .. } => format!("an attachment of message {message} was blocked"),
        Event::Exported { .. } => "made a back-up".to_owned(),
    }
}

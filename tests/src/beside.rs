//! What tests look at and make beside what requests do.

use std::path::{Path, PathBuf};

use domain::chain::Digest;
use domain::notice::Suppression;
use domain::text::{Email, Username};
use serde_json::{Value, json};
use store::Purpose;

use crate::actor::{Actor, Conversation};
use crate::world::World;

/// An id that is nobody's and nothing's.
pub const NOTHING: &str = "019ca8a0-3e80-7707-8707-070707070707";

/// A picture of one grey dot.
pub const DOT: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\xdach\x00\x00\x00\x82\x00\x81\xdaE\x08;\x00\x00\x00\x00IEND\xaeB`\x82";

/// What somebody says of what they are about to upload.
pub fn declared(name: &str, content_type: &str, bytes: &[u8]) -> Value {
    json!({ "name": name, "content_type": content_type, "size": bytes.len(), "sha256": Digest::of(bytes).to_string() })
}

/// The files in a folder and in all folders in it; none, if there is no such folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

impl Conversation {
    /// The address of its attachments.
    pub fn attachments(&self) -> String {
        format!("{}/attachments", self.path())
    }

    /// The address of its back-ups.
    pub fn backups(&self) -> String {
        format!("{}/backups", self.path())
    }

    /// The address of an attachment.
    pub fn attachment(&self, id: &str) -> String {
        format!("{}/{id}", self.attachments())
    }
}

impl World {
    /// Somebody uploads a text to a conversation, and says that it is complete. The id of the attachment, of which
    /// nobody has heard yet what the scanner found.
    pub async fn uploads(&self, by: &Actor, to: &Conversation, name: &str, bytes: &[u8]) -> String {
        self.uploads_as(by, to, declared(name, "text/plain", bytes), bytes).await
    }

    /// The same, of something that is said to be this.
    pub async fn uploads_as(&self, by: &Actor, to: &Conversation, declared: Value, bytes: &[u8]) -> String {
        let requested = by.post(&to.attachments(), declared).await.expect(201);
        assert_eq!(self.upload(&requested, bytes).await, 200, "{requested}");
        let id = requested["attachment"]["id"].as_str().expect("an id").to_owned();
        by.post(&format!("{}/complete", to.attachment(&id)), json!({})).await.expect(200);
        id
    }

    /// A picture that somebody uploaded, that was found clean, and that can be looked at.
    pub async fn picture(&self, by: &Actor, to: &Conversation) -> String {
        let id = self.uploads_as(by, to, declared("dot.png", "image/png", DOT), DOT).await;
        self.settles().await;
        id
    }

    /// The same, of a few bytes that were found clean.
    pub async fn attachment(&self, by: &Actor, to: &Conversation, name: &str) -> String {
        let id = self.uploads(by, to, name, b"Room 4 at ten.\n").await;
        self.settles().await;
        id
    }

    /// What is noted of an attachment goes, as retention will have it.
    pub async fn forgets_attachment(&self, id: &str) {
        self.remove(&format!("A#{id}"), "~").await;
    }

    /// The entry at a place in a log has the hash of this name instead of the name, as retention will have it.
    pub async fn forgets_name(&self, of: &Conversation, seq: u64, name: &str) {
        let mut entry = self.item(&format!("C#{}", of.id), &format!("E#{seq:012}")).await.expect("an entry");
        let attached = entry["attachments"].as_array_mut().expect("attachments");
        let attached = attached.iter_mut().find(|attached| attached["label"]["name"] == name).expect("its name");
        attached["label"] = json!({ "absent": Digest::of(name.as_bytes()).to_string() });
        self.plant(&entry).await;
    }

    /// A back-up of a conversation that somebody asked for, and that is ready.
    pub async fn backup(&self, by: &Actor, of: &Conversation) -> String {
        let asked = by.post(&of.backups(), json!({})).await.expect(202);
        self.settles().await;
        asked["id"].as_str().expect("an id").to_owned()
    }

    /// The table without when people were there: that is noted beside whatever they ask, once a minute.
    pub async fn table_but_presence(&self) -> Vec<String> {
        let mut items = self.table().await;
        items.retain(|item| !item.contains("\"sk\":\"~SEEN\""));
        items
    }

    /// What stands at the end of the link in a mail to somebody, by which they get fewer.
    pub async fn unsubscribe_token(&self, of: &Actor) -> String {
        self.reference(Purpose::Unsubscribe, of).await
    }

    /// A reference to somebody, for some purpose.
    pub async fn reference(&self, purpose: Purpose, to: &Actor) -> String {
        let name: Username = to.username().parse().expect("a username");
        self.metered().seal(purpose, &name).await.expect("a reference")
    }

    /// Has no mail go to an address, as one from which mail came back.
    pub async fn bounces(&self, address: &str) {
        let email = Email::try_from(address.to_owned()).expect("an address");
        let now = self.clock().now();
        self.metered().suppress(&email, Suppression::Bounced, now).await.expect("a suppressed address");
    }
}

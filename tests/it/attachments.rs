//! Attachments: uploaded beside the log, scanned, sent with a message, and fetched.

mod binding;
mod clean_up;
mod denied;
mod interleavings;
mod limits;
mod names;
mod previews;
mod removed;
mod sending;
mod stories;

use std::path::PathBuf;

use http::Method;
use local::aws::scanner::eicar;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation};
use tests::beside::{declared, files_below};
use tests::world::World;

/// What most people upload.
const PDF: &[u8] = b"%PDF-1.7 scan";

/// Ann and Ben, in a conversation that Ann started.
struct Scene {
    world: World,
    ann: Actor,
    ben: Actor,
    ward: Conversation,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let ward = ann.starts("Ward 4", &[&ben]).await;
        Self { world, ann, ben, ward }
    }

    /// Ann may upload the PDF.
    async fn asks(&self) -> Value {
        asks(&self.ann, &self.ward, declared("scan.pdf", "application/pdf", PDF)).await.expect(201)
    }

    /// Ann uploaded the PDF under this name, and it was found clean.
    async fn clean(&self, name: &str) -> String {
        clean(&self.world, &self.ann, &self.ward, name).await
    }

    /// Ann uploaded what is clean, or what is not; and what the scanner tells of it, which nobody has heard.
    async fn scanning(&self, infected: bool) -> (String, Value) {
        let bytes = if infected { eicar().into_bytes() } else { b"nothing to find".to_vec() };
        let notes = declared("notes.txt", "text/plain", &bytes);
        let id = self.world.uploads_as(&self.ann, &self.ward, notes, &bytes).await;
        (id, verdict(&self.world))
    }
}

/// The id of what an answer shows.
fn id_of(shown: &Value) -> String {
    shown["id"].as_str().unwrap().to_owned()
}

/// Asks to upload something.
async fn asks(who: &Actor, to: &Conversation, declared: Value) -> Answer {
    who.post(&to.attachments(), declared).await
}

/// Says that something was uploaded.
async fn completes(who: &Actor, of: &Conversation, id: &str) -> Answer {
    who.call(Method::POST, &format!("{}/complete", of.attachment(id)), &[], None).await
}

/// Asks where something is fetched.
pub(crate) async fn fetches(who: &Actor, of: &Conversation, id: &str) -> Answer {
    who.get(&of.attachment(id)).await
}

/// Sends a message with these attachments.
async fn sends(who: &Actor, to: &Conversation, ids: &[&str]) -> Answer {
    who.post(&to.messages(), json!({ "body": "look", "attachments": ids })).await
}

/// The PDF, uploaded under this name and found clean.
pub(crate) async fn clean(world: &World, who: &Actor, to: &Conversation, name: &str) -> String {
    let id = world.uploads_as(who, to, declared(name, "application/pdf", PDF), PDF).await;
    world.settles().await;
    id
}

/// The only thing the scanner told since somebody listened; nobody else will hear it.
fn verdict(world: &World) -> Value {
    let mut told = world.take_verdicts();
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

/// The scanner tells the same with another finding; says what came of it.
async fn finds(world: &World, verdict: &Value, status: &str) -> Value {
    let mut verdict = verdict.clone();
    verdict["detail"]["scanResultDetails"]["scanResultStatus"] = status.into();
    world.scan_results().handle(verdict).await.unwrap()["outcome"].clone()
}

/// What a link leads to, by the answer that holds it: the status and the bytes.
async fn follows(world: &World, fetched: &Value) -> (u16, Vec<u8>) {
    let (status, _, bytes) = world.fetch(link(fetched)).await;
    (status, bytes)
}

/// The link by which something is fetched.
fn link(fetched: &Value) -> &str {
    fetched["download"]["url"].as_str().unwrap()
}

/// Everything in a conversation, oldest first.
async fn items(who: &Actor, of: &Conversation) -> Vec<Value> {
    let page = who.get(&format!("{}?after=0&limit=100", of.messages())).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// Which attachments, of which messages, members were told are blocked.
async fn blocked(who: &Actor, of: &Conversation) -> Vec<(String, u64)> {
    blocked_in(&items(who, of).await)
}

/// The same, of what they see.
fn blocked_in(items: &[Value]) -> Vec<(String, u64)> {
    let told = |item: &Value| {
        let event = &item["event"];
        (event["type"] == "attachment_blocked")
            .then(|| (event["attachment"].as_str().unwrap().to_owned(), event["message"].as_u64().unwrap()))
    };
    items.iter().filter_map(told).collect()
}

/// The objects in the bucket.
pub(crate) fn objects(world: &World) -> Vec<PathBuf> {
    files_below(&world.bucket())
}

/// The table without what is noted beside whatever people ask: that they are there, and how often.
async fn written(world: &World) -> Vec<String> {
    let mut items = world.table_but_presence().await;
    items.retain(|item| !item.contains("\"sk\":\"~RATE"));
    items
}

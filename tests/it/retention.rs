//! What is kept goes when its time has come, and nothing goes that is under a legal hold.

mod faults;
mod histories;
mod holds;
mod interleavings;
mod stories;

use std::time::Duration;

use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// Ann's conversation with Ben, and those who say how long it is kept.
struct Scene {
    world: World,
    ann: Actor,
    ben: Actor,
    office: Actor,
    auditor: Actor,
    ward: Conversation,
}

impl Scene {
    /// Messages are kept for thirty days.
    async fn new() -> Self {
        let world = World::new().await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let office = world.office().await;
        let auditor = world.official("auditor", &[Role::Auditor]).await;
        let ward = ann.starts("Ward 4", &[&ben]).await;
        let scene = Self { world, ann, ben, office, auditor, ward };
        scene.keeps_for(30).await;
        scene
    }

    /// Time passes, and everybody signs in anew.
    async fn passes(&mut self, by: Duration) {
        self.world.passes(by).await;
        (self.ann, self.ben) = (self.world.person("ann").await, self.world.person("ben").await);
        self.office = self.world.office().await;
        self.auditor = self.world.official("auditor", &[Role::Auditor]).await;
    }

    /// The institution keeps messages for so many days.
    async fn keeps_for(&self, days: u32) {
        self.office.put("/v1/admin/settings", settings(days)).await.expect(200);
    }

    /// A legal hold is placed, or lifted.
    async fn holds(&self, on: &Value, placed: bool) {
        let mut asked = on.clone();
        asked["reason"] = "A claim".into();
        if placed {
            self.office.put("/v1/admin/holds", asked).await.expect(201);
        } else {
            self.office.post("/v1/admin/holds/lift", asked).await.expect(204);
        }
    }

    /// The conversation is labelled with a project of Ann's.
    async fn labelled(&self, project: &str) {
        self.world.project(project, &[&self.ann]).await;
        self.ann.patch(&self.ward.path(), json!({ "project_id": project })).await.expect(200);
    }

    /// What a hold on the conversation is on.
    fn on_ward(&self) -> Value {
        json!({ "conversation_id": self.ward.id })
    }

    /// Time passes in which only the schedule's hour at the end is kept.
    async fn sweeps_after(&self, by: Duration) -> Value {
        self.world.hand().advance(by);
        self.world.retention().handle(self.tick(), None).await.unwrap()
    }

    /// Ann deletes the conversation.
    async fn deletes(&self, title: &str) {
        self.ann.post(&format!("{}/delete", self.ward.path()), json!({ "title": title })).await.expect(204);
    }

    /// The tick of the present hour.
    fn tick(&self) -> Value {
        json!({ "scheduled_at": self.world.clock().now() })
    }

    /// Everything in the conversation, as Ben sees it.
    async fn log(&self) -> Vec<Value> {
        let page = self.ben.get(&format!("{}?after=0&limit=100", self.ward.messages())).await.expect(200);
        page["items"].as_array().unwrap().clone()
    }

    /// What went, as the institution's log records it.
    async fn certificates(&self) -> Vec<Value> {
        let page = self.auditor.get("/v1/audit/institution?limit=100").await.expect(200);
        let mut lines: Vec<Value> = page["items"].as_array().unwrap().clone();
        lines.retain(|line| line["type"] == "purged");
        lines.reverse();
        assert!(lines.iter().all(|line| line["by"] == "confer"), "{lines:?}");
        lines.iter().flat_map(|line| line["details"]["purges"].as_array().unwrap().clone()).collect()
    }

    /// Both logs verify to their ends.
    async fn verifies(&self) {
        for path in [format!("{}/audit/verify", self.ward.path()), "/v1/audit/institution/verify".to_owned()] {
            let verified = self.auditor.get(&path).await.expect(200);
            assert_eq!((&verified["next"], &verified["broken_at"]), (&Value::Null, &Value::Null), "{path}");
        }
    }

    /// What is in the table of somebody's words.
    async fn words(&self, marker: &str) -> Vec<String> {
        let mut items = self.world.table().await;
        items.retain(|item| item.contains(marker));
        items
    }
}

/// How the institution sets the messenger up: messages are kept for so many days.
fn settings(days: u32) -> Value {
    json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": true, "retention_days": days })
}

/// What a run reports when nothing failed.
fn report(looked: usize, held: usize, messages: u64, attachments: u64) -> Value {
    json!({
        "looked": looked, "held": held, "messages": messages, "attachments": attachments, "failed": 0, "unfinished": false,
    })
}

//! Whatever dies, fails, comes twice or comes late: no window has two mails, and what came and is not read is told.

mod crashes;
mod poison;
mod post;
mod reachable;
mod twice;

use domain::clock::Timestamp;
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

use super::{minutes, sends_important};

/// Somebody who is owed a mail: something important came while they were there, and they went a minute ago.
struct Owed {
    jo: Actor,
    ward: Conversation,
    seq: u64,
}

impl Owed {
    /// No tick has come since.
    async fn new(world: &World, ann: &Actor, name: &str) -> Self {
        let jo = world.person(name).await;
        let ward = ann.starts("Ward 4", &[&jo]).await;
        let sent = sends_important(ann, &ward, "fire").await.expect(201);
        world.settles().await;
        world.hand().advance(minutes(6));
        Self { jo, ward, seq: sent["seq"].as_u64().unwrap() }
    }

    /// When mails were sent to them since this was last asked. Nobody else has any.
    fn mails(&self, world: &World) -> Vec<Timestamp> {
        let letters = world.mails();
        let address = format!("{}@hospital.example", self.jo.username());
        assert!(letters.iter().all(|letter| letter.to == address), "{letters:?}");
        letters.into_iter().map(|letter| letter.at).collect()
    }
}

/// The tick of the present minute.
fn tick(world: &World) -> Value {
    json!({ "scheduled_at": world.clock().now() })
}

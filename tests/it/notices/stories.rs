//! One story for each rule: what people do, the mails that come of it, and the row of the log that explains it.
//!
//! Everybody signs in at nine o'clock in the morning of the first of March. Most stories begin ten minutes later, when
//! nobody has been there for five minutes.

mod accounts;
mod addresses;
mod broadcasts;
mod digests;
mod instant;
mod institution;
mod large;
mod presence;
mod quiet;
mod settled;
mod unsubscribe;

use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

use super::{log, mails, minutes, wants};

/// Ann writes in the conversation, and Ben is told.
struct Story {
    world: World,
    ann: Actor,
    ben: Actor,
    ward: Conversation,
}

impl Story {
    /// Ben wants what whoever never said anything gets.
    async fn new() -> Self {
        let story = Self::at_nine().await;
        story.world.passes(minutes(10)).await;
        story
    }

    /// Ben said that he wants something else.
    async fn wanting(change: Value) -> Self {
        let story = Self::at_nine().await;
        wants(&story.ben, change).await.expect(200);
        story.world.passes(minutes(10)).await;
        story
    }

    /// Everybody is still there.
    async fn at_nine() -> Self {
        let world = World::new().await;
        let (ann, ben) = (world.person("ann").await, world.person("ben").await);
        let ward = ann.starts("Ward 4", &[&ben]).await;
        Self { world, ann, ben, ward }
    }

    /// Ann says something, which is delivered.
    async fn says(&self, body: &str) -> u64 {
        let sent = self.ann.sends(&self.ward, body).await.expect(201);
        self.world.settles().await;
        sent["seq"].as_u64().unwrap()
    }

    /// Ben looks at the page.
    async fn looks(&self) {
        let looked = self.ben.post("/v1/me/presence", json!({ "visible": true })).await;
        assert_eq!(looked.status, 204, "{looked:?}");
    }

    async fn reads(&self, seq: u64) {
        self.ben.put(&self.ward.read(), json!({ "seq": seq })).await.expect(200);
    }

    fn mails(&self) -> Vec<String> {
        mails(&self.world)
    }

    /// What the only mail since this was last asked says in its first sentence.
    fn says_the_mail(&self) -> String {
        let letters = self.world.mails();
        let [letter] = &letters[..] else { panic!("{letters:?}") };
        letter.text.lines().next().unwrap_or_default().to_owned()
    }

    /// The newest row of Ben's log.
    async fn latest(&self) -> String {
        log(&self.ben).await.into_iter().next().unwrap_or_default()
    }
}

const NOBODY: [&str; 0] = [];

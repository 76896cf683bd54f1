//! Conversations with very many members.

use std::collections::BTreeSet;

use serde_json::json;
use tests::actor::{Actor, Conversation};
use tests::world::World;

use crate::notices::{hours, minutes, sends_important, wants};

/// More than have a row written for each message.
const MEMBERS: usize = 300;

/// To whom the mails since this was last asked went, each of them once.
fn told_once(world: &World) -> BTreeSet<String> {
    let letters = world.mails();
    let told: BTreeSet<String> = letters.iter().map(|letter| letter.to.clone()).collect();
    assert_eq!(told.len(), letters.len(), "nobody has two mails");
    told
}

#[tokio::test]
async fn everybody_is_told_of_a_plain_message_within_the_hour_and_of_what_is_urgent_at_once() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut members = Vec::new();
    for n in 0..MEMBERS {
        members.push(world.person(&format!("member.{n:03}")).await);
    }
    let eager = &members[7];
    wants(eager, json!({ "frequency": "immediate" })).await.expect(200);
    let names: Vec<&str> = members.iter().map(Actor::username).collect();
    let started = ann.post("/v1/conversations", json!({ "title": "All staff", "members": names })).await.expect(201);
    let hall = Conversation::new(&started);
    world.passes(minutes(10)).await;

    ann.sends(&hall, "plain").await.expect(201);
    world.passes(minutes(59)).await;
    let everybody: BTreeSet<String> = names.iter().map(|name| format!("{name}@hospital.example")).collect();
    assert_eq!(told_once(&world), everybody);

    // Whoever wants every message gets this one at the latest an hour and the short delay later; nobody else does yet.
    ann.sends(&hall, "plain again").await.expect(201);
    world.passes(minutes(65)).await;
    assert_eq!(told_once(&world), BTreeSet::from(["member.007@hospital.example".to_owned()]));

    ann.sends(&hall, "@member.009, come").await.expect(201);
    world.settles().await;
    assert_eq!(told_once(&world), BTreeSet::from(["member.009@hospital.example".to_owned()]));

    // Until that is told to whoever wants every message.
    world.passes(minutes(6)).await;
    world.mails();
    sends_important(&ann, &hall, "fire").await.expect(201);
    world.settles().await;
    assert_eq!(told_once(&world), everybody);
    world.passes(hours(24)).await;
    assert_eq!(told_once(&world), BTreeSet::new());
}

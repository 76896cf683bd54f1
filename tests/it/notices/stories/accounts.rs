//! Whoever has no address to which mail can go.

use local::person::Person;
use serde_json::json;
use tests::actor::Actor;
use tests::world::World;

use super::{NOBODY, Story};
use crate::notices::{hours, log, mails, minutes};

/// Ben with a token that says this of his address.
async fn with_address(world: &World, address: &str) -> Actor {
    let mut person = Person::named("ben");
    address.clone_into(&mut person.email);
    let ben = world.bearer(&world.issuer().mint(&person).unwrap().access_token);
    ben.get("/v1/me").await.expect(200);
    ben
}

async fn email_state(who: &Actor) -> String {
    who.get("/v1/me").await.expect(200)["email_state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_has_no_address_is_not_told_until_they_have_one() {
    let story = Story::new().await;
    let office = story.world.office().await;
    let account = json!({ "name": "Ben", "active": true });
    office.put("/v1/admin/users/ben", account).await.expect(200);
    story.says("one").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(story.latest().await, "digest skipped no_address");
    // What a token says of the address counts once he signs in.
    assert_eq!(email_state(&story.ben).await, "ok");
    // What waited is told of as soon as he is gone again.
    story.world.passes(minutes(10)).await;
    assert!(story.says_the_mail().contains("1 unread message"));
}

#[tokio::test]
async fn a_token_without_an_address_makes_a_person_without_one() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, with_address(&world, "").await);
    assert_eq!(email_state(&ben).await, "missing");
    let asked = json!({ "title": "Ward 4", "members": ["ben"], "message": { "body": "@ben, come" } });
    ann.post("/v1/conversations", asked).await.expect(201);
    world.passes(hours(24)).await;
    assert_eq!(mails(&world), NOBODY);
    assert_eq!(log(&ben).await, ["instant skipped no_address"]);
    let ben = with_address(&world, "ben.roe@hospital.example").await;
    assert_eq!(email_state(&ben).await, "ok");
}

#[tokio::test]
async fn mail_goes_to_the_address_that_the_token_says_now() {
    let story = Story::new().await;
    with_address(&story.world, "ben.roe@hospital.example").await;
    story.world.passes(minutes(10)).await;
    story.says("one").await;
    story.world.passes(minutes(5)).await;
    assert_eq!(story.mails(), ["ben.roe 03-01 09:25:00"]);
}

//! Whoever does nothing for too long must sign in again.

use std::time::Duration;

use local::person::Person;
use tests::actor::Actor;
use tests::world::World;

const LIMIT: Duration = Duration::from_mins(30);

fn signs_in(world: &World, username: &str) -> Actor {
    world.bearer(&world.issuer().mint(&Person::named(username)).unwrap().access_token)
}

#[tokio::test]
async fn whoever_was_idle_signs_in_again_and_whoever_was_not_goes_on() {
    let world = World::signing_out(Some(LIMIT)).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    for _ in 0..3 {
        world.hand().advance(Duration::from_mins(20));
        ann.get("/v1/unread").await.expect(200);
    }
    // An hour has passed: ann did something every twenty minutes, ben did nothing.
    let before = world.table().await;
    let refused = ben.get("/v1/unread").await;
    refused.expect_problem(401, "signed-out");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    assert_eq!(world.table().await, before);
    let again = signs_in(&world, "ben");
    again.get("/v1/unread").await.expect(200);
    // The token that was over stays good, because somebody is here again.
    world.hand().advance(Duration::from_mins(31));
    ben.get("/v1/unread").await.expect_problem(401, "signed-out");
    again.get("/v1/unread").await.expect_problem(401, "signed-out");
}

#[tokio::test]
async fn every_process_knows_who_is_here() {
    let world = World::signing_out(Some(LIMIT)).await;
    let ann = world.person("ann").await;
    let elsewhere = world.another_process();
    let ann_elsewhere = elsewhere.bearer(ann.token());
    for _ in 0..4 {
        world.hand().advance(Duration::from_mins(20));
        ann.get("/v1/unread").await.expect(200);
    }
    ann_elsewhere.get("/v1/unread").await.expect(200);
    world.hand().advance(LIMIT + Duration::from_mins(1));
    ann_elsewhere.get("/v1/unread").await.expect_problem(401, "signed-out");
}

#[tokio::test]
async fn it_is_noted_once_a_minute_beside_the_request_and_not_at_all_where_nobody_is_signed_out() {
    let world = World::signing_out(Some(LIMIT)).await;
    let ann = world.person("ann").await;
    world.hand().advance(Duration::from_mins(1));
    world.wire().meter.take();
    for _ in 0..5 {
        ann.get("/v1/conversations").await.expect(200);
    }
    let noted = |world: &World| world.wire().meter.take().iter().filter(|trip| trip.operation == "UpdateItem").count();
    assert_eq!(noted(&world), 1);
    let other = World::new().await;
    other.person("ann").await;
    assert_eq!(noted(&other), 0);
}

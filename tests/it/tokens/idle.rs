//! Whoever does nothing for too long must sign in again.

use std::time::Duration;

use local::person::Person;
use serde_json::json;
use tests::actor::Actor;
use tests::world::World;

const LIMIT: Duration = Duration::from_mins(30);

/// Something that a page does not ask for by itself.
const ACT: &str = "/v1/projects";

/// What a page asks for by itself, again and again.
const POLLED: [&str; 2] = ["/v1/unread", "/v1/conversations"];

fn signs_in(world: &World, username: &str) -> Actor {
    world.bearer(&world.issuer().mint(&Person::named(username)).unwrap().access_token)
}

#[tokio::test]
async fn whoever_was_idle_signs_in_again_and_whoever_was_not_goes_on() {
    let world = World::signing_out(Some(LIMIT)).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    for _ in 0..3 {
        world.hand().advance(Duration::from_mins(20));
        ann.get(ACT).await.expect(200);
    }
    // An hour has passed: ann did something every twenty minutes, ben did nothing.
    let before = world.table().await;
    let refused = ben.get(ACT).await;
    refused.expect_problem(401, "signed-out");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    assert_eq!(world.table().await, before);
    let again = signs_in(&world, "ben");
    again.get(ACT).await.expect(200);
    world.hand().advance(Duration::from_mins(31));
    ben.get(ACT).await.expect_problem(401, "signed-out");
    again.get(ACT).await.expect_problem(401, "signed-out");
}

#[tokio::test]
async fn a_page_that_is_left_open_keeps_nobody_in() {
    let world = World::signing_out(Some(LIMIT)).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    for _ in 0..3 {
        world.hand().advance(Duration::from_mins(10));
        for person in [&ann, &ben] {
            for path in POLLED {
                person.get(path).await.expect(200);
            }
            person.get(&format!("{}?after=0", ward.messages())).await.expect(200);
        }
        // In front of ben there is one, and nobody looks at ann's.
        ann.post("/v1/me/presence", json!({ "visible": false })).await.expect(204);
        ben.post("/v1/me/presence", json!({ "visible": true })).await.expect(204);
    }
    world.hand().advance(Duration::from_mins(1));
    ann.get(ACT).await.expect_problem(401, "signed-out");
    ben.get(ACT).await.expect(200);
}

#[tokio::test]
async fn every_process_knows_who_is_here() {
    let world = World::signing_out(Some(LIMIT)).await;
    let ann = world.person("ann").await;
    let elsewhere = world.another_process();
    let ann_elsewhere = elsewhere.bearer(ann.token());
    for _ in 0..4 {
        world.hand().advance(Duration::from_mins(20));
        ann.get(ACT).await.expect(200);
    }
    ann_elsewhere.get(ACT).await.expect(200);
    world.hand().advance(LIMIT + Duration::from_mins(1));
    ann_elsewhere.get(ACT).await.expect_problem(401, "signed-out");
}

#[tokio::test]
async fn it_is_noted_once_a_minute_beside_the_request_and_not_for_what_a_page_asks_by_itself() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    world.hand().advance(Duration::from_mins(1));
    // It is known who calls, so that nothing else is written or waited for.
    ann.get("/v1/unread").await.expect(200);
    world.wire().meter.take();
    let notes = || -> Vec<usize> {
        let trips = world.wire().meter.take().into_iter();
        trips.filter(|trip| trip.operation == "UpdateItem").map(|trip| trip.step).collect()
    };
    for path in POLLED.repeat(3) {
        ann.get(path).await.expect(200);
    }
    assert_eq!(notes(), Vec::<usize>::new());
    for _ in 0..5 {
        ann.get(ACT).await.expect(200);
    }
    assert_eq!(notes(), [1]);
}

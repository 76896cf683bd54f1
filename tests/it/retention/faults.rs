//! Whatever the table does, what is to go goes once and is recorded once.

use tests::faults::Fault;
use tests::turnstile::{Last, dies};

use super::{DAY, Scene, report};
use crate::attachments::clean;

/// Ann's conversation, with a message that has everything a message can have, thirty days ago.
async fn old() -> Scene {
    let scene = Scene::new().await;
    let Scene { world, ann, ward, .. } = &scene;
    scene.labelled("STUDY-1").await;
    let scan = clean(world, ann, ward, "marker.pdf").await;
    let body = serde_json::json!({ "body": "marker", "attachments": [scan] });
    ann.post(&ward.messages(), body).await.expect(201);
    ann.patch(&ward.message(3), serde_json::json!({ "body": "marker, edited" })).await.expect(200);
    world.hand().advance(31 * DAY);
    scene
}

async fn expect_gone_once(scene: &Scene, which: &str) {
    // The item of the attachment has its name until clean-up removes it.
    scene.world.passes(DAY / 12).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new(), "{which}");
    let certificates = scene.certificates().await;
    assert_eq!(certificates.len(), 1, "{which} {certificates:?}");
    assert_eq!((&certificates[0]["messages"], &certificates[0]["attachments"]), (&1.into(), &1.into()), "{which}");
    scene.verifies().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_changes_nothing() {
    for operation in ["Query", "BatchGetItem", "GetItem", "TransactWriteItems"] {
        for fault in [Fault::LoseTheAnswer, Fault::Drop, Fault::ServerError, Fault::Throttle] {
            for at in 0..2 {
                let scene = old().await;
                let plan = (0..at).map(|_| None).chain([Some(fault)]);
                scene.world.wire().faults.plan(operation, plan);
                let done = scene.world.metered_retention().handle(scene.tick(), None).await.unwrap();
                let which = format!("{operation} {fault:?} {at}");
                assert_eq!(done, report(1, 0, 1, 1), "{which}");
                assert_eq!(scene.world.wire().faults.left(), 0, "{which}: it never came to it");
                expect_gone_once(&scene, &which).await;
            }
        }
    }
}

#[tokio::test]
async fn whoever_ends_in_the_middle_is_followed_by_another() {
    // Every request of a run is the last one once.
    for requests in 0.. {
        let scene = old().await;
        let (retention, tick) = (scene.world.metered_retention(), scene.tick());
        let run = async move { retention.handle(tick, None).await.unwrap() };
        let ended = !dies(&scene.world, requests, Last::Answered, run).await;
        let again = scene.world.retention().handle(scene.tick(), None).await.unwrap();
        assert_eq!(again["failed"], 0);
        expect_gone_once(&scene, &format!("after {requests} requests")).await;
        if ended {
            assert!(requests > 8, "{requests}");
            return;
        }
    }
}

//! Something is to go while a legal hold is placed, or a longer period is set, and somebody writes: in every order of
//! their requests to the table in which few are interrupted.

use std::pin::Pin;

use api::Boot;
use domain::conversation::Signature;
use domain::text::Username;
use serde_json::{Value, json};
use store::Looked;
use tests::actor::Actor;
use tests::orders::{after_with, in_order, interruptions};
use tests::turnstile::Turnstile;

use super::{DAY, Scene, settings};
use crate::attachments::{clean, fetches};

/// Who of those who act removes.
const REMOVES: usize = 0;

/// What keeps something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Hold,
    Project,
    Settings,
}

type Act = Pin<Box<dyn Future<Output = Value> + Send>>;

/// Says that something is kept from now on.
async fn keeps(kept: Kept, office: &Actor, ward: &str) -> u16 {
    let answer = match kept {
        Kept::Hold => office.put("/v1/admin/holds", json!({ "conversation_id": ward, "reason": "A claim" })).await,
        Kept::Project => office.put("/v1/admin/holds", json!({ "project_id": "STUDY-1", "reason": "A claim" })).await,
        Kept::Settings => office.put("/v1/admin/settings", settings(4_000)).await,
    };
    answer.status
}

/// Whether anything is left of what is to go, and whether all is.
async fn left(scene: &Scene, seqs: [u64; 2], scan: &str) -> (bool, bool) {
    let mut left = Vec::new();
    for seq in seqs {
        let entry = scene.world.item(&format!("C#{}", scene.ward.id), &format!("E#{seq:012}")).await.unwrap();
        left.push(entry.to_string().contains("marker"));
    }
    let row = scene.world.item(&format!("A#{scan}"), "~").await;
    left.push(row.is_some_and(|row| row["gone"] != true));
    (left.contains(&true), !left.contains(&false))
}

/// Tries the orders, and says how many there were, and in how many of them all was kept.
async fn every_order(kept: Kept) -> (usize, usize) {
    // If nothing is said, it is once, and whoever removes begins: little comes of what is kept before.
    let told = interruptions();
    let (mut next, mut orders, mut stayed) = (Some(Vec::new()), 0, 0);
    while let Some(choices) = next {
        let scene = Scene::new().await;
        scene.labelled("STUDY-1").await;
        let Scene { world, ann, ben, ward, .. } = &scene;
        let scan = clean(world, ann, ward, "marker.pdf").await;
        let body = json!({ "body": "marker", "attachments": [scan] });
        let seqs = [
            ann.post(&ward.messages(), body).await.expect(201)["seq"].as_u64().unwrap(),
            ben.sends(ward, "marker, too").await.expect(201)["seq"].as_u64().unwrap(),
        ];
        world.hand().advance(31 * DAY);
        let scene = std::sync::Arc::new(scene);
        let Scene { world, ann, office, ward, .. } = &*scene;
        let processes = [(); 3].map(|()| world.another_process());
        // So that nobody is looked up in the middle of an order.
        processes[1].bearer(office.token()).get("/v1/me").await.expect(200);
        processes[2].bearer(ann.token()).get("/v1/me").await.expect(200);
        let turnstile = Turnstile::default();
        for process in &processes {
            process.wire().hold(turnstile.clone());
        }
        let (store, now) = (processes[0].metered(), world.clock().now());
        let signature = Signature { id: Boot::ids(world.clock()).mint(), by: Username::system(), at: now };
        let conversation = ward.id.parse().unwrap();
        let (official, keeper, id) = (processes[1].bearer(office.token()), scene.clone(), scan.clone());
        let (sender, messages) = (processes[2].bearer(ann.token()), ward.messages());
        let acts: [Act; 3] = [
            // What the function does with each that is due.
            Box::pin(async move {
                let mut looked = store.purge(conversation, now).await.unwrap();
                while looked == Looked::More {
                    looked = store.purge(conversation, now).await.unwrap();
                }
                if let Looked::Purged(unrecorded) = looked {
                    store.record_purges(&signature, &[unrecorded]).await.unwrap();
                }
                json!(format!("{looked:?}"))
            }),
            Box::pin(async move {
                let status = keeps(kept, &official, &keeper.ward.id).await;
                assert!([200, 201].contains(&status), "{status}");
                // At this moment nobody else goes on.
                json!(left(&keeper, seqs, &id).await.0)
            }),
            Box::pin(async move { json!(sender.post(&messages, json!({ "body": "new" })).await.status) }),
        ];
        let ([swept, there, sent], order) = Box::pin(in_order(&turnstile, &choices, acts)).await;
        let which = format!("{:?} {swept}", order.iter().map(|(goes, _)| goes).collect::<Vec<_>>());
        assert_eq!(sent, 201, "{which}");
        let (some, all) = left(&scene, seqs, &scan).await;
        assert_eq!(some, all, "all of it, or nothing: {which}");
        assert_eq!(json!(some), there, "what was there when it was kept is there: {which}");
        let recorded: u64 = scene.certificates().await.iter().map(|one| one["messages"].as_u64().unwrap()).sum();
        assert_eq!(recorded, if some { 0 } else { 2 }, "{which}");
        // It stays so, and what was to go is fetched by nobody.
        world.retention().handle(scene.tick(), None).await.unwrap();
        assert_eq!(left(&scene, seqs, &scan).await, (some, some), "{which}");
        assert_eq!(fetches(ann, ward, &scan).await.status, if some { 200 } else { 404 }, "{which}");
        assert_eq!(ann.reads(ward).await.last().map(String::as_str), Some("new"), "{which}");
        scene.verifies().await;
        (orders, stayed) = (orders + 1, stayed + usize::from(some));
        next = after_with(order, told.unwrap_or(1)).filter(|choices| told.is_some() || choices[0] == REMOVES);
    }
    (orders, stayed)
}

async fn expect_orders(kept: Kept) {
    let (orders, stayed) = Box::pin(every_order(kept)).await;
    assert!(0 < stayed && stayed < orders && orders >= 20, "{stayed} of {orders}");
    eprintln!("{kept:?} while it is to go and somebody writes: {orders} orders, in {stayed} it stays");
}

/// Fails if what goes does not depend on there being no hold.
#[tokio::test]
async fn what_is_there_when_a_hold_is_placed_stays_in_any_order() {
    expect_orders(Kept::Hold).await;
}

/// Fails if what goes does not depend on there being no hold on the project.
#[tokio::test]
async fn what_is_there_when_a_hold_is_placed_on_its_project_stays_in_any_order() {
    expect_orders(Kept::Project).await;
}

/// Fails if what goes does not depend on the settings being as they were read.
#[tokio::test]
async fn what_is_there_when_a_longer_period_is_set_stays_in_any_order() {
    expect_orders(Kept::Settings).await;
}

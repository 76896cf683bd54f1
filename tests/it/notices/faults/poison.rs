//! What cannot be read of one person stops nobody else, and is due until it can be read.

use serde_json::{Value, json};
use tests::world::World;

use super::tick;
use crate::notices::{mails, minutes, sends_important};

/// Something important has come for three people, who go in five minutes; an item of the first is spoilt before. Which
/// one that is `which` says, and how `spoil`.
async fn spoilt(which: impl Fn(&str) -> String, spoil: impl Fn(&mut Value)) {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let mut others = Vec::new();
    for name in ["eve", "ben", "cleo"] {
        others.push(world.person(name).await);
    }
    let ward = ann.starts("Ward 4", &[&others[0], &others[1], &others[2]]).await;
    sends_important(&ann, &ward, "fire").await.expect(201);
    world.settles().await;

    let sk = which(&ward.id);
    let item = world.item("U#eve", &sk).await.unwrap();
    let mut broken = item.clone();
    spoil(&mut broken);
    world.plant(&broken).await;
    world.passes(minutes(10)).await;
    assert_eq!(mails(&world), ["ben 03-01 09:05:00", "cleo 03-01 09:05:00"], "{sk}");

    world.passes(minutes(3)).await;
    let report = world.digest().handle(tick(&world), None).await.unwrap();
    assert!(report["failed"].as_u64().is_some_and(|failed| failed <= 1) && report["sent"] == 0, "{report}");

    // Once it can be read, what was due is done. All else is as it became meanwhile.
    let mut mended = world.item("U#eve", &sk).await.unwrap();
    for (field, value) in item.as_object().unwrap() {
        if broken[field] != *value {
            mended[field] = value.clone();
        }
    }
    world.plant(&mended).await;
    world.passes(minutes(10)).await;
    let late = mails(&world);
    assert!(late.len() == 1 && late[0].starts_with("eve "), "{sk}: {late:?}");
}

#[tokio::test]
async fn what_is_due_for_somebody_cannot_be_read() {
    spoilt(|_| "~NOTICE".to_owned(), |item| item["version"] = json!("broken")).await;
}

#[tokio::test]
async fn what_waits_for_somebody_cannot_be_read() {
    spoilt(|id| format!("C#{id}"), |item| item["read"] = json!("broken")).await;
}

#[tokio::test]
async fn who_somebody_is_cannot_be_read() {
    spoilt(|_| "~PROFILE".to_owned(), |item| item["name"] = json!(["broken"])).await;
}

#[tokio::test]
async fn what_is_due_and_is_nothing_that_we_know_is_passed_over() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    for shard in 0..8 {
        for (n, ds) in ["2026-03-01T09:00:00.000Z#X", "2026-03-01", "0", "#"].into_iter().enumerate() {
            let sk = format!("~{n}");
            let item = json!({ "pk": format!("X#{shard}"), "sk": sk, "dk": format!("D#{shard:02}"), "ds": ds });
            world.plant(&item).await;
        }
    }
    sends_important(&ann, &ward, "fire").await.expect(201);
    world.settles().await;
    world.hand().advance(minutes(6));
    world.digest().handle(tick(&world), None).await.unwrap();
    assert_eq!(mails(&world), ["ben 03-01 09:06:00"]);
}

//! What is kept of logs where nobody can change it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use local::person::Role;
use serde_json::{Value, json};
use tests::beside::files_below;
use tests::world::World;

/// The objects of the trail, by their paths.
fn objects(world: &World) -> BTreeMap<PathBuf, String> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    files_below(&world.trail_bucket()).into_iter().map(read).collect()
}

/// What the trail says: of each log and place the hash before and its own.
fn told(world: &World) -> BTreeSet<String> {
    let lines = objects(world).into_values().flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let lines = lines.map(|line| {
        let line: Value = serde_json::from_str(&line).unwrap();
        let fields: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["at", "hash", "log", "previous", "seq"].into());
        json!([line["log"], line["seq"], line["at"], line["previous"], line["hash"]]).to_string()
    });
    lines.collect()
}

/// The same, as the table has it.
async fn written(world: &World) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for item in world.table().await {
        let item: Value = serde_json::from_str(&item).unwrap();
        let log = match item["entity"].as_str() {
            Some("entry") => json!({ "conversation": item["pk"].as_str().unwrap()[2..] }),
            Some("institution entry") => json!("institution"),
            _ => continue,
        };
        lines.insert(json!([log, item["seq"], item["at"], item["previous"], item["hash"]]).to_string());
    }
    lines
}

/// An event of the table's stream in which an item was put, or changed.
fn record(item: &Value, name: &str, number: &str) -> Value {
    let attributes = |item: &Value| {
        let item: serde_dynamo::Item = serde_dynamo::to_item(item).unwrap();
        serde_json::to_value(item).unwrap()
    };
    json!({
        "eventID": number, "eventName": name, "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "eventVersion": "1.1",
        "dynamodb": {
            "Keys": attributes(&json!({ "pk": item["pk"], "sk": item["sk"] })), "NewImage": attributes(item),
            "SequenceNumber": number, "StreamViewType": "NEW_AND_OLD_IMAGES", "SizeBytes": 1,
            "ApproximateCreationDateTime": 1_772_355_600,
        },
    })
}

#[tokio::test]
async fn every_entry_of_every_log_is_in_it_once_it_is_written_and_nothing_that_anybody_wrote() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann.marker").await, world.person("ben.marker").await);
    let office = world.official("office.marker", &[Role::SystemAdministrator]).await;
    let ward = ann.starts("Marker ward", &[&ben]).await;
    ann.sends(&ward, "marker").await.expect(201);
    ann.patch(&ward.message(2), json!({ "body": "another marker" })).await.expect(200);
    ben.sends(&ward, "marker, too").await.expect(201);
    ben.delete(&ward.message(4)).await.expect(204);
    ann.removes(&ward, &ben).await.expect(204);
    let news = json!({ "kind": "general", "body": "marker news" });
    office.post("/v1/admin/broadcasts", news).await.expect(201);
    office.put("/v1/admin/users/marker", json!({ "name": "Marker", "active": true })).await.expect(201);
    let table = written(&world).await;
    assert_eq!(table.len(), 8);
    assert_eq!(told(&world), table);
    for (path, text) in objects(&world) {
        assert!(!text.to_lowercase().contains("marker"), "{}", path.display());
        assert!(path.starts_with(world.trail_bucket().join("log")), "{}", path.display());
    }
}

#[tokio::test]
async fn a_batch_that_comes_twice_is_one_object_and_what_is_changed_later_is_none() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    let entry = world.item(&format!("C#{}", ward.id), "E#000000000001").await.unwrap();
    let head = world.item(&format!("C#{}", ward.id), "E~").await.unwrap();
    world.settles().await;
    let before = objects(&world).len();
    let batch = json!({ "Records": [
        record(&head, "INSERT", "700"), record(&entry, "MODIFY", "701"), record(&entry, "INSERT", "702"),
    ] });
    for _ in 0..2 {
        assert_eq!(world.trail().handle(batch.clone()).await.unwrap(), json!({ "batchItemFailures": [] }));
        assert_eq!(objects(&world).len(), before + 1);
    }
    let path = world.trail_bucket().join("log/2026/03/01/702-702.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let line: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!((&line["hash"], &line["seq"]), (&entry["hash"], &json!(1)));
    // Put together in another way it is another object, so that nothing is missing.
    let longer = json!({ "Records": [record(&entry, "INSERT", "702"), record(&entry, "INSERT", "703")] });
    assert_eq!(world.trail().handle(longer).await.unwrap(), json!({ "batchItemFailures": [] }));
    let kept = fs::read_to_string(world.trail_bucket().join("log/2026/03/01/702-703.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 2);
    let before = before + 1;
    let nothing = json!({ "Records": [record(&head, "INSERT", "800"), record(&entry, "REMOVE", "801")] });
    assert_eq!(world.trail().handle(nothing).await.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(objects(&world).len(), before + 1);
}

#[tokio::test]
async fn what_cannot_be_kept_comes_again_from_there_and_what_came_before_is_kept() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    ann.sends(&ward, "hello").await.expect(201);
    world.settles().await;
    let pk = format!("C#{}", ward.id);
    let first = world.item(&pk, "E#000000000001").await.unwrap();
    let second = world.item(&pk, "E#000000000002").await.unwrap();
    let mut broken = second.clone();
    broken["hash"] = "broken".into();
    let batch = json!({ "Records": [
        record(&first, "INSERT", "700"), record(&broken, "INSERT", "701"), record(&second, "INSERT", "702"),
    ] });
    let failed = |number: &str| json!({ "batchItemFailures": [{ "itemIdentifier": number }] });
    assert_eq!(world.trail().handle(batch).await.unwrap(), failed("701"));
    let kept = fs::read_to_string(world.trail_bucket().join("log/2026/03/01/700-700.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 1);
    // The bucket takes nothing.
    let batch = json!({ "Records": [record(&first, "INSERT", "900"), record(&second, "INSERT", "901")] });
    let (there, away) = (world.trail_bucket(), world.trail_bucket().with_extension("away"));
    fs::rename(&there, &away).unwrap();
    fs::write(&there, "no bucket").unwrap();
    assert_eq!(world.trail().handle(batch.clone()).await.unwrap(), failed("900"));
    fs::remove_file(&there).unwrap();
    fs::rename(&away, &there).unwrap();
    assert_eq!(world.trail().handle(batch).await.unwrap(), json!({ "batchItemFailures": [] }));
    for wrong in [json!({}), json!(null), json!({ "Records": 7 })] {
        world.trail().handle(wrong).await.unwrap_err();
    }
}

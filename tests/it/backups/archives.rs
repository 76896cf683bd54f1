//! Long conversations and large attachments: in many stretches and many parts.

use domain::clock::Timestamp;
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::world::World;

use super::{asks, backs_up, fetched, looks, uploads};

/// More text than a stretch takes, in each of so many stretches.
const STRETCHES: usize = 4;

/// A message that is as large as one can be.
fn long(n: usize) -> String {
    format!("{n}{}", "🩺".repeat(9_990))
}

/// A conversation that takes several stretches and, with its attachments, several parts.
pub(super) async fn large(world: &World) -> (Actor, Conversation, Vec<Vec<u8>>) {
    let ann = world.person("ann").await;
    let ward = ann.starts("Ward 4", &[]).await;
    let mut random = fastrand::Rng::with_seed(7);
    let mut files = Vec::new();
    for n in 0..3 {
        // Nothing makes that smaller.
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(6_000_000 + n).collect();
        let name = format!("{n}.bin");
        let id = uploads(world, &ann, &ward, (&name, "application/octet-stream"), &bytes).await;
        ann.post(&ward.messages(), json!({ "attachments": [id] })).await.expect(201);
        files.push(bytes);
        for n in 0..30 {
            ann.sends(&ward, &long(n)).await.expect(201);
        }
    }
    (ann, ward, files)
}

#[tokio::test]
async fn a_long_conversation_is_in_it_whole() {
    let world = World::new().await;
    let (ann, ward, files) = large(&world).await;
    let backup = backs_up(&world, &ann, &ward).await;
    let pages = backup.named("messages-", "html");
    assert_eq!(pages.len(), STRETCHES);
    let attached = backup.named("attachments/", "bin");
    assert_eq!(attached.iter().map(|name| &backup.0[*name]).collect::<Vec<_>>(), files.iter().collect::<Vec<_>>());
    assert_eq!(backup.rows().iter().filter(|row| row[4] == "message").count(), 93);
    let (first, last) = (backup.text(pages[0]), backup.text(pages[STRETCHES - 1]));
    assert!(first.contains("href=\"messages-0002.html\"") && !first.contains("Earlier"));
    assert!(last.contains("href=\"messages-0003.html\"") && !last.contains("Later"));
}

#[tokio::test]
async fn a_run_without_time_leaves_the_rest_to_the_next_one() {
    let world = World::new().await;
    let (ann, ward, files) = large(&world).await;
    let asked = asks(&ann, &ward).await.expect(202);
    world.delivers().await;
    let mut runs = Vec::new();
    let mut progress = vec![0];
    while let [due] = &world.bus().take_own()[..] {
        // There is no time for more than one stretch.
        let deadline: Timestamp = world.clock().now();
        runs.push(due["detail"]["run"].as_u64().unwrap());
        let done = world.jobs().handle(due.clone(), Some(deadline)).await.unwrap();
        let last = runs.len() == STRETCHES;
        assert_eq!(done["outcome"], if last { "ready" } else { "handed_on" });
        let shown = looks(&ann, &ward, &asked).await.expect(200);
        progress.push(shown["progress"]["done"].as_u64().unwrap());
        assert_eq!(
            super::crashes::objects(&world).iter().filter(|name| name.contains('.')).count(),
            usize::from(!last)
        );
        world.delivers().await;
    }
    assert_eq!(runs, [1, 2, 3, 4]);
    assert!(progress.is_sorted_by(|a, b| a < b), "{progress:?}");
    let ready: Value = looks(&ann, &ward, &asked).await.expect(200);
    let backup = fetched(&world, &ward, &ready).await;
    assert_eq!(backup.0.values().filter(|bytes| files.contains(bytes)).count(), 3);
    assert_eq!(backup.lines().len() as u64, ready["to"].as_u64().unwrap());
}

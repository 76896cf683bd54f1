//! `PUT /v1/conversations/{id}/read`, and what is unread.

use proptest::prelude::*;
use serde_json::json;
use tests::world::World;

#[tokio::test]
async fn reading_on_counts_down_and_never_back() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    for n in 0..4 {
        ann.sends(&conversation, &format!("message {n}")).await.expect(201);
    }
    assert_eq!(ben.unread().await, [4, 1, 0, 0]);
    assert_eq!(ben.put(&conversation.read(), json!({ "seq": 3 })).await.expect(200), json!({ "seq": 3, "unread": 2 }));
    // Twice, and from a second device that lags behind.
    assert_eq!(ben.put(&conversation.read(), json!({ "seq": 3 })).await.expect(200), json!({ "seq": 3, "unread": 2 }));
    assert_eq!(ben.put(&conversation.read(), json!({ "seq": 2 })).await.expect(200), json!({ "seq": 3, "unread": 2 }));
    assert_eq!(ben.put(&conversation.read(), json!({ "seq": 5 })).await.expect(200), json!({ "seq": 5, "unread": 0 }));
    assert_eq!(ben.unread().await, [0, 0, 0, 0]);
}

#[tokio::test]
async fn reading_a_page_marks_nothing_and_sending_marks_up_to_what_was_sent() {
    let world = World::anywhere().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&conversation, "one").await.expect(201);
    ben.reads(&conversation).await;
    assert_eq!(ben.get(&conversation.path()).await.expect(200)["unread"], 1);
    ben.sends(&conversation, "two").await.expect(201);
    let seen = ben.get(&conversation.path()).await.expect(200);
    assert_eq!((&seen["unread"], &seen["read"]), (&json!(0), &json!(3)));
    assert_eq!(ann.get(&conversation.path()).await.expect(200)["unread"], 1);
}

#[tokio::test]
async fn nobody_reads_past_the_end() {
    let world = World::new().await;
    let (ann, eve) = (world.person("ann").await, world.person("eve").await);
    let conversation = ann.starts("Ward 4", &[]).await;
    let before = world.table().await;
    ann.put(&conversation.read(), json!({ "seq": 2 })).await.expect_problem(422, "validation");
    // What a stranger asks for does not tell where the end is.
    for seq in [0, 1, 2] {
        eve.put(&conversation.read(), json!({ "seq": seq })).await.expect_problem(404, "not-found");
    }
    assert_eq!(world.table().await, before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn unread_is_what_others_wrote_after_the_mark(steps in prop::collection::vec((0_u8..3, 0_u8..2, 1_u64..12), 1..16)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let world = World::new().await;
            let people = [world.person("ann").await, world.person("ben").await, world.person("cleo").await];
            let conversation = people[0].starts("Ward 4", &[&people[1], &people[2]]).await;
            let mut authors = vec![9_u8];
            let mut marks = [1_usize; 3];
            for (who, act, place) in steps {
                let (actor, who) = (&people[usize::from(who)], usize::from(who));
                if act == 0 {
                    actor.sends(&conversation, "text").await.expect(201);
                    authors.push(u8::try_from(who).unwrap());
                    marks[who] = authors.len();
                } else if usize::try_from(place).unwrap() <= authors.len() {
                    actor.put(&conversation.read(), json!({ "seq": place })).await.expect(200);
                    marks[who] = marks[who].max(usize::try_from(place).unwrap());
                }
            }
            for (who, actor) in people.iter().enumerate() {
                let expected = authors[marks[who]..].iter().filter(|author| usize::from(**author) != who).count();
                let seen = actor.get(&conversation.path()).await.expect(200);
                assert_eq!(seen["unread"], expected);
                assert_eq!(actor.get("/v1/unread").await.expect(200)["messages"], expected);
            }
        });
    }
}

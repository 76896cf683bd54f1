//! One key, two bodies.

use std::time::Duration;

use domain::text::Body;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tests::actor::key;
use tests::world::World;

fn message() -> impl Strategy<Value = (String, bool)> {
    ("[ a-c\\PC]{1,6}".prop_filter("a message", |text| Body::try_from(text.clone()).is_ok()), any::<bool>())
}

/// A message and one that is nearly the same.
fn two() -> impl Strategy<Value = [(String, bool); 2]> {
    let near = (message(), ".{0,2}").prop_map(|((body, important), more)| {
        let other = format!("{body}{more}");
        [(body, important), (other, important)]
    });
    let flagged = message().prop_map(|(body, important)| [(body.clone(), important), (body, !important)]);
    let any = (message(), message()).prop_map(|(one, other)| [one, other]);
    prop_oneof![near, flagged, any]
        .prop_filter("both messages", |two| two.iter().all(|(body, _)| Body::try_from(body.clone()).is_ok()))
}

#[test]
fn a_key_stands_for_one_body_and_any_other_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, ann, conversation) = runtime.block_on(async {
        let world = World::new().await;
        let ann = world.person("ann").await;
        let conversation = ann.starts("Ward 4", &[]).await;
        (world, ann, conversation)
    });
    let asked = |(body, important): &(String, bool)| json!({ "body": body, "important": important });
    let mut sent = 0_u64;
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    for _ in 0..runner.config().cases {
        let [one, other] = two().new_tree(&mut runner).unwrap().current();
        sent += 1;
        if sent.is_multiple_of(20) {
            world.hand().advance(Duration::from_secs(20));
        }
        let same = (Body::try_from(one.0.clone()), one.1) == (Body::try_from(other.0.clone()), other.1);
        let key = key();
        let [first, second]: [Value; 2] = [asked(&one), asked(&other)];
        runtime.block_on(async {
            let path = conversation.messages();
            let made = ann.post_with_key(&path, first.clone(), &key).await.expect(201);
            let answer = ann.post_with_key(&path, second, &key).await;
            if same {
                assert_eq!((answer.status, &answer.body), (201, &made), "{one:?} {other:?}");
            } else {
                answer.expect_problem(409, "idempotency-key-reuse");
            }
            assert_eq!(ann.post_with_key(&path, first, &key).await.expect(201), made);
            assert_eq!(ann.get(&conversation.path()).await.expect(200)["seq"], sent + 1);
        });
    }
}

//! Delivery: what reaches inboxes is what the logs say, however it gets there.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tests::actor::{Actor, Conversation};
use tests::bus::Told;
use tests::world::World;

/// What somebody does.
#[derive(Clone, Debug)]
enum Step {
    Send {
        by: usize,
        mentions: usize,
        important: bool,
    },
    Edit {
        message: usize,
        mentions: usize,
        important: bool,
    },
    Withdraw {
        message: usize,
    },
    Read {
        by: usize,
        back: u64,
    },
    Unread {
        by: usize,
        back: u64,
    },
    Leave {
        by: usize,
    },
    Return {
        by: usize,
    },
    /// What was told of so far is delivered.
    Deliver,
}

fn step() -> impl Strategy<Value = Step> {
    let person = || 0_usize..3;
    prop_oneof![
        6 => (person(), person(), any::<bool>())
            .prop_map(|(by, mentions, important)| Step::Send { by, mentions, important }),
        2 => (0_usize..12, person(), any::<bool>())
            .prop_map(|(message, mentions, important)| Step::Edit { message, mentions, important }),
        1 => (0_usize..12).prop_map(|message| Step::Withdraw { message }),
        2 => (person(), 0_u64..5).prop_map(|(by, back)| Step::Read { by, back }),
        1 => (person(), 0_u64..9).prop_map(|(by, back)| Step::Unread { by, back }),
        1 => (1_usize..3).prop_map(|by| Step::Leave { by }),
        2 => (1_usize..3).prop_map(|by| Step::Return { by }),
        2 => Just(Step::Deliver),
    ]
}

struct Scene {
    world: World,
    people: Vec<Actor>,
    conversation: Conversation,
    /// The messages that were sent: their places and authors.
    sent: Vec<(u64, usize)>,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let people = vec![world.person("p0").await, world.person("p1").await, world.person("p2").await];
        let conversation = people[0].starts("Ward 4", &[&people[1], &people[2]]).await;
        Self { world, people, conversation, sent: Vec::new() }
    }

    async fn newest(&self) -> u64 {
        self.people[0].get(&self.conversation.path()).await.expect(200)["seq"].as_u64().unwrap()
    }

    /// Does a step; what the rules refuse is no part of the history.
    async fn take(&mut self, step: Step) {
        let conversation = self.conversation.clone();
        let text = |mentions: usize| format!("@p{mentions} text {}", fastrand::u32(..));
        match step {
            Step::Send { by, mentions, important } => {
                let asked = json!({ "body": text(mentions), "important": important });
                let sent = self.people[by].post(&conversation.messages(), asked).await;
                if sent.status == 201 {
                    self.sent.push((sent.body["seq"].as_u64().unwrap(), by));
                }
            }
            Step::Edit { message, mentions, important } => {
                let Some((seq, by)) = self.sent.get(message) else { return };
                let asked = json!({ "body": text(mentions), "important": important });
                self.people[*by].patch(&conversation.message(*seq), asked).await;
            }
            Step::Withdraw { message } => {
                let Some((seq, by)) = self.sent.get(message) else { return };
                self.people[*by].delete(&conversation.message(*seq)).await;
            }
            Step::Read { by, back } => {
                let seq = self.newest().await.saturating_sub(back).max(1);
                self.people[by].put(&conversation.read(), json!({ "seq": seq })).await;
            }
            Step::Unread { by, back } => {
                let seq = self.newest().await.saturating_sub(back).max(1);
                self.people[by].put(&conversation.read(), json!({ "seq": seq, "unread": true })).await;
            }
            Step::Leave { by } => {
                self.people[by].removes(&conversation, &self.people[by]).await;
            }
            Step::Return { by } => {
                self.people[0].adds(&conversation, &[&self.people[by]]).await;
            }
            Step::Deliver => self.world.settles().await,
        }
    }

    /// What the log says somebody has not read: other people's messages after the mark, as they now stand.
    async fn counted(&self, who: &Actor) -> Option<[u64; 4]> {
        let page = who.get(&format!("{}?limit=100", self.conversation.messages())).await;
        if page.status == 404 {
            return None;
        }
        let read = page.body["conversation"]["read"].as_u64().unwrap();
        let unread = page.body["items"].as_array().unwrap().iter().filter(|item| {
            item["kind"] == "message"
                && item["seq"].as_u64().unwrap() > read
                && item["author"] != who.username()
                && item["withdrawn"] == false
        });
        let mut counts = [0; 4];
        for item in unread {
            counts[0] += 1;
            counts[1] = 1;
            let mentions = item["mentions"].as_array().unwrap();
            counts[2] += u64::from(mentions.iter().any(|mention| mention["username"] == who.username()));
            counts[3] += u64::from(item["important"] == true);
        }
        Some(counts)
    }

    /// The inbox rows as they are stored, by whose they are: what does not count any more would decide the order else.
    async fn rows(&self) -> Vec<Value> {
        let items = self.world.table().await.into_iter().map(|item| serde_json::from_str(&item).unwrap());
        let mut rows: Vec<_> = items.filter(|item: &Value| item["entity"] == "inbox row").map(counting).collect();
        rows.sort_by_key(|row| row["pk"].to_string());
        rows
    }
}

/// A row without what does not count any more, because it was read: the next delivery takes it away.
fn counting(mut row: Value) -> Value {
    let read = row["read"]["seq"].as_u64().unwrap();
    let delivered = row["delivered"].as_object_mut().unwrap();
    for marked in ["uncounted", "mentions", "important"] {
        let Some(places) = delivered.get_mut(marked).and_then(Value::as_array_mut) else { continue };
        places.retain(|place| place.as_u64() > Some(read));
        if places.is_empty() {
            delivered.remove(marked);
        }
    }
    row
}

#[test]
fn every_badge_is_what_the_log_says_and_what_is_rebuilt_is_what_was_delivered() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 40, ..Config::default() });
    runner
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            runtime.block_on(async {
                let mut scene = Scene::new().await;
                for step in steps {
                    scene.take(step).await;
                }
                for who in &scene.people {
                    let counted = scene.counted(who).await;
                    assert_eq!(who.unread().await, counted.unwrap_or_default());
                    let listed = who.get("/v1/conversations").await.expect(200);
                    let shown = who.get(&scene.conversation.path()).await;
                    assert_eq!(
                        listed["items"].as_array().unwrap().first(),
                        (shown.status == 200).then_some(&shown.body)
                    );
                }
                // From the logs alone, to rows that say nothing true any more.
                let delivered = scene.rows().await;
                for row in &delivered {
                    let mut spoilt = row.clone();
                    spoilt["delivered"] =
                        json!({ "seq": 0, "copy": "archived", "uncounted": [1, 2], "important": [3] });
                    scene.world.plant(&spoilt).await;
                }
                let command = json!({ "rebuild": { "conversations": [scene.conversation.id] } });
                let answer = scene.world.delivery().handle(command.clone()).await.unwrap();
                assert_eq!(answer["conversations"][0]["rows"], delivered.len());
                assert_eq!(scene.rows().await, delivered);
                let again = scene.world.delivery().handle(command).await.unwrap();
                assert_eq!(again["conversations"][0]["rows"], 0);
            });
            Ok(())
        })
        .unwrap();
}

/// An event of the table's stream that tells of these entries, as Lambda sends it.
fn batch(conversation: &Conversation, places: impl IntoIterator<Item = u64>) -> Value {
    let record = |(n, seq): (usize, u64)| {
        json!({
            "eventID": n.to_string(), "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
            "eventVersion": "1.1",
            "dynamodb": {
                "Keys": { "pk": { "S": format!("C#{}", conversation.id) }, "sk": { "S": format!("E#{seq:012}") } },
                "SequenceNumber": format!("{n:021}"), "StreamViewType": "NEW_AND_OLD_IMAGES", "SizeBytes": 1,
                "ApproximateCreationDateTime": 1_772_355_600,
            },
        })
    };
    json!({ "Records": places.into_iter().enumerate().map(record).collect::<Vec<_>>() })
}

#[tokio::test]
async fn what_comes_twice_late_or_backwards_changes_nothing() {
    let mut scene = Scene::new().await;
    for by in [0, 1, 2, 0] {
        scene.take(Step::Send { by, mentions: 2, important: by == 1 }).await;
    }
    scene.take(Step::Withdraw { message: 1 }).await;
    scene.take(Step::Edit { message: 3, mentions: 1, important: true }).await;
    let delivered = scene.rows().await;
    let newest = scene.newest().await;
    for places in [vec![newest], (1..=newest).rev().collect(), vec![3, 3, 2], (1..=newest).collect(), vec![1]] {
        let answer = scene.world.delivery().handle(batch(&scene.conversation, places)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        assert_eq!(scene.rows().await, delivered);
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_read_fails_alone_and_from_where_it_is_told_of() {
    let scene = Scene::new().await;
    let other = scene.people[0].starts("Ward 5", &[&scene.people[1]]).await;
    scene.people[0].sends(&other, "hello").await.expect(201);
    scene.world.settles().await;
    let head = json!({ "pk": format!("C#{}", scene.conversation.id), "sk": "E~", "entity": "head", "id": "broken" });
    scene.world.plant(&head).await;
    let mut event = batch(&other, [1, 2]);
    let broken = batch(&scene.conversation, [1]);
    let records = event["Records"].as_array_mut().unwrap();
    let mut record = broken["Records"][0].clone();
    record["dynamodb"]["SequenceNumber"] = json!("000000000000000000007");
    records.insert(1, record);
    let answer = scene.world.delivery().handle(event).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": "000000000000000000007" }]));
    assert_eq!(scene.people[1].unread().await, [1, 1, 0, 0]);
}

/// What was told, by name and place.
fn brief(told: &[Told]) -> Vec<(String, u64)> {
    told.iter().map(|told| (told.name.clone(), told.detail["seq"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn other_systems_hear_that_something_happened_and_nothing_of_what_was_written() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Canary ward", &[&ben]).await;
    ann.post(&conversation.messages(), json!({ "body": "canary @ben", "important": true })).await.expect(201);
    ann.patch(&conversation.message(2), json!({ "body": "canaries" })).await.expect(200);
    assert_eq!(ann.delete(&conversation.message(2)).await.status, 204);
    ann.patch(&conversation.path(), json!({ "title": "Canary other" })).await.expect(200);
    ann.makes(&conversation, &ben, "administrator").await.expect(200);
    ben.removes(&conversation, &ann).await.expect(204);
    world.settles().await;
    let told = world.bus().take();
    let names: Vec<(String, u64)> = [
        "ConversationStarted",
        "MessageSent",
        "MessageEdited",
        "MessageWithdrawn",
        "ConversationRenamed",
        "RoleChanged",
        "MemberRemoved",
    ]
    .into_iter()
    .map(str::to_owned)
    .zip(1..)
    .collect();
    assert_eq!(brief(&told), names);
    let sent = &told[1].detail;
    assert_eq!((&sent["important"], &sent["mentions"], &sent["members"]), (&json!(true), &json!(1), &json!(2)));
    assert_eq!((&told[3].detail["revises"], &told[6].detail["members"]), (&json!(2), &json!(1)));
    for told in &told {
        let said = told.detail.to_string().to_lowercase();
        assert_eq!(told.detail["conversation_id"], conversation.id);
        assert!(!said.contains("canar") && !said.contains("ann") && !said.contains("ben"), "{said}");
    }
}

#[tokio::test]
async fn what_the_bus_does_not_take_is_told_again_and_what_it_never_takes_comes_back() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    for n in 0..24 {
        ann.sends(&conversation, &format!("message {n}")).await.expect(201);
    }
    world.bus().refuse(7);
    world.settles().await;
    let mut places: Vec<u64> = brief(&world.bus().take()).into_iter().map(|(_, seq)| seq).collect();
    places.sort_unstable();
    assert_eq!(places, (1..=25).collect::<Vec<_>>());
    // A bus that is down: the rows are there, and the stream comes again for the rest.
    world.bus().refuse(10_000);
    let event = batch(&conversation, 1..=25);
    let answer = world.delivery().handle(event.clone()).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": format!("{:021}", 0) }]));
    assert_eq!(ben.unread().await, [24, 1, 0, 0]);
    world.bus().refuse(0);
    let answer = world.delivery().handle(event).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert_eq!(world.bus().take().len(), 25);
}

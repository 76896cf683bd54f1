//! The samples in `infra/events`: what AWS sends to the functions that no request invokes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use tests::logs::Logs;
use tests::world::World;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What an event is about. The rest is around it, because AWS sends it, too.
const ABOUT: [&str; 3] = ["Records", "detail", "scheduled_at"];

/// What is in a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(format!("{ROOT}/{folder}")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The samples, by the names of their files.
fn samples() -> BTreeMap<String, Value> {
    let files = names("infra/events").into_iter().filter(|name| name != "answers.txt");
    let read = |name: &str| fs::read_to_string(format!("{ROOT}/infra/events/{name}")).unwrap();
    let sample = |name: String| {
        let event = serde_json::from_str(&read(&name)).unwrap();
        (name, event)
    };
    files.map(sample).collect()
}

/// The samples that are tried here. What `smoke` does is told in its own stories.
fn tried() -> BTreeMap<String, Value> {
    samples().into_iter().filter(|(name, _)| name != "smoke.json").collect()
}

/// What is to be answered, by the names of the samples.
fn answers() -> BTreeMap<String, Value> {
    let text = fs::read_to_string(format!("{ROOT}/infra/events/answers.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap());
    lines.map(|(name, answer)| (name.to_owned(), serde_json::from_str(answer).unwrap())).collect()
}

/// The function that a sample is for: the file's name up to the first dot.
fn function(sample: &str) -> &str {
    sample.split('.').next().unwrap()
}

async fn handles(world: &World, sample: &str, event: Value) -> Result<Value, store::BoxError> {
    match function(sample) {
        "delivery" => world.delivery().handle(event).await,
        "digest" => world.digest().handle(event, None).await,
        "jobs" => world.jobs().handle(event, None).await,
        "mail-events" => world.mail_events().handle(event).await,
        "previews" => world.previews().handle(event).await,
        "retention" => world.retention().handle(event, None).await,
        "scan-results" => world.scan_results().handle(event).await,
        "trail" => world.trail().handle(event).await,
        other => panic!("no events are known for {other}"),
    }
}

/// A world in which something happened.
async fn lived_in() -> World {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let ward = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&ward, "hello").await.expect(201);
    world.settles().await;
    world
}

#[test]
fn every_function_that_no_request_invokes_has_a_sample_and_every_sample_a_function() {
    let document = tests::contract::document();
    let mut functions = names("functions");
    for tag in document["tags"].as_array().unwrap() {
        assert!(functions.remove(tag["name"].as_str().unwrap()));
    }
    assert_eq!(samples().keys().map(|name| function(name).to_owned()).collect::<BTreeSet<_>>(), functions);
    assert!(answers().keys().eq(tried().keys()), "answers.txt names other samples");
}

#[test]
fn samples_are_whole_as_aws_sends_them() {
    let around = ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"];
    for (name, event) in samples() {
        let fields: BTreeSet<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        let whole: &[&str] = match name.as_str() {
            "smoke.json" => &["DeploymentId", "LifecycleEventHookExecutionId"],
            _ if event["Records"].is_array() => &["Records"],
            _ if event["scheduled_at"].is_string() => &["scheduled_at"],
            _ => &around,
        };
        assert_eq!(fields, whole.iter().copied().collect(), "{name}");
    }
}

#[tokio::test]
async fn each_sample_is_answered_as_it_is_said_and_changes_nothing() {
    let world = lived_in().await;
    let (samples, answers, before) = (tried(), answers(), world.table().await);
    for (name, event) in &samples {
        assert_eq!(handles(&world, name, event.clone()).await.unwrap(), answers[name], "{name}");
    }
    // What is told because of one sample is what others show.
    let told: Vec<Value> = world.bus().take_own().into_iter().map(|event| event["detail"].clone()).collect();
    assert_eq!(told, ["previews.json", "jobs.backup-due.json"].map(|name| samples[name]["detail"].clone()));
    let records = samples["trail.json"]["Records"].as_array().unwrap();
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned();
    let (first, last) = (number(&records[0]), number(records.last().unwrap()));
    let kept = fs::read_to_string(world.trail_bucket().join(format!("log/2020/01/01/{first}-{last}.jsonl"))).unwrap();
    assert_eq!(kept.lines().count(), records.len());
    assert_eq!(world.table().await, before);
    assert!(world.mails().is_empty());
}

/// The negative control: a function that answers anything to whatever comes is found out.
#[tokio::test]
async fn a_sample_without_what_it_is_about_is_refused() {
    let world = lived_in().await;
    let before = world.table().await;
    for (name, mut event) in tried() {
        event.as_object_mut().unwrap().retain(|field, _| !ABOUT.contains(&field.as_str()));
        handles(&world, &name, event).await.expect_err(&name);
    }
    let mut broken = tried()["trail.json"].clone();
    broken["Records"][1]["dynamodb"]["NewImage"].as_object_mut().unwrap().remove("hash");
    let number = &broken["Records"][1]["dynamodb"]["SequenceNumber"];
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": number }] });
    assert_eq!(handles(&world, "trail.json", broken).await.unwrap(), failed);
    assert_eq!(world.table().await, before);
}

/// Every place in a value, as a JSON Pointer (RFC 6901).
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, of)| places(of, &format!("{at}/{name}"), into)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, of)| places(of, &format!("{at}/{n}"), into)),
        _ => {}
    }
}

/// Whatever calls a function logs how it fails, and what an event says may be what somebody wrote.
#[tokio::test]
async fn what_an_event_says_is_in_no_failure_and_in_no_log_line() {
    const SAID: &str = "Jane Roe, room 4";
    let logs = Logs::keep();
    let world = lived_in().await;
    let (mut asked, mut failed) = (0, 0);
    for (name, event) in tried() {
        let mut all = Vec::new();
        places(&event, "", &mut all);
        for place in all {
            for said in [json!(SAID), json!([SAID]), json!({ SAID: SAID })] {
                let mut told = event.clone();
                *told.pointer_mut(&place).unwrap() = said;
                asked += 1;
                if let Err(error) = handles(&world, &name, told).await {
                    failed += 1;
                    let failure = format!("{error} {error:?}");
                    assert!(!failure.contains(SAID), "{name} at {place}: {failure}");
                }
            }
        }
    }
    assert!(failed > 100, "{failed} of {asked}");
    let lines = logs.lines();
    assert!(lines.iter().any(|line| line.contains("A mail is late, or was not sent")), "nothing was kept");
    let said: Vec<&String> = lines.iter().filter(|line| line.contains(SAID)).collect();
    assert!(said.is_empty(), "{said:#?}");
}

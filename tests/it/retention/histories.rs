//! Anything that people and officials may do, while months pass: what goes was to go, and what was to go goes.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::clock::Timestamp;
use serde_json::{Value, json};
use tests::environment::told;

use super::{DAY, Scene, settings};

/// How many histories are tried, by `CONFER_HISTORIES_OF_RETENTION`.
fn wanted() -> u64 {
    told("CONFER_HISTORIES_OF_RETENTION").unwrap_or(12)
}

/// A message, and what in the table can only be its.
struct Message {
    seq: u64,
    marker: String,
    at: Timestamp,
}

/// What must be true, by what was done.
struct Reference {
    messages: Vec<Message>,
    gone: BTreeSet<usize>,
    days: u32,
    of_the_project: Option<u32>,
    labelled: bool,
    held: BTreeSet<&'static str>,
}

impl Reference {
    fn is_held(&self) -> bool {
        self.held.contains("ward") || (self.labelled && self.held.contains("project"))
    }

    fn period(&self) -> Duration {
        let own = self.of_the_project.filter(|_| self.labelled);
        DAY * own.unwrap_or(self.days)
    }
}

/// One thing that is done, by the dice.
async fn acts(scene: &Scene, is: &mut Reference, dice: &mut fastrand::Rng) -> String {
    let Scene { ann, ben, office, ward, .. } = scene;
    let study = async |days: Option<u32>| {
        let plan = json!({ "title": "S", "members": ["ann"], "retention_days": days });
        office.put("/v1/admin/projects/STUDY-1", plan).await.expect(200);
    };
    match dice.u8(0..9) {
        0..=3 => {
            let marker = format!("marker{}x", is.messages.len());
            let who = if dice.bool() { ann } else { ben };
            let sent = who.sends(ward, &marker).await.expect(201);
            let (seq, at) = (sent["seq"].as_u64().unwrap(), scene.world.clock().now());
            is.messages.push(Message { seq, marker: marker.clone(), at });
            format!("sends {marker}")
        }
        4 => match is.messages.last() {
            None => "nothing".to_owned(),
            Some(Message { seq, marker, .. }) => {
                let said = json!({ "body": format!("{marker} {}", dice.u16(..)) });
                let mut statuses = Vec::new();
                for who in [ann, ben] {
                    statuses.push(match dice.u8(0..3) {
                        0 => who.delete(&ward.message(*seq)).await.status,
                        _ => who.patch(&ward.message(*seq), said.clone()).await.status,
                    });
                }
                assert!(statuses.iter().all(|status| [200, 204, 403, 409].contains(status)), "{statuses:?}");
                format!("revises {marker}: {statuses:?}")
            }
        },
        5 => {
            let (what, on) =
                if dice.bool() { ("ward", scene.on_ward()) } else { ("project", json!({ "project_id": "STUDY-1" })) };
            let placed = is.held.insert(what);
            if !placed {
                is.held.remove(what);
            }
            scene.holds(&on, placed).await;
            format!("hold on {what}: {placed}")
        }
        6 => {
            is.days = dice.u32(30..100);
            office.put("/v1/admin/settings", settings(is.days)).await.expect(200);
            format!("keeps for {} days", is.days)
        }
        7 => {
            is.of_the_project = dice.bool().then(|| dice.u32(30..100));
            study(is.of_the_project).await;
            format!("the project for {:?}", is.of_the_project)
        }
        8 => {
            let label = if is.labelled { Value::Null } else { "STUDY-1".into() };
            let answer = ann.patch(&ward.path(), json!({ "project_id": label })).await;
            if is.labelled && is.held.contains("project") {
                answer.expect_problem(409, "legal-hold");
            } else {
                answer.expect(200);
                is.labelled = !is.labelled;
            }
            format!("labelled: {}", is.labelled)
        }
        _ => unreachable!("nine kinds"),
    }
}

async fn history(seed: u64) -> (usize, usize) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut scene = Scene::new().await;
    scene.world.project("STUDY-1", &[&scene.ann]).await;
    let mut is = Reference {
        messages: Vec::new(),
        gone: BTreeSet::new(),
        days: 30,
        of_the_project: None,
        labelled: false,
        held: BTreeSet::new(),
    };
    let mut told = vec![format!("seed {seed}")];
    for _ in 0..40 {
        let (before, mut days) = (scene.world.clock().now(), 0);
        if dice.u8(0..3) == 0 {
            days = dice.u32(1..50);
            scene.passes(DAY * days).await;
            told.push(format!("{days} days pass"));
        } else {
            told.push(acts(&scene, &mut is, &mut dice).await);
        }
        let now = scene.world.clock().now();
        let table = scene.world.table().await.join("\n");
        for (n, message) in is.messages.iter().enumerate() {
            let there = table.contains(&message.marker);
            let ends = message.at.after(is.period());
            if there {
                assert!(!is.gone.contains(&n), "it is back: {told:#?}");
                let overdue = days > 30 && ends <= before && !is.is_held();
                assert!(!overdue, "{} was to go: {told:#?}", message.marker);
            } else if is.gone.insert(n) {
                assert!(days > 0 && ends <= now && !is.is_held(), "{} was to stay: {told:#?}", message.marker);
            }
        }
    }
    let recorded: u64 = scene.certificates().await.iter().map(|one| one["messages"].as_u64().unwrap()).sum();
    assert_eq!(recorded, is.gone.len() as u64, "{told:#?}");
    scene.verifies().await;
    for item in scene.log().await.iter().filter(|item| item["kind"] == "message") {
        let n = is.messages.iter().position(|message| json!(message.seq) == item["seq"]).unwrap();
        let shown = item["withdrawn"] == true || (item["purged"] == json!(is.gone.contains(&n)));
        assert!(shown, "{item} {told:#?}");
    }
    (is.messages.len(), is.gone.len())
}

/// Fails if a step removes what is younger than its period, if a hold is not asked for, or if nobody looks again.
#[tokio::test]
async fn what_goes_was_to_go_and_what_was_to_go_goes() {
    let (mut messages, mut gone) = (0, 0);
    for seed in 0..wanted() {
        let (some, went) = Box::pin(history(seed)).await;
        (messages, gone) = (messages + some, gone + went);
    }
    assert!(0 < gone && gone < messages, "{gone} of {messages}");
    eprintln!("{} histories: of {messages} messages {gone} went, each when it was to", wanted());
}

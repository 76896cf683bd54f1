//! Legal holds: what is under one stays, and keeps its label.

use serde_json::{Value, json};
use tests::beside::NOTHING;

use super::{DAY, Scene, report};

#[tokio::test]
async fn what_is_under_a_hold_stays_to_the_letter_until_it_is_lifted() {
    let mut scene = Scene::new().await;
    scene.labelled("STUDY-1").await;
    for on in [scene.on_ward(), json!({ "project_id": "STUDY-1" })] {
        scene.ann.sends(&scene.ward, "marker").await.expect(201);
        scene.holds(&on, true).await;
        scene.passes(31 * DAY).await;
        let kept = scene.words("marker").await;
        assert_eq!(kept.len(), 1, "{on}");
        scene.passes(400 * DAY).await;
        assert_eq!(scene.words("marker").await, kept, "{on}");
        scene.holds(&on, false).await;
        scene.passes(31 * DAY).await;
        assert_eq!(scene.words("marker").await, Vec::<String>::new(), "{on}");
    }
    let gone: Vec<Value> = scene.certificates().await.iter().map(|one| one["messages"].clone()).collect();
    assert_eq!(gone, [1, 1]);
    scene.verifies().await;
}

#[tokio::test]
async fn they_are_listed_placed_once_recorded_and_lifted() {
    let scene = Scene::new().await;
    scene.labelled("STUDY-1").await;
    let Scene { office, auditor, ward, .. } = &scene;
    let first = json!({ "conversation_id": ward.id, "reason": "A claim", "case": "C-7" });
    let placed = office.put("/v1/admin/holds", first.clone()).await.expect(201);
    // Whoever places it again for another reason finds the one that is there.
    let again = json!({ "conversation_id": ward.id, "reason": "Another" });
    assert_eq!(office.put("/v1/admin/holds", again).await.expect(200), placed);
    let second = json!({ "project_id": "STUDY-1", "reason": "Another claim" });
    let other = office.put("/v1/admin/holds", second).await.expect(201);
    let listed = office.get("/v1/admin/holds").await.expect(200);
    assert_eq!(listed["items"], json!([placed, other]));
    assert_eq!((&placed["by"], &placed["case"], &other["case"]), (&json!("office"), &json!("C-7"), &Value::Null));
    for _ in 0..2 {
        let settled = json!({ "conversation_id": ward.id, "reason": "Settled" });
        office.post("/v1/admin/holds/lift", settled).await.expect(204);
    }
    assert_eq!(office.get("/v1/admin/holds").await.expect(200)["items"], json!([other]));
    let page = auditor.get("/v1/audit/institution?limit=100").await.expect(200);
    let lines =
        page["items"].as_array().unwrap().iter().filter(|line| line["type"].as_str().unwrap().starts_with("hold"));
    let lines: Vec<Value> = lines.map(|line| json!([line["type"], line["details"]])).collect();
    let expected = [
        json!(["hold_lifted", { "on": "conversation", "conversation": ward.id, "reason": "Settled" }]),
        json!(["hold_placed", { "on": "project", "project": "STUDY-1", "reason": "Another claim" }]),
        json!(["hold_placed", { "on": "conversation", "conversation": ward.id, "reason": "A claim", "case": "C-7" }]),
    ];
    assert_eq!(lines, expected);
    scene.verifies().await;
    // On what is not there none can be placed.
    for nothing in [json!({ "project_id": "none" }), json!({ "conversation_id": NOTHING })] {
        let mut asked = nothing;
        asked["reason"] = "A claim".into();
        office.put("/v1/admin/holds", asked.clone()).await.expect_problem(404, "not-found");
        office.post("/v1/admin/holds/lift", asked).await.expect(204);
    }
}

#[tokio::test]
async fn a_conversation_keeps_the_label_by_which_it_is_held() {
    let mut scene = Scene::new().await;
    scene.labelled("STUDY-1").await;
    let Scene { world, ann, ward, .. } = &scene;
    world.project("STUDY-2", &[ann]).await;
    let study = json!({ "project_id": "STUDY-1" });
    scene.holds(&study, true).await;
    for label in [json!("STUDY-2"), Value::Null] {
        let answer = ann.patch(&ward.path(), json!({ "project_id": label })).await;
        answer.expect_problem(409, "legal-hold");
    }
    // All of it or nothing.
    let both = json!({ "project_id": "STUDY-2", "title": "Ward 6" });
    ann.patch(&ward.path(), both).await.expect_problem(409, "legal-hold");
    assert_eq!(ann.get(&ward.path()).await.expect(200)["title"], "Ward 4");
    // The same label once more is no change, and its title is not what is held.
    ann.patch(&ward.path(), json!({ "project_id": "STUDY-1", "title": "Ward 5" })).await.expect(200);
    // Deleted it is held as well.
    ann.sends(ward, "marker").await.expect(201);
    scene.deletes("Ward 5").await;
    scene.passes(100 * DAY).await;
    assert_eq!(scene.words("marker").await.len(), 1);
    scene.holds(&study, false).await;
    scene.passes(31 * DAY).await;
    assert_eq!(scene.words("marker").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_label_can_be_changed_when_the_hold_is_on_something_else() {
    let scene = Scene::new().await;
    scene.labelled("STUDY-1").await;
    let Scene { world, ann, ward, .. } = &scene;
    world.project("STUDY-2", &[ann]).await;
    scene.holds(&json!({ "project_id": "STUDY-2" }), true).await;
    scene.holds(&scene.on_ward(), true).await;
    ann.patch(&ward.path(), json!({ "project_id": "STUDY-2" })).await.expect(200);
    ann.patch(&ward.path(), json!({ "project_id": "STUDY-1" })).await.expect_problem(409, "legal-hold");
    scene.holds(&scene.on_ward(), false).await;
    ann.sends(ward, "kept by its project").await.expect(201);
    assert_eq!(scene.sweeps_after(31 * DAY).await, report(1, 1, 0, 0));
}

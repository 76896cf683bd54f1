//! What the institution decides for everybody.

use serde_json::{Value, json};

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes, preferences, told, wants};

fn settings(enabled: bool) -> Value {
    let reason = (!enabled).then_some("Maintenance");
    json!({ "messenger_enabled": enabled, "closed_reason": reason, "protect_admins": false, "break_glass": false })
}

#[tokio::test]
async fn while_the_messenger_is_switched_off_mails_wait() {
    let story = Story::new().await;
    let office = story.world.office().await;
    story.says("plain").await;
    office.put("/v1/admin/settings", settings(false)).await.expect(200);
    story.world.passes(hours(6)).await;
    assert_eq!(story.mails(), NOBODY);
    office.put("/v1/admin/settings", settings(true)).await.expect(200);
    story.world.passes(hours(2)).await;
    assert_eq!(story.mails().len(), 1);
    assert!(log(&story.ben).await.contains(&"digest held messenger_disabled".to_owned()));
}

#[tokio::test]
async fn what_the_institution_decides_holds_for_whoever_never_said_anything() {
    let story = Story::at_nine().await;
    let office = story.world.office().await;
    let mut decided = settings(true);
    decided["mail"] = json!({
        "defaults": preferences(json!({ "frequency": "2h", "language": "es" })),
        "locked": [], "short_delay_minutes": 30,
    });
    office.put("/v1/admin/settings", decided).await.expect(200);
    story.world.passes(minutes(10)).await;
    story.says("one").await;
    story.world.passes(hours(1)).await;
    story.says("two").await;
    story.world.passes(hours(24)).await;
    let letters = story.world.mails();
    let told: Vec<String> = letters.iter().map(told).collect();
    assert_eq!(told, ["ben 03-01 09:40:00", "ben 03-01 11:40:00"]);
    assert!(letters[0].text.contains("tenía 1 mensaje"), "{}", letters[0].text);
}

#[tokio::test]
async fn what_the_institution_locked_nobody_changes() {
    let story = Story::at_nine().await;
    let office = story.world.office().await;
    wants(&story.ben, json!({ "frequency": "2h", "instant": false })).await.expect(200);
    let mut decided = settings(true);
    decided["mail"] = json!({
        "defaults": preferences(json!({})), "locked": ["frequency", "instant"], "short_delay_minutes": 5,
    });
    office.put("/v1/admin/settings", decided).await.expect(200);
    let refused = wants(&story.ben, json!({ "frequency": "12h" })).await;
    refused.expect_problem(409, "preference-locked");
    assert_eq!(refused.body["errors"][0]["pointer"], "/frequency");
    // What he said before counts for nothing where it is locked, and the rest is his.
    let shown = wants(&story.ben, json!({ "language": "es" })).await.expect(200);
    assert_eq!(
        (&shown["frequency"], &shown["instant"], &shown["language"]),
        (&json!("4h"), &json!(true), &json!("es"))
    );
    story.world.passes(minutes(10)).await;
    story.says("@ben, come").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
}

//! Addresses that take no mail.

use serde_json::{Value, json};
use tests::actor::Actor;

use super::{NOBODY, Story};
use crate::notices::{hours, log, minutes};

/// Mail to Ben came back, or he complained: as the mail service says it.
async fn told_of(story: &Story, what: &str) -> Value {
    let at = story.world.clock().now();
    let receivers = json!([{ "emailAddress": "ben@hospital.example" }]);
    let detail = match what {
        "Complaint" => json!({
            "eventType": what, "mail": { "messageId": "letter-1" },
            "complaint": { "complaintSubType": null, "complainedRecipients": receivers, "timestamp": at },
        }),
        kind => json!({
            "eventType": "Bounce", "mail": { "messageId": "letter-1" },
            "bounce": { "bounceType": kind, "bouncedRecipients": receivers, "timestamp": at },
        }),
    };
    let event = json!({ "source": "aws.ses", "detail-type": "Email Event", "detail": detail });
    story.world.mail_events().handle(event).await.unwrap()
}

async fn suppressed(office: &Actor) -> Vec<[String; 2]> {
    let list = office.get("/v1/admin/suppressions").await.expect(200);
    let word = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    list["items"].as_array().unwrap().iter().map(|row| ["email", "state"].map(|field| word(row, field))).collect()
}

async fn email_state(who: &Actor) -> Value {
    who.get("/v1/me").await.expect(200)["email_state"].clone()
}

#[tokio::test]
async fn an_address_from_which_mail_came_back_gets_none_until_that_is_lifted() {
    let story = Story::new().await;
    let office = story.world.office().await;
    for _ in 0..2 {
        told_of(&story, "Permanent").await;
    }
    assert_eq!(suppressed(&office).await, [["ben@hospital.example", "bounced"]]);
    story.says("@ben, one").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["instant skipped address_bounced"]);
    assert_eq!(email_state(&story.ben).await, "bounced");
    let lift = json!({ "email": "ben@hospital.example" });
    for _ in 0..2 {
        assert_eq!(office.post("/v1/admin/suppressions/lift", lift.clone()).await.status, 204);
    }
    assert_eq!((suppressed(&office).await.len(), email_state(&story.ben).await), (0, json!("ok")));
    story.world.passes(minutes(10)).await;
    story.says("@ben, two").await;
    assert!(story.says_the_mail().contains("2 unread messages"));
}

#[tokio::test]
async fn whoever_complained_gets_none_and_a_bounce_does_not_weigh_more() {
    let story = Story::new().await;
    let office = story.world.office().await;
    told_of(&story, "Complaint").await;
    told_of(&story, "Permanent").await;
    assert_eq!(suppressed(&office).await, [["ben@hospital.example", "complained"]]);
    story.says("@ben, one").await;
    story.world.passes(hours(24)).await;
    assert_eq!(story.mails(), NOBODY);
    assert_eq!(log(&story.ben).await, ["instant skipped address_complained"]);
    assert_eq!(email_state(&story.ben).await, "complained");
}

#[tokio::test]
async fn mail_that_came_back_for_now_changes_nothing() {
    let story = Story::new().await;
    assert_eq!(told_of(&story, "Transient").await, json!({ "suppressed": 0 }));
    story.says("@ben, one").await;
    assert_eq!(story.mails(), ["ben 03-01 09:10:00"]);
}

#[tokio::test]
async fn whose_first_mail_comes_back_gets_no_second() {
    let story = Story::new().await;
    let bounce = story.world.person("bounce.ward").await;
    story.ann.adds(&story.ward, &[&bounce]).await.expect(200);
    story.world.passes(minutes(10)).await;
    story.says("@bounce.ward, one").await;
    assert_eq!(story.mails(), ["bounce.ward 03-01 09:20:00"]);
    story.world.passes(minutes(10)).await;
    story.says("@bounce.ward, two").await;
    assert_eq!(log(&bounce).await, ["instant skipped address_bounced", "instant sent urgent"]);
}

#[tokio::test]
async fn the_list_is_for_system_administrators() {
    let story = Story::new().await;
    story.ben.get("/v1/admin/suppressions").await.expect_problem(403, "not-a-system-administrator");
    let lift = json!({ "email": "ben@hospital.example" });
    story.ben.post("/v1/admin/suppressions/lift", lift).await.expect_problem(403, "not-a-system-administrator");
}

//! How the institution sets the messenger up.

use local::person::Role;
use serde_json::{Value, json};
use tests::actor::Actor;
use tests::world::World;

use super::{auditor, entries};

fn settings(enabled: bool, protect: bool) -> Value {
    json!({
        "messenger_enabled": enabled, "closed_reason": null, "protect_admins": protect, "break_glass": false,
        "mail": mail("4h", &[], 5), "backup_by": "member", "denied_types": [], "retention_days": 2557,
    })
}

/// What is decided about mails: how often they come, what of it holds for everybody, and the short delay.
fn mail(frequency: &str, locked: &[&str], short_delay: u8) -> Value {
    let defaults = json!({
        "frequency": frequency, "digest_mode": "leading", "instant": true, "instant_when": "offline",
        "broadcasts": false, "daily_at": "08:00", "timezone": "UTC", "language": "en", "quiet_hours": null,
    });
    json!({ "defaults": defaults, "locked": locked, "short_delay_minutes": short_delay })
}

async fn set(office: &Actor, wanted: Value) -> Value {
    office.put("/v1/admin/settings", wanted).await.expect(200)
}

#[tokio::test]
async fn they_are_read_set_and_not_set_by_somebody_who_has_seen_others() {
    let world = World::new().await;
    let office = world.office().await;
    let first = office.get("/v1/admin/settings").await;
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.expect(200), settings(true, false));
    let put = |tag: String, wanted: Value| {
        let office = office.clone();
        async move {
            let headers = [("if-match", tag.as_str())];
            office.call(http::Method::PUT, "/v1/admin/settings", &headers, Some(wanted)).await
        }
    };
    let second = put(tag.clone(), settings(true, true)).await;
    let newer = second.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(second.expect(200), settings(true, true));
    put(tag, settings(true, false)).await.expect_problem(412, "version-conflict");
    put(newer, settings(true, false)).await.expect(200);
}

#[tokio::test]
async fn what_is_decided_about_mails_stays_until_it_is_said_anew_and_is_recorded_before_and_after() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let with = |mail: Value| {
        let mut settings = settings(true, false);
        settings["mail"] = mail;
        settings
    };
    let (first, second) = (mail("12h", &["frequency", "instant"], 0), mail("none", &[], 60));
    assert_eq!(set(&office, with(first.clone())).await["mail"], first);
    // Whoever says nothing of mails changes nothing about them.
    let mut silent = settings(true, true);
    silent.as_object_mut().unwrap().remove("mail");
    assert_eq!(set(&office, silent.clone()).await["mail"], first);
    silent["mail"] = Value::Null;
    assert_eq!(set(&office, silent).await["mail"], first);
    assert_eq!(set(&office, with(second.clone())).await["mail"], second);
    assert_eq!(office.get("/v1/admin/settings").await.expect(200), with(second));
    let recorded = |line: &Value, side: &str| {
        let mail = &line["details"][side]["mail"];
        let locked = mail["locked"].as_array().map_or(0, Vec::len);
        (mail["defaults"]["frequency"].clone(), locked, mail["short_delay_minutes"].clone())
    };
    let (was, is) = ((json!("12h"), 2, json!(0)), (json!("none"), 0, json!(60)));
    let log = entries(&auditor).await;
    let lines: Vec<_> = log.iter().map(|line| [recorded(line, "was"), recorded(line, "is")]).collect();
    // What nobody ever decided is not recorded.
    let nothing = (Value::Null, 0, Value::Null);
    assert_eq!(lines, [[nothing, was.clone()], [was.clone(), was.clone()], [was, is]]);
    let verified = auditor.get("/v1/audit/institution/verify").await.expect(200);
    assert_eq!(verified, json!({ "verified_to": 3, "next": null, "broken_at": null }));
}

#[tokio::test]
async fn who_backs_up_and_what_is_denied_stays_until_it_is_said_anew_and_is_recorded_before_and_after() {
    let world = World::new().await;
    let (office, auditor) = (world.office().await, auditor(&world).await);
    let decided = |shown: &Value| (shown["backup_by"].clone(), shown["denied_types"].clone());
    let mut wanted = settings(true, false);
    (wanted["backup_by"], wanted["denied_types"]) = (json!("administrator"), json!(["Video/*", "a/b", "A/B"]));
    let first = (json!("administrator"), json!(["a/b", "video/*"]));
    assert_eq!(decided(&set(&office, wanted).await), first, "in lower case, in order, each once");
    // Whoever says nothing of it changes nothing about it.
    let mut silent = settings(true, true);
    silent.as_object_mut().unwrap().retain(|name, _| !["backup_by", "denied_types"].contains(&name.as_str()));
    assert_eq!(decided(&set(&office, silent.clone()).await), first);
    (silent["backup_by"], silent["denied_types"]) = (Value::Null, Value::Null);
    assert_eq!(decided(&set(&office, silent).await), first);
    let mut last = settings(true, true);
    last["backup_by"] = "nobody".into();
    let second = (json!("nobody"), json!([]));
    assert_eq!(decided(&set(&office, last).await), second);
    assert_eq!(decided(&office.get("/v1/admin/settings").await.expect(200)), second);
    let log = entries(&auditor).await;
    let lines: Vec<_> =
        log.iter().map(|line| [decided(&line["details"]["was"]), decided(&line["details"]["is"])]).collect();
    // What is as it was before anybody decided is not recorded.
    let nothing = (Value::Null, Value::Null);
    let last = (json!("nobody"), Value::Null);
    assert_eq!(lines, [[nothing, first.clone()], [first.clone(), first.clone()], [first, last]]);
    let verified = auditor.get("/v1/audit/institution/verify").await.expect(200);
    assert_eq!(verified, json!({ "verified_to": 3, "next": null, "broken_at": null }));
}

#[tokio::test]
async fn what_is_decided_about_mails_holds_for_everybody_and_the_rest_is_as_they_said() {
    let world = World::new().await;
    let office = world.office().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let preferences = "/v1/me/preferences";
    let wants = |frequency: &str, instant: bool| {
        let mut wanted = mail(frequency, &[], 5)["defaults"].clone();
        wanted["instant"] = instant.into();
        wanted
    };
    let decides = async |frequency: &str, locked: &[&str]| {
        let mut settings = settings(true, false);
        settings["mail"] = mail(frequency, locked, 5);
        set(&office, settings).await;
    };
    ann.put(preferences, wants("2h", false)).await.expect(200);
    decides("12h", &["frequency"]).await;
    assert_eq!(ann.get(preferences).await.expect(200), wants("12h", false));
    assert_eq!(ann.get("/v1/me").await.expect(200)["preferences"], wants("12h", false));
    assert_eq!(ben.get(preferences).await.expect(200), wants("12h", true));
    let refused = ann.put(preferences, wants("4h", true)).await;
    refused.expect_problem(409, "preference-locked");
    assert_eq!(refused.body["errors"][0]["pointer"], "/frequency");
    assert_eq!(ann.get(preferences).await.expect(200), wants("12h", false));
    // With a link in a mail nobody stops what the institution wants them to get.
    let link = format!("/v1/unsubscribe/{}", world.unsubscribe_token(&ann).await);
    world.nobody().post(&link, json!({})).await.expect_problem(409, "preference-locked");
    decides("12h", &[]).await;
    assert_eq!(ann.get(preferences).await.expect(200), wants("2h", false));
    decides("12h", &["frequency"]).await;
    ann.put(preferences, wants("12h", true)).await.expect(200);
}

#[tokio::test]
async fn a_messenger_that_is_switched_off_says_why_keeps_everything_and_lets_officials_in() {
    let world = World::new().await;
    let office = world.office().await;
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    let closed = json!({
        "messenger_enabled": false, "closed_reason": "Maintenance until noon", "protect_admins": false, "break_glass": false
    });
    set(&office, closed).await;
    let before = world.table().await;
    for answer in [
        ann.sends(&conversation, "hello").await,
        ann.get("/v1/conversations").await,
        ben.get("/v1/me").await,
        office.get("/v1/unread").await,
    ] {
        answer.expect_problem(503, "messenger-disabled");
        assert_eq!(answer.body["reason"], "Maintenance until noon");
        assert!(answer.headers.contains_key("retry-after"));
    }
    assert_eq!(world.table().await, before);
    auditor.get("/v1/audit/institution").await.expect(200);
    assert_eq!(world.nobody().get("/v1/health").await.expect(200)["status"], "ok");
    set(&office, settings(true, false)).await;
    ann.sends(&conversation, "hello").await.expect(201);
    assert_eq!(ben.reads(&conversation).await, ["hello"]);
}

#[tokio::test]
async fn where_administrators_are_protected_they_are_answered_and_not_written_to_first() {
    let world = World::new().await;
    let office = world.office().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let before = ann.starts("Before", &[&office]).await;
    set(&office, settings(true, true)).await;
    let asked = json!({ "title": "To the office", "members": ["ben", "office"] });
    let refused = ann.post("/v1/conversations", asked).await;
    refused.expect_problem(403, "person-protected");
    assert_eq!(refused.body["errors"][0]["pointer"], "/members/1");
    let group = ann.starts("Ward 4", &[&ben]).await;
    let added = ann.adds(&group, &[&office]).await.expect(200);
    assert_eq!(added["results"], json!([{ "username": "office", "outcome": "protected_user" }]));
    ben.put("/v1/direct/office", json!({})).await.expect_problem(403, "person-protected");
    // Who was written to answers, and what is there goes on.
    ann.sends(&before, "still here?").await.expect(201);
    ann.put("/v1/direct/office", json!({})).await.expect(200);
    let by_office = office.starts("From the office", &[&ann]).await;
    ann.sends(&by_office, "yes").await.expect(201);
}

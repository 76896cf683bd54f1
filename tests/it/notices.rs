//! Notices: mails that say that something waits, never what.

mod canary;
mod faults;
mod histories;
mod reference;
mod stories;

use std::time::Duration;

use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation};
use tests::post::Letter;
use tests::world::World;

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

const fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

/// What somebody wants to be mailed about: the default, but for this.
async fn wants(who: &Actor, change: Value) -> Answer {
    who.put("/v1/me/preferences", preferences(change)).await
}

/// The preferences of whoever never said anything, but for this.
fn preferences(change: Value) -> Value {
    let mut all = json!({
        "frequency": "4h", "digest_mode": "leading", "instant": true, "instant_when": "offline", "broadcasts": false,
        "daily_at": "08:00", "timezone": "UTC", "language": "en", "quiet_hours": null,
    });
    let Value::Object(change) = change else { panic!("{change}") };
    for (field, value) in change {
        all[field] = value;
    }
    all
}

/// Sends an important message.
async fn sends_important(by: &Actor, to: &Conversation, body: &str) -> Answer {
    by.post(&to.messages(), json!({ "body": body, "important": true })).await
}

/// To whom a mail went and when, such as `ben 03-01 09:15:00`.
fn told(letter: &Letter) -> String {
    let (to, at) = (letter.to.split('@').next().unwrap_or_default(), letter.at.to_string());
    format!("{to} {} {}", &at[5..10], &at[11..19])
}

/// The mails that were sent since this was last asked, in order.
fn mails(world: &World) -> Vec<String> {
    let mut told: Vec<String> = world.mails().iter().map(self::told).collect();
    told.sort();
    told
}

/// What somebody can know of their mails, the newest first: by which rule, what came of it, why.
async fn log(who: &Actor) -> Vec<String> {
    let log = who.get("/v1/me/notifications?limit=100").await.expect(200);
    let word = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let row = |row: &Value| ["rule", "outcome", "reason"].map(|field| word(row, field)).join(" ");
    log["items"].as_array().unwrap().iter().map(row).collect()
}

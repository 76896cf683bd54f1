//! The schedules that invoke `digest` each whole minute and `jobs` and `retention` each whole hour, as EventBridge Scheduler does.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use anyhow::Result;
use domain::clock::Timestamp;
use dynoxide::Database;
use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::types::AttributeValue;
use serde_json::{Value, json};
use store::Store;
use store::table::DUE_INDEX;

use crate::functions::TABLE;

/// From one tick to the next.
const MINUTE: Duration = Duration::from_mins(1);

/// From one tick at which `jobs` and `retention` run too to the next.
const HOUR: Duration = Duration::from_hours(1);

/// The schedule, and the table whose index says at which ticks something happens.
pub struct Schedule(Database);

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").finish_non_exhaustive()
    }
}

impl Schedule {
    /// The schedule over the table in `database`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The minute that `time` lies in.
    pub fn minute(time: Timestamp) -> Timestamp {
        whole(MINUTE, time)
    }

    /// The hour that `time` lies in.
    pub fn hour(time: Timestamp) -> Timestamp {
        whole(HOUR, time)
    }

    /// What a function gets at a tick.
    pub fn event(tick: Timestamp) -> Value {
        json!({ "scheduled_at": tick })
    }

    /// The first tick after `now` at which something is due by the index; none if nothing is due at any time.
    ///
    /// Texts of broadcasts have no place in it. Those whose time is over go at whatever tick comes next.
    pub async fn next(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let looks = self.next_due("D").await?.map(|due| tick(MINUTE, due, now));
        let removals = self.next_due("A").await?.map(|due| tick(HOUR, due, now));
        let backups = self.next_due("B").await?.map(|due| tick(HOUR, due, now));
        let retention = self.next_due("R").await?.map(|due| tick(HOUR, due, now));
        Ok([looks, removals, backups, retention].into_iter().flatten().min())
    }

    /// When the first thing of a kind is due, be it past.
    async fn next_due(&self, kind: &'static str) -> Result<Option<Timestamp>> {
        let database = self.0.clone();
        let found = tokio::task::spawn_blocking(move || {
            (0..Store::SHARDS).map(|shard| database.query(first_of(kind, shard))).collect::<Result<Vec<_>, _>>()
        });
        Ok(found.await??.into_iter().filter_map(due).min())
    }
}

/// The last whole `unit` that is not after `time`.
fn whole(unit: Duration, time: Timestamp) -> Timestamp {
    let unit = i64::try_from(unit.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(time.as_millis().div_euclid(unit) * unit)
}

/// The first whole `unit` that is not before `due`, and after `now`.
fn tick(unit: Duration, due: Timestamp, now: Timestamp) -> Timestamp {
    let not_before = due.after(unit.saturating_sub(Duration::from_millis(1)));
    whole(unit, not_before).max(whole(unit, now.after(unit)))
}

/// Asks for what is due first in a shard of the index: looks, `D`, attachments that no message has, `A`, back-ups, `B`, or
/// conversations to be looked through for what was kept long enough, `R`.
fn first_of(kind: &str, shard: u8) -> QueryRequest {
    let shard = AttributeValue::S(format!("{kind}#{shard:02}"));
    QueryRequest {
        table_name: TABLE.to_owned(),
        index_name: Some(DUE_INDEX.to_owned()),
        key_condition_expression: Some("dk = :dk".to_owned()),
        expression_attribute_values: Some(HashMap::from([(":dk".to_owned(), shard)])),
        scan_index_forward: true,
        limit: Some(1),
        ..QueryRequest::default()
    }
}

fn due(answer: QueryResponse) -> Option<Timestamp> {
    let first = answer.items?.into_iter().next()?;
    let Some(AttributeValue::S(place)) = first.get("ds") else { return None };
    place.split('#').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::dynamodb;
    use crate::folder::Folder;
    use crate::functions;

    #[tokio::test]
    async fn the_next_tick_is_the_first_whole_minute_or_hour_at_which_something_is_due() {
        let folder = Folder::temporary().unwrap();
        let database = dynamodb::open(&folder.path().join("db.sqlite")).unwrap();
        let (url, _server) = dynamodb::serve(database.clone()).await.unwrap();
        functions::store(&url, false).await.unwrap();
        let schedule = Schedule::new(database.clone());
        let put = |name: &str, partition: &str, due: &str| {
            let text = |text: String| json!({ "S": text });
            let put = json!({ "TableName": TABLE, "Item": {
                "pk": text(name.to_owned()), "sk": text("~".to_owned()),
                "dk": text(partition.to_owned()), "ds": text(format!("{due}#{name}")),
            }});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        };
        let next = async |now: &str| {
            let next = schedule.next(now.parse().unwrap()).await.unwrap();
            next.map(|tick| tick.to_string())
        };

        assert_eq!(next("2026-03-01T09:00:00Z").await, None);
        put("d", "A#07", "2026-03-01T12:00:00.001Z");
        assert_eq!(next("2026-03-01T09:00:00Z").await.as_deref(), Some("2026-03-01T13:00:00.000Z"));
        put("e", "A#00", "2026-03-01T12:00:00.000Z");
        for (now, tick) in [
            ("2026-03-01T11:59:59.999Z", "2026-03-01T12:00:00.000Z"),
            ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00.000Z"),
            ("2026-03-01T13:59:00Z", "2026-03-01T14:00:00.000Z"),
        ] {
            assert_eq!(next(now).await.as_deref(), Some(tick), "{now}");
        }
        put("a", "D#07", "2026-03-01T10:05:00.000Z");
        assert_eq!(next("2026-03-01T09:00:00Z").await.as_deref(), Some("2026-03-01T10:05:00.000Z"));
        put("b", "D#07", "2026-03-01T10:04:00.001Z");
        put("c", "D#00", "2026-03-01T10:02:59.999Z");
        for (now, tick) in [
            ("2026-03-01T09:00:00Z", "2026-03-01T10:03:00.000Z"),
            ("2026-03-01T10:02:59.999Z", "2026-03-01T10:03:00.000Z"),
            // What is still due after a tick is there at the next one.
            ("2026-03-01T10:03:00Z", "2026-03-01T10:04:00.000Z"),
            ("2026-03-01T10:03:00.001Z", "2026-03-01T10:04:00.000Z"),
        ] {
            assert_eq!(next(now).await.as_deref(), Some(tick), "{now}");
        }
    }
}

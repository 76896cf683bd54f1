//! The schedule that invokes `digest` each whole minute, as EventBridge Scheduler does.

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
        Timestamp::from_millis(time.as_millis().div_euclid(60_000) * 60_000)
    }

    /// What the function gets at a tick.
    pub fn event(minute: Timestamp) -> Value {
        json!({ "scheduled_at": minute })
    }

    /// The first tick after `now` that finds something due; none if nothing is due at any time.
    pub async fn next(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let tick = |due: Timestamp| {
            let at_or_after = due.after(MINUTE.saturating_sub(Duration::from_millis(1)));
            Self::minute(at_or_after).max(Self::minute(now.after(MINUTE)))
        };
        Ok(self.next_due().await?.map(tick))
    }

    /// When the first thing is due, be it past.
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        let database = self.0.clone();
        let found = tokio::task::spawn_blocking(move || {
            (0..Store::SHARDS).map(|shard| database.query(first_of(shard))).collect::<Result<Vec<_>, _>>()
        });
        Ok(found.await??.into_iter().filter_map(due).min())
    }
}

/// Asks for what is due first in a shard of the index.
fn first_of(shard: u8) -> QueryRequest {
    let shard = AttributeValue::S(format!("D#{shard:02}"));
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
    async fn the_next_tick_is_the_first_whole_minute_at_which_something_is_due() {
        let folder = Folder::temporary().unwrap();
        let database = dynamodb::open(&folder.path().join("db.sqlite")).unwrap();
        let (url, _server) = dynamodb::serve(database.clone()).await.unwrap();
        functions::store(&url, false).await.unwrap();
        let schedule = Schedule::new(database.clone());
        let put = |name: &str, shard: u8, due: &str| {
            let text = |text: String| json!({ "S": text });
            let put = json!({ "TableName": TABLE, "Item": {
                "pk": text(name.to_owned()), "sk": text("~".to_owned()),
                "dk": text(format!("D#{shard:02}")), "ds": text(format!("{due}#{name}")),
            }});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        };
        let next = async |now: &str| {
            let next = schedule.next(now.parse().unwrap()).await.unwrap();
            next.map(|tick| tick.to_string())
        };

        assert_eq!(next("2026-03-01T09:00:00Z").await, None);
        put("a", 7, "2026-03-01T10:05:00.000Z");
        assert_eq!(next("2026-03-01T09:00:00Z").await.as_deref(), Some("2026-03-01T10:05:00.000Z"));
        put("b", 7, "2026-03-01T10:04:00.001Z");
        put("c", 0, "2026-03-01T10:02:59.999Z");
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

//! `GET /v1/audit/institution`

use api::{Auditor, Problem, Query, schema};
use axum::extract::State;
use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::id::EntryId;
use domain::institution::log::Entry;
use domain::page::Limit;
use domain::text::Username;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Which part of a log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many entries: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    pub(crate) limit: Limit,
    /// Only entries before this place.
    #[serde(default)]
    #[param(value_type = Option<schema::Seq>)]
    pub(crate) before: Option<Seq>,
}

/// Part of the institution's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionLog {
    /// Entries, the newest first.
    items: Vec<InstitutionEntry>,
    /// Where to go on, as `before`; nothing at the end.
    #[schema(value_type = Option<schema::Seq>)]
    next: Option<Seq>,
}

/// What an official did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionEntry {
    /// Its place: 1, 2, 3 without gaps.
    #[schema(value_type = schema::Seq)]
    seq: Seq,
    /// Its id.
    #[schema(value_type = schema::Id)]
    id: EntryId,
    /// Who did it.
    #[schema(value_type = schema::Username)]
    by: Username,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// What: `users_changed`, `project_changed`, `settings_changed`, `broadcast_sent`, `broadcast_corrected`,
    /// `broadcast_withdrawn`, `suppression_lifted`, `hold_placed`, `hold_lifted`, `purged`,
    /// `announcements_purged` or `glass_broken`.
    r#type: &'static str,
    /// The facts, as they were recorded.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// The hash of the entry before; zeros for the first.
    #[schema(value_type = schema::Sha256)]
    previous: Digest,
    /// The hash of this entry.
    #[schema(value_type = schema::Sha256)]
    hash: Digest,
}

impl InstitutionEntry {
    fn new(entry: Entry) -> Result<Self, Problem> {
        let Entry { seq, id, by, at, act, previous, hash } = entry;
        let r#type = act.as_str();
        let mut details: Map<String, Value> =
            serde_json::to_value(act).and_then(serde_json::from_value).map_err(Problem::internal)?;
        details.remove("type");
        Ok(Self { seq, id, by, at, r#type, details, previous, hash })
    }
}

/// Read the institution's log.
///
/// For auditors: what system administrators and auditors did, and what was removed because it was kept long enough, which
/// is done by `confer`.
#[utoipa::path(get, path = "/v1/audit/institution", tag = "audit", params(Part),
    responses((status = 200, body = InstitutionLog, description = "Part of the log."), Problem))]
pub(crate) async fn read_institution_log(
    State(app): State<App>,
    _: Auditor,
    Query(Part { limit, before }): Query<Part>,
) -> Result<axum::Json<InstitutionLog>, Problem> {
    let entries = app.store.institution_log(before, limit).await?;
    let items = entries.into_iter().map(InstitutionEntry::new).collect::<Result<Vec<_>, _>>()?;
    let next = items.last().map(|last| last.seq).filter(|last| *last > Seq::START.next());
    Ok(axum::Json(InstitutionLog { items, next }))
}

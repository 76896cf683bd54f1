//! `GET /v1/me/notifications`

use api::{Caller, Problem, Query, cursor, schema};
use axum::extract::State;
use domain::clock::Timestamp;
use domain::notice::due::Due;
use domain::notice::{Decision, DecisionResult, Reason, Rule};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::suggested::Part;

/// What was mailed to me or not, when and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notifications {
    /// The newest first, of the last 90 days.
    items: Vec<Notification>,
    /// Where to go on, as `cursor`; nothing at the end.
    next: Option<String>,
    /// When it is to be looked next whether I am to be told of something; nothing while there is nothing to tell.
    pending: Option<PendingNotice>,
}

/// A look at what waited for me, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notification {
    /// When.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// By which rule a mail went or would go.
    #[schema(value_type = schema::NoticeRule)]
    rule: Rule,
    /// What came of it: a mail that was `sent`, or `refused` by the mail service, or may have been sent (`unknown`);
    /// `held`, because it was too early; `skipped`, because there was nothing to tell or nowhere to send it.
    #[schema(value_type = String, pattern = "^(sent|held|skipped|refused|unknown)$")]
    outcome: DecisionResult,
    /// Why, or what it had waited for.
    #[schema(value_type = String)]
    reason: Reason,
    /// How many messages waited.
    messages: u64,
    /// In how many conversations.
    conversations: u64,
    /// How many broadcasts waited.
    broadcasts: u64,
    /// Until when it is held, if it is.
    #[schema(value_type = Option<schema::Timestamp>)]
    until: Option<Timestamp>,
}

/// A look that is to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingNotice {
    /// When, at the earliest.
    #[schema(value_type = schema::Timestamp)]
    due_at: Timestamp,
    /// By which rule a mail would go.
    #[schema(value_type = schema::NoticeRule)]
    rule: Rule,
    /// What it waits for.
    #[schema(value_type = String)]
    reason: Reason,
}

impl From<Decision> for Notification {
    fn from(decision: Decision) -> Self {
        let Decision { at, rule, result, reason, messages, conversations, broadcasts, until } = decision;
        Self { at, rule, outcome: result, reason, messages, conversations, broadcasts, until }
    }
}

impl From<Due> for PendingNotice {
    fn from(Due { at, rule, reason }: Due) -> Self {
        Self { due_at: at, rule, reason }
    }
}

/// What was mailed to me or not, when and why.
#[utoipa::path(get, path = "/v1/me/notifications", tag = "people", params(Part),
    responses((status = 200, body = Notifications, description = "Part of it."), Problem))]
pub(crate) async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<axum::Json<Notifications>, Problem> {
    let (list, user) = ("notifications", caller.username());
    let before = part.cursor.as_deref().map(|cursor| cursor::read::<String>(list, user, cursor)).transpose()?;
    let log = app.store.notice_log(user, before.as_deref(), part.limit.get()).await?;
    let next = log.next.map(|next| cursor::write(list, user, &next)).transpose()?;
    let items = log.decisions.into_iter().map(Notification::from).collect();
    Ok(axum::Json(Notifications { items, next, pending: log.pending.map(PendingNotice::from) }))
}

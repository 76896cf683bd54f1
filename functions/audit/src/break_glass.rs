//! `POST /v1/conversations/{id}/break-glass`

use api::{Auditor, Created, Idempotency, Json, Path, Problem, request_digest, schema};
use axum::extract::State;
use domain::clock::Timestamp;
use domain::id::ConversationId;
use domain::text::{CaseNumber, Reason};
use serde::{Deserialize, Serialize};
use store::Opening;
use utoipa::ToSchema;

use crate::App;

/// Why a conversation is opened.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BreakGlass {
    /// Why. It stands in the institution's log.
    #[schema(value_type = schema::Reason)]
    reason: Reason,
    /// The institution's name for the case because of which the members must not be told. Without one they are told.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::CaseNumber)]
    case: Option<CaseNumber>,
}

/// That a conversation is open to me.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opened {
    /// Until when.
    #[schema(value_type = schema::Timestamp)]
    until: Timestamp,
}

/// Open a conversation.
///
/// For auditors, where the institution permits it. For an hour they may read what was written in it. It is recorded in
/// the institution's log, and the members see it in the conversation, unless there is a case because of which they must
/// not.
#[utoipa::path(post, path = "/v1/conversations/{id}/break-glass", tag = "audit",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated."),
    ),
    request_body = BreakGlass,
    responses((status = 201, body = Opened, description = "It is open."), Problem))]
pub(crate) async fn break_glass(
    State(app): State<App>,
    Auditor(caller): Auditor,
    Path(id): Path<ConversationId>,
    Idempotency(key): Idempotency,
    Json(asked): Json<BreakGlass>,
) -> Result<Created<Opened>, Problem> {
    let request = request_digest("break_glass", &id.to_string(), &asked)?;
    let BreakGlass { reason, case } = asked;
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let opening = Opening { conversation: id, signature, told: app.ids.mint(), key, request, reason, case };
    let (until, replayed) = app.store.break_glass(&opening).await?;
    Ok(Created { made: Opened { until }, replayed })
}

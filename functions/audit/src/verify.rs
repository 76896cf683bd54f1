//! `GET /v1/audit/institution/verify` and `GET /v1/conversations/{id}/audit/verify`

use api::{Auditor, Path, Problem, Query, schema};
use axum::extract::State;
use domain::chain::Seq;
use domain::id::ConversationId;
use serde::{Deserialize, Serialize};
use store::Verified;
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Start {
    /// The entries after this place; all, if it is not said.
    #[serde(default)]
    #[param(value_type = Option<schema::Seq>)]
    after: Option<Seq>,
}

/// What following a log showed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verification {
    /// Up to which place everything is as it was recorded.
    #[schema(value_type = schema::Seq)]
    verified_to: Seq,
    /// Where to go on, as `after`; nothing at the end.
    #[schema(value_type = Option<schema::Seq>)]
    next: Option<Seq>,
    /// The first place where something is not as it was recorded; nothing, if all is.
    #[schema(value_type = Option<schema::Seq>)]
    broken_at: Option<Seq>,
}

impl From<Verified> for Verification {
    fn from(Verified { to, next, broken }: Verified) -> Self {
        Self { verified_to: to, next, broken_at: broken }
    }
}

/// Verify the institution's log.
///
/// For auditors. Computes the hash of every entry anew, up to 500 at a time.
#[utoipa::path(get, path = "/v1/audit/institution/verify", tag = "audit", params(Start),
    responses((status = 200, body = Verification, description = "What it showed."), Problem))]
pub(crate) async fn verify_institution_log(
    State(app): State<App>,
    _: Auditor,
    Query(Start { after }): Query<Start>,
) -> Result<axum::Json<Verification>, Problem> {
    Ok(axum::Json(app.store.verify_institution(after.unwrap_or_default()).await?.into()))
}

/// Verify a conversation's log.
///
/// For auditors. Computes the hash of every entry and of every former version anew, up to 500 entries at a time.
#[utoipa::path(get, path = "/v1/conversations/{id}/audit/verify", tag = "audit",
    params(("id" = schema::Id, Path, description = "The conversation."), Start),
    responses((status = 200, body = Verification, description = "What it showed."), Problem))]
pub(crate) async fn verify_conversation_log(
    State(app): State<App>,
    _: Auditor,
    Path(id): Path<ConversationId>,
    Query(Start { after }): Query<Start>,
) -> Result<axum::Json<Verification>, Problem> {
    Ok(axum::Json(app.store.verify_conversation(id, after.unwrap_or_default()).await?.into()))
}

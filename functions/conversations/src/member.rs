//! `PATCH` and `DELETE /v1/conversations/{id}/members/{username}`

use api::view::MemberView;
use api::{Caller, Json, Kind, Path, Problem, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversation::{Refusal, Role};
use domain::id::ConversationId;
use domain::text::Username;
use serde::Deserialize;
use store::Error;
use utoipa::ToSchema;

use crate::App;

/// What a member may do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateMember {
    /// `administrator` or `member`.
    #[schema(value_type = schema::Role)]
    role: Role,
}

/// Make a member an administrator, or an administrator a member.
///
/// For administrators. A conversation always has an administrator.
#[utoipa::path(patch, path = "/v1/conversations/{id}/members/{username}", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("username" = schema::Username, Path, description = "The member."),
    ),
    request_body = UpdateMember,
    responses((status = 200, body = MemberView, description = "The member as they are now."), Problem))]
pub(crate) async fn update_member(
    State(app): State<App>,
    caller: Caller,
    Path((id, username)): Path<(ConversationId, Username)>,
    Json(UpdateMember { role }): Json<UpdateMember>,
) -> Result<axum::Json<MemberView>, Problem> {
    let acting = app.acting(&caller, id, None);
    match app.store.set_role(&acting, &username, role).await {
        Ok((member, profile)) => Ok(axum::Json(MemberView::new(member, profile))),
        Err(error) => Err(told(&app, id, &username, error).await),
    }
}

/// Remove a member, or leave.
///
/// Administrators remove anybody, everybody may leave. It ends all access at once, to what was said before, too. The last
/// administrator of several members can do neither before somebody else is one.
#[utoipa::path(delete, path = "/v1/conversations/{id}/members/{username}", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("username" = schema::Username, Path, description = "The member; oneself, to leave."),
    ),
    responses((status = 204, description = "They are no member any more."), Problem))]
pub(crate) async fn remove_member(
    State(app): State<App>,
    caller: Caller,
    Path((id, username)): Path<(ConversationId, Username)>,
) -> Result<StatusCode, Problem> {
    match app.store.remove_member(&app.acting(&caller, id, None), &username).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(told(&app, id, &username, error).await),
    }
}

/// A refusal, with the members who could take over from a last administrator.
async fn told(app: &App, id: ConversationId, besides: &Username, error: Error) -> Problem {
    let last = matches!(error, Error::Refused(Refusal::LastAdministrator));
    let mut problem = Problem::from(error);
    if last {
        debug_assert_eq!(problem.kind, Kind::LastAdministrator);
        // The refusal stands also if the table does not say whom else there is.
        problem.candidates = app.store.candidates(id, besides).await.unwrap_or_default();
    }
    problem
}

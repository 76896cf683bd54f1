//! `GET` and `PUT /v1/admin/holds`, and `POST /v1/admin/holds/lift`

use api::{Json, Kind, Problem, SystemAdministrator, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::id::ConversationId;
use domain::project::ProjectId;
use domain::retention::{Hold, HoldOn};
use domain::text::{CaseNumber, Reason, Username};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct HoldView {
    /// The conversation it is on.
    #[schema(value_type = Option<schema::Id>)]
    conversation_id: Option<ConversationId>,
    /// The project on whose conversations it is.
    #[schema(value_type = Option<schema::ProjectId>)]
    project_id: Option<ProjectId>,
    /// Who placed it.
    #[schema(value_type = schema::Username)]
    by: Username,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// Why.
    #[schema(value_type = schema::Reason)]
    reason: Reason,
    /// The institution's name for the case.
    #[schema(value_type = Option<schema::CaseNumber>)]
    case: Option<CaseNumber>,
}

impl From<Hold> for HoldView {
    fn from(Hold { on, by, at, reason, case }: Hold) -> Self {
        let (conversation_id, project_id) = match on {
            HoldOn::Conversation { conversation } => (Some(conversation), None),
            HoldOn::Project { project } => (None, Some(project)),
        };
        Self { conversation_id, project_id, by, at, reason, case }
    }
}

/// The legal holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Holds {
    /// At most 1,000: those on conversations, then those on projects.
    items: Vec<HoldView>,
}

/// A legal hold to place: on a conversation, or on a project.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "project_id": "heart-study", "reason": "A claim of June", "case": "2026-17" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceHold {
    /// The conversation it is on, be it deleted or not.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Id)]
    conversation_id: Option<ConversationId>,
    /// The project on whose conversations it is, those to come as well.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::ProjectId)]
    project_id: Option<ProjectId>,
    /// Why. It stands in the institution's log.
    #[schema(value_type = schema::Reason)]
    reason: Reason,
    /// The institution's name for the case.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::CaseNumber)]
    case: Option<CaseNumber>,
}

/// A legal hold to lift: the one on a conversation, or the one on a project.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({ "project_id": "heart-study", "reason": "The claim is settled" }))]
#[serde(deny_unknown_fields)]
pub(crate) struct LiftHold {
    /// The conversation it is on.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Id)]
    conversation_id: Option<ConversationId>,
    /// The project it is on.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::ProjectId)]
    project_id: Option<ProjectId>,
    /// Why. It stands in the institution's log.
    #[schema(value_type = schema::Reason)]
    reason: Reason,
}

fn on(conversation: Option<ConversationId>, project: Option<ProjectId>) -> Result<HoldOn, Problem> {
    match (conversation, project) {
        (Some(conversation), None) => Ok(HoldOn::Conversation { conversation }),
        (None, Some(project)) => Ok(HoldOn::Project { project }),
        (None, None) => {
            Err(Problem::at(Kind::Validation, "/conversation_id", "missing", "or a project_id must be there"))
        }
        (Some(_), Some(_)) => {
            Err(Problem::at(Kind::Validation, "/project_id", "too-many", "cannot be there beside a conversation_id"))
        }
    }
}

/// The legal holds.
///
/// For system administrators.
#[utoipa::path(get, path = "/v1/admin/holds", tag = "people",
    responses((status = 200, body = Holds, description = "They are."), Problem))]
pub(crate) async fn list_holds(State(app): State<App>, _: SystemAdministrator) -> Result<axum::Json<Holds>, Problem> {
    let items = app.store.holds().await?.into_iter().map(HoldView::from).collect();
    Ok(axum::Json(Holds { items }))
}

/// Place a legal hold.
///
/// For system administrators. From then on nothing of it is removed, however old it is, and the label of a conversation
/// whose project it is on stays. Where there is one already, that one stays as it was placed.
#[utoipa::path(put, path = "/v1/admin/holds", tag = "people", request_body = PlaceHold,
    responses(
        (status = 200, body = HoldView, description = "The hold that was there."),
        (status = 201, body = HoldView, description = "It was placed."),
        Problem,
    ))]
pub(crate) async fn place_hold(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Json(PlaceHold { conversation_id, project_id, reason, case }): Json<PlaceHold>,
) -> Result<(StatusCode, axum::Json<HoldView>), Problem> {
    let on = on(conversation_id, project_id)?;
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let (hold, placed) = app.store.place_hold(&signature, &on, &reason, case.as_ref()).await?;
    let status = if placed { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(hold.into())))
}

/// Lift a legal hold.
///
/// For system administrators. What should have been removed meanwhile is, within 30 days. Where there is none it changes
/// nothing.
#[utoipa::path(post, path = "/v1/admin/holds/lift", tag = "people", request_body = LiftHold,
    responses((status = 204, description = "There is none."), Problem))]
pub(crate) async fn lift_hold(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Json(LiftHold { conversation_id, project_id, reason }): Json<LiftHold>,
) -> Result<StatusCode, Problem> {
    let on = on(conversation_id, project_id)?;
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    app.store.lift_hold(&signature, &on, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

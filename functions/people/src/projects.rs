//! `GET /v1/projects`

use api::{Caller, Problem, schema};
use axum::extract::State;
use domain::project::ProjectId;
use domain::text::Title;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// My projects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Projects {
    /// All of them, by id.
    items: Vec<ProjectView>,
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(crate) struct ProjectView {
    /// Its id, as `project_id` of a conversation.
    #[schema(value_type = schema::ProjectId)]
    id: ProjectId,
    /// What people call it.
    #[schema(value_type = schema::Title)]
    title: Title,
}

/// My projects.
#[utoipa::path(get, path = "/v1/projects", tag = "people",
    responses((status = 200, body = Projects, description = "All of them."), Problem))]
pub(crate) async fn list_projects(State(app): State<App>, caller: Caller) -> Result<axum::Json<Projects>, Problem> {
    let projects = app.store.own_projects(caller.username()).await?;
    let items = projects.into_iter().map(|project| ProjectView { id: project.id, title: project.title }).collect();
    Ok(axum::Json(Projects { items }))
}

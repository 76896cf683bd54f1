//! `PUT /v1/admin/projects/{id}`

use api::{Json, Path, Problem, SystemAdministrator, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::identifier::RecordPattern;
use domain::project::ProjectId;
use domain::retention::OwnPeriod;
use domain::text::{Title, Username};
use serde::{Deserialize, Serialize};
use store::{ProjectPlan, Upsert};
use utoipa::ToSchema;

use crate::App;

/// A project as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetProject {
    /// What people call it.
    #[schema(value_type = schema::Title)]
    pub(crate) title: Title,
    /// The usernames of all who work on it: whoever is not named does no more.
    #[schema(value_type = Vec<schema::Username>, max_items = 5000)]
    pub(crate) members: Vec<Username>,
    /// How its records are numbered, so that titles can be checked for such numbers: `#` stands for a digit, `@` for a
    /// letter. If it is not said, it stays as it is.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = Vec<schema::RecordPattern>, max_items = 20)]
    pub(crate) record_patterns: Option<Vec<RecordPattern>>,
    /// For how many days the messages of conversations are kept that are labelled with it; `null`: as long as all are. If it
    /// is not said, it stays as it is.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = Option<schema::RetentionDays>)]
    pub(crate) retention_days: Option<OwnPeriod>,
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectWithMembers)]
pub(crate) struct Shown {
    /// Its id.
    #[schema(value_type = schema::ProjectId)]
    id: ProjectId,
    /// What people call it.
    #[schema(value_type = schema::Title)]
    title: Title,
    /// How many people work on it.
    members_count: usize,
}

/// The most people and patterns that a project may have.
const MAX_MEMBERS: usize = 5_000;
const MAX_PATTERNS: usize = 20;

impl SetProject {
    /// The plan for a project of this name.
    pub(crate) fn plan(self, id: ProjectId) -> Result<ProjectPlan, Problem> {
        let Self { title, members, record_patterns, retention_days } = self;
        if members.len() > MAX_MEMBERS {
            return Err(Problem::at(
                api::Kind::TooManyMembers,
                "/members",
                "too-many",
                "may name at most 5,000 people",
            ));
        }
        if record_patterns.as_ref().is_some_and(|patterns| patterns.len() > MAX_PATTERNS) {
            return Err(Problem::at(
                api::Kind::Validation,
                "/record_patterns",
                "too-many",
                "may hold at most 20 patterns",
            ));
        }
        Ok(ProjectPlan { id, title, members, record_patterns, retention: retention_days })
    }
}

/// Set a project.
///
/// For system administrators. Makes the project, or changes it and who works on it. A project is a label: it grants and
/// removes no access.
#[utoipa::path(put, path = "/v1/admin/projects/{id}", tag = "people",
    params(("id" = schema::ProjectId, Path, description = "Its id: 1 to 64 letters, digits, `-`, `_` and `.`.")),
    request_body = SetProject,
    responses(
        (status = 200, body = Shown, description = "The project as it is now."),
        (status = 201, body = Shown, description = "It was made."),
        Problem,
    ))]
pub(crate) async fn set_project(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Path(id): Path<ProjectId>,
    Json(asked): Json<SetProject>,
) -> Result<(StatusCode, axum::Json<Shown>), Problem> {
    let plan = asked.plan(id)?;
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let became = app.store.set_project(&signature, &plan, || app.ids.mint()).await?;
    let status = if became == Upsert::Created { StatusCode::CREATED } else { StatusCode::OK };
    let ProjectPlan { id, title, mut members, .. } = plan;
    members.sort();
    members.dedup();
    Ok((status, axum::Json(Shown { id, title, members_count: members.len() })))
}

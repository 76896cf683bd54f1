//! `PUT /v1/admin/projects/{id}`

use api::{Json, Path, Problem, SystemAdministrator};
use axum::extract::State;
use axum::http::StatusCode;
use domain::identifier::RecordPattern;
use domain::project::ProjectId;
use domain::retention::OwnPeriod;
use domain::text::{Title, Username};
use serde::{Deserialize, Deserializer, Serialize};
use store::{ProjectPlan, Upsert};
use utoipa::ToSchema;

use crate::App;

/// A project as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetProject {
    /// What people call it.
    #[schema(value_type = String, min_length = 1, max_length = 150)]
    pub(crate) title: Title,
    /// The usernames of all who work on it: whoever is not named does no more.
    #[schema(value_type = Vec<String>)]
    pub(crate) members: Vec<Username>,
    /// How its records are numbered, so that titles can be checked for such numbers: `#` stands for a digit, `@` for a
    /// letter. If it is not said, it stays as it is.
    #[serde(default)]
    #[schema(value_type = Vec<String>, nullable = false, max_items = 20)]
    pub(crate) record_patterns: Option<Vec<RecordPattern>>,
    /// For how many days the messages of conversations are kept that are labelled with it; `null`: as long as all are. If it
    /// is not said, it stays as it is.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u64>, minimum = 30, maximum = 36525, example = 9132)]
    pub(crate) retention_days: Option<OwnPeriod>,
}

/// A field that is there, even if it says `null`.
pub(crate) fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OwnPeriod>, D::Error> {
    OwnPeriod::deserialize(deserializer).map(Some)
}

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectWithMembers)]
pub(crate) struct Shown {
    /// Its id.
    #[schema(value_type = String)]
    id: ProjectId,
    /// What people call it.
    #[schema(value_type = String)]
    title: Title,
    /// How many people work on it.
    members_count: usize,
}

/// The most people and patterns a project may name at once.
const MAX: (usize, usize) = (5_000, 20);

impl SetProject {
    /// The plan for a project of this name.
    pub(crate) fn plan(self, id: ProjectId) -> Result<ProjectPlan, Problem> {
        let Self { title, members, record_patterns, retention_days } = self;
        if members.len() > MAX.0 {
            return Err(Problem::at(
                api::Kind::TooManyMembers,
                "/members",
                "too-many",
                "may name at most 5,000 people",
            ));
        }
        if record_patterns.as_ref().is_some_and(|patterns| patterns.len() > MAX.1) {
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
    params(("id" = String, Path, description = "Its id: 1 to 64 letters, digits, `-`, `_` and `.`.")),
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

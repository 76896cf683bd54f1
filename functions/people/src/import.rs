//! `POST /v1/admin/import`

use api::{Json, Kind, Problem, Row, SystemAdministrator, schema};
use axum::extract::State;
use domain::conversation::Signature;
use domain::identifier::RecordPattern;
use domain::project::ProjectId;
use domain::retention::OwnPeriod;
use domain::text::{DisplayName, Email, Title, Username};
use domain::user::Account;
use serde::{Deserialize, Serialize};
use store::{Error, Upsert};
use utoipa::ToSchema;

use crate::App;
use crate::set_project::SetProject;

/// The most rows of one import.
const MAX_ROWS: usize = 1_000;

/// People and projects to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    /// Accounts, each as in `PUT /v1/admin/users/{username}` with its `username`.
    #[serde(default)]
    #[schema(value_type = Vec<ImportedUser>, required = false, max_items = 1000)]
    users: Vec<Row>,
    /// Projects, each as in `PUT /v1/admin/projects/{id}` with its `id`.
    #[serde(default)]
    #[schema(value_type = Vec<ImportedProject>, required = false, max_items = 1000)]
    projects: Vec<Row>,
}

/// An account as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedUser {
    /// Whose.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    name: DisplayName,
    /// Where notices go.
    #[serde(default)]
    #[schema(value_type = Option<schema::Email>)]
    email: Option<Email>,
    /// Whether they may use the messenger, and be found.
    active: bool,
}

/// A project as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedProject {
    /// Which.
    #[schema(value_type = schema::ProjectId)]
    id: ProjectId,
    /// What people call it.
    #[schema(value_type = schema::Title)]
    title: Title,
    /// The usernames of all who work on it.
    #[schema(value_type = Vec<schema::Username>, max_items = 5000)]
    members: Vec<Username>,
    /// How its records are numbered.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = Vec<schema::RecordPattern>, max_items = 20)]
    record_patterns: Option<Vec<RecordPattern>>,
    /// For how many days the messages of its conversations are kept.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = Option<schema::RetentionDays>)]
    retention_days: Option<OwnPeriod>,
}

/// What became of each row: the accounts, then the projects, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Imported {
    /// One for each row.
    results: Vec<RowResult>,
}

/// What became of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowResult {
    /// `user` or `project`.
    #[schema(value_type = String, pattern = "^(user|project)$")]
    kind: &'static str,
    /// The username or the project's id; nothing, if it is none.
    key: Option<String>,
    /// `created`, `updated`, `unchanged` or `refused`.
    #[schema(value_type = String, pattern = "^(created|updated|unchanged|refused)$")]
    outcome: &'static str,
    /// Why it was refused.
    code: Option<&'static str>,
    /// Where in the row, as a JSON pointer.
    pointer: Option<String>,
}

impl RowResult {
    fn done(kind: &'static str, key: String, became: Upsert) -> Self {
        let outcome = match became {
            Upsert::Created => "created",
            Upsert::Updated => "updated",
            Upsert::Unchanged => "unchanged",
        };
        Self { kind, key: Some(key), outcome, code: None, pointer: None }
    }

    fn refused(kind: &'static str, key: Option<String>, problem: Problem) -> Self {
        let first = problem.errors.into_iter().next();
        let (code, pointer) = first.map_or((problem.kind.slug(), None), |error| (error.code, Some(error.pointer)));
        Self { kind, key, outcome: "refused", code: Some(code), pointer }
    }
}

/// Import people and projects.
///
/// For system administrators. Each row stands or falls alone. Importing the same again changes nothing, so that the same
/// request can be sent again when it was not answered.
#[utoipa::path(post, path = "/v1/admin/import", tag = "people", request_body = Import,
    responses((status = 200, body = Imported, description = "What became of each row."), Problem))]
pub(crate) async fn import_people(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Json(Import { users, projects }): Json<Import>,
) -> Result<axum::Json<Imported>, Problem> {
    if users.len() + projects.len() > MAX_ROWS {
        return Err(Problem::at(Kind::Validation, "/users", "too-many", "and projects may be at most 1,000 rows"));
    }
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let mut results = app.import_users(&signature, users).await?;
    for row in projects {
        results.push(app.import_project(&signature, row).await?);
    }
    Ok(axum::Json(Imported { results }))
}

impl App {
    async fn import_users(&self, signature: &Signature, rows: Vec<Row>) -> Result<Vec<RowResult>, Problem> {
        let mut accounts = Vec::new();
        let mut refused = Vec::new();
        let count = rows.len();
        for (n, row) in rows.into_iter().enumerate() {
            let key = row.named::<Username>("username").map(String::from);
            match row.parse::<ImportedUser>() {
                Ok(ImportedUser { username, name, email, active }) => {
                    accounts.push(Account { username, name, email, active });
                }
                Err(problem) => refused.push((n, RowResult::refused("user", key, problem))),
            }
        }
        let became = self.store.set_accounts(signature, &accounts, || self.ids.mint()).await?;
        let mut done = accounts
            .into_iter()
            .zip(became)
            .map(|(account, became)| RowResult::done("user", account.username.into(), became));
        let mut refused = refused.into_iter().peekable();
        let next = |n| match refused.next_if(|(place, _)| *place == n) {
            Some((_, refused)) => Some(refused),
            None => done.next(),
        };
        Ok((0..count).filter_map(next).collect())
    }

    async fn import_project(&self, signature: &Signature, row: Row) -> Result<RowResult, Problem> {
        let key = row.named::<ProjectId>("id").map(String::from);
        let refused = |problem| Ok(RowResult::refused("project", key.clone(), problem));
        let plan = match row.parse::<ImportedProject>() {
            Ok(ImportedProject { id, title, members, record_patterns, retention_days }) => {
                SetProject { title, members, record_patterns, retention_days }.plan(id)
            }
            Err(problem) => Err(problem),
        };
        let plan = match plan {
            Ok(plan) => plan,
            Err(problem) => return refused(problem),
        };
        match self.store.set_project(signature, &plan, || self.ids.mint()).await {
            Ok(became) => Ok(RowResult::done("project", plan.id.into(), became)),
            Err(error @ Error::UnknownPeople(_)) => refused(error.into()),
            Err(error) => Err(error.into()),
        }
    }
}

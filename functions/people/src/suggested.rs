//! `GET /v1/users/suggested`

use api::{Caller, Problem, Query, cursor};
use axum::extract::State;
use domain::page::Limit;
use domain::text::Username;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::search::Person;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    pub(crate) limit: Limit,
    /// Where to go on: `next` of the answer before.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) cursor: Option<String>,
}

/// People who could be written to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suggested {
    /// By username.
    items: Vec<Person>,
    /// Where to go on, as `cursor`; nothing at the end.
    next: Option<String>,
}

/// People I work with.
///
/// Those who share a project with me.
#[utoipa::path(get, path = "/v1/users/suggested", tag = "people", params(Part),
    responses((status = 200, body = Suggested, description = "Part of them."), Problem))]
pub(crate) async fn suggest_users(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<axum::Json<Suggested>, Problem> {
    let (list, user) = ("suggested people", caller.username());
    let after = part.cursor.as_deref().map(|cursor| cursor::read::<Username>(list, user, cursor)).transpose()?;
    let (people, next) = app.store.suggested(user, after.as_ref(), part.limit).await?;
    let next = next.map(|next| cursor::write(list, user, &next)).transpose()?;
    Ok(axum::Json(Suggested { items: people.into_iter().map(Person::from).collect(), next }))
}

//! `POST /v1/users/search`

use api::{Caller, Json, Problem, schema};
use axum::extract::State;
use domain::text::{DisplayName, Username};
use domain::user::{Profile, Search};
use serde::{Deserialize, Serialize};
use store::Quota;
use utoipa::ToSchema;

use crate::App;

/// Whom to look for. In a body, because what is in an address ends up in logs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchUsers {
    /// The beginning of any part of the name, or of the username; at least two characters.
    #[schema(value_type = String, min_length = 2, max_length = 200)]
    query: Search,
}

/// Who was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct People {
    /// At most twenty, sorted by name.
    items: Vec<Person>,
}

/// A colleague.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    /// Their username.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    name: DisplayName,
}

impl From<Profile> for Person {
    fn from(profile: Profile) -> Self {
        Self { username: profile.username, name: profile.name }
    }
}

/// Find people by name or username.
///
/// Mail addresses are not searched; a username that looks like one is found as a username.
#[utoipa::path(post, path = "/v1/users/search", tag = "people", request_body = SearchUsers,
    responses((status = 200, body = People, description = "Who was found."), Problem))]
pub(crate) async fn search_users(
    State(app): State<App>,
    caller: Caller,
    Json(SearchUsers { query }): Json<SearchUsers>,
) -> Result<axum::Json<People>, Problem> {
    app.store.spend(caller.username(), Quota::SEARCHES, app.clock.now()).await?;
    let items = app.store.search(&query).await?.into_iter().map(Person::from).collect();
    Ok(axum::Json(People { items }))
}

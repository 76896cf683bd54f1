//! `PUT /v1/admin/users/{username}`

use api::{Json, Path, Problem, SystemAdministrator, schema};
use axum::extract::State;
use axum::http::StatusCode;
use domain::text::{DisplayName, Email, Username};
use domain::user::Account;
use serde::{Deserialize, Serialize};
use store::Upsert;
use utoipa::ToSchema;

use crate::App;

/// An account as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetUser {
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    name: DisplayName,
    /// Where notices go; nowhere, if there is none.
    #[serde(default)]
    #[schema(value_type = Option<schema::Email>)]
    email: Option<Email>,
    /// Whether they may use the messenger, and be found.
    active: bool,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    /// Their username.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// What people call them.
    #[schema(value_type = schema::DisplayName)]
    name: DisplayName,
    /// Where notices go.
    #[schema(value_type = Option<schema::Email>)]
    email: Option<Email>,
    /// Whether they may use the messenger, and be found.
    active: bool,
}

/// Set an account.
///
/// For system administrators. Makes the account, or changes it. Whose account is disabled may do nothing from then on, at
/// the latest after a minute; where they were the last administrator, the member who has been there longest takes over.
/// What their token says of name and address counts once they sign in.
#[utoipa::path(put, path = "/v1/admin/users/{username}", tag = "people",
    params(("username" = schema::Username, Path, description = "Whose.")),
    request_body = SetUser,
    responses(
        (status = 200, body = User, description = "The account as it is now."),
        (status = 201, body = User, description = "It was made."),
        Problem,
    ))]
pub(crate) async fn set_user(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Path(username): Path<Username>,
    Json(SetUser { name, email, active }): Json<SetUser>,
) -> Result<(StatusCode, axum::Json<User>), Problem> {
    let account = Account { username, name, email, active };
    let signature = caller.signature(app.ids.mint(), app.clock.now());
    let became = app.store.set_accounts(&signature, std::slice::from_ref(&account), || app.ids.mint()).await?;
    let status = if became == [Upsert::Created] { StatusCode::CREATED } else { StatusCode::OK };
    let Account { username, name, email, active } = account;
    Ok((status, axum::Json(User { username, name, email, active })))
}

//! `GET` and `POST /v1/conversations/{id}/members`

use api::view::MemberView;
use api::{Caller, Json, Kind, Path, Problem, Query, cursor, schema};
use axum::extract::State;
use domain::id::ConversationId;
use domain::page::Limit;
use domain::text::Username;
use serde::{Deserialize, Serialize};
use store::Addition;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::create::MAX_MEMBERS;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many members: 1 to 100, 50 if not said.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// Where to go on: `next` of the answer before.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
}

/// Part of the members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Members {
    /// Members, by username.
    items: Vec<MemberView>,
    /// Where to go on, as `cursor`; nothing at the end.
    next: Option<String>,
}

/// List the members.
#[utoipa::path(get, path = "/v1/conversations/{id}/members", tag = "conversations",
    params(("id" = schema::Id, Path, description = "The conversation."), Part),
    responses((status = 200, body = Members, description = "Part of the members."), Problem))]
pub(crate) async fn list_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Query(part): Query<Part>,
) -> Result<axum::Json<Members>, Problem> {
    let (name, user) = (format!("members of {id}"), caller.username());
    let after = part.cursor.as_deref().map(|cursor| cursor::read::<Username>(&name, user, cursor)).transpose()?;
    let wanted = part.limit.get();
    let mut found = app.store.list_members(id, user, after.as_ref(), wanted + 1).await?;
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next = match found.last() {
        Some((last, _)) if more => Some(cursor::write(&name, user, &last.username)?),
        _ => None,
    };
    let items = found.into_iter().map(|(member, profile)| MemberView::new(member, profile)).collect();
    Ok(axum::Json(Members { items, next }))
}

/// People to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddMembers {
    /// Their usernames.
    #[schema(value_type = Vec<schema::Username>, min_items = 1, max_items = 1000)]
    usernames: Vec<Username>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Added {
    /// In the order of the request.
    results: Vec<Outcome>,
}

/// What became of one of the people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcome {
    /// Their username, as the request wrote it.
    #[schema(value_type = schema::Username)]
    username: Username,
    /// `added`, `already_member` or `unknown_user`; `protected_user` where only system administrators may start
    /// conversations with system administrators.
    #[schema(value_type = String, pattern = "^(added|already_member|unknown_user|protected_user)$")]
    outcome: &'static str,
}

/// Add members.
///
/// For administrators. Adding somebody who is a member changes nothing, so that the same request can be sent again when
/// it was not answered.
#[utoipa::path(post, path = "/v1/conversations/{id}/members", tag = "conversations",
    params(("id" = schema::Id, Path, description = "The conversation.")),
    request_body = AddMembers,
    responses((status = 200, body = Added, description = "What became of each."), Problem))]
pub(crate) async fn add_members(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Json(AddMembers { usernames }): Json<AddMembers>,
) -> Result<axum::Json<Added>, Problem> {
    if usernames.len() > MAX_MEMBERS {
        return Err(Problem::at(Kind::TooManyMembers, "/usernames", "too-many", "may name at most 1,000 people"));
    }
    if usernames.is_empty() {
        return Err(Problem::at(Kind::Validation, "/usernames", "empty", "names nobody"));
    }
    app.store.spend(caller.username(), store::Quota::MEMBERS, app.clock.now()).await?;
    let acting = app.acting(&caller, id, None);
    let additions = app.store.add_members(&acting, &caller.admission, &usernames, || app.ids.mint()).await?;
    let outcome = |(username, addition)| {
        let outcome = match addition {
            Addition::Added => "added",
            Addition::AlreadyMember => "already_member",
            Addition::UnknownUser => "unknown_user",
            Addition::Protected => "protected_user",
        };
        Outcome { username, outcome }
    };
    Ok(axum::Json(Added { results: usernames.into_iter().zip(additions).map(outcome).collect() }))
}

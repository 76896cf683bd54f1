//! `PUT /v1/direct/{username}`

use api::view::Conversation;
use api::{Caller, Kind, Path, Problem, Shown, request_digest, schema};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::chain::Digest;
use domain::conversation::History;
use domain::id::IdempotencyKey;
use domain::text::{Title, Username};
use store::{Error, Quota, Starting};

use crate::App;

/// Talk to one person.
///
/// Answers with the newest conversation that you and they have to yourselves, or starts one. Takes no body.
#[utoipa::path(put, path = "/v1/direct/{username}", tag = "conversations",
    params(("username" = schema::Username, Path, description = "The other person.")),
    responses(
        (status = 200, body = Conversation, description = "The newest one there is."),
        (status = 201, body = Conversation, description = "A new one."),
        Problem,
    ))]
pub(crate) async fn open_direct(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<Username>,
) -> Result<Response, Problem> {
    if username == *caller.username() {
        return Err(Problem::at(Kind::Validation, "username", "yourself", "is yourself"));
    }
    if let Some(row) = app.store.direct(caller.username(), &username).await? {
        return Ok(Shown(Conversation::new(row.head, &row.membership)).into_response());
    }
    let other = app.store.colleague(&username).await?;
    let now = app.clock.now();
    app.store.spend(caller.username(), Quota::STARTS, now).await?;
    // Somebody who asks twice in a minute, because the first answer was late, gets one conversation.
    let asked = request_digest("open_direct", &now.as_seconds().div_euclid(60).to_string(), &other.username)?;
    let title = Title::of_two(&caller.profile().name, &other.name);
    let starting = Starting {
        id: app.ids.mint(),
        by: caller.admission,
        at: now,
        key: IdempotencyKey::of(&asked),
        request: Digest::default(),
        title,
        history: History::All,
        project: None,
        others: vec![other.username],
        message: None,
        entry_ids: [app.ids.mint(), app.ids.mint()],
    };
    let created = match app.store.create_conversation(starting).await {
        // They left between the two questions.
        Err(Error::UnknownPeople(_)) => return Err(Kind::NotFound.into()),
        Err(Error::Protected(_)) => return Err(Kind::PersonProtected.into()),
        created => created?,
    };
    let status = if created.replayed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Shown(Conversation::new(created.head, &created.membership))).into_response())
}

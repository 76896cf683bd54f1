//! `POST /v1/conversations`

use api::view::Conversation;
use api::{Caller, Created, Idempotency, Json, Kind, Problem, request_digest, schema};
use axum::extract::State;
use domain::conversation::History;
use domain::conversation::message::Draft;
use domain::identifier::identifiers;
use domain::mention::{resolve, tags};
use domain::project::ProjectId;
use domain::text::{Body, Title, Username};
use serde::{Deserialize, Serialize};
use store::{Quota, Starting};
use utoipa::ToSchema;

use crate::App;
use crate::label::Label;

/// The most people one request may name.
pub(crate) const MAX_MEMBERS: usize = 1_000;

/// A conversation to start.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartConversation {
    /// What it is called: one line. Do not put anything into it that identifies a patient.
    #[schema(value_type = schema::Title)]
    title: Title,
    /// The usernames of those who belong to it from the start, besides yourself.
    #[schema(value_type = Vec<schema::Username>, max_items = 1000)]
    members: Vec<Username>,
    /// What those who join later may see: `all` (default) or `from_join`.
    #[serde(default)]
    #[schema(value_type = schema::History)]
    history: History,
    /// One of your projects, as a label: it grants and removes no access.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::ProjectId)]
    project_id: Option<ProjectId>,
    /// Its first message.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(nullable = false)]
    message: Option<FirstMessage>,
}

/// The first message of a new conversation.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstMessage {
    /// What it says.
    #[schema(value_type = schema::Body)]
    body: Body,
    /// Whether it is important.
    #[serde(default)]
    important: bool,
}

/// Start a conversation.
///
/// The conversation and its first message are written together. Whoever starts it is its administrator.
#[utoipa::path(post, path = "/v1/conversations", tag = "conversations",
    params(("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated.")),
    request_body = StartConversation,
    responses((status = 201, body = Conversation, description = "It was started."), Problem))]
pub(crate) async fn create_conversation(
    State(app): State<App>,
    caller: Caller,
    Idempotency(key): Idempotency,
    Json(asked): Json<StartConversation>,
) -> Result<Created<Conversation>, Problem> {
    if asked.members.len() > MAX_MEMBERS {
        return Err(Problem::at(Kind::TooManyMembers, "/members", "too-many", "may name at most 1,000 people"));
    }
    let request = request_digest("create_conversation", "", &asked)?;
    let message = asked.message.map(|message| draft(message, &asked.members, caller.username())).transpose()?;
    let label = Label::of(&app.store, caller.username(), asked.project_id).await?;
    let now = app.clock.now();
    app.store.spend(caller.username(), Quota::STARTS, now).await?;
    if message.is_some() {
        app.store.spend(caller.username(), Quota::SENDS, now).await?;
    }
    let warnings = identifiers(&asked.title, label.record_patterns(), now);
    let starting = Starting {
        id: app.ids.mint(),
        by: caller.admission,
        at: now,
        key,
        request,
        title: asked.title,
        history: asked.history,
        project: label.id(),
        others: asked.members,
        message,
        entry_ids: [app.ids.mint(), app.ids.mint()],
    };
    let created = app.store.create_conversation(starting).await?;
    let made = Conversation::new(created.head, &created.membership).warned(warnings);
    Ok(Created { made, replayed: created.replayed })
}

/// The first message; whom it mentions is known from the request itself.
fn draft(message: FirstMessage, others: &[Username], author: &Username) -> Result<Draft, Problem> {
    let FirstMessage { body, important } = message;
    let tags = tags(&body).map_err(|_| Kind::TooManyMentions)?;
    let mentions = resolve(&tags, |name| others.iter().chain([author]).find(|member| *member == name).cloned());
    Ok(Draft { body: Some(body), important, mentions, attachments: Vec::new() })
}

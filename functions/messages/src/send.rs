//! `POST /v1/conversations/{id}/messages`

use api::{Caller, Created, Idempotency, Json, Kind, Path, Problem, request_digest, schema};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use domain::attachment::can_be_together;
use domain::chain::Seq;
use domain::clock::Timestamp;
use domain::conversation::message::{Draft, MANY_IMPORTANT};
use domain::id::{AttachmentId, ConversationId};
use domain::mention::tags;
use domain::text::{Body, TextError};
use serde::{Deserialize, Deserializer, Serialize};
use store::{Quota, Sending};
use utoipa::ToSchema;

use crate::App;
use crate::view::Item;

/// A message to send.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendMessage {
    /// What it says. A message with attachments need not say anything.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = schema::Body)]
    body: Option<Body>,
    /// Whether it is important.
    #[serde(default)]
    important: bool,
    /// What you uploaded for it, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<schema::Id>, max_items = 10)]
    attachments: Vec<AttachmentId>,
    /// The newest entry you have seen. A hint that saves a trip; it is no part of the message.
    #[serde(default, skip_serializing, deserialize_with = "api::given")]
    #[schema(value_type = schema::Seq)]
    after: Option<Seq>,
}

/// What is said, if anything is: a field that was left empty says nothing.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Body>, D::Error> {
    match Body::try_from(String::deserialize(deserializer)?) {
        Ok(body) => Ok(Some(body)),
        Err(TextError::Blank) => Ok(None),
        Err(error) => Err(serde::de::Error::custom(error)),
    }
}

/// Send a message.
///
/// Once this is answered with 201, the message is stored and will be stored once, however often it is repeated with
/// the same key. Whoever marks more than five messages as important within ten minutes gets the header
/// `Confer-Warning: many-important-messages`, so that a client can ask whether they mean it.
#[utoipa::path(post, path = "/v1/conversations/{id}/messages", tag = "messages",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated."),
    ),
    request_body = SendMessage,
    responses((status = 201, body = Item, description = "It was sent."), Problem))]
pub(crate) async fn send_message(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Idempotency(key): Idempotency,
    Json(asked): Json<SendMessage>,
) -> Result<Response, Problem> {
    let request = request_digest("send_message", &id.to_string(), &asked)?;
    if !can_be_together(&asked.attachments) {
        return Err(Problem::at(Kind::TooManyAttachments, "/attachments", "too-many", "names at most 10, each once"));
    }
    if asked.body.is_none() && asked.attachments.is_empty() {
        return Err(Problem::at(Kind::EmptyMessage, "/body", "empty", "is empty"));
    }
    let tags = asked.body.as_ref().map(tags).transpose().map_err(|_| Kind::TooManyMentions)?.unwrap_or_default();
    let now = app.clock.now();
    app.store.spend(caller.username(), Quota::SENDS, now).await?;
    let mentions = app.mentions(id, &tags).await?;
    let sending = Sending {
        conversation: id,
        by: caller.username().clone(),
        at: now,
        id: app.ids.mint(),
        key,
        request,
        draft: Draft { body: asked.body, important: asked.important, mentions, attachments: Vec::new() },
        attachments: asked.attachments,
        after: asked.after,
    };
    let sent = app.store.send(&sending).await?;
    let many = !sent.replayed && app.sends_many(&caller, sending.draft.important, now).await;
    let known = app.store.attachments_of(&sent.entry).await.map_err(store::Error::unsure)?;
    let made = Item::sent(&sent.entry, caller.profile(), &known).ok_or(Kind::Internal)?;
    let mut response = Created { made, replayed: sent.replayed }.into_response();
    if many {
        response.headers_mut().insert("confer-warning", HeaderValue::from_static("many-important-messages"));
    }
    Ok(response)
}

impl App {
    /// Whether somebody has marked so many messages as important that they should think again. It is counted
    /// once it is sent, because what is refused writes nothing; if it cannot be counted, nobody is warned.
    async fn sends_many(&self, caller: &Caller, important: bool, now: Timestamp) -> bool {
        important && self.store.count_important(caller.username(), now).await.is_ok_and(|sent| sent > MANY_IMPORTANT)
    }
}

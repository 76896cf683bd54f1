//! `PATCH /v1/conversations/{id}`

use api::view::Conversation;
use api::{Caller, IfMatch, Json, Kind, Path, Problem, Shown, schema};
use axum::extract::State;
use domain::id::ConversationId;
use domain::identifier::identifiers;
use domain::project::ProjectId;
use domain::text::Title;
use serde::Deserialize;
use store::{Acted, Error};
use utoipa::ToSchema;

use crate::App;
use crate::label::Label;

/// What shall be different; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateConversation {
    /// What it is called from now on.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = schema::Title)]
    title: Option<Title>,
    /// One of your projects as its label; `null` takes the label away.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = Option<schema::ProjectId>)]
    project_id: Option<NewLabel>,
}

/// A label that was named, and be it none.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
struct NewLabel(Option<ProjectId>);

/// Rename or label a conversation.
///
/// For its administrators. With `If-Match` only if nobody changed it meanwhile.
#[utoipa::path(patch, path = "/v1/conversations/{id}", tag = "conversations",
    params(
        ("id" = schema::Id, Path, description = "The conversation."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the version you have seen."),
    ),
    request_body = UpdateConversation,
    responses((status = 200, body = Conversation, description = "The conversation as it is now."), Problem))]
pub(crate) async fn update_conversation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    IfMatch(if_match): IfMatch,
    Json(UpdateConversation { title, project_id }): Json<UpdateConversation>,
) -> Result<Shown, Problem> {
    let user = caller.username();
    let mut if_match = if_match;
    let mut acted = None;
    let mut label = None;
    if let Some(NewLabel(project)) = project_id {
        // Whether one may is said before anything about the project.
        app.store.conversation(id, user).await?.1.administrator().map_err(Error::from)?;
        label = Some(Label::of(&app.store, user, project).await?);
    }
    // The label first: only that can be refused for a reason of its own, a legal hold.
    if let Some(label) = &label {
        acted = Some(app.store.label(&app.acting(&caller, id, if_match.take()), label.id()).await?);
    }
    if let Some(title) = title {
        let renamed = app.store.rename(&app.acting(&caller, id, if_match), title).await;
        acted = Some(renamed.map_err(|error| if acted.is_some() { error.unsure() } else { error })?);
    }
    let Some(Acted { head, membership: Some(own), .. }) = acted else {
        return Err(Problem::at(Kind::Validation, "", "empty", "names nothing to change"));
    };
    let label = match label {
        Some(label) => label,
        None => Label::known(&app.store, user, head.project.clone()).await.map_err(Error::unsure)?,
    };
    let warnings = identifiers(&head.title, label.record_patterns(), app.clock.now());
    Ok(Shown(Conversation::new(head, &own).warned(warnings)))
}

//! `POST /v1/admin/broadcasts`

use api::{Created, Idempotency, Json, Problem, SystemAdministrator, request_digest, schema};
use axum::extract::State;
use domain::broadcast::{Announcement, Kind, Span};
use domain::clock::Timestamp;
use domain::text::Body;
use serde::{Deserialize, Serialize};
use store::Announcing;
use utoipa::ToSchema;

use crate::App;
use crate::view::{AskedAudience, SentBroadcast};

/// Something to announce.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendBroadcast {
    /// Who speaks: `general` for the administrators, `system` for the product.
    #[schema(value_type = schema::BroadcastKind)]
    kind: Kind,
    /// What it says. Do not put anything into it that identifies a patient.
    #[schema(value_type = schema::Body)]
    body: Body,
    /// Whether it is important.
    #[serde(default)]
    important: bool,
    /// For whom it is; for everybody, if that is not said.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(nullable = false)]
    audience: Option<AskedAudience>,
    /// From when on it is shown; at once, if that is not said.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = String, format = DateTime, nullable = false, example = "2030-03-01T09:00:00.000Z")]
    from: Option<Timestamp>,
    /// Until when. Without it, it is shown for a year, to those who are there when it begins.
    #[serde(default, deserialize_with = "api::given")]
    #[schema(value_type = String, format = DateTime, nullable = false, example = "2030-03-02T09:00:00.000Z")]
    until: Option<Timestamp>,
}

/// Announce something.
///
/// For system administrators. Nobody can reply to it.
#[utoipa::path(post, path = "/v1/admin/broadcasts", tag = "broadcasts",
    params(("Idempotency-Key" = schema::Id, Header, description = "A new UUID for each act; the same when it is repeated.")),
    request_body = SendBroadcast,
    responses((status = 201, body = SentBroadcast, description = "It was announced."), Problem))]
pub(crate) async fn send_broadcast(
    State(app): State<App>,
    SystemAdministrator(caller): SystemAdministrator,
    Idempotency(key): Idempotency,
    Json(asked): Json<SendBroadcast>,
) -> Result<Created<SentBroadcast>, Problem> {
    let request = request_digest("send_broadcast", "", &asked)?;
    let SendBroadcast { kind, body, important, audience, from, until } = asked;
    let now = app.clock.now();
    let audience = AskedAudience::audience(audience);
    let announcement = Announcement::new(kind, body, important, audience, Span { from, until }, now)?;
    let signature = caller.signature(app.ids.mint(), now);
    let announcing = Announcing { signature, id: app.ids.mint(), key, request, announcement };
    let (broadcast, replayed) = app.store.announce(&announcing).await?;
    Ok(Created { made: broadcast.into(), replayed })
}

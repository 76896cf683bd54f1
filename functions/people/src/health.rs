//! `GET /v1/health`

use serde::Serialize;
use utoipa::ToSchema;

/// That the service answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// The version that is deployed.
    version: &'static str,
}

/// Whether the service answers. Needs no token.
#[utoipa::path(get, path = "/v1/health", tag = "people", security(()),
    responses((status = 200, body = Health, description = "It does.")))]
pub(crate) async fn get_health() -> axum::Json<Health> {
    axum::Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

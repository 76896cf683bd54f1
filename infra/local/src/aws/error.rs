//! Errors as AWS says them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error with its kind where REST services say it, in a header, and where JSON services do, in the body.
#[derive(Debug)]
pub struct AwsError {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl AwsError {
    /// The request was wrong.
    pub fn refused(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind, message: message.into() }
    }

    /// There is no such operation here.
    pub fn unknown_operation() -> Self {
        Self::refused("UnknownOperationException", "The embedded AWS does not play this operation.")
    }
}

impl From<anyhow::Error> for AwsError {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "The embedded AWS failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "InternalServiceErrorException",
            message: "The embedded AWS failed; its log says why.".into(),
        }
    }
}

impl IntoResponse for AwsError {
    fn into_response(self) -> Response {
        let body = json!({ "__type": self.kind, "message": self.message, "Message": self.message });
        let headers = [("x-amzn-errortype", self.kind), (header::CONTENT_TYPE.as_str(), "application/json")];
        (self.status, headers, body.to_string()).into_response()
    }
}

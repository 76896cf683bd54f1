//! The contract: what all functions' documents have in common.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::{FieldError, ProblemDocument};

/// The part of the document that no handler writes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Confer",
        version = "1",
        description = "Conversations of research and care teams. Every failure is a problem document (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    components(schemas(ProblemDocument, FieldError)),
    security(("token" = [])),
    modifiers(&Token),
    tags(
        (name = "conversations", description = "Starting and managing conversations, their members, the inbox."),
        (name = "messages", description = "Reading, sending, editing and taking back in one conversation, read marks and unread counts."),
        (name = "attachments", description = "What is attached to messages: uploads and downloads straight to and from the storage."),
        (name = "backups", description = "Conversations as files: asking for one, and fetching it."),
        (name = "people", description = "Who I am, finding colleagues, and what system administrators set."),
        (name = "broadcasts", description = "What the institution tells people."),
        (name = "audit", description = "What auditors see: who did what and when, and, with a reason, what was written."),
    ),
)]
struct Base;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some("An access token of the institution's identity provider.".to_owned());
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document without any operation.
///
/// `OpenApiRouter::new()` would fill in the title and licence of the crate it comes from.
pub fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

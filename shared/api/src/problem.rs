//! What can go wrong, and how it is said (RFC 9457).
//!
//! One row per way to fail gives the status, the `type`, the title and the sentence that tells the user what to do.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use domain::broadcast::{AnnouncementError, CorrectionError};
use domain::text::{ClosedReason, Username};
use http::StatusCode;
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, response};
use utoipa::{IntoResponses, ToSchema};

/// Where each problem is explained; the slug follows.
pub const BASE: &str = "https://confer.example/problems/";

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $slug:literal, $title:literal, $detail:literal;)*) => {
        /// A way to fail.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The status of the answer.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The last part of `type`: stable, made for programs.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What to do about it.
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

problems! {
    /// Nobody has said who they are in a way that can be believed.
    Unauthenticated = UNAUTHORIZED, "unauthenticated", "You are not signed in", "Sign in and send a valid access token.";
    /// The token is good, but not for this.
    InsufficientScope = FORBIDDEN, "insufficient-scope", "This token is not for messaging", "Ask for an access token with the scope of this service.";
    /// The caller did nothing for too long.
    SignedOut = UNAUTHORIZED, "signed-out", "You were signed out", "You did nothing for a while. Sign in again.";
    /// The caller's account was disabled at the institution.
    YourAccountDisabled = FORBIDDEN, "your-account-disabled", "Your account is disabled", "Ask the administrators of your institution.";
    /// The institution switched the messenger off.
    MessengerDisabled = SERVICE_UNAVAILABLE, "messenger-disabled", "The messenger is switched off", "Your institution has switched the messenger off for now. What was written is kept. See reason for why, if it is said.";
    /// Only system administrators may.
    NotASystemAdministrator = FORBIDDEN, "not-a-system-administrator", "Only system administrators can do this", "Ask the administrators of your institution.";
    /// Only auditors may.
    NotAnAuditor = FORBIDDEN, "not-an-auditor", "Only auditors can do this", "Ask the auditors of your institution.";
    /// Auditors may not read what conversations hold.
    BreakGlassDisabled = FORBIDDEN, "break-glass-disabled", "Conversations are not opened to auditors here", "A system administrator can permit it in the settings.";
    /// Somebody named is spared from being written to first.
    PersonProtected = FORBIDDEN, "person-protected", "Somebody named takes no new conversations", "Your institution lets only system administrators start conversations with system administrators. See errors for whom to leave out.";
    /// It does not exist, or the caller may not know that it does.
    NotFound = NOT_FOUND, "not-found", "There is no such thing", "Check the address. What you may not see looks the same as what does not exist.";
    /// There is such a path, but not for this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "This cannot be done here", "The Allow header lists what can be done at this address.";
    /// The body is not JSON, or says the same thing twice.
    MalformedJson = BAD_REQUEST, "malformed-json", "The request is not readable", "Send one JSON object in UTF-8 without repeated fields.";
    /// The body is not what its type says, or of another type.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The request has the wrong type", "Send application/json in UTF-8, not compressed.";
    /// More than we read.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body-too-large", "The request is too large", "A request may have at most 256 KB.";
    /// An id in the path is none.
    InvalidId = BAD_REQUEST, "invalid-id", "This is not an id", "Ids are UUIDs in lower case, as answers give them.";
    /// A field that the request does not have.
    UnknownField = UNPROCESSABLE_ENTITY, "unknown-field", "The request has a field that is not known", "Remove it. The API reference lists the fields.";
    /// A field holds something it may not.
    Validation = UNPROCESSABLE_ENTITY, "validation", "Something in the request is not right", "See errors for the place and the reason.";
    /// Nothing to send.
    EmptyMessage = UNPROCESSABLE_ENTITY, "empty-message", "The message is empty", "Write something before you send.";
    /// More than a message may hold.
    MessageTooLong = UNPROCESSABLE_ENTITY, "message-too-long", "The message is too long", "A message has at most 10,000 characters, and a character at most 64 parts.";
    /// More mentions than a message may hold.
    TooManyMentions = UNPROCESSABLE_ENTITY, "too-many-mentions", "The message mentions too many people", "A message may hold at most 50 mentions.";
    /// More people than one request may name.
    TooManyMembers = UNPROCESSABLE_ENTITY, "too-many-members", "Too many people at once", "Name at most 1,000 people in one request.";
    /// Somebody named is not known at the institution.
    UserNotFound = UNPROCESSABLE_ENTITY, "user-not-found", "Somebody named is not known", "See errors for whom. People are known once they have signed in or were imported.";
    /// An act that creates came without a key.
    IdempotencyKeyRequired = BAD_REQUEST, "idempotency-key-required", "The Idempotency-Key header is missing", "Send a new UUID for each act, and the same one when you repeat it.";
    /// The key is no UUID.
    InvalidIdempotencyKey = BAD_REQUEST, "invalid-idempotency-key", "The Idempotency-Key header is not a UUID", "Send a new UUID for each act, and the same one when you repeat it.";
    /// The key came with another request before.
    IdempotencyKeyReuse = CONFLICT, "idempotency-key-reuse", "This Idempotency-Key was used for another request", "Send a new UUID for each act.";
    /// The conversation takes nothing.
    ConversationArchived = CONFLICT, "conversation-archived", "The conversation is archived", "An administrator of the conversation can take it out of the archive.";
    /// Only administrators of the conversation may.
    NotAnAdministrator = FORBIDDEN, "not-an-administrator", "Only administrators of the conversation can do this", "Ask one of its administrators. The list of members names them.";
    /// Nobody would be left to manage the conversation.
    LastAdministrator = CONFLICT, "last-administrator", "A conversation needs an administrator", "Make somebody else an administrator first. See candidates for whom.";
    /// Somebody is to get a role who is no member.
    NotAMember = CONFLICT, "not-a-member", "This person is not a member of the conversation", "Add them to the conversation first.";
    /// Somebody is to get a role whose account is disabled.
    AccountDisabled = CONFLICT, "account-disabled", "This person's account is disabled", "Choose somebody whose account is active.";
    /// Nobody may back up a conversation.
    BackupsDisabled = FORBIDDEN, "backups-disabled", "Conversations are not backed up here", "A system administrator can permit it in the settings.";
    /// Its project is under a legal hold.
    LegalHold = CONFLICT, "legal-hold", "The conversation's project is under a legal hold", "Its label can be changed when the hold is lifted. Ask a system administrator of your institution.";
    /// Nothing was uploaded yet.
    AttachmentNotUploaded = CONFLICT, "attachment-not-uploaded", "The attachment is not uploaded yet", "Upload it as the answer to your request said, then say that it is complete.";
    /// What was uploaded is not what was promised.
    AttachmentMismatch = UNPROCESSABLE_ENTITY, "attachment-mismatch", "What was uploaded is not what was announced", "Its size, its checksum or its kind is another. It was removed. Ask to upload it again.";
    /// The institution takes no attachments of this type.
    AttachmentTypeDenied = UNPROCESSABLE_ENTITY, "attachment-type-denied", "Attachments of this type are not taken here", "Your institution keeps this type out. Send it in another form, or ask its administrators.";
    /// Larger than an attachment may be, or empty.
    AttachmentSize = UNPROCESSABLE_ENTITY, "attachment-size", "An attachment has 1 to 52,428,800 bytes", "Send it in parts, or make it smaller.";
    /// It is not known yet whether it is clean.
    AttachmentScanning = CONFLICT, "attachment-scanning", "The attachment is being scanned", "Try again in a moment.";
    /// It was not found clean.
    AttachmentQuarantined = GONE, "attachment-quarantined", "The attachment is blocked", "The scanner did not find it clean. Ask its sender for another one.";
    /// It cannot be part of this message, whatever the reason.
    AttachmentNotUsable = UNPROCESSABLE_ENTITY, "attachment-not-usable", "An attachment cannot be part of this message", "Upload it again, to this conversation, and say that it is complete.";
    /// More attachments than a message may have.
    TooManyAttachments = UNPROCESSABLE_ENTITY, "too-many-attachments", "Too many attachments", "A message has at most 10 attachments, each once.";
    /// The institution decides it for everybody.
    PreferenceLocked = CONFLICT, "preference-locked", "Your institution decides this for everybody", "Leave it as it is. See errors for which part.";
    /// The project is one of others.
    ProjectNotYours = FORBIDDEN, "project-not-yours", "You do not work on this project", "Choose one of your own projects, or none.";
    /// The conversation is not the one the client has seen.
    VersionConflict = PRECONDITION_FAILED, "version-conflict", "It has changed meanwhile", "Read it again, and repeat the change if it still makes sense.";
    /// Only the author revises.
    NotTheAuthor = FORBIDDEN, "not-the-author", "This is somebody else's message", "Only its author can change a message.";
    /// Too late to edit, or taken back already.
    EditWindowClosed = CONFLICT, "edit-window-closed", "The message can no longer be changed", "A message can be edited for 15 minutes, unless it was withdrawn.";
    /// It was taken back before.
    BroadcastWithdrawn = CONFLICT, "broadcast-withdrawn", "The broadcast was withdrawn", "Send a new one.";
    /// A cursor that was not given for this list to this user.
    InvalidCursor = BAD_REQUEST, "invalid-cursor", "This cursor is not valid", "Start again without a cursor.";
    /// The person does this too often.
    RateLimited = TOO_MANY_REQUESTS, "rate-limited", "Too many requests", "Wait as long as Retry-After says.";
    /// Too many writers at once; nothing was written.
    ConversationBusy = SERVICE_UNAVAILABLE, "conversation-busy", "Too many people write at once", "Nothing was sent. Send the same request again in a moment.";
    /// The database did not answer; nothing new was written.
    TemporarilyUnavailable = SERVICE_UNAVAILABLE, "temporarily-unavailable", "This does not work at the moment", "Send the same request again in a moment.";
    /// It may have been written or not.
    OutcomeUnknown = SERVICE_UNAVAILABLE, "outcome-unknown", "It is not known whether this was done", "Retry with the same Idempotency-Key: it is safe. So is setting the same thing again.";
    /// A fault of ours.
    Internal = INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side", "Tell the administrator of this service the request id.";
}

/// A place in the request, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the body, or the name of a query parameter.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub struct Problem {
    /// Which.
    pub kind: Kind,
    /// Where in the request.
    pub errors: Vec<FieldError>,
    /// Who could help.
    pub candidates: Vec<Username>,
    /// What the institution says about it.
    pub reason: Option<ClosedReason>,
    /// What led to it, for the log.
    pub source: Option<store::BoxError>,
}

impl Problem {
    /// A problem at one place of the request.
    pub fn at(kind: Kind, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { errors: vec![FieldError { pointer: pointer.into(), code, message: message.into() }], ..kind.into() }
    }

    /// A fault of ours, and what led to it.
    pub fn internal(source: impl Into<store::BoxError>) -> Self {
        Self { source: Some(source.into()), ..Kind::Internal.into() }
    }

    /// A problem with some of the people named as members.
    fn of_members(kind: Kind, places: &[usize], message: &str) -> Self {
        let error =
            |n: &usize| FieldError { pointer: format!("/members/{n}"), code: kind.slug(), message: message.to_owned() };
        Self { errors: places.iter().map(error).collect(), ..kind.into() }
    }

    /// After how many seconds it is worth another try.
    pub(crate) const fn retry_after(&self) -> Option<u32> {
        match self.kind {
            Kind::RateLimited | Kind::MessengerDisabled => Some(60),
            Kind::AttachmentScanning => Some(5),
            Kind::ConversationBusy | Kind::TemporarilyUnavailable | Kind::OutcomeUnknown => Some(1),
            _ => None,
        }
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self { kind, errors: Vec::new(), candidates: Vec::new(), reason: None, source: None }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        use domain::conversation::Refusal;
        use store::Error;

        let kind = match &error {
            Error::NotFound | Error::Refused(Refusal::Deleted) => Kind::NotFound,
            Error::KeyReuse(_) => Kind::IdempotencyKeyReuse,
            Error::Refused(Refusal::Archived) => Kind::ConversationArchived,
            Error::Refused(Refusal::NotTheAuthor) => Kind::NotTheAuthor,
            Error::Refused(Refusal::TooLate | Refusal::Withdrawn) => Kind::EditWindowClosed,
            Error::Refused(Refusal::Empty) => Kind::EmptyMessage,
            Error::Refused(Refusal::NotAdministrator) => Kind::NotAnAdministrator,
            Error::Refused(Refusal::LastAdministrator) => Kind::LastAdministrator,
            Error::Refused(Refusal::NoBackups) => Kind::BackupsDisabled,
            Error::Refused(Refusal::Inactive) => Kind::AccountDisabled,
            Error::Refused(Refusal::OnHold) => Kind::LegalHold,
            Error::Refused(Refusal::WrongTitle) => {
                return Self::at(Kind::Validation, "/title", "mismatch", "is not the title of the conversation");
            }
            Error::Locked(fields) => {
                let error = |field: &domain::preferences::Field| FieldError {
                    pointer: ["/", field.as_str()].concat(),
                    code: "locked",
                    message: "is decided by the institution".to_owned(),
                };
                return Self { errors: fields.iter().map(error).collect(), ..Kind::PreferenceLocked.into() };
            }
            Error::AttachmentNotUsable => Kind::AttachmentNotUsable,
            Error::NotAMember => Kind::NotAMember,
            Error::NotTheirProject => Kind::ProjectNotYours,
            Error::VersionConflict => Kind::VersionConflict,
            Error::TooFarBack => {
                return Self::at(Kind::Validation, "/seq", "too-small", "is more than 1,000 entries back");
            }
            Error::UnknownPeople(places) => {
                return Self::of_members(Kind::UserNotFound, places, "is not known at this institution");
            }
            Error::Protected(places) => {
                return Self::of_members(Kind::PersonProtected, places, "takes no new conversations");
            }
            Error::SignedOut => Kind::SignedOut,
            Error::Disabled => Kind::YourAccountDisabled,
            Error::GlassClosed => Kind::BreakGlassDisabled,
            Error::Correction(CorrectionError::Withdrawn) => Kind::BroadcastWithdrawn,
            Error::Correction(CorrectionError::Announcement(error)) => return (*error).into(),
            Error::BeyondTheEnd => {
                return Self::at(Kind::Validation, "/seq", "too-large", "is beyond the end of the conversation");
            }
            Error::Busy => Kind::ConversationBusy,
            Error::TooOften => Kind::RateLimited,
            Error::Unavailable(_) => Kind::TemporarilyUnavailable,
            Error::OutcomeUnknown => Kind::OutcomeUnknown,
            Error::Corrupt { .. } | Error::Misused(_) => Kind::Internal,
        };
        Self { source: Some(error.into()), ..kind.into() }
    }
}

impl From<AnnouncementError> for Problem {
    fn from(error: AnnouncementError) -> Self {
        let (pointer, code) = match error {
            AnnouncementError::NeverShown => ("/until", "too-early"),
            AnnouncementError::ForNobody => ("/audience", "empty"),
            AnnouncementError::ForTooMany => ("/audience", "too-many"),
        };
        Self::at(Kind::Validation, pointer, code, error.to_string())
    }
}

/// A refusal, as the client gets it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Which problem: a stable URL.
    r#type: String,
    /// What it is, in a few words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What to do about it.
    detail: &'static str,
    /// The id of the request, to tell an administrator.
    instance: String,
    /// The places in the request that are not right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// With `last-administrator`: the usernames of members who could be made administrators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    candidates: Vec<Username>,
    /// With `messenger-disabled`: what the institution says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    reason: Option<ClosedReason>,
}

impl ProblemDocument {
    /// The document for a problem of one request.
    pub(crate) fn new(problem: &Problem, request: domain::id::RequestId) -> Self {
        Self {
            r#type: format!("{BASE}{}", problem.kind.slug()),
            title: problem.kind.title(),
            status: problem.kind.status().as_u16(),
            detail: problem.kind.detail(),
            instance: request.to_string(),
            errors: problem.errors.clone(),
            candidates: problem.candidates.clone(),
            reason: problem.reason.clone(),
        }
    }
}

/// The body is written at the edge, where the id of the request is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<response::Response>> {
        let mut statuses: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for kind in Kind::ALL {
            statuses.entry(kind.status().as_u16()).or_default().push(kind.slug());
        }
        let document = |slugs: Vec<&str>| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            ResponseBuilder::new().description(slugs.join(", ")).content("application/problem+json", content).build()
        };
        statuses.into_iter().map(|(status, slugs)| (status.to_string(), document(slugs).into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_own_slug_and_tells_what_to_do() {
        let mut slugs: Vec<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            assert!(kind.detail().ends_with('.'), "{kind:?}");
            assert!(kind.slug().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{kind:?}");
        }
    }
}

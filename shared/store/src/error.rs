//! Why the store did not do what it was asked.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::broadcast::CorrectionError;
use domain::conversation::Refusal;
use domain::id::IdempotencyKey;

/// Why the store did not do what it was asked. Never holds what somebody wrote.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or this person may not know that there is.
    #[error("not found")]
    NotFound,
    /// The same idempotency key came with another request before.
    #[error("idempotency key {0} was used for another request")]
    KeyReuse(IdempotencyKey),
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// These of the people named, by their place in the request, are not known.
    #[error("{} of the people named are not known", .0.len())]
    UnknownPeople(Vec<usize>),
    /// These of the people named, by their place in the request, may not be written to by who asks.
    #[error("{} of the people named are protected", .0.len())]
    Protected(Vec<usize>),
    /// Who asks signed out, or did nothing for too long.
    #[error("signed out")]
    SignedOut,
    /// The account of who asks is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The institution does not let auditors read what conversations hold.
    #[error("conversations are not opened to auditors here")]
    GlassClosed,
    /// The institution decides these parts of the preferences.
    #[error("{} parts are decided by the institution", .0.len())]
    Locked(std::collections::BTreeSet<domain::preferences::Field>),
    /// An attachment cannot be part of this message. Why is nobody's business.
    #[error("an attachment cannot be used")]
    AttachmentNotUsable,
    /// A broadcast cannot be corrected so.
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    /// The person is no member of the conversation, which who asks may know.
    #[error("not a member")]
    NotAMember,
    /// The conversation is not the one the client has seen: it changed meanwhile.
    #[error("it changed meanwhile")]
    VersionConflict,
    /// The project is not one of the person's.
    #[error("the project is somebody else's")]
    NotTheirProject,
    /// A place in the log that does not exist yet.
    #[error("beyond the end of the log")]
    BeyondTheEnd,
    /// A place in the log that lies too far back.
    #[error("too far back in the log")]
    TooFarBack,
    /// Too many people write at once. Nothing was written.
    #[error("too many writers at once")]
    Busy,
    /// The person does this too often.
    #[error("too often")]
    TooOften,
    /// The table did not answer. Nothing was written.
    #[error("there was no answer{}", Answered::said(.0.as_ref()))]
    Unavailable(#[source] Option<BoxError>),
    /// The table did not say whether it wrote, and could not be asked afterwards.
    #[error("it is not known whether this was written")]
    OutcomeUnknown,
    /// What is stored cannot be read: a fault of ours, or somebody changed the table by hand.
    ///
    /// What the reader says of it is left out: it quotes what is there.
    #[error("a stored {entity} is broken: {why}")]
    Corrupt {
        /// The kind of item.
        entity: &'static str,
        /// What is wrong with it, in words of ours.
        why: &'static str,
    },
    /// The table refuses the request as such: a fault of ours or of the deployment.
    #[error("the request is refused as such{}", Answered::said(Some(.0)))]
    Misused(#[source] BoxError),
}

impl Error {
    /// The same after something may have been written: what would say that nothing was must not.
    #[must_use]
    pub fn unsure(self) -> Self {
        match self {
            Self::Busy | Self::Unavailable(_) => Self::OutcomeUnknown,
            other => other,
        }
    }
}

/// The cause of an error, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a service answered, of which the log says the code only: its words may hold what somebody wrote.
#[derive(Debug, thiserror::Error)]
#[error("{code}")]
pub struct Answered {
    code: Box<str>,
    #[source]
    source: BoxError,
}

impl Answered {
    /// A cause that is called so.
    pub fn called(code: &str, source: impl Into<BoxError>) -> BoxError {
        Self { code: code.into(), source: source.into() }.into()
    }

    /// An error of the SDK, called as the service calls it, if it answered.
    pub fn by<E>(error: SdkError<E>) -> BoxError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match error.code().map(str::to_owned) {
            Some(code) => Self::called(&code, error),
            None => error.into(),
        }
    }

    /// What may be said of a cause after the sentence of whoever has it.
    pub fn said(cause: Option<&BoxError>) -> String {
        let answered = cause.and_then(|cause| cause.downcast_ref::<Self>());
        answered.map_or_else(String::new, |answered| format!(": {}", answered.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_answer_is_said_and_nothing_else_of_it() {
        let refused =
            Error::Misused(Answered::called("AccessDeniedException", "User: arn:aws:sts::1:assumed-role/zebra"));
        assert_eq!(refused.to_string(), "the request is refused as such: AccessDeniedException");
        assert_eq!(Error::Misused("zebra".into()).to_string(), "the request is refused as such");
        assert_eq!(Error::Unavailable(None).to_string(), "there was no answer");
    }
}

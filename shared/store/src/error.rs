//! Why the store did not do what it was asked.

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
    /// Who asks did nothing for too long.
    #[error("idle for too long")]
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
    #[error("the table did not answer")]
    Unavailable(#[source] Option<BoxError>),
    /// The table did not say whether it wrote, and could not be asked afterwards.
    #[error("it is not known whether this was written")]
    OutcomeUnknown,
    /// What is stored cannot be read: a fault of ours, or somebody changed the table by hand.
    #[error("a stored {entity} cannot be read")]
    Corrupt {
        /// The kind of item.
        entity: &'static str,
        /// What the reader said.
        #[source]
        source: BoxError,
    },
    /// The table refuses the request as such: a fault of ours or of the deployment.
    #[error("the table refuses the request")]
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

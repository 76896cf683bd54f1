//! What clients see of attachments.

use std::collections::BTreeMap;

use api::{Kind, Problem, view};
use domain::clock::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bucket::{BucketError, Link};

/// An attachment that is to be uploaded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestedAttachment {
    /// The attachment.
    pub(crate) attachment: view::Attachment,
    /// How it is uploaded: the client sends exactly these headers.
    pub(crate) upload: Upload,
}

/// A presigned upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Upload {
    /// `PUT`.
    method: String,
    /// Where to.
    url: String,
    /// With these headers, and no other body than what was promised.
    headers: BTreeMap<String, String>,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// An attachment that can be fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FetchedAttachment {
    /// The attachment.
    pub(crate) attachment: view::Attachment,
    /// Where it is fetched.
    pub(crate) download: Download,
}

/// A presigned download.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Download {
    /// From where.
    url: String,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl Upload {
    pub(crate) fn new(Link { method, url, headers }: Link, expires_at: Timestamp) -> Self {
        Self { method, url, headers, expires_at }
    }
}

impl Download {
    pub(crate) fn new(Link { url, .. }: Link, expires_at: Timestamp) -> Self {
        Self { url, expires_at }
    }
}

impl From<BucketError> for Problem {
    fn from(error: BucketError) -> Self {
        let kind = match error {
            BucketError::Unavailable(_) => Kind::TemporarilyUnavailable,
            BucketError::Unsigned(_) => Kind::Internal,
        };
        Self { source: Some(error.into()), ..kind.into() }
    }
}

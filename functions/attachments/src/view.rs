//! What clients see of attachments.

use std::collections::BTreeMap;

use api::{schema, view};
use bucket::Link;
use domain::clock::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

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
    #[schema(value_type = schema::Timestamp)]
    expires_at: Timestamp,
}

/// An attachment that can be fetched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FetchedAttachment {
    /// The attachment.
    pub(crate) attachment: view::Attachment,
    /// Where it is fetched.
    pub(crate) download: view::Download,
    /// Where a small picture of it is, if it is a picture.
    pub(crate) preview: Option<PreviewView>,
}

/// A small picture of a picture, as JPEG, without what cameras write into them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preview)]
pub(crate) struct PreviewView {
    /// Where it is shown from.
    pub(crate) url: String,
    /// Until when that works.
    #[schema(value_type = schema::Timestamp)]
    pub(crate) expires_at: Timestamp,
    /// How wide it is, in pixels.
    pub(crate) width: u32,
    /// How high it is, in pixels.
    pub(crate) height: u32,
}

impl Upload {
    pub(crate) fn new(Link { method, url, headers }: Link, expires_at: Timestamp) -> Self {
        Self { method, url, headers, expires_at }
    }
}

//! Presigned uploads and downloads of what is attached to messages.
//!
//! The bytes go between the client and the bucket. This function says who may send what where, and looks at the first few
//! bytes of what arrived; whatever the size, its memory stays as it is.

mod complete;
mod download;
mod request;
mod view;

use bucket::Bucket;
use domain::clock::Clock;
use domain::id::Ids;
use store::Store;

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// Where attachments are.
    pub bucket: Bucket,
}

api::routes! {
    request::request_attachment,
    complete::complete_attachment,
    download::download_attachment,
}

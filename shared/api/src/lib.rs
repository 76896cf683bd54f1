//! What all functions have in common towards the outside: who calls, what may fail and how it is said, what an event says,
//! and how a function starts.
//!
//! **Invariant:** whatever fails leaves as a problem document from the [catalogue](problem::Kind); no answer and no log
//! line holds text from a request.

mod answer;
mod boot;
mod caller;
pub mod cursor;
pub mod document;
mod edge;
pub mod event;
mod extract;
mod idempotency;
pub mod problem;
mod routes;
pub mod schema;
pub mod token;
pub mod view;

pub use answer::{Accepted, Created, IfMatch, IfNoneMatch, Shown, Versioned};
pub use boot::{Boot, Missing, boot, boot_with, log_filter, random};
pub use caller::{Auditor, Caller, SystemAdministrator};
pub use edge::{Edge, Identity};
pub use extract::{Json, Path, Query, Row, given};
pub use idempotency::{Idempotency, request_digest};
pub use problem::{Kind, Problem};

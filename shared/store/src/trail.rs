//! What the table's stream shows of logs.

use domain::chain::{Digest, Seq};
use domain::clock::Timestamp;
use domain::trail::{Line, Log};
use serde::Deserialize;

use crate::error::Error;
use crate::keys;

/// What every entry has, of whichever log.
#[derive(Deserialize)]
struct Written {
    seq: Seq,
    at: Timestamp,
    previous: Digest,
    hash: Digest,
}

/// What is kept of an item that the table's stream shows, if it is an entry of a log.
pub fn traced(pk: &str, sk: &str, image: serde_dynamo::Item) -> Result<Option<Line>, Error> {
    let conversation = keys::entry_at(pk, sk).map(|(id, _)| Log::Conversation(id));
    let Some(log) = conversation.or_else(|| keys::institution_entry_at(pk, sk).map(|_| Log::Institution)) else {
        return Ok(None);
    };
    let written = serde_dynamo::from_item(image);
    let Written { seq, at, previous, hash } =
        written.map_err(|_| Error::Corrupt { entity: "entry", why: "it is not written as one" })?;
    Ok(Some(Line { log, seq, at, previous, hash }))
}

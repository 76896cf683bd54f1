//! What an operator asks: to make inbox rows anew.

use domain::id::ConversationId;
use serde::{Deserialize, Serialize};
use store::Error;

use crate::App;

/// Make the rows of these conversations' members anew, from their logs alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rebuild {
    conversations: Vec<ConversationId>,
}

/// What became of one conversation.
#[derive(Debug, Serialize)]
pub(crate) struct Rebuilt {
    conversation: ConversationId,
    /// How many rows were not as the log says.
    rows: usize,
}

/// Makes rows anew. Doing it again changes nothing, so whoever was interrupted asks again for all.
pub(crate) async fn rebuild(app: &App, command: Rebuild) -> Result<Vec<Rebuilt>, Error> {
    let mut rebuilt = Vec::new();
    for conversation in command.conversations {
        let rows = app.store.rebuild(conversation, &app.timing).await?;
        tracing::info!(conversation.id = %conversation, rows, "Rebuilt the inbox rows of a conversation");
        rebuilt.push(Rebuilt { conversation, rows });
    }
    Ok(rebuilt)
}

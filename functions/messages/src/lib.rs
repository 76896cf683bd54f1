//! Reading, sending, editing and taking back in one conversation, read marks and unread counts.

mod list;
mod mark_read;
mod revise;
mod send;
mod unread;
mod view;

use domain::clock::Clock;
use domain::id::{ConversationId, Ids};
use domain::mention::{Mention, Tag, resolve};
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
}

impl App {
    /// The members whom the tags of a message name. What names no member is text, whether or not somebody has an
    /// account of that name.
    async fn mentions(&self, id: ConversationId, tags: &[Tag]) -> Result<Vec<Mention>, store::Error> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let members = self.store.members_named(id, tags).await?;
        Ok(resolve(tags, |name| members.get(name).cloned()))
    }
}

api::routes! {
    send::send_message,
    list::list_messages,
    revise::edit_message,
    revise::withdraw_message,
    mark_read::mark_read,
    unread::count_unread,
}

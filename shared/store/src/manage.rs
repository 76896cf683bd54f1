//! What administrators do with a conversation itself.

use domain::conversation::manage::Command;
use domain::id::ConversationId;
use domain::project::ProjectId;
use domain::text::Title;
use futures_util::{StreamExt as _, stream};

use crate::Store;
use crate::act::{Acted, Acting, Deed};
use crate::error::Error;
use crate::keys;

/// How many requests of one act are under way at a time.
pub(crate) const AT_ONCE: usize = 16;

impl Store {
    /// Gives a conversation another title, another label, or both.
    pub async fn rename(&self, acting: &Acting, title: Title) -> Result<Acted, Error> {
        self.manage(acting, Command::Rename(title)).await
    }

    /// Labels a conversation with a project, or with none.
    pub async fn label(&self, acting: &Acting, project: Option<ProjectId>) -> Result<Acted, Error> {
        self.act(acting, Deed::Label(project)).await
    }

    /// Closes a conversation for messages, or opens it again.
    pub async fn archive(&self, acting: &Acting, archived: bool) -> Result<Acted, Error> {
        self.manage(acting, if archived { Command::Archive } else { Command::Unarchive }).await
    }

    /// Hides a conversation from everybody.
    ///
    /// From the commit on nobody can open it; the rows by which inboxes list it go before this returns.
    pub async fn delete_conversation(&self, acting: &Acting, title: Title) -> Result<(), Error> {
        self.manage(acting, Command::Delete(title)).await?;
        // It is deleted, though rows may be left that delivery takes away.
        self.end_rows(acting.conversation).await.map_err(Error::unsure)
    }

    async fn manage(&self, acting: &Acting, command: Command) -> Result<Acted, Error> {
        self.act(acting, Deed::Manage(command)).await
    }

    /// Takes the rows out of all inboxes by which they list a conversation that is deleted.
    pub(crate) async fn end_rows(&self, id: ConversationId) -> Result<(), Error> {
        let rows = self.participants(id).await?.into_iter().map(|member| keys::inbox_row(&member.username, id));
        let ended: Vec<Result<(), Error>> = stream::iter(rows)
            .map(|row| self.delete_if(row, "attribute_exists(pk)"))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        ended.into_iter().collect()
    }
}

//! Projects, and who works on them.

use domain::project::{Collaborator, Project, ProjectId};
use domain::text::Username;

use crate::Store;
use crate::error::Error;
use crate::keys;
use crate::query::Consistency;

impl Store {
    /// A project of a person's own.
    pub async fn own_project(&self, user: &Username, id: &ProjectId) -> Result<Project, Error> {
        let (own, project) = tokio::join!(
            self.get::<Collaborator>(keys::own_project(user, id), Consistency::Strong),
            self.get::<Project>(keys::project(id), Consistency::Eventual)
        );
        own?.ok_or(Error::NotTheirProject)?;
        project?.ok_or(Error::NotTheirProject)
    }
}

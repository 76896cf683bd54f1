//! The project a conversation is labelled with.

use domain::identifier::RecordPattern;
use domain::project::{Project, ProjectId};
use domain::text::Username;
use store::{Error, Store};

/// The project a conversation is labelled with, if it is; one of the caller's own.
pub(crate) struct Label(Option<Project>);

impl Label {
    pub(crate) async fn of(store: &Store, user: &Username, id: Option<ProjectId>) -> Result<Self, Error> {
        match id {
            Some(id) => store.own_project(user, &id).await.map(|project| Self(Some(project))),
            None => Ok(Self(None)),
        }
    }

    /// The label that is there already; somebody else's project says nothing of its records.
    pub(crate) async fn known(store: &Store, user: &Username, id: Option<ProjectId>) -> Result<Self, Error> {
        match Self::of(store, user, id).await {
            Err(Error::NotTheirProject) => Ok(Self(None)),
            label => label,
        }
    }

    pub(crate) fn id(&self) -> Option<ProjectId> {
        self.0.as_ref().map(|project| project.id.clone())
    }

    /// How the project's records are numbered: a title should hold none of these numbers.
    pub(crate) fn record_patterns(&self) -> &[RecordPattern] {
        self.0.as_ref().map_or(&[], |project| &project.record_patterns)
    }
}

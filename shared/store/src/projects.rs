//! Projects, and who works on them.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::conversation::Signature;
use domain::id::EntryId;
use domain::identifier::RecordPattern;
use domain::institution::log::Act;
use domain::page::Limit;
use domain::project::{Collaborator, Project, ProjectId};
use domain::retention::OwnPeriod;
use domain::text::{Title, Username};
use domain::user::Profile;
use futures_util::future::try_join_all;

use crate::Store;
use crate::accounts::Upsert;
use crate::commit::{attribute, delete, put_if, put_new};
use crate::error::Error;
use crate::institution::{Decided, ROOM};
use crate::item;
use crate::keys;
use crate::query::{Consistency, Order};

/// A project as a system administrator sets it.
#[derive(Clone, Debug)]
pub struct ProjectPlan {
    /// Which.
    pub id: ProjectId,
    /// What people call it.
    pub title: Title,
    /// Who works on it.
    pub members: Vec<Username>,
    /// How its records are numbered; as it was, if that is not said.
    pub record_patterns: Option<Vec<RecordPattern>>,
    /// How long its messages are kept; as it was, if that is not said.
    pub retention: Option<OwnPeriod>,
}

/// How many people one transaction adds to a project or takes from it: two rows each, beside the project itself.
const CHANGED_AT_ONCE: usize = (ROOM - 1) / 2;

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

    /// The projects a person works on, by id.
    pub async fn own_projects(&self, user: &Username) -> Result<Vec<Project>, Error> {
        let own = self.own_project_ids(user).await?;
        let found = self.batch(own.iter().map(keys::project).collect(), Consistency::Eventual).await?;
        let mut projects: Vec<Project> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        projects.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(projects)
    }

    pub(crate) async fn own_project_ids(&self, user: &Username) -> Result<Vec<ProjectId>, Error> {
        let rows = self.query(keys::own_projects(user), Order::Ascending, usize::MAX, Consistency::Eventual).await?;
        rows.into_iter().map(|row| item::read::<Collaborator>(row).map(|row| row.project)).collect()
    }

    /// People with an active account who share a project with somebody, by username, after one of them.
    pub async fn suggested(
        &self,
        user: &Username,
        after: Option<&Username>,
        limit: Limit,
    ) -> Result<(Vec<Profile>, Option<Username>), Error> {
        let own = self.own_project_ids(user).await?;
        let teams = try_join_all(own.iter().map(|id| self.collaborators(id))).await?;
        let mut names: BTreeSet<Username> = teams.into_iter().flatten().collect();
        names.remove(user);
        let mut later = names.into_iter().filter(|name| after.is_none_or(|after| name > after));
        let some: Vec<Username> = later.by_ref().take(limit.get()).collect();
        let next = if later.next().is_some() { some.last().cloned() } else { None };
        let mut profiles: Vec<Profile> = self.profiles(&some, Consistency::Eventual).await?.into_values().collect();
        profiles.retain(|profile| profile.active);
        profiles.sort_by(|a, b| a.username.cmp(&b.username));
        Ok((profiles, next))
    }

    async fn collaborators(&self, id: &ProjectId) -> Result<BTreeSet<Username>, Error> {
        let rows = self.query(keys::collaborators(id), Order::Ascending, usize::MAX, Consistency::Strong).await?;
        rows.into_iter().map(|row| item::read::<Collaborator>(row).map(|row| row.username)).collect()
    }

    /// Sets a project and who works on it. As many people as a transaction has room for are one entry of the
    /// institution's log; setting it again goes on where it ended.
    pub async fn set_project(
        &self,
        signature: &Signature,
        plan: &ProjectPlan,
        mut mint: impl FnMut() -> EntryId,
    ) -> Result<Upsert, Error> {
        let known = self.profiles(&plan.members, Consistency::Strong).await?;
        let unknown: Vec<usize> =
            plan.members.iter().enumerate().filter(|(_, name)| !known.contains_key(name)).map(|(n, _)| n).collect();
        if !unknown.is_empty() {
            return Err(Error::UnknownPeople(unknown));
        }
        // Spelled as the institution writes them.
        let wanted: BTreeSet<Username> = known.into_values().map(|profile| profile.username).collect();
        let mut became = Upsert::Unchanged;
        loop {
            let signature = Signature { id: mint(), ..signature.clone() };
            let set = self.set_part(&signature, plan, &wanted).await;
            let (change, more) =
                set.map_err(|error| if became == Upsert::Unchanged { error } else { error.unsure() })?;
            if became == Upsert::Unchanged {
                became = change;
            }
            if !more {
                return Ok(became);
            }
        }
    }

    /// Sets the project, and the first of the people who work on it or do no more; says whether there are more.
    async fn set_part(
        &self,
        signature: &Signature,
        plan: &ProjectPlan,
        wanted: &BTreeSet<Username>,
    ) -> Result<(Upsert, bool), Error> {
        let decide = |_| async move {
            let (was, present) = tokio::join!(
                self.get::<Project>(keys::project(&plan.id), Consistency::Strong),
                self.collaborators(&plan.id)
            );
            let (was, present) = (was?, present?);
            let mut removed: Vec<Username> = present.difference(wanted).cloned().collect();
            let mut added: Vec<Username> = wanted.difference(&present).cloned().collect();
            let more = removed.len() + added.len() > CHANGED_AT_ONCE;
            removed.truncate(CHANGED_AT_ONCE);
            added.truncate(CHANGED_AT_ONCE - removed.len());
            let before = || was.as_ref().map(|was| was.record_patterns.clone()).unwrap_or_default();
            let is = Project {
                id: plan.id.clone(),
                title: plan.title.clone(),
                record_patterns: plan.record_patterns.clone().unwrap_or_else(before),
                retention: plan.retention.map_or_else(|| was.as_ref().and_then(|was| was.retention), |own| own.0),
            };
            if was.as_ref() == Some(&is) && removed.is_empty() && added.is_empty() {
                return Ok(Decided::Nothing((Upsert::Unchanged, false)));
            }
            let became = if was.is_some() { Upsert::Updated } else { Upsert::Created };
            let items = self.project_items(was.as_ref(), &is, &added, &removed)?;
            let act = Act::ProjectChanged { project: is.id, title: is.title, added, removed, retention: is.retention };
            Ok(Decided::Record { act, items, then: (became, more) })
        };
        self.record(signature, decide).await
    }

    /// A project and the rows of some people in it. Whoever sets it at the same time moves the institution's log.
    fn project_items(
        &self,
        was: Option<&Project>,
        is: &Project,
        added: &[Username],
        removed: &[Username],
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let key = keys::project(&is.id);
        let mut items = vec![match was {
            None => put_new(&self.table, key, is)?,
            Some(was) => {
                let values = vec![(":title", attribute(&was.title)?)];
                put_if(&self.table, key, is, "#title = :title", &[("#title", "title")], values)?
            }
        }];
        for name in added {
            let row = Collaborator { project: is.id.clone(), username: name.clone() };
            items.push(put_new(&self.table, keys::own_project(name, &is.id), &row)?);
            items.push(put_new(&self.table, keys::collaborator(&is.id, name), &row)?);
        }
        for name in removed {
            for key in [keys::own_project(name, &is.id), keys::collaborator(&is.id, name)] {
                items.push(delete(&self.table, key, "attribute_exists(pk)", &[], vec![])?);
            }
        }
        Ok(items)
    }
}

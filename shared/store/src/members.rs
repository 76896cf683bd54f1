//! Who belongs to a conversation.

use std::collections::{HashMap, HashSet};

use domain::conversation::manage::{Administrator, Command};
use domain::conversation::{Head, Refusal, Role};
use domain::entry::{Act, Event};
use domain::id::{ConversationId, EntryId};
use domain::member::Member;
use domain::retention::HoldOn;
use domain::text::Username;
use domain::user::Profile;

use crate::Store;
use crate::act::{Acted, Acting, Deed};
use crate::admission::Admission;
use crate::error::Error;
use crate::item;
use crate::keys;
use crate::query::{Consistency, Order};

/// What became of one of the people who were to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// They are a member now.
    Added,
    /// They were one before.
    AlreadyMember,
    /// Nobody active is known by this name.
    UnknownUser,
    /// Who asks may not write to them.
    Protected,
}

/// How many members one transaction adds: two rows each, the head, the entry and the check of who does it, and the
/// table takes a hundred.
const ADDED_AT_ONCE: usize = 48;

impl Store {
    /// Adds people, and says of each what became of it, in the order they were named.
    ///
    /// Up to forty-eight are added by one entry. If it ends half-way, whoever asks again goes on where it ended: who
    /// was added is a member already.
    pub async fn add_members(
        &self,
        acting: &Acting,
        by: &Admission,
        names: &[Username],
        mut mint: impl FnMut() -> EntryId,
    ) -> Result<Vec<Addition>, Error> {
        let (known, right) = tokio::join!(self.profiles(names, Consistency::Strong), self.right_to_manage(acting));
        let (_, known) = (right?, known?);
        let active = |name: &Username| known.get(name).filter(|profile| profile.active);
        let welcome = |profile: &Profile| by.settings.lets_approach(&by.profile, profile);
        let mut wanted: Vec<Username> = names
            .iter()
            .filter_map(active)
            .filter(|profile| welcome(profile))
            .map(|profile| profile.username.clone())
            .collect();
        wanted.sort();
        wanted.dedup();
        let mut added = HashSet::new();
        for some in wanted.chunks(ADDED_AT_ONCE) {
            let mut acting = acting.clone();
            acting.signature.id = mint();
            let acted = self.act(&acting, Deed::Add(some)).await;
            let acted = acted.map_err(|error| if added.is_empty() { error } else { error.unsure() })?;
            if let Some(Act::Event { event: Event::Joined { members } }) = acted.entry.map(|entry| entry.act) {
                added.extend(members);
            }
        }
        Ok(names
            .iter()
            .map(|name| match active(name) {
                None => Addition::UnknownUser,
                Some(profile) if !welcome(profile) => Addition::Protected,
                Some(profile) if added.contains(&profile.username) => Addition::Added,
                Some(_) => Addition::AlreadyMember,
            })
            .collect())
    }

    /// Whether somebody may manage a conversation, before anything else is said about it.
    async fn right_to_manage(&self, acting: &Acting) -> Result<Administrator, Error> {
        let (_, own) = self.for_member(acting.conversation, &acting.signature.by).await?;
        Ok(own.administrator()?)
    }

    /// Ends somebody's membership; one's own is ended by leaving.
    pub async fn remove_member(&self, acting: &Acting, name: &Username) -> Result<Acted, Error> {
        self.act(acting, Deed::Remove(name)).await
    }

    /// Gives a member a role, and returns the member.
    pub async fn set_role(&self, acting: &Acting, name: &Username, role: Role) -> Result<(Member, Profile), Error> {
        let id = acting.conversation;
        // Read before and not after: what others do to the member afterwards is no part of this answer.
        let (before, profile) = tokio::join!(self.member(id, name), self.profile(name, Consistency::Eventual));
        let (before, profile) = (before?, profile?);
        self.act(acting, Deed::SetRole(name, role)).await?;
        let member = match before {
            Some(member) => member,
            // They joined in the same moment.
            None => self.member(id, name).await.map_err(Error::unsure)?.ok_or(Error::NotAMember)?,
        };
        let profile = profile.unwrap_or_else(|| Profile::gone(&member.username));
        Ok((Member { role, ..member }, profile))
    }

    /// The command that a deed of an administrator is, now.
    pub(crate) async fn command(&self, head: &Head, deed: &Deed<'_>) -> Result<Command, Error> {
        let id = head.id;
        match deed {
            Deed::Manage(command) => Ok(command.clone()),
            Deed::Label(project) => {
                let on_hold = match head.project.clone() {
                    Some(project) => self.is_on_hold(&HoldOn::Project { project }).await?,
                    None => false,
                };
                Ok(Command::Label { project: project.clone(), on_hold })
            }
            Deed::Add(names) => {
                let present = self.members(id, names).await?;
                Ok(Command::Add(names.iter().filter(|name| !present.contains_key(*name)).cloned().collect()))
            }
            Deed::Remove(name) => Ok(Command::Remove(self.member(id, name).await?.ok_or(Error::NotFound)?)),
            Deed::SetRole(name, role) => {
                let (member, profile) = tokio::join!(self.member(id, name), self.profile(name, Consistency::Strong));
                let member = member?.ok_or(Error::NotAMember)?;
                if *role == Role::Administrator && !profile?.is_some_and(|profile| profile.active) {
                    return Err(Refusal::Inactive.into());
                }
                Ok(Command::SetRole(member, *role))
            }
            Deed::Edit(..) | Deed::Withdraw(_) => Err(Error::NotFound),
        }
    }

    /// The members of a conversation, by name, from the one after `after` on; nothing to those who are none.
    pub async fn list_members(
        &self,
        id: ConversationId,
        user: &Username,
        after: Option<&Username>,
        limit: usize,
    ) -> Result<Vec<(Member, Profile)>, Error> {
        let range = keys::participants_after(id, after);
        let found = self.query(range, Order::Ascending, limit, Consistency::Strong).await?;
        let members: Vec<Member> = found.into_iter().map(item::read).collect::<Result<_, _>>()?;
        let names: Vec<Username> = members.iter().map(|member| member.username.clone()).collect();
        // After the members, so that who is removed meanwhile does not see who came later.
        let (own, profiles) = tokio::join!(self.conversation(id, user), self.profiles(&names, Consistency::Eventual));
        own?;
        let mut profiles = profiles?;
        let shown = |member: Member| {
            let profile = profiles.remove(&member.username).unwrap_or_else(|| Profile::gone(&member.username));
            (member, profile)
        };
        Ok(members.into_iter().map(shown).collect())
    }

    /// Members who could be made administrators, those who have been there longest first.
    pub async fn candidates(&self, id: ConversationId, besides: &Username) -> Result<Vec<Username>, Error> {
        let mut members = self.participants(id).await?;
        members.retain(|member| member.username != *besides && member.role == Role::Member);
        members.sort_by(|a, b| (a.joined, &a.username).cmp(&(b.joined, &b.username)));
        let names: Vec<Username> = members.into_iter().map(|member| member.username).collect();
        let mut candidates = Vec::new();
        for some in names.chunks(MAX_CANDIDATES) {
            let profiles = self.profiles(some, Consistency::Eventual).await?;
            let is_active = |name: &&Username| profiles.get(*name).is_some_and(|profile| profile.active);
            candidates.extend(some.iter().filter(is_active).cloned());
            if candidates.len() >= MAX_CANDIDATES {
                break;
            }
        }
        candidates.truncate(MAX_CANDIDATES);
        Ok(candidates)
    }

    /// All members, by name.
    pub(crate) async fn participants(&self, id: ConversationId) -> Result<Vec<Member>, Error> {
        let found = self.query(keys::participants(id), Order::Ascending, usize::MAX, Consistency::Strong).await?;
        found.into_iter().map(item::read).collect()
    }

    async fn member(&self, id: ConversationId, name: &Username) -> Result<Option<Member>, Error> {
        self.get(keys::participant(id, name), Consistency::Strong).await
    }

    /// Those of these people who are members.
    pub(crate) async fn members(
        &self,
        id: ConversationId,
        names: &[Username],
    ) -> Result<HashMap<Username, Member>, Error> {
        let names: HashSet<&Username> = names.iter().collect();
        let keys = names.into_iter().map(|name| keys::participant(id, name)).collect();
        let found = self.batch(keys, Consistency::Strong).await?;
        found
            .into_iter()
            .map(|found| item::read::<Member>(found).map(|member| (member.username.clone(), member)))
            .collect()
    }
}

/// The most people who are proposed to take over.
const MAX_CANDIDATES: usize = 100;

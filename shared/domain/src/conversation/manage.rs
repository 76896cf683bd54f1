//! What may be done with a conversation itself: members and roles, its title and label, archiving, deleting.
//!
//! A conversation that has members has an administrator whose account is active: whoever would be the last one to go
//! is kept, and whose account is disabled is succeeded.

use super::{Head, Refusal, Role, State};
use crate::entry::{Act, Event};
use crate::member::{Member, Membership};
use crate::project::ProjectId;
use crate::text::{Title, Username};

/// The right to manage a conversation. Only a [`Membership`] gives it.
#[derive(Clone, Copy, Debug)]
pub struct Administrator(());

impl Membership {
    /// The right to manage the conversation, for those who have it.
    pub const fn administrator(&self) -> Result<Administrator, Refusal> {
        match self.role {
            Role::Administrator => Ok(Administrator(())),
            Role::Member => Err(Refusal::NotAdministrator),
        }
    }
}

/// What an administrator wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Give it another title.
    Rename(Title),
    /// Label it with another project, or with none.
    Label {
        /// Which.
        project: Option<ProjectId>,
        /// Whether the project that it is labelled with is under a legal hold, which would go with the label.
        on_hold: bool,
    },
    /// Close it for messages.
    Archive,
    /// Open it again.
    Unarchive,
    /// Hide it from everybody; the title is said once more, to be sure.
    Delete(Title),
    /// Add people who are known and no members yet.
    Add(Vec<Username>),
    /// End somebody's membership.
    Remove(Member),
    /// Give a member a role.
    SetRole(Member, Role),
}

/// Says what a command records, or why it is refused; nothing if things are as it wants them.
pub fn manage(head: &Head, _: Administrator, command: Command) -> Result<Option<Act>, Refusal> {
    let event = match (head.state, command) {
        (State::Deleted, _) => return Err(Refusal::Deleted),
        (State::Active, Command::Archive) => Event::Archived,
        (State::Archived, Command::Archive) | (State::Active, Command::Unarchive) => return Ok(None),
        (State::Archived, Command::Unarchive) => Event::Unarchived,
        (_, Command::Delete(title)) if title == head.title => Event::Deleted,
        (_, Command::Delete(_)) => return Err(Refusal::WrongTitle),
        // Who may see it is decided in an archive, too.
        (_, Command::Remove(member)) => {
            keeps_an_administrator(head, member.role)?;
            Event::Removed { member: member.username, role: member.role }
        }
        (_, Command::SetRole(member, role)) if member.role == role => return Ok(None),
        (_, Command::SetRole(member, role)) => {
            if role == Role::Member {
                keeps_an_administrator(head, member.role)?;
            }
            Event::RoleChanged { member: member.username, role, instead_of: None }
        }
        (State::Archived, Command::Rename(_) | Command::Label { .. } | Command::Add(_)) => {
            return Err(Refusal::Archived);
        }
        (State::Active, Command::Rename(title)) if title == head.title => return Ok(None),
        (State::Active, Command::Rename(title)) => Event::Renamed { title },
        (State::Active, Command::Label { project, .. }) if project == head.project => return Ok(None),
        (State::Active, Command::Label { on_hold: true, .. }) => return Err(Refusal::OnHold),
        (State::Active, Command::Label { project, on_hold: false }) => Event::ProjectChanged { project },
        (State::Active, Command::Add(members)) if members.is_empty() => return Ok(None),
        (State::Active, Command::Add(members)) => Event::Joined { members },
    };
    Ok(Some(Act::Event { event }))
}

/// Says what it records that a member leaves, or why it is refused.
///
/// Whoever is alone may leave; the conversation is archived by that.
pub fn leave(head: &Head, role: Role) -> Result<Act, Refusal> {
    if head.state == State::Deleted {
        return Err(Refusal::Deleted);
    }
    if head.members_count > 1 {
        keeps_an_administrator(head, role)?;
    }
    Ok(Act::Event { event: Event::Left { role } })
}

/// Says what it records that an administrator's account was disabled: somebody takes their place, or, if there are
/// others who manage the conversation, they just become a member. Nothing if nobody is left who could.
///
/// `candidates` are the other members whose accounts are active; the one who has been there longest is chosen.
pub fn succeed(head: &Head, disabled: &Member, candidates: &[Member]) -> Option<Act> {
    if head.state == State::Deleted || disabled.role == Role::Member {
        return None;
    }
    let others = candidates.iter().filter(|member| member.username != disabled.username);
    let event = if others.clone().any(|member| member.role == Role::Administrator) {
        Event::RoleChanged { member: disabled.username.clone(), role: Role::Member, instead_of: None }
    } else {
        let oldest = others.min_by_key(|member| (member.joined, &member.username))?;
        Event::RoleChanged {
            member: oldest.username.clone(),
            role: Role::Administrator,
            instead_of: Some(disabled.username.clone()),
        }
    };
    Some(Act::Event { event })
}

fn keeps_an_administrator(head: &Head, leaving: Role) -> Result<(), Refusal> {
    if leaving == Role::Administrator && head.administrators_count <= 1 {
        return Err(Refusal::LastAdministrator);
    }
    Ok(())
}

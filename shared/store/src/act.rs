//! Acts on a conversation that change more than its log: all of it in the transaction that appends the entry.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::chain::Seq;
use domain::conversation::manage::{Command, leave, manage};
use domain::conversation::{Head, Role, Signature, State, apply, message, seal};
use domain::entry::{Act, Entry};
use domain::id::{AttachmentId, ConversationId};
use domain::member::{Change, Membership, changes};
use domain::project::ProjectId;
use domain::retention::HoldOn;
use domain::text::Username;

use crate::Store;
use crate::backoff::Backoff;
use crate::commit::{Outcome, attribute, check, delete, put_if, put_new, update_if};
use crate::error::Error;
use crate::item::{InboxItem, Revision};
use crate::keys;
use crate::query::Consistency;
use crate::revise::Edit;

/// What somebody does in a conversation.
#[derive(Clone, Debug)]
pub struct Acting {
    /// In which.
    pub conversation: ConversationId,
    /// Who, when, and the name of the entry that records it.
    pub signature: Signature,
    /// The version of the conversation the client has seen, if it may not be another one.
    pub if_match: Option<Seq>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The conversation afterwards.
    pub head: Head,
    /// The side of it of who acted; none for who is no member, or not any more.
    pub membership: Option<Membership>,
    /// The entry that records it; none if there was nothing to do.
    pub entry: Option<Entry>,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) enum Deed<'a> {
    /// Something with the conversation itself.
    Manage(Command),
    /// Label it with a project, or with none.
    Label(Option<ProjectId>),
    /// Add those of these people who are no members.
    Add(&'a [Username]),
    /// End somebody's membership, or one's own.
    Remove(&'a Username),
    /// Give a member a role.
    SetRole(&'a Username, Role),
    /// Let a message say something else.
    Edit(Seq, &'a Edit),
    /// Take a message back.
    Withdraw(Seq),
}

/// What a deed comes to.
struct Decided {
    /// What it records.
    act: Act,
    /// The attachments that are there, and that nobody can fetch any more.
    withdraws: Vec<AttachmentId>,
}

impl Store {
    /// Does something, if the rules allow it, by the state of the conversation and of the one who acts.
    ///
    /// Every change of membership moves the head. So whatever is read after the head to decide is as it was when the
    /// entry is written, or nothing is written and it is decided again.
    pub(crate) async fn act(&self, acting: &Acting, deed: Deed<'_>) -> Result<Acted, Error> {
        let Acting { conversation: id, signature, if_match } = acting;
        let remembered = self.heads.of(*id);
        let mut remembered = remembered.lock().await;
        let mut tries = Backoff::new();
        // An attempt at this place of which nothing was heard, and the place at which it was last refused.
        let (mut unheard, mut refused_at): (Option<Seq>, Option<Seq>) = (None, None);
        let unsure = |unheard: Option<Seq>| move |error: Error| if unheard.is_some() { error.unsure() } else { error };
        loop {
            let (head, membership) = self.head_and_row(*id, &signature.by).await.map_err(unsure(unheard))?;
            let head = head.ok_or(Error::NotFound)?;
            if let Some(seq) = unheard.filter(|seq| head.seq >= *seq)
                && let Some(entry) = self.entry_of(*id, seq, signature).await.map_err(Error::unsure)?
            {
                return Ok(Acted { head, membership, entry: Some(entry) });
            }
            if head.state == State::Deleted {
                return Err(Error::NotFound);
            }
            let own = membership.as_ref().ok_or(Error::NotFound)?;
            let act = match self.decide(acting, &deed, &head, own).await {
                // What was read is not of one instant: a refusal stands if nothing happened until it was read again.
                Err(error @ Error::Refused(_)) => {
                    if refused_at.replace(head.seq) != Some(head.seq) && tries.again().await {
                        continue;
                    }
                    return Err(error);
                }
                decided => decided.map_err(unsure(unheard))?,
            };
            if if_match.is_some_and(|seen| seen != head.rev) {
                return Err(Error::VersionConflict);
            }
            let Some(Decided { act, withdraws }) = act else { return Ok(Acted { head, membership, entry: None }) };
            let entry = seal(&head, signature.clone(), act);
            let next = apply(&head, &entry);
            let mut items = self.act_items(*id, &head, &next, &entry, own)?;
            for attachment in withdraws {
                items.push(self.withdraw_item(attachment)?);
            }
            match self.transact(items).await? {
                Outcome::Committed => {
                    *remembered = Some(next.clone());
                    let membership = afterwards(membership, &entry, &next);
                    return Ok(Acted { head: next, membership, entry: Some(entry) });
                }
                Outcome::Unknown => unheard = Some(entry.seq),
                // The head moved, or who acts is no longer what they were: `decide` sees to it.
                Outcome::Rejected(_) | Outcome::Throttled => {}
            }
            if !tries.again().await {
                return Err(unsure(unheard)(Error::Busy));
            }
        }
    }

    /// What a deed records; nothing if things are as it wants them.
    async fn decide(
        &self,
        acting: &Acting,
        deed: &Deed<'_>,
        head: &Head,
        own: &Membership,
    ) -> Result<Option<Decided>, Error> {
        let by = &acting.signature.by;
        let mut withdraws = Vec::new();
        let act = match deed {
            Deed::Remove(name) if *name == by => Some(leave(head, own.role)?),
            Deed::Edit(seq, edit) => {
                let standing = self.standing(acting.conversation, *seq, head, own).await?;
                edit.decide(head, &acting.signature, &standing)?
            }
            Deed::Withdraw(seq) => {
                let standing = self.standing(acting.conversation, *seq, head, own).await?;
                let act = message::withdraw(head, by, &standing)?;
                // Of those that are gone nothing is written; if one goes now, nothing is, and it is decided again.
                withdraws.extend(self.attachments_said(standing.message.as_ref()).await?.into_keys());
                act
            }
            deed => {
                // Whether one may is said before anything else.
                let right = own.administrator()?;
                let command = self.command(head, deed).await?;
                manage(head, right, command)?
            }
        };
        Ok(act.map(|act| Decided { act, withdraws }))
    }

    /// The entry at a place, if it is the one that records this.
    async fn entry_of(&self, id: ConversationId, seq: Seq, signature: &Signature) -> Result<Option<Entry>, Error> {
        let entry = self.get::<Entry>(keys::entry(id, seq), Consistency::Strong).await?;
        Ok(entry.filter(|entry| entry.id == signature.id))
    }

    fn act_items(
        &self,
        id: ConversationId,
        head: &Head,
        next: &Head,
        entry: &Entry,
        own: &Membership,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut items = vec![
            self.head_item(head, next)?,
            // The text of a revision lies beside what it revises.
            put_new(&self.table, keys::entry(id, entry.seq), &entry.clone().without_text())?,
        ];
        if let Act::Revision { revises, .. } = entry.act {
            items.push(put_new(&self.table, keys::revision(id, revises, entry.seq), &Revision(entry.clone()))?);
        }
        if next.project != head.project
            && let Some(project) = &head.project
        {
            items.push(self.not_on_hold(&HoldOn::Project { project: project.clone() })?);
        }
        let changes = changes(entry, next);
        if !changes.iter().any(|change| whose(change) == &entry.by) {
            items.push(check(
                &self.table,
                keys::inbox_row(&entry.by, id),
                "#joined = :joined AND #role = :role",
                &[("#joined", "joined"), ("#role", "role")],
                vec![(":joined", attribute(&own.joined)?), (":role", attribute(&own.role)?)],
            )?);
        }
        for change in changes {
            // Where a row of one's own changes, the check of what one is lies in the change.
            let was = (*whose(&change) == entry.by).then_some(own.role);
            if let Change::Role(name, Role::Administrator) = &change {
                items.push(self.is_active(name)?);
            }
            items.extend(self.change_items(id, change, was)?);
        }
        Ok(items)
    }

    /// The head goes from one state to the next, if it is still in the one.
    pub(crate) fn head_item(&self, head: &Head, next: &Head) -> Result<TransactWriteItem, Error> {
        put_if(
            &self.table,
            keys::head(head.id),
            next,
            "#seq = :seq AND #hash = :hash",
            &[("#seq", "seq"), ("#hash", "hash")],
            vec![
                (":seq", AttributeValue::N(head.seq.to_string())),
                (":hash", AttributeValue::S(head.hash.to_string())),
            ],
        )
    }

    /// A change of membership, in both rows it is written in; of one that has this role, if it is said.
    pub(crate) fn change_items(
        &self,
        id: ConversationId,
        change: Change,
        was: Option<Role>,
    ) -> Result<[TransactWriteItem; 2], Error> {
        let name = whose(&change).clone();
        let rows = [keys::participant(id, &name), keys::inbox_row(&name, id)];
        let condition = if was.is_some() { "#role = :was" } else { "attribute_exists(pk)" };
        let was = was.map(|was| Ok::<_, Error>((":was", attribute(&was)?))).transpose()?;
        let names = [("#role", "role")];
        let [theirs, own] = match change {
            Change::Begins(member, membership) => {
                let row = InboxItem { conversation: id, membership };
                let [participant, inbox_row] = rows;
                [put_new(&self.table, participant, &member), put_new(&self.table, inbox_row, &row)]
            }
            Change::Ends(_) => rows.map(|key| {
                let names = if was.is_some() { &names[..] } else { &[] };
                delete(&self.table, key, condition, names, was.clone().into_iter().collect())
            }),
            Change::Role(_, role) => {
                let mut values = vec![(":role", attribute(&role)?)];
                values.extend(was);
                rows.map(|key| update_if(&self.table, key, "SET #role = :role", condition, &names, values.clone()))
            }
        };
        Ok([theirs?, own?])
    }
}

fn whose(change: &Change) -> &Username {
    match change {
        Change::Begins(member, _) => &member.username,
        Change::Ends(name) | Change::Role(name, _) => name,
    }
}

/// One's own side after what one did oneself.
fn afterwards(membership: Option<Membership>, entry: &Entry, head: &Head) -> Option<Membership> {
    changes(entry, head).into_iter().filter(|change| *whose(change) == entry.by).fold(membership, |own, change| {
        match change {
            Change::Begins(_, own) => Some(own),
            Change::Ends(_) => None,
            Change::Role(_, role) => own.map(|own| Membership { role, ..own }),
        }
    })
}

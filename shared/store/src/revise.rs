//! Editing messages and taking them back.

use domain::chain::Seq;
use domain::conversation::message::{self, Draft, Standing};
use domain::conversation::{Head, Refusal, Signature};
use domain::entry::{Act, Content};
use domain::id::ConversationId;
use domain::member::Membership;
use domain::mention::Mention;
use domain::text::Body;

use crate::Store;
use crate::act::{Acted, Acting, Deed};
use crate::error::Error;

/// How a message shall be from now on; what is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What it says, and whom of the members that names.
    pub said: Option<(Body, Vec<Mention>)>,
    /// Whether it is marked as important.
    pub important: Option<bool>,
}

impl Edit {
    /// What it records that a message shall be so.
    pub(crate) fn decide(&self, head: &Head, signature: &Signature, standing: &Standing) -> Result<Option<Act>, Error> {
        message::may_revise(head, &signature.by, standing)?;
        let present = standing.message.clone().ok_or(Refusal::Withdrawn)?;
        let (body, mentions) = match (self.said.clone(), present.content) {
            (Some((body, mentions)), _) => (Some(body), mentions),
            (None, Content::Body(body)) => (Some(body), present.mentions),
            (None, Content::None) => (None, Vec::new()),
            (None, Content::Absent(_)) => return Err(Error::NotFound),
        };
        let important = self.important.unwrap_or(present.important);
        let draft = Draft { body, mentions, important, attachments: present.attachments };
        Ok(message::edit(head, &signature.by, signature.at, standing, draft)?)
    }
}

impl Store {
    /// Lets a message say something else, and returns it as it now stands.
    pub async fn edit(&self, acting: &Acting, seq: Seq, edit: &Edit) -> Result<Standing, Error> {
        self.act(acting, Deed::Edit(seq, edit)).await?;
        let revised = self.revised(acting.conversation, seq).await.map_err(Error::unsure)?;
        revised.and_then(|revised| revised.standing()).ok_or(Error::NotFound)
    }

    /// Takes a message back.
    pub async fn withdraw(&self, acting: &Acting, seq: Seq) -> Result<Acted, Error> {
        self.act(acting, Deed::Withdraw(seq)).await
    }

    /// A message that a member can see, as it now stands.
    pub(crate) async fn standing(
        &self,
        id: ConversationId,
        seq: Seq,
        head: &Head,
        own: &Membership,
    ) -> Result<Standing, Error> {
        if seq < head.history.visible_from(own.joined) {
            return Err(Error::NotFound);
        }
        let revised = self.revised(id, seq).await?;
        revised.and_then(|revised| revised.standing()).ok_or(Error::NotFound)
    }
}

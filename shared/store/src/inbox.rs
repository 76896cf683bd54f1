//! A user's conversations, and how far they are read.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::conversation::Head;
use domain::entry::{Entry, Seq};
use domain::id::ConversationId;
use domain::member::Membership;
use domain::text::Username;
use domain::unread::{Mark, unread};

use crate::Store;
use crate::error::Error;
use crate::item::{self, InboxItem, Item};
use crate::keys::{self, Key};
use crate::query::{Consistency, Order, failed};

/// A conversation in somebody's inbox.
#[derive(Clone, Debug)]
pub struct InboxRow {
    /// The conversation.
    pub head: Head,
    /// One's own side of it.
    pub membership: Membership,
}

/// How far somebody has read, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How far.
    pub read: Mark,
    /// How many messages after it.
    pub unread: u64,
}

impl Store {
    /// All conversations of a user, in no order.
    ///
    /// One's own rows say which heads to read; they are read once more after the heads, because whoever was removed
    /// in between may not see what the head says now.
    pub async fn inbox(&self, user: &Username) -> Result<Vec<InboxRow>, Error> {
        let known = self.inbox_rows(user).await?;
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let keys = known.into_keys().map(keys::head).collect();
        let heads = self.batch(keys, Consistency::Eventual).await?;
        let mut present = self.inbox_rows(user).await?;
        let heads = heads.into_iter().map(item::read::<Head>).collect::<Result<Vec<_>, _>>()?;
        Ok(heads
            .into_iter()
            .filter_map(|head| {
                let membership = present.remove(&head.id)?;
                Some(InboxRow { head, membership })
            })
            .collect())
    }

    async fn inbox_rows(&self, user: &Username) -> Result<HashMap<ConversationId, Membership>, Error> {
        let rows = self.query(keys::inbox(user), Order::Ascending, usize::MAX, Consistency::Strong).await?;
        rows.into_iter().map(|row| item::read::<InboxItem>(row).map(|row| (row.conversation, row.membership))).collect()
    }

    /// Sets the read mark of a user to `seq`, if that is further than it is.
    ///
    /// The log is read before the mark is set: setting it is what shows that the user is still a member.
    pub async fn mark_read(&self, id: ConversationId, user: &Username, seq: Seq) -> Result<Reading, Error> {
        let (mark, messages) = match self.place(id, seq).await? {
            Some(place) => place,
            None => self.place_for_member(id, user, seq).await?,
        };
        let value = serde_dynamo::to_attribute_value(mark).map_err(|error| Error::Misused(error.into()))?;
        let moved = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::inbox_row(user, id))))
            .update_expression("SET #read = :read")
            .condition_expression("attribute_exists(pk) AND #read.#seq < :seq")
            .expression_attribute_names("#read", "read")
            .expression_attribute_names("#seq", "seq")
            .expression_attribute_values(":read", value)
            .expression_attribute_values(":seq", AttributeValue::N(seq.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let read = match moved {
            Ok(_) => mark,
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    // The mark is as far, or there is none to move.
                    UpdateItemError::ConditionalCheckFailedException(failed) => {
                        let row = failed.item.ok_or(Error::NotFound)?;
                        item::read::<InboxItem>(row)?.membership.read
                    }
                    other => return Err(Error::Unavailable(Some(other.into()))),
                }
            }
            // The mark may have moved.
            Err(error) => return Err(failed(error).unsure()),
        };
        Ok(Reading { read, unread: unread(messages.max(read.messages), read, 0) })
    }

    /// The mark for a place in a log, and how many messages the log has; nothing if it has no such place, or none yet
    /// that an eventually consistent read would see.
    async fn place(&self, id: ConversationId, seq: Seq) -> Result<Option<(Mark, u64)>, Error> {
        let found = self.batch(vec![keys::head(id), keys::entry(id, seq)], Consistency::Eventual).await?;
        place_in(found, &keys::head(id), seq)
    }

    /// The same, for certain, and only for a member. For everybody else it takes as long as if there were such a place.
    async fn place_for_member(&self, id: ConversationId, user: &Username, seq: Seq) -> Result<(Mark, u64), Error> {
        let row = keys::inbox_row(user, id);
        let wanted = vec![keys::head(id), keys::entry(id, seq), row.clone()];
        let (own, log): (Vec<_>, Vec<_>) =
            self.batch(wanted, Consistency::Strong).await?.into_iter().partition(|found| item::lies_at(found, &row));
        if own.is_empty() {
            return Err(Error::NotFound);
        }
        place_in(log, &keys::head(id), seq)?.ok_or(Error::BeyondTheEnd)
    }
}

fn place_in(found: Vec<Item>, head_key: &Key, seq: Seq) -> Result<Option<(Mark, u64)>, Error> {
    let (mut head, mut entry) = (None, None);
    for found in found {
        if item::lies_at(&found, head_key) {
            head = Some(item::read::<Head>(found)?);
        } else {
            entry = Some(item::read::<Entry>(found)?);
        }
    }
    Ok(head.zip(entry).map(|(head, entry)| (Mark { seq, messages: entry.messages }, head.messages)))
}

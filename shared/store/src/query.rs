//! Reading: one item, several items, part of a partition. Nobody else follows the table's own paging.

use std::ops::ControlFlow;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::Store;
use crate::error::{Answered, Error};
use crate::item::{self, Entity, Item};
use crate::keys::{Key, Range};

/// The most keys one `BatchGetItem` takes.
const BATCH: usize = 100;

/// Where a query starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// Whether a read must see every write that was acknowledged before it began.
///
/// Who may see something is only ever decided from a strong read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consistency {
    Strong,
    Eventual,
}

impl Consistency {
    const fn is_strong(self) -> bool {
        matches!(self, Self::Strong)
    }
}

/// Whether the request as such is wrong, whatever the state of the table: a fault of ours, or of the deployment.
pub(crate) fn is_ours(code: Option<&str>) -> bool {
    matches!(
        code,
        Some(
            "ValidationException"
                | "AccessDeniedException"
                | "ResourceNotFoundException"
                | "UnrecognizedClientException"
        )
    )
}

/// What a failed read means: nothing was changed by it.
pub(crate) fn failed<E>(error: SdkError<E>) -> Error
where
    E: std::error::Error + Send + Sync + ProvideErrorMetadata + 'static,
{
    let ours = is_ours(error.code());
    let answered = Answered::by(error);
    if ours { Error::Misused(answered) } else { Error::Unavailable(Some(answered)) }
}

impl Store {
    /// One item.
    pub(crate) async fn get<T: Entity>(&self, key: Key, consistency: Consistency) -> Result<Option<T>, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(key)))
            .consistent_read(consistency.is_strong())
            .send()
            .await
            .map_err(failed)?;
        answer.item.map(item::read).transpose()
    }

    /// The items under these keys, those that exist, in no order.
    pub(crate) async fn batch(&self, keys: Vec<Key>, consistency: Consistency) -> Result<Vec<Item>, Error> {
        let mut found = Vec::with_capacity(keys.len());
        let mut tries = crate::backoff::Backoff::new();
        let mut left: Vec<Item> = keys.into_iter().map(item::key).collect();
        while !left.is_empty() {
            let rest = left.split_off(left.len().min(BATCH));
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(left))
                .consistent_read(consistency.is_strong())
                .build()
                .map_err(|error| Error::Misused(error.into()))?;
            let answer =
                self.client.batch_get_item().request_items(&*self.table, wanted).send().await.map_err(failed)?;
            found.extend(answer.responses.into_iter().filter_map(|mut tables| tables.remove(&*self.table)).flatten());
            // The table may answer a part, when it is busy: the rest is asked again.
            let again = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&*self.table));
            left = again.map(|again| again.keys).unwrap_or_default();
            if !left.is_empty() && !tries.again().await {
                return Err(Error::Unavailable(None));
            }
            left.extend(rest);
        }
        Ok(found)
    }

    /// Up to `limit` items of a range, in order.
    pub(crate) async fn query(
        &self,
        range: Range,
        order: Order,
        limit: usize,
        consistency: Consistency,
    ) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        let take = |item| {
            found.push(item);
            Ok(if found.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        self.query_while(range, order, limit, consistency, take).await?;
        Ok(found)
    }

    /// The items of a range, in order, `page` at a time, as long as `take` wants more.
    pub(crate) async fn query_while(
        &self,
        range: Range,
        order: Order,
        page: usize,
        consistency: Consistency,
        mut take: impl FnMut(Item) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        let mut from = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&*self.table)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":pk", AttributeValue::S(range.pk.clone()))
                .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
                .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
                .scan_index_forward(order == Order::Ascending)
                .consistent_read(consistency.is_strong())
                .limit(i32::try_from(page).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(failed)?;
            for item in answer.items.unwrap_or_default() {
                if take(item)?.is_break() {
                    return Ok(());
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }
}

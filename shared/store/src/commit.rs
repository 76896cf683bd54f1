//! A transaction, and what its outcome means.
//!
//! The SDK's error is not the answer: after a fault it says "failed" for much that was written, and "condition failed"
//! for one's own write. So a transaction is one request, whose error speaks of nothing but itself; there are four
//! outcomes; and whoever is not sure reads the idempotency item back before answering.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::Store;
use crate::error::{Answered, Error};
use crate::item::{self, Entity, Item};
use crate::keys::Key;
use crate::query::is_ours;

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All of it was written.
    Committed,
    /// Nothing was written; for each of its items, in order, whether it was the reason.
    Rejected(Vec<Reason>),
    /// Nothing was written, because there is too much to do: worth another try.
    Throttled,
    /// It may have been written or not, or may still be.
    Unknown,
}

/// What one item of a rejected transaction had to do with it.
#[derive(Debug)]
pub(crate) enum Reason {
    /// Nothing.
    Fine,
    /// Its condition did not hold; the item as it is, if there is one.
    Condition(Option<Item>),
    /// Somebody else was writing it, or there is too much to do: worth another try.
    Contention,
}

impl Reason {
    pub(crate) const fn condition_failed(&self) -> bool {
        matches!(self, Self::Condition(_))
    }

    /// The item that made the condition fail, taken out.
    pub(crate) fn take(&mut self) -> Option<Item> {
        match self {
            Self::Condition(found) => found.take(),
            Self::Fine | Self::Contention => None,
        }
    }

    /// The same, as the kind of thing that lies there.
    pub(crate) fn found<T: Entity>(&mut self) -> Result<Option<T>, Error> {
        self.take().map(item::read).transpose()
    }
}

/// Puts an item that must not exist yet.
pub(crate) fn put_new<T: Entity>(table: &str, key: Key, value: &T) -> Result<TransactWriteItem, Error> {
    put_if(table, key, value, "attribute_not_exists(pk)", &[], vec![])
}

/// Replaces an item, if `condition` holds for it.
pub(crate) fn put_if<T: Entity>(
    table: &str,
    key: Key,
    value: &T,
    condition: &str,
    names: &[(&str, &str)],
    values: Vec<(&str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item::write(key, value)?))
        .condition_expression(condition)
        .set_expression_attribute_names(named(names))
        .set_expression_attribute_values(valued(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let put = put.build().map_err(|error| Error::Misused(error.into()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Changes attributes of an item, if `condition` holds for it.
pub(crate) fn update_if(
    table: &str,
    key: Key,
    update: &str,
    condition: &str,
    names: &[(&str, &str)],
    values: Vec<(&str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let change = Update::builder()
        .table_name(table)
        .set_key(Some(item::key(key)))
        .update_expression(update)
        .condition_expression(condition)
        .set_expression_attribute_names(named(names))
        .set_expression_attribute_values(valued(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let change = change.build().map_err(|error| Error::Misused(error.into()))?;
    Ok(TransactWriteItem::builder().update(change).build())
}

/// Takes an item away, if `condition` holds for it.
pub(crate) fn delete(
    table: &str,
    key: Key,
    condition: &str,
    names: &[(&str, &str)],
    values: Vec<(&str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(item::key(key)))
        .condition_expression(condition)
        .set_expression_attribute_names(named(names))
        .set_expression_attribute_values(valued(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let delete = delete.build().map_err(|error| Error::Misused(error.into()))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Writes nothing, but lets the rest be written only if `condition` holds for an item.
pub(crate) fn check(
    table: &str,
    key: Key,
    condition: &str,
    names: &[(&str, &str)],
    values: Vec<(&str, AttributeValue)>,
) -> Result<TransactWriteItem, Error> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(item::key(key)))
        .condition_expression(condition)
        .set_expression_attribute_names(named(names))
        .set_expression_attribute_values(valued(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let check = check.build().map_err(|error| Error::Misused(error.into()))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// The names in a condition, as requests want them.
pub(crate) fn named(names: &[(&str, &str)]) -> Option<HashMap<String, String>> {
    let names = names.iter().map(|&(name, attribute)| (name.to_owned(), attribute.to_owned()));
    // What is empty is refused.
    Some(names.collect()).filter(|names: &HashMap<_, _>| !names.is_empty())
}

/// The values in a condition, the same.
pub(crate) fn valued(values: Vec<(&str, AttributeValue)>) -> Option<HashMap<String, AttributeValue>> {
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
    Some(values.collect()).filter(|values: &HashMap<_, _>| !values.is_empty())
}

/// A value as an attribute.
pub(crate) fn attribute(value: &impl serde::Serialize) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(|error| Error::Misused(error.into()))
}

impl Store {
    /// Writes all of it or nothing, and says which as far as it can be known.
    ///
    /// The SDK makes one attempt: of several, its error tells only the last, and a refused one may follow one that was
    /// written and whose answer was lost. Whoever asks tries again, knowing what became of each.
    pub(crate) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        let once = aws_sdk_dynamodb::Config::builder().retry_config(RetryConfig::disabled());
        let transaction = self.client.transact_write_items().set_transact_items(Some(items));
        match transaction.customize().config_override(once).send().await {
            Ok(_) => Ok(Outcome::Committed),
            Err(error) => outcome(error),
        }
    }
}

/// What an error of a transaction means. Total: every error the SDK has ends in one of the arms.
fn outcome(error: SdkError<TransactWriteItemsError>) -> Result<Outcome, Error> {
    match &error {
        SdkError::ServiceError(service) => match service.err() {
            TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                let reasons: Vec<_> =
                    cancelled.cancellation_reasons().iter().cloned().map(reason).collect::<Result<_, _>>()?;
                if reasons.is_empty() {
                    return Ok(Outcome::Unknown);
                }
                Ok(Outcome::Rejected(reasons))
            }
            other => match other.code() {
                code if is_ours(code) => Err(Error::Misused(Answered::by(error))),
                Some("ProvisionedThroughputExceededException" | "RequestLimitExceeded" | "ThrottlingException") => {
                    Ok(Outcome::Throttled)
                }
                _ => Ok(Outcome::Unknown),
            },
        },
        SdkError::ConstructionFailure(_) => Err(Error::Misused(error.into())),
        // Sent, and no answer that could be read.
        _ => Ok(Outcome::Unknown),
    }
}

fn reason(reason: CancellationReason) -> Result<Reason, Error> {
    match reason.code.as_deref() {
        None | Some("None") => Ok(Reason::Fine),
        Some("ConditionalCheckFailed") => Ok(Reason::Condition(reason.item)),
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => Ok(Reason::Contention),
        // ItemCollectionSizeLimitExceeded and ValidationError: no state of the table would let it through.
        Some(other) => Err(Error::Misused(Answered::called(other, "a transaction was cancelled"))),
    }
}

#[cfg(test)]
mod tests;

//! Changing a row of somebody's inbox.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::id::ConversationId;
use domain::text::Username;

use crate::Store;
use crate::error::Error;
use crate::item::{self, InboxItem, Item};
use crate::keys;
use crate::query::failed;

/// What shall be different in a row, and what must be true of it.
pub(crate) struct RowUpdate<'a> {
    /// The attributes that are set.
    pub(crate) set: Vec<(&'a str, AttributeValue)>,
    /// What must be true.
    pub(crate) condition: &'a str,
    /// The attributes that the condition names besides those that are set.
    pub(crate) names: &'a [&'a str],
    /// The values that the condition names.
    pub(crate) values: Vec<(&'a str, AttributeValue)>,
}

/// What became of it.
pub(crate) enum Updated {
    /// The row as it is now.
    Done(InboxItem),
    /// The condition did not hold; the row as it is, if there is one.
    Refused(Option<InboxItem>),
}

impl Store {
    /// Changes a row, if the condition holds.
    ///
    /// After a lost answer the SDK tries again, and what was done may then be refused: whoever asks looks at the row.
    pub(crate) async fn update_row(
        &self,
        name: &Username,
        id: ConversationId,
        update: RowUpdate<'_>,
    ) -> Result<Updated, Error> {
        let RowUpdate { set, condition, names, values } = update;
        let read = |item: Option<Item>| item.map(item::read::<InboxItem>).transpose();
        let mut request = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::inbox_row(name, id))))
            .condition_expression(condition)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut sets = Vec::with_capacity(set.len());
        for (attribute, value) in set {
            let (placeholder, given) = (["#", attribute].concat(), [":", attribute].concat());
            sets.push([placeholder.as_str(), given.as_str()].join(" = "));
            request = request.expression_attribute_names(placeholder, attribute);
            request = request.expression_attribute_values(given, value);
        }
        for attribute in names {
            request = request.expression_attribute_names(["#", attribute].concat(), *attribute);
        }
        for (given, value) in values {
            request = request.expression_attribute_values(given, value);
        }
        match request.update_expression(["SET ", &sets.join(", ")].concat()).send().await {
            Ok(updated) => read(updated.attributes)?.map(Updated::Done).ok_or(Error::NotFound),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed) => {
                        Ok(Updated::Refused(read(failed.item)?))
                    }
                    other => Err(Error::Unavailable(Some(other.into()))),
                }
            }
            // It may have been changed.
            Err(error) => Err(failed(error).unsure()),
        }
    }
}

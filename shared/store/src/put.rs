//! One item that is put, or taken away, if what lies there is as it was expected to be.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use crate::Store;
use crate::commit::{named, valued};
use crate::error::Error;
use crate::item::{self, Entity};
use crate::keys::Key;
use crate::query::failed;

/// What became of it.
pub(crate) enum Put<T> {
    /// It lies there now.
    Done,
    /// The condition did not hold; what lies there, if anything does.
    Refused(Option<T>),
}

impl Store {
    /// Takes an item away, if `condition` holds for it. If not, it stays, or somebody else was here before.
    pub(crate) async fn delete_if(&self, key: Key, condition: &str) -> Result<(), Error> {
        let delete = self.client.delete_item().table_name(&*self.table).set_key(Some(item::key(key)));
        match delete.condition_expression(condition).send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(failed(error).unsure()),
        }
    }

    /// Puts an item, if nothing lies there.
    pub(crate) async fn put_new<T: Entity>(&self, key: Key, value: &T) -> Result<Put<T>, Error> {
        self.put_if(key, value, "attribute_not_exists(pk)", &[], vec![]).await
    }

    /// Puts an item, if `condition` holds for what lies there.
    pub(crate) async fn put_if<T: Entity>(
        &self,
        key: Key,
        value: &T,
        condition: &str,
        names: &[(&str, &str)],
        values: Vec<(&str, AttributeValue)>,
    ) -> Result<Put<T>, Error> {
        let put = self
            .client
            .put_item()
            .table_name(&*self.table)
            .set_item(Some(item::write(key, value)?))
            .condition_expression(condition)
            .set_expression_attribute_names(named(names))
            .set_expression_attribute_values(valued(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Put::Done),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    PutItemError::ConditionalCheckFailedException(refused) => {
                        Ok(Put::Refused(refused.item.map(item::read).transpose()?))
                    }
                    other => Err(Error::Unavailable(Some(other.into()))),
                }
            }
            // It may have been put.
            Err(error) => Err(failed(error).unsure()),
        }
    }
}

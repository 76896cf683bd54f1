//! Addresses to which no mail goes.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use domain::clock::Timestamp;
use domain::conversation::Signature;
use domain::institution::log::Act;
use domain::notice::Suppression;
use domain::text::Email;

use crate::Store;
use crate::commit::{attribute, delete};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::{self, Entity as _, Suppressed};
use crate::keys;
use crate::query::{Consistency, Order, failed};

/// The most addresses that are listed: who has more has another problem.
const LISTED: usize = 1_000;

impl Store {
    /// Sends no mail to an address from now on. Told twice, late or in any order it comes to the same: what weighs more
    /// stays.
    pub async fn suppress(&self, email: &Email, state: Suppression, at: Timestamp) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(item::key(keys::suppression(email))))
            .update_expression("SET email = :email, #state = :state, #at = :at, entity = :entity")
            .condition_expression("attribute_not_exists(pk) OR (#state = :weaker AND :state <> :weaker)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":email", attribute(email)?)
            .expression_attribute_values(":state", attribute(&state)?)
            .expression_attribute_values(":weaker", attribute(&Suppression::Bounced)?)
            .expression_attribute_values(":at", attribute(&at)?)
            .expression_attribute_values(":entity", attribute(&Suppressed::NAME)?);
        match update.send().await {
            Ok(_) => Ok(()),
            // It was known, or something that weighs more.
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(error) => Err(failed(error).unsure()),
        }
    }

    /// All addresses to which no mail goes, in no order that means anything.
    pub async fn suppressed(&self) -> Result<Vec<Suppressed>, Error> {
        let found = self.query(keys::suppressions(), Order::Ascending, LISTED, Consistency::Strong).await?;
        found.into_iter().map(item::read).collect()
    }

    /// Sends mail to an address again.
    pub async fn lift_suppression(&self, signature: &Signature, email: &Email) -> Result<(), Error> {
        let decide = |_| async move {
            if self.suppression(email).await?.is_none() {
                return Ok(Decided::Nothing(()));
            }
            let items = vec![delete(&self.table, keys::suppression(email), "attribute_exists(pk)", &[], vec![])?];
            Ok(Decided::Record { act: Act::SuppressionLifted { email: email.clone() }, items, then: () })
        };
        self.record(signature, decide).await
    }
}

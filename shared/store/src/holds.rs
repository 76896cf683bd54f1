//! Legal holds: what lies here is a condition of everything that is removed for good.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::conversation::{Head, Signature};
use domain::institution::log::Act;
use domain::project::Project;
use domain::retention::{Hold, HoldOn};
use domain::text::{CaseNumber, Reason};

use crate::Store;
use crate::commit::{check, delete, put_new};
use crate::error::Error;
use crate::institution::Decided;
use crate::item;
use crate::keys;
use crate::query::{Consistency, Order};

/// The most legal holds that are listed.
const MOST: usize = 1_000;

impl Store {
    /// All legal holds, those on conversations first.
    pub async fn holds(&self) -> Result<Vec<Hold>, Error> {
        let found = self.query(keys::holds(), Order::Ascending, MOST, Consistency::Strong).await?;
        found.into_iter().map(item::read).collect()
    }

    /// Places a legal hold, and says whether there was none before: an earlier one stays as it was placed.
    ///
    /// From the commit on nothing goes: whoever removes something does so before, or not at all.
    pub async fn place_hold(
        &self,
        signature: &Signature,
        on: &HoldOn,
        reason: &Reason,
        case: Option<&CaseNumber>,
    ) -> Result<(Hold, bool), Error> {
        let decide = |_| async move {
            if let Some(there) = self.get::<Hold>(keys::hold(on), Consistency::Strong).await? {
                return Ok(Decided::Nothing((there, false)));
            }
            if !self.is_there(on).await? {
                return Err(Error::NotFound);
            }
            let hold = Hold {
                on: on.clone(),
                by: signature.by.clone(),
                at: signature.at,
                reason: reason.clone(),
                case: case.cloned(),
            };
            let act = Act::HoldPlaced { on: on.clone(), reason: reason.clone(), case: case.cloned() };
            let items = vec![put_new(&self.table, keys::hold(on), &hold)?];
            Ok(Decided::Record { act, items, then: (hold, true) })
        };
        self.record(signature, decide).await
    }

    /// Lifts a legal hold. Where there is none, nothing is recorded.
    pub async fn lift_hold(&self, signature: &Signature, on: &HoldOn, reason: &Reason) -> Result<(), Error> {
        let decide = |_| async move {
            if !self.is_on_hold(on).await? {
                return Ok(Decided::Nothing(()));
            }
            let act = Act::HoldLifted { on: on.clone(), reason: reason.clone() };
            let items = vec![delete(&self.table, keys::hold(on), "attribute_exists(pk)", &[], vec![])?];
            Ok(Decided::Record { act, items, then: () })
        };
        self.record(signature, decide).await
    }

    async fn is_there(&self, on: &HoldOn) -> Result<bool, Error> {
        Ok(match on {
            HoldOn::Conversation { conversation } => {
                self.get::<Head>(keys::head(*conversation), Consistency::Strong).await?.is_some()
            }
            HoldOn::Project { project } => {
                self.get::<Project>(keys::project(project), Consistency::Strong).await?.is_some()
            }
        })
    }

    /// Whether this is under a legal hold.
    pub(crate) async fn is_on_hold(&self, on: &HoldOn) -> Result<bool, Error> {
        Ok(self.get::<Hold>(keys::hold(on), Consistency::Strong).await?.is_some())
    }

    /// There is no legal hold on this at the instant of the transaction.
    pub(crate) fn not_on_hold(&self, on: &HoldOn) -> Result<TransactWriteItem, Error> {
        check(&self.table, keys::hold(on), "attribute_not_exists(pk)", &[], vec![])
    }
}

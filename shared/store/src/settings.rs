//! How the institution set the messenger up.

use domain::chain::Seq;
use domain::conversation::Signature;
use domain::institution::Settings;
use domain::institution::log::Act;

use crate::Store;
use crate::commit::{attribute, put_if, put_new};
use crate::error::Error;
use crate::institution::Decided;
use crate::item::SettingsItem;
use crate::keys;
use crate::query::Consistency;

impl Store {
    /// The settings, and the place in the institution's log of the entry that last changed them.
    pub async fn settings(&self) -> Result<(Settings, Seq), Error> {
        let found = self.get::<SettingsItem>(keys::settings(), Consistency::Strong).await?;
        Ok(found.map_or_else(|| (Settings::default(), Seq::START), |found| (found.settings, found.rev)))
    }

    /// Sets the messenger up as `change` makes it of what it was, if nobody else did since `seen`.
    pub async fn set_up(
        &self,
        signature: &Signature,
        seen: Option<Seq>,
        change: impl Fn(&Settings) -> Settings,
    ) -> Result<(Settings, Seq), Error> {
        let change = &change;
        let decide = |place: Seq| async move {
            let (was, rev) = self.settings().await?;
            if seen.is_some_and(|seen| seen != rev) {
                return Err(Error::VersionConflict);
            }
            let is = change(&was);
            if was == is {
                return Ok(Decided::Nothing((was, rev)));
            }
            let item = SettingsItem { settings: is.clone(), rev: place };
            let put = if rev == Seq::START {
                put_new(&self.table, keys::settings(), &item)?
            } else {
                let values = vec![(":rev", attribute(&rev)?)];
                put_if(&self.table, keys::settings(), &item, "#rev = :rev", &[("#rev", "rev")], values)?
            };
            let act = Act::SettingsChanged { was, is: is.clone() };
            Ok(Decided::Record { act, items: vec![put], then: (is, place) })
        };
        let set = self.record(signature, decide).await;
        self.admitted.forget_settings();
        set
    }
}

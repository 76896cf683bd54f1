//! What tests look at and make beside what requests do.

use domain::notice::Suppression;
use domain::text::{Email, Username};
use store::Purpose;

use crate::actor::Actor;
use crate::world::World;

impl World {
    /// The table without when people were there: that is noted beside whatever they ask, once a minute.
    pub async fn table_but_presence(&self) -> Vec<String> {
        let mut items = self.table().await;
        items.retain(|item| !item.contains("\"sk\":\"~SEEN\""));
        items
    }

    /// What stands at the end of the link in a mail to somebody, by which they get fewer.
    pub async fn unsubscribe_token(&self, of: &Actor) -> String {
        self.reference(Purpose::Unsubscribe, of).await
    }

    /// A reference to somebody, for some purpose.
    pub async fn reference(&self, purpose: Purpose, to: &Actor) -> String {
        let name: Username = to.username().parse().expect("a username");
        self.metered().seal(purpose, &name).await.expect("a reference")
    }

    /// Has no mail go to an address, as one from which mail came back.
    pub async fn bounces(&self, address: &str) {
        let email = Email::try_from(address.to_owned()).expect("an address");
        let now = self.clock().now();
        self.metered().suppress(&email, Suppression::Bounced, now).await.expect("a suppressed address");
    }
}

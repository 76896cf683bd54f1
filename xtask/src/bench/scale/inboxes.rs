//! Reading an inbox of few and of many conversations, something unread in each.
//!
//! On one machine the product looks whether something is to be delivered before it answers; that is part of the time.

use std::time::Duration;

use reqwest::Client;

use super::figures::Inbox;
use super::plan::Plan;
use crate::bench::Product;
use crate::bench::person::{Person, random_key};
use crate::bench::timing::{Spread, timed};

/// The most conversations of one answer.
const PAGE: u32 = 100;

/// Somebody with an inbox of one of the sizes.
struct Reader {
    person: Person,
    conversations: u32,
    lists: Vec<Duration>,
    badges: Vec<Duration>,
}

pub(crate) async fn run(product: &Product, plan: &Plan) -> anyhow::Result<Vec<Inbox>> {
    let (http, api) = (Client::new(), &product.addresses.api);
    let host = Person::sign_in(&http, api, "scale-host").await?;
    let mut readers = Vec::new();
    for &conversations in plan.conversations {
        let person = Person::sign_in(&http, api, &format!("scale-reader{conversations}")).await?;
        readers.push(Reader { person, conversations, lists: Vec::new(), badges: Vec::new() });
    }
    fill(&host, &readers).await?;

    // One turn more than counts, which shows that the inboxes hold what they should.
    for turn in 0..=plan.readings {
        for reader in &mut readers {
            let (listed, list) = timed(reader.person.long_inbox()).await?;
            let (unread, badge) = timed(reader.person.unread()).await?;
            if turn == 0 {
                let due = reader.conversations;
                anyhow::ensure!(listed == due.min(PAGE), "an inbox of {due} lists {listed} conversations");
                anyhow::ensure!(unread.conversations == due, "an inbox of {due} has {unread:?}");
            } else {
                reader.lists.push(list);
                reader.badges.push(badge);
            }
        }
    }
    Ok(readers.into_iter().map(Reader::figures).collect())
}

/// Lets the host start as many conversations as the largest inbox holds, each with everybody who has not enough.
async fn fill(host: &Person, readers: &[Reader]) -> anyhow::Result<()> {
    let most = readers.iter().map(|reader| reader.conversations).max().unwrap_or_default();
    for number in 1..=most {
        let members: Vec<String> = readers
            .iter()
            .filter(|reader| reader.conversations >= number)
            .map(|reader| reader.person.username.clone())
            .collect();
        let id = host.create(&format!("Round {number}"), &members).await?;
        host.send_until_acknowledged(&id, random_key(), "Who can take over at six?").await?;
        eprint!("\r{number} of {most} conversations");
    }
    eprintln!();
    host.settle().await
}

impl Reader {
    fn figures(self) -> Inbox {
        Inbox { conversations: self.conversations, list: Spread::of(self.lists), badge: Spread::of(self.badges) }
    }
}

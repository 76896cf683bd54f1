//! Sending to few and to many: messages that nobody's inbox is written for, and important ones that reach everybody's.

use std::time::Duration;

use anyhow::Context;
use reqwest::Client;

use super::figures::Sending;
use super::plan::Plan;
use crate::bench::Product;
use crate::bench::names::colleague;
use crate::bench::person::{Person, random_key};
use crate::bench::timing::{Spread, middle, milliseconds, timed};

/// What people write: a short message of every day.
const BODY: &str =
    "The lift in building C is out of order until noon. Please bring the trolleys through the north door.";

/// A conversation, and how long things took in it.
struct Room {
    id: String,
    members: u32,
    filled: Duration,
    sends: Vec<Duration>,
    importants: Vec<Duration>,
    deliveries: Vec<Duration>,
}

pub(crate) async fn run(product: &Product, plan: &Plan) -> anyhow::Result<Vec<Sending>> {
    let (http, api) = (Client::new(), &product.addresses.api);
    let founder = Person::sign_in(&http, api, "scale-founder").await?;
    let mut rooms = Vec::new();
    for &members in plan.members {
        let room = Room::fill(&founder, members).await?;
        eprintln!("a conversation of {members} members after {:.1} s", room.filled.as_secs_f64());
        rooms.push(room);
    }
    founder.settle().await?;

    // One turn more than counts: the product gets to know the conversations.
    for turn in 0..=plan.sends {
        for room in &mut rooms {
            let (_, took) = timed(founder.send_until_acknowledged(&room.id, random_key(), BODY)).await?;
            if turn > 0 {
                room.sends.push(took);
            }
        }
    }
    founder.settle().await?;
    for turn in 1..=plan.importants {
        for room in &mut rooms {
            eprint!("\rimportant message {turn} of {} to {} members  ", plan.importants, room.members);
            let ((), sent) = timed(founder.send_important(&room.id, BODY)).await?;
            let ((), delivered) = timed(founder.settle()).await?;
            room.importants.push(sent);
            room.deliveries.push(delivered);
        }
    }
    eprintln!();

    // The last member of the largest conversation is in no other one: what was timed did arrive.
    let last = plan.members.last().and_then(|members| members.checked_sub(2)).context("a conversation needs two")?;
    let reader = Person::sign_in(&http, api, &colleague(last).username).await?;
    let important = reader.unread().await?.important;
    anyhow::ensure!(important == plan.importants, "{important} of {} important messages arrived", plan.importants);
    Ok(rooms.into_iter().map(Room::figures).collect())
}

impl Room {
    /// Creates a conversation of the founder and the first people.
    async fn fill(founder: &Person, members: u32) -> anyhow::Result<Self> {
        let others: Vec<String> = (1..members).map(|number| colleague(number - 1).username).collect();
        let (id, filled) = timed(founder.create("All of the house", &others)).await?;
        Ok(Self { id, members, filled, sends: Vec::new(), importants: Vec::new(), deliveries: Vec::new() })
    }

    fn figures(self) -> Sending {
        Sending {
            members: self.members,
            filled_ms: milliseconds(self.filled),
            sent: Spread::of(self.sends),
            important_ms: middle(self.importants),
            delivered_ms: middle(self.deliveries),
        }
    }
}

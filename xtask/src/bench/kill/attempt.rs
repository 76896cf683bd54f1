//! Writing until the other side is gone.

use std::time::Duration;

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bench::Product;
use crate::bench::person::{Outcome, Person, Receipt, breathe, random_key};

/// One message that someone tried to send.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) person: usize,
    pub(crate) conversation: usize,
    pub(crate) key: Uuid,
    /// Different for each message, so that a reader recognises it.
    pub(crate) body: String,
    /// What the service said before it was killed, if anything.
    pub(crate) acknowledged: Option<Receipt>,
    /// What the service said to the same request afterwards.
    pub(crate) repeated: Option<Receipt>,
}

/// Lets everyone write, kills the product after `moment`, and returns what was tried.
pub(crate) async fn write_until_killed(
    people: &[Person],
    conversations: &[String],
    devices: usize,
    product: Product,
    moment: Duration,
) -> anyhow::Result<Vec<Attempt>> {
    let mut writers = JoinSet::new();
    for (number, person) in people.iter().enumerate() {
        for device in 0..devices {
            let writer = Writer {
                person: person.clone(),
                number,
                first: number + device,
                conversations: conversations.to_vec(),
            };
            writers.spawn(writer.write());
        }
    }
    tokio::time::sleep(moment).await;
    product.kill().await?;

    let mut attempts = Vec::new();
    while let Some(written) = writers.join_next().await {
        attempts.extend(written??);
    }
    Ok(attempts)
}

struct Writer {
    person: Person,
    number: usize,
    first: usize,
    conversations: Vec<String>,
}

impl Writer {
    /// Writes one message after the other, into each conversation in turn, until no answer comes any more.
    async fn write(self) -> anyhow::Result<Vec<Attempt>> {
        let mut attempts = Vec::new();
        for turn in self.first.. {
            let key = random_key();
            let mut attempt = Attempt {
                person: self.number,
                conversation: turn % self.conversations.len(),
                key,
                body: format!("Message {key}"),
                acknowledged: None,
                repeated: None,
            };
            attempt.acknowledged = self.send(&attempt).await?;
            let ended = attempt.acknowledged.is_none();
            attempts.push(attempt);
            if ended {
                break;
            }
        }
        Ok(attempts)
    }

    /// Sends with retries; nothing is returned when the product is gone.
    ///
    /// Now and then it sends twice at the same time, as a client does that lost patience.
    async fn send(&self, attempt: &Attempt) -> anyhow::Result<Option<Receipt>> {
        let conversation = &self.conversations[attempt.conversation];
        let try_once = || self.person.send(conversation, attempt.key, &attempt.body);
        loop {
            let outcome = if fastrand::u8(..) < 32 {
                let (one, other) = tokio::join!(try_once(), try_once());
                either(one?, other?)
            } else {
                try_once().await?
            };
            match outcome {
                Outcome::Acknowledged(receipt) => return Ok(Some(receipt)),
                Outcome::Unknown => return Ok(None),
                Outcome::Busy => breathe().await,
            }
        }
    }
}

/// Two tries at once are acknowledged as soon as one of them is.
fn either(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Acknowledged(receipt), _) | (_, Outcome::Acknowledged(receipt)) => Outcome::Acknowledged(receipt),
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
        (Outcome::Busy, Outcome::Busy) => Outcome::Busy,
    }
}

//! What is left after the plug was pulled.
//!
//! People write into a product that keeps its data in a folder. At a random moment it is killed with signal 9 and
//! started again on the same folder. Then everything is tried again with the keys of before, and everything is read:
//! each acknowledged message must be there exactly once, at the place it was said to be, in a log without gaps.
//! The folder is kept from run to run, and at the end all conversations of all runs are read once more.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use reqwest::Client;

use super::person::Person;
use super::product::Storage;
use super::{Product, report, scratch};
use attempt::{Attempt, write_until_killed};
use figures::Tally;

mod attempt;
mod figures;
mod verdict;

pub(crate) use figures::Kills;

/// People who write at the same time, and the conversations they all are in.
const PEOPLE: [&str; 4] = ["kill-ada", "kill-ben", "kill-cleo", "kill-dan"];
const CONVERSATIONS: [&str; 2] = ["Ward round", "Night shift"];
/// Each person writes from two places at once.
const DEVICES: usize = 2;

/// The moment of the kill, counted from the first write, in milliseconds.
const MOMENT: std::ops::Range<u64> = 20..1_500;

/// Kill the product with signal 9 while people write, and prove that nothing acknowledged is lost or doubled.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often it is killed.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,

    /// Use this binary of the product, instead of building it.
    #[arg(long, value_name = "PATH")]
    product: Option<PathBuf>,

    /// Write the figures into docs/figures.json.
    #[arg(long)]
    record: bool,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let program = Product::build(args.product)?;
    let folder = tempfile::tempdir_in(scratch()?)?;
    let storage = Storage::Folder(folder.path());
    let mut product = Product::start(&program, storage).await?;
    let mut history: Vec<Conversation> = Vec::new();
    let mut tally = Tally::default();

    for run in 1..=args.runs {
        let people = sign_in(&product).await?;
        let mut conversations = Conversation::start_all(&people).await?;
        let ids: Vec<String> = conversations.iter().map(|conversation| conversation.id.clone()).collect();
        let moment = Duration::from_millis(fastrand::u64(MOMENT));
        let attempts = write_until_killed(&people, &ids, DEVICES, product, moment).await?;

        let restart = Instant::now();
        product = Product::start(&program, storage).await?;
        tally.restarted_in(restart.elapsed());
        for attempt in attempts {
            conversations[attempt.conversation].attempts.push(attempt);
        }
        let people = sign_in(&product).await?;
        for conversation in &mut conversations {
            conversation.try_again(&people).await?;
            conversation.judge(&people, &mut tally).await?;
        }
        history.extend(conversations);
        eprintln!("run {run} of {}: killed after {} ms; {tally}", args.runs, moment.as_millis());
    }

    let people = sign_in(&product).await?;
    let mut at_the_end = Tally::default();
    for conversation in &history {
        conversation.judge(&people, &mut at_the_end).await?;
    }
    product.kill().await?;
    let faults = tally.faults() + at_the_end.faults();
    report(Kills::new(args.runs, tally), args.record && faults == 0)?;
    anyhow::ensure!(faults == 0, "{faults} faults: the promise is broken");
    Ok(())
}

async fn sign_in(product: &Product) -> anyhow::Result<Vec<Person>> {
    let http = Client::new();
    let mut people = Vec::new();
    for name in PEOPLE {
        people.push(Person::sign_in(&http, &product.addresses.api, name).await?);
    }
    Ok(people)
}

/// A conversation, and all that was tried in it.
struct Conversation {
    id: String,
    attempts: Vec<Attempt>,
}

impl Conversation {
    async fn start_all(people: &[Person]) -> anyhow::Result<Vec<Self>> {
        let (founder, others) = people.split_first().context("nobody")?;
        let others: Vec<String> = others.iter().map(|person| person.username.clone()).collect();
        let mut conversations = Vec::new();
        for title in CONVERSATIONS {
            let id = founder.create(title, &others).await?;
            conversations.push(Self { id, attempts: Vec::new() });
        }
        Ok(conversations)
    }

    /// Sends everything again with the same keys, as a client does that does not know, and one that forgot.
    async fn try_again(&mut self, people: &[Person]) -> anyhow::Result<()> {
        for attempt in &mut self.attempts {
            let person = &people[attempt.person];
            let (receipt, _) = person.send_until_acknowledged(&self.id, attempt.key, &attempt.body).await?;
            attempt.repeated = Some(receipt);
        }
        Ok(())
    }

    /// Reads all of it, as another member does, and compares.
    async fn judge(&self, people: &[Person], tally: &mut Tally) -> anyhow::Result<()> {
        let reader = people.last().context("nobody")?;
        let log = reader.follow(&self.id).await?;
        let faults = verdict::judge(&self.attempts, &log);
        for fault in &faults {
            eprintln!("conversation {}: {fault:?}", self.id);
        }
        tally.add(&self.attempts, &faults);
        Ok(())
    }
}

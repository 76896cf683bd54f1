//! The people and conversations that a measurement needs.

use std::collections::BTreeMap;

use anyhow::Context;
use reqwest::Client;
use tokio::task::JoinSet;

use super::plan::Plan;
use crate::bench::Product;
use crate::bench::person::Person;

/// How many people sign in at the same time.
const DOOR: usize = 16;

pub(crate) struct Stage {
    pub(crate) people: Vec<Person>,
    /// Ids of conversations by their size; each starts with the first people.
    conversations: BTreeMap<usize, Vec<String>>,
}

impl Stage {
    /// Lets everyone sign in and creates the conversations.
    pub(crate) async fn set(product: &Product, plan: &Plan) -> anyhow::Result<Self> {
        let http = Client::new();
        let crowd = plan.members.iter().copied().max().unwrap_or_default();
        let people = sign_in(&http, &product.addresses.api, crowd).await?;
        let names: Vec<String> = people.iter().map(|person| person.username.clone()).collect();
        let founder = people.first().context("nobody")?;

        let mut conversations = BTreeMap::new();
        for &members in plan.members {
            eprintln!("conversations of {members} members");
            let ids: &mut Vec<String> = conversations.entry(members).or_default();
            for number in 1..=Plan::SPREADS.into_iter().max().unwrap_or(1) {
                ids.push(founder.create(&format!("Bench {number}"), &names[1..members]).await?);
            }
        }
        Ok(Self { people, conversations })
    }

    /// Returns the members of a conversation of a size.
    pub(crate) fn members(&self, size: usize) -> &[Person] {
        &self.people[..size]
    }

    /// Returns the first conversations of a size.
    pub(crate) fn conversations(&self, size: usize, count: usize) -> anyhow::Result<&[String]> {
        let ids = self.conversations.get(&size).and_then(|ids| ids.get(..count));
        ids.with_context(|| format!("no {count} conversations of {size} members"))
    }
}

async fn sign_in(http: &Client, api: &str, crowd: usize) -> anyhow::Result<Vec<Person>> {
    let mut people = Vec::with_capacity(crowd);
    let mut queue = (0..crowd).map(|number| format!("bench{number:04}"));
    let mut entering = JoinSet::new();
    loop {
        while entering.len() < DOOR
            && let Some(name) = queue.next()
        {
            let (http, api) = (http.clone(), api.to_owned());
            entering.spawn(async move { Person::sign_in(&http, &api, &name).await });
        }
        let Some(person) = entering.join_next().await else { break };
        people.push(person??);
        eprint!("\r{} of {crowd} people", people.len());
    }
    eprintln!();
    people.sort_by(|one, other| one.username.cmp(&other.username));
    Ok(people)
}

//! Random histories of a correct log pass; any one thing changed in them is found.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Act, Entry, FinalReads, History, Operation, Outcome, Page, Stored, check};

const CONVERSATIONS: usize = 2;
const CLIENTS: usize = 3;
/// The one who reads everything in the end, so that there is nothing that nobody has seen.
const AUDITOR: &str = "auditor";

/// What a client does next, and how long before and after the moment of effect its operation lasts.
#[derive(Clone, Debug)]
struct Step {
    doing: Doing,
    conversation: usize,
    client: usize,
    before: u64,
    after: u64,
}

#[derive(Clone, Debug)]
enum Doing {
    Send(Fate),
    /// Send the client's last message again.
    Retry,
    /// Read the newest entries, so many.
    Open(usize),
    /// Read on from where the client stopped, so many.
    Follow(usize),
    /// Leave, or come back.
    Toggle,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Served,
    Dropped,
    AnswerLost,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let doing = prop_oneof![
        6 => select(vec![Fate::Served, Fate::Dropped, Fate::AnswerLost]).prop_map(Doing::Send),
        2 => Just(Doing::Retry),
        3 => (1..6_usize).prop_map(Doing::Open),
        3 => (1..6_usize).prop_map(Doing::Follow),
        1 => Just(Doing::Toggle),
    ];
    let step = (doing, 0..CONVERSATIONS, 0..CLIENTS, 1..40_u64, 1..40_u64);
    let step = step.prop_map(|(doing, conversation, client, before, after)| Step {
        doing,
        conversation,
        client,
        before,
        after,
    });
    vec(step, 1..80)
}

/// A log that does everything right.
#[derive(Default)]
struct Conversation {
    log: Vec<Stored>,
    removed: BTreeSet<usize>,
    /// Each client's last key, and where it has read to.
    last_key: BTreeMap<usize, String>,
    position: BTreeMap<usize, usize>,
}

impl Conversation {
    fn store(&mut self, key: Option<String>) -> Entry {
        let seq = self.log.len() as u64 + 1;
        let entry = Entry { seq, id: format!("id-{seq}") };
        self.log.push(Stored { entry: entry.clone(), key });
        entry
    }

    fn send(&mut self, client: usize, key: &str, fate: Fate) -> Act {
        let known =
            self.log.iter().find(|stored| stored.key.as_deref() == Some(key)).map(|stored| stored.entry.clone());
        let outcome = match (known, fate) {
            (_, Fate::Dropped) => Outcome::Unknown,
            (Some(entry), _) => Outcome::Ok(entry),
            (None, _) if self.removed.contains(&client) => Outcome::Refused,
            (None, Fate::Served) => Outcome::Ok(self.store(Some(key.to_owned()))),
            (None, Fate::AnswerLost) => {
                self.store(Some(key.to_owned()));
                Outcome::Unknown
            }
        };
        Act::Send { key: key.to_owned(), outcome }
    }

    fn read(&mut self, client: usize, from: usize, limit: usize) -> Act {
        if self.removed.contains(&client) {
            return Act::Read { outcome: Outcome::Refused };
        }
        let to = self.log.len().min(from.saturating_add(limit));
        let entries = self.log[from..to].iter().map(|stored| stored.entry.clone()).collect();
        Act::Read { outcome: Outcome::Ok(Page { entries, newest: to == self.log.len() }) }
    }

    fn carry_out(&mut self, doing: &Doing, client: usize, moment: u64) -> Act {
        match *doing {
            Doing::Send(fate) => {
                let key = format!("key-{moment}");
                self.last_key.insert(client, key.clone());
                self.send(client, &key, fate)
            }
            Doing::Retry => {
                let key = self.last_key.entry(client).or_insert_with(|| format!("key-{moment}")).clone();
                self.send(client, &key, Fate::Served)
            }
            Doing::Open(limit) => self.read(client, self.log.len().saturating_sub(limit), limit),
            Doing::Follow(limit) => {
                let from = self.position.get(&client).copied().unwrap_or_default();
                if !self.removed.contains(&client) {
                    self.position.insert(client, self.log.len().min(from + limit));
                }
                self.read(client, from, limit)
            }
            Doing::Toggle => {
                self.store(None);
                let (member, outcome) = (name(client), Outcome::Ok(()));
                if self.removed.remove(&client) {
                    Act::Add { member, outcome }
                } else {
                    self.removed.insert(client);
                    Act::Remove { member, outcome }
                }
            }
        }
    }
}

fn name(client: usize) -> String {
    format!("client-{client}")
}

/// Lets the steps happen, each ten ticks after the one before, so that many overlap.
fn simulate(steps: &[Step]) -> (History, FinalReads) {
    let mut conversations: [Conversation; CONVERSATIONS] = Default::default();
    let mut history = History::default();
    let mut tell = |began, ended, client, conversation: usize, act| {
        let conversation = conversation.to_string();
        history.operations.push(Operation { began, ended, client, conversation, act });
    };
    // Each begins with some events, so that every list below has a first, a last and something in between.
    for conversation in &mut conversations {
        (0..3).for_each(|_| drop(conversation.store(None)));
    }
    let mut moment = 100;
    for Step { doing, conversation, client, before, after } in steps {
        moment += 10;
        let act = conversations[*conversation].carry_out(doing, *client, moment);
        tell(moment - before, moment + after, name(*client), *conversation, act);
    }
    for (index, conversation) in conversations.iter_mut().enumerate() {
        let everything = conversation.read(CLIENTS, 0, usize::MAX);
        tell(moment + 50, moment + 60, AUDITOR.to_owned(), index, everything);
    }
    let logs = conversations.into_iter().enumerate();
    let conversations = logs.map(|(index, conversation)| (index.to_string(), conversation.log)).collect();
    (history, FinalReads { conversations })
}

/// One thing that goes wrong. But for the gap, the list looks well numbered afterwards.
#[derive(Clone, Copy, Debug)]
enum Mutation {
    Drop,
    Double,
    Swap,
    ChangeId,
    Gap,
}

impl Mutation {
    /// Spoils the list at the index; entries are reached through `entry`.
    fn spoil<T: Clone>(self, list: &mut Vec<T>, index: usize, entry: impl Fn(&mut T) -> &mut Entry) {
        let first = entry(&mut list[0]).seq;
        match self {
            Self::Drop => drop(list.remove(index)),
            Self::Double => list.insert(index, list[index].clone()),
            Self::Swap => list.swap(index, index - 1),
            Self::ChangeId => entry(&mut list[index]).id.push('x'),
            Self::Gap => {}
        }
        for (seq, item) in (first..).zip(list.iter_mut()) {
            entry(item).seq = seq;
        }
        if matches!(self, Self::Gap) {
            list[index..].iter_mut().for_each(|item| entry(item).seq += 1);
        }
    }
}

fn mutations() -> impl Strategy<Value = Mutation> {
    select(vec![Mutation::Drop, Mutation::Double, Mutation::Swap, Mutation::ChangeId, Mutation::Gap])
}

/// The pages that were read and are longer than a beginning and an end.
fn pages(history: &mut History) -> Vec<&mut Vec<Entry>> {
    let acts = history.operations.iter_mut().map(|operation| &mut operation.act);
    let pages = acts.filter_map(|act| match act {
        Act::Read { outcome: Outcome::Ok(page) } if page.entries.len() > 2 => Some(&mut page.entries),
        _ => None,
    });
    pages.collect()
}

proptest! {
    #[test]
    fn valid_histories_pass(steps in steps()) {
        let (history, finals) = simulate(&steps);
        if let Err(violations) = check(&history, &finals) {
            let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
            prop_assert!(false, "{}", lines.join("\n"));
        }
    }

    #[test]
    fn a_spoilt_final_read_is_found(steps in steps(), mutation in mutations(), index in any::<Index>()) {
        let (history, mut finals) = simulate(&steps);
        let log = finals.conversations.values_mut().next().unwrap();
        mutation.spoil(log, 1 + index.index(log.len() - 1), |stored| &mut stored.entry);
        prop_assert!(check(&history, &finals).is_err());
    }

    #[test]
    fn a_spoilt_page_is_found(
        steps in steps(),
        mutation in mutations(),
        page in any::<Index>(),
        index in any::<Index>(),
    ) {
        let (mut history, finals) = simulate(&steps);
        let mut pages = pages(&mut history);
        let page = pages.swap_remove(page.index(pages.len()));
        // Not the last entry: without it the page is shorter, and as good.
        mutation.spoil(page, 1 + index.index(page.len() - 2), |entry| entry);
        prop_assert!(check(&history, &finals).is_err());
    }
}

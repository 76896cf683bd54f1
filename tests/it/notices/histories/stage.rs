//! A world in which people take the steps, beside the reference to which they happen as well.

use std::time::Duration;

use domain::clock::Timestamp;
use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::world::World;

use super::step::{PEOPLE, PLACES, Step};
use crate::notices::reference::{Event, Mail, Message, Place, Reference, Who, ticks};

/// How often it is noted that somebody is there.
const NOTED_EVERY: Duration = Duration::from_mins(1);

fn name(who: Who) -> String {
    format!("p{who}")
}

fn number(name: &str) -> Who {
    name[1..].parse().unwrap()
}

pub(super) struct Stage {
    world: World,
    people: Vec<Actor>,
    /// Who signed out and has no new token yet.
    signed_out: [bool; PEOPLE],
    conversations: Vec<Conversation>,
    /// The messages that were sent: who, where, and at which place.
    sent: Vec<(Who, Place, u64)>,
    reference: Reference,
    /// How many of the mails that had to come are known to have come.
    compared: usize,
    /// So that no message says the same as another.
    words: usize,
}

impl Stage {
    pub(super) async fn new(after: Duration) -> Self {
        let world = World::new().await;
        // Nobody is here yet, and nothing is due.
        world.hand().advance(after);
        let mut reference = Reference::new(PEOPLE, PLACES);
        let mut people = Vec::new();
        for who in 0..PEOPLE {
            people.push(world.person(&name(who)).await);
            reference.acts(who, world.clock().now());
        }
        let mut conversations = Vec::new();
        for place in 0..PLACES {
            let others: Vec<&Actor> =
                people.iter().enumerate().filter(|(who, _)| *who != place).map(|(_, who)| who).collect();
            conversations.push(people[place].starts(&format!("Ward {place}"), &others).await);
            for who in 0..PEOPLE {
                reference.note(world.clock().now(), Event::Joined(who, place));
            }
        }
        world.settles().await;
        let sent = Vec::new();
        Self { world, people, signed_out: [false; PEOPLE], conversations, sent, reference, compared: 0, words: 0 }
    }

    fn now(&self) -> Timestamp {
        self.world.clock().now()
    }

    /// Takes a step, and compares what came of it.
    pub(super) async fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Send { by, to, mentions, important } => self.send(*by, *to, *mentions, *important).await,
            Step::Edit { back, mentions, important } => self.edit(*back, *mentions, *important).await,
            Step::Withdraw { back } => self.withdraw(*back).await,
            Step::Read { by, there, back } => self.mark(*by, *there, *back, false).await,
            Step::Unread { by, there, back } => self.mark(*by, *there, *back, true).await,
            Step::Notify { by, there, what } => {
                let path = format!("{}/settings", self.conversations[*there].path());
                let event = Event::Silenced(*by, *there, *what != "all");
                self.ask(*by, Method::PATCH, &path, Some(json!({ "notify": what })), event).await;
            }
            Step::Looks(by) => self.looks(*by).await,
            Step::Polls(by) => self.polls(*by).await,
            Step::SignOut(by) => self.sign_out(*by).await,
            Step::Prefer(by, wants) => {
                self.ask(*by, Method::PUT, "/v1/me/preferences", Some(wants.json()), Event::Wants(*by, *wants)).await;
            }
            Step::Archive(there, archived) => {
                let act = if *archived { "archive" } else { "unarchive" };
                let path = format!("{}/{act}", self.conversations[*there].path());
                let event = Event::Archived(*there, *archived);
                self.ask(*there, Method::POST, &path, Some(json!({})), event).await;
            }
            Step::Add(there, other) => self.add(*there, (there + other) % PEOPLE).await,
            Step::Remove(there, other) => {
                let who = (there + other) % PEOPLE;
                self.ends_membership(*there, *there, who).await;
            }
            Step::Leave(there, other) => {
                let who = (there + other) % PEOPLE;
                self.ends_membership(who, *there, who).await;
            }
            Step::Pass(seconds) => self.pass(Duration::from_secs(*seconds)).await,
            Step::TicksAgain { back } => self.ticks_again(*back).await,
            Step::TicksLate { minutes, backwards } => self.ticks_late(*minutes, *backwards).await,
        }
        self.world.settles().await;
        self.compare()
    }

    /// Asks for something in somebody's name, who signs in first if they must.
    async fn call(&mut self, by: Who, method: Method, path: &str, body: Option<Value>) -> Answer {
        if self.signed_out[by] {
            // A token of the second in which they left counts as one from before.
            self.pass(Duration::from_secs(1)).await;
            self.people[by] = self.world.newcomer(&name(by)).await;
            self.signed_out[by] = false;
        }
        self.people[by].call(method, path, &[("idempotency-key", key().as_str())], body).await
    }

    /// The same for what shows that they are there.
    async fn does(&mut self, by: Who, method: Method, path: &str, body: Option<Value>) -> Option<Value> {
        let answer = self.call(by, method, path, body).await;
        self.reference.acts(by, self.now());
        (answer.status < 300).then_some(answer.body)
    }

    /// The same, and what happens if it is not refused.
    async fn ask(&mut self, by: Who, method: Method, path: &str, body: Option<Value>, event: Event) {
        if self.does(by, method, path, body).await.is_some() {
            self.reference.note(self.now(), event);
        }
    }

    fn says(&mut self, mentions: Option<Who>) -> String {
        self.words += 1;
        let mention = mentions.map(|who| format!("@{} ", name(who))).unwrap_or_default();
        format!("{mention}word {}", self.words)
    }

    async fn send(&mut self, by: Who, to: Place, mentions: Option<Who>, important: bool) {
        let asked = json!({ "body": self.says(mentions), "important": important });
        let path = self.conversations[to].messages();
        let Some(sent) = self.does(by, Method::POST, &path, Some(asked)).await else { return };
        let message = message(by, self.now(), &sent);
        let seq = message.seq;
        self.sent.push((by, to, seq));
        self.reference.deliver(self.now(), Event::Said(to, message), to, seq);
    }

    async fn edit(&mut self, back: usize, mentions: Option<Who>, important: bool) {
        let Some((by, place, seq)) = self.sent.iter().rev().nth(back).copied() else { return };
        let asked = json!({ "body": self.says(mentions), "important": important });
        let path = self.conversations[place].message(seq);
        let Some(edited) = self.does(by, Method::PATCH, &path, Some(asked)).await else { return };
        let Some(before) = self.reference.message(place, seq) else { return };
        let event = Event::Edited(place, message(by, before.at, &edited));
        self.reference.deliver(self.now(), event, place, seq);
    }

    async fn withdraw(&mut self, back: usize) {
        let Some((by, place, seq)) = self.sent.iter().rev().nth(back).copied() else { return };
        let path = self.conversations[place].message(seq);
        self.ask(by, Method::DELETE, &path, None, Event::Withdrawn(place, seq)).await;
    }

    async fn mark(&mut self, by: Who, there: Place, back: u64, unread: bool) {
        let seq = self.reference.newest(there).saturating_sub(back).max(1);
        let asked = json!({ "seq": seq, "unread": unread });
        let path = self.conversations[there].read();
        if let Some(reading) = self.does(by, Method::PUT, &path, Some(asked)).await {
            let seq = reading["seq"].as_u64().unwrap();
            self.reference.note(self.now(), Event::Read(by, there, seq));
        }
    }

    /// Somebody looks, so long after they last did anything that it is noted in any case.
    async fn looks(&mut self, by: Who) {
        self.pass(NOTED_EVERY).await;
        self.does(by, Method::POST, "/v1/me/presence", Some(json!({ "visible": true }))).await;
    }

    /// What a page does by itself says nothing of who is there; and what is done long after it is noted in any case.
    async fn polls(&mut self, by: Who) {
        self.call(by, Method::GET, "/v1/unread", None).await.expect(200);
        self.call(by, Method::GET, "/v1/conversations", None).await.expect(200);
        self.call(by, Method::POST, "/v1/me/presence", Some(json!({ "visible": false }))).await;
        self.pass(NOTED_EVERY).await;
    }

    async fn sign_out(&mut self, by: Who) {
        assert_eq!(self.call(by, Method::POST, "/v1/me/logout", Some(json!({}))).await.status, 204);
        self.reference.note(self.now(), Event::SignedOut(by));
        self.signed_out[by] = true;
    }

    async fn add(&mut self, there: Place, who: Who) {
        let asked = json!({ "usernames": [name(who)] });
        let path = self.conversations[there].members();
        let added = self.does(there, Method::POST, &path, Some(asked)).await;
        if added.is_some_and(|added| added["results"][0]["outcome"] == "added") {
            self.reference.note(self.now(), Event::Joined(who, there));
        }
    }

    async fn ends_membership(&mut self, by: Who, there: Place, who: Who) {
        let path = format!("{}/{}", self.conversations[there].members(), name(who));
        self.ask(by, Method::DELETE, &path, None, Event::Left(who, there)).await;
    }

    async fn pass(&mut self, time: Duration) {
        // What was done before is delivered before.
        self.world.settles().await;
        let from = self.now();
        self.world.passes(time).await;
        self.reference.passes(from, self.now());
    }

    async fn handle(&self, tick: Timestamp) {
        self.world.digest().handle(json!({ "scheduled_at": tick }), None).await.unwrap();
    }

    fn to_the_next_minute(&self) -> Duration {
        Duration::from_secs(60 - self.now().as_seconds().rem_euclid(60).unsigned_abs())
    }

    async fn ticks_again(&mut self, back: u64) {
        self.pass(self.to_the_next_minute()).await;
        let now = self.now();
        for minutes in [0, back] {
            self.handle(Timestamp::from_millis(now.as_millis() - i64::try_from(minutes).unwrap() * 60_000)).await;
        }
    }

    async fn ticks_late(&mut self, minutes: u64, backwards: bool) {
        let from = self.now();
        self.world.hand().advance(self.to_the_next_minute() + Duration::from_mins(minutes));
        let now = self.now();
        let mut late: Vec<Timestamp> = ticks(from, now).collect();
        if backwards {
            late.reverse();
        }
        for tick in late {
            self.handle(tick).await;
        }
        // The last of them is of this minute: whatever is due is looked at.
        self.reference.tick(now, now);
    }

    /// Compares the mails that came since the last time with those that had to.
    fn compare(&mut self) -> Result<(), String> {
        let mut came: Vec<Mail> = self.world.mails().iter().map(mail).collect();
        let mut expected = self.reference.mails()[self.compared..].to_vec();
        self.compared += expected.len();
        came.sort();
        expected.sort();
        if came == expected { Ok(()) } else { Err(format!("at {}\nexpected {expected:?}\ncame {came:?}", self.now())) }
    }

    /// Compares what people find in the log of what was mailed to them with what was.
    pub(super) async fn ends(mut self) -> Result<(), String> {
        for who in 0..PEOPLE {
            let mut found = Vec::new();
            let mut path = "/v1/me/notifications?limit=100".to_owned();
            loop {
                let page = self.call(who, Method::GET, &path, None).await.expect(200);
                found.extend(page["items"].as_array().unwrap().iter().filter(|row| row["outcome"] == "sent").map(
                    |row| Mail {
                        at: row["at"].as_str().unwrap().parse().unwrap(),
                        to: who,
                        messages: row["messages"].as_u64().unwrap(),
                        conversations: row["conversations"].as_u64().unwrap(),
                    },
                ));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/v1/me/notifications?limit=100&cursor={next}");
            }
            found.sort();
            let mut expected: Vec<Mail> =
                self.reference.mails().iter().filter(|mail| mail.to == who).cloned().collect();
            expected.sort();
            if found != expected {
                return Err(format!("{}\nmailed {expected:?}\nnoted {found:?}", name(who)));
            }
        }
        Ok(())
    }
}

/// A message as an answer shows it.
fn message(by: Who, at: Timestamp, shown: &Value) -> Message {
    let mentions = shown["mentions"].as_array().unwrap().iter();
    Message {
        by,
        at,
        seq: shown["seq"].as_u64().unwrap(),
        mentions: mentions.map(|mention| number(mention["username"].as_str().unwrap())).collect(),
        important: shown["important"].as_bool().unwrap(),
    }
}

/// A mail as it came: the numbers are those of its first sentence, after the time and the zone.
fn mail(letter: &tests::post::Letter) -> Mail {
    let (_, sentence) = letter.text.split_once(") ").unwrap();
    let (sentence, _) = sentence.split_once('.').unwrap();
    let numbers: Vec<u64> = sentence.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [messages, conversations] = numbers[..] else { panic!("{sentence}") };
    let (to, _) = letter.to.split_once('@').unwrap();
    Mail { at: letter.at, to: number(to), messages, conversations }
}

//! The product, and people who take the steps in it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, key};
use tests::beside::NOTHING;
use tests::world::World;

use super::call::{Ask, Call};
use super::check::{explained, explains, shows};
use super::model::{Model, State};
use super::step::{Op, PEOPLE, Step, Text};
use super::view::{history, notify, role, titled};

/// How often everybody looks, if nobody acts at the same moment as somebody else.
const LOOK_EVERY: usize = 3;

/// What somebody looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// The conversation itself.
    Conversation,
    /// Its newest messages and events.
    Newest,
    /// All that happened, from the beginning.
    Everything,
    /// Its members.
    Members,
}

impl Look {
    fn path(self, id: &str) -> String {
        let part = match self {
            Self::Conversation => "",
            Self::Newest => "/messages?limit=100",
            Self::Everything => "/messages?after=0&limit=100",
            Self::Members => "/members?limit=100",
        };
        format!("/v1/conversations/{id}{part}")
    }
}

/// What somebody saw.
pub(super) struct Sight {
    pub(super) what: Look,
    pub(super) slot: usize,
    pub(super) who: usize,
    pub(super) answer: Answer,
}

/// One world for many sequences, seen by two processes: to make one takes longer than to play in it.
pub(super) struct Stage {
    here: World,
    there: World,
    sequences: Cell<u64>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let here = World::new().await;
        let there = here.another_process();
        Self { here, there, sequences: Cell::new(0) }
    }

    /// The time, in milliseconds.
    pub(super) fn now(&self) -> i64 {
        self.here.clock().now().as_millis()
    }

    /// People who were never here before.
    pub(super) async fn cast(&self) -> Cast<'_> {
        let sequence = self.sequences.get();
        self.sequences.set(sequence + 1);
        let (mut people, mut names) = (Vec::new(), Vec::new());
        for n in 0..PEOPLE {
            let here = self.here.person(&format!("p{n}s{sequence}")).await;
            names.push(here.username().to_owned());
            let there = self.there.bearer(here.token());
            people.push([here, there]);
        }
        names.push(format!("nobody{sequence}"));
        Cast { stage: self, people, names, ids: BTreeMap::new(), taken: 0 }
    }
}

/// The people of one sequence.
pub(super) struct Cast<'a> {
    stage: &'a Stage,
    /// Each with a door to either process.
    people: Vec<[Actor; 2]>,
    names: Vec<String>,
    /// The conversations that were started.
    ids: BTreeMap<usize, String>,
    /// How many steps were taken.
    taken: usize,
}

/// A request.
struct Request {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Cast<'_> {
    /// What the people are called, and last somebody who is not known.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Takes a step, and returns the state that explains what was answered and seen.
    pub(super) async fn take(&mut self, mut model: Model, step: &Step) -> Result<Model, String> {
        self.taken += 1;
        self.passes(&mut model, 1);
        match step {
            Step::Wait(seconds) => {
                self.passes(&mut model, *seconds);
                Ok(model)
            }
            Step::Alone(op) => self.alone(model, op).await,
            Step::Together(one, other) => {
                let mut both = model.clone();
                match (both.call(one), both.call(other)) {
                    (Some(first), Some(second)) if first.by != second.by => self.act(both, &[first, second]).await,
                    _ => {
                        // One person does one thing after the other.
                        let between = self.alone(model, one).await?;
                        self.alone(between, other).await
                    }
                }
            }
        }
    }

    fn passes(&self, model: &mut Model, seconds: u32) {
        self.stage.here.hand().advance(Duration::from_secs(seconds.into()));
        model.now += i64::from(seconds) * 1_000;
    }

    async fn alone(&mut self, mut model: Model, op: &Op) -> Result<Model, String> {
        match model.call(op) {
            Some(call) => self.act(model, &[call]).await,
            None => Ok(model),
        }
    }

    /// Asks one thing, or two at the same moment.
    async fn act(&mut self, model: Model, calls: &[Call]) -> Result<Model, String> {
        let mut answers = Vec::new();
        if let [one, other] = calls {
            let (one, other) = tokio::join!(self.ask(one, 0), self.ask(other, 1));
            answers.extend([one, other]);
        } else {
            for call in calls {
                answers.push(self.ask(call, self.taken % 2).await);
            }
        }
        for (call, answer) in calls.iter().zip(&answers) {
            if let (Ask::Start { .. }, Some(id)) = (&call.ask, answer.body["id"].as_str()) {
                self.ids.insert(call.slot, id.to_owned());
            }
        }
        // What is unread is exact once everything is delivered.
        self.stage.here.settles().await;
        let mut wanted = Vec::new();
        if calls.len() > 1 || self.taken.is_multiple_of(LOOK_EVERY) {
            let slots: BTreeSet<usize> = calls.iter().map(|call| call.slot).collect();
            wanted.extend(slots.iter().flat_map(|slot| (0..PEOPLE).map(move |who| (Look::Newest, *slot, who))));
            wanted.extend(calls.iter().map(|call| (Look::Members, call.slot, call.by)));
            if calls.len() > 1 {
                // Which of two changes to messages came first shows only to who follows.
                wanted.extend(slots.iter().flat_map(|slot| (0..PEOPLE).map(move |who| (Look::Everything, *slot, who))));
            }
        }
        explained(&model, calls, &answers, &self.look(wanted).await)
    }

    async fn ask(&self, call: &Call, door: usize) -> Answer {
        let Request { method, path, headers, body } = self.request(call);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.people[call.by][door].call(method, &path, &headers, body).await
    }

    /// Lets people look at conversations, all at once.
    async fn look(&self, wanted: Vec<(Look, usize, usize)>) -> Vec<Sight> {
        let mut looking = Vec::new();
        for (what, slot, who) in wanted {
            let Some(id) = self.ids.get(&slot) else { continue };
            let (path, actor) = (what.path(id), self.people[who][self.taken % 2].clone());
            looking.push((what, slot, who, tokio::spawn(async move { actor.get(&path).await })));
        }
        let mut sights = Vec::new();
        for (what, slot, who, answer) in looking {
            sights.push(Sight { what, slot, who, answer: answer.await.unwrap() });
        }
        sights
    }

    /// Lets everybody look at everything, inboxes and counts among it.
    pub(super) async fn look_around(&self, model: &Model) -> Result<(), String> {
        let mut wanted = Vec::new();
        for slot in self.ids.keys() {
            wanted.push((Look::Members, *slot, slot % PEOPLE));
            for who in 0..PEOPLE {
                wanted.extend([(Look::Conversation, *slot, who), (Look::Everything, *slot, who)]);
            }
        }
        explains(model, &self.look(wanted).await)?;
        for (who, [actor, _]) in self.people.iter().enumerate() {
            for (path, expected) in [
                ("/v1/conversations", model.inbox(who, State::Active, &self.ids)),
                ("/v1/conversations?state=archived", model.inbox(who, State::Archived, &self.ids)),
                ("/v1/unread", model.unread(who)),
            ] {
                let answer = actor.get(path).await;
                shows("", &answer.body, &expected).map_err(|why| format!("{path} for person {who}: {why}"))?;
            }
        }
        Ok(())
    }

    fn request(&self, call: &Call) -> Request {
        let id = self.ids.get(&call.slot).map_or(NOTHING, String::as_str);
        let at = |part: &str| format!("/v1/conversations/{id}{part}");
        let member = |who: usize| at(&format!("/members/{}", self.names[who]));
        let names = |people: &[usize]| people.iter().map(|who| self.names[*who].as_str()).collect::<Vec<_>>();
        let said = |text: &Text| text.written(&self.names);
        match &call.ask {
            Ask::Start { others, from_join, title, message } => {
                let (title, members) = (titled(*title), names(others));
                let mut body = json!({ "title": title, "members": members, "history": history(*from_join) });
                if let Some(text) = message {
                    body["message"] = json!({ "body": said(text) });
                }
                Request::new(Method::POST, "/v1/conversations".to_owned(), body).with("idempotency-key", key())
            }
            Ask::Send { key, text, important } => {
                let key = uuid::Uuid::from_u128(u128::from(*key)).to_string();
                let body = json!({ "body": said(text), "important": important });
                Request::new(Method::POST, at("/messages"), body).with("idempotency-key", key)
            }
            Ask::Edit { seq, text, important } => {
                let mut body = json!({});
                if let Some(text) = text {
                    body["body"] = json!(said(text));
                }
                if let Some(important) = important {
                    body["important"] = json!(important);
                }
                Request::new(Method::PATCH, at(&format!("/messages/{seq}")), body)
            }
            Ask::Withdraw { seq } => Request::delete(at(&format!("/messages/{seq}"))),
            Ask::Read { seq } => Request::new(Method::PUT, at("/read"), json!({ "seq": seq })),
            Ask::Unread { seq } => Request::new(Method::PUT, at("/read"), json!({ "seq": seq, "unread": true })),
            Ask::Settings { pinned, notify: wish } => {
                let mut body = json!({});
                if let Some(pinned) = pinned {
                    body["pinned"] = json!(pinned);
                }
                if let Some(wish) = wish {
                    body["notify"] = json!(notify(*wish));
                }
                Request::new(Method::PATCH, at("/settings"), body)
            }
            Ask::Add { whom } => Request::new(Method::POST, at("/members"), json!({ "usernames": names(whom) })),
            Ask::Remove { whom } => Request::delete(member(*whom)),
            Ask::Leave => Request::delete(member(call.by)),
            Ask::SetRole { whom, administrator } => {
                Request::new(Method::PATCH, member(*whom), json!({ "role": role(*administrator) }))
            }
            Ask::Rename { title, seen } => {
                Request::new(Method::PATCH, at(""), json!({ "title": titled(*title) })).having_seen(*seen)
            }
            Ask::Archive { archived, seen } => {
                let path = at(if *archived { "/archive" } else { "/unarchive" });
                Request::new(Method::POST, path, json!({})).having_seen(*seen)
            }
            Ask::Delete { title, seen } => {
                Request::new(Method::POST, at("/delete"), json!({ "title": titled(*title) })).having_seen(*seen)
            }
        }
    }
}

impl Request {
    fn new(method: Method, path: String, body: Value) -> Self {
        Self { method, path, headers: Vec::new(), body: Some(body) }
    }

    fn delete(path: String) -> Self {
        Self { method: Method::DELETE, path, headers: Vec::new(), body: None }
    }

    fn with(mut self, header: &'static str, value: String) -> Self {
        self.headers.push((header, value));
        self
    }

    fn having_seen(self, rev: Option<u64>) -> Self {
        match rev {
            Some(rev) => self.with("if-match", format!("\"{rev}\"")),
            None => self,
        }
    }
}

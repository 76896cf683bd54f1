//! One row per bad input.

mod addresses;
mod attachments;
mod backups;
mod fields;
mod managing;
mod notices;
mod requests;
mod retention;

use http::Method;
use serde_json::Value;
use tests::actor::{Actor, key};

use super::Scene;

/// Text that must not be said back; every bad value that has room holds it.
pub(super) const CANARY: &str = "zebra";

/// A bad input and its answer.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) who: Actor,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    pub(super) slug: &'static str,
    pub(super) pointer: Option<&'static str>,
}

impl Row {
    /// Where in the request the answer says it is.
    fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = Some(pointer);
        self
    }

    fn by_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    fn by(mut self, who: Actor) -> Self {
        self.who = who;
        self
    }

    /// The header with another value, or without one.
    fn with(mut self, name: &str, values: &[&str]) -> Self {
        self.headers.retain(|(present, _)| present != name);
        self.headers.extend(values.iter().map(|value| (name.to_owned(), (*value).to_owned())));
        self
    }
}

/// Makes rows.
struct Maker<'a> {
    scene: &'a Scene,
}

impl Maker<'_> {
    fn request(&self, name: &str, method: Method, path: &str, status: u16, slug: &'static str) -> Row {
        Row {
            name: name.to_owned(),
            who: self.scene.ann.clone(),
            method,
            path: path.to_owned(),
            headers: vec![
                ("content-type".to_owned(), "application/json".to_owned()),
                ("idempotency-key".to_owned(), key()),
            ],
            body: Vec::new(),
            status,
            slug,
            pointer: None,
        }
    }

    fn start(&self, name: &str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Row {
        Row { body: body.into(), ..self.request(name, Method::POST, "/v1/conversations", status, slug) }
    }

    fn send(&self, name: &str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Row {
        let path = self.scene.conversation.messages();
        Row { body: body.into(), ..self.request(name, Method::POST, &path, status, slug) }
    }

    fn read(&self, name: &str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Row {
        let path = self.scene.conversation.read();
        Row { body: body.into(), ..self.request(name, Method::PUT, &path, status, slug) }
    }

    fn search(&self, name: &str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Row {
        Row { body: body.into(), ..self.request(name, Method::POST, "/v1/users/search", status, slug) }
    }

    fn get(&self, name: &str, path: &str, status: u16, slug: &'static str) -> Row {
        Row { headers: Vec::new(), ..self.request(name, Method::GET, path, status, slug) }
    }
}

/// All rows.
pub(super) fn all(scene: &Scene) -> Vec<Row> {
    let maker = Maker { scene };
    let parts = [
        requests::strangers,
        fields::unknown_fields,
        requests::unreadable,
        requests::media_types,
        addresses::ids,
        requests::keys,
        addresses::queries,
        fields::fields,
        fields::shapes,
        fields::texts,
        fields::nothings,
        addresses::addresses,
        managing::conversations,
        managing::members,
        managing::officials,
        managing::settings,
        managing::audits,
        attachments::sizes,
        attachments::declarations,
        attachments::places,
        attachments::states,
        attachments::messages,
        backups::places,
        backups::bodies,
        retention::periods,
        retention::holds,
        notices::preferences,
        notices::wholes,
        notices::policies,
        notices::logs,
        notices::links,
    ];
    parts.iter().flat_map(|part| part(&maker)).collect()
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

//! Requests that nobody thought of, at every operation of the contract.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use api::Kind;
use http::Method;
use local::person::{Person, Role};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::contract;
use tests::world::World;

/// What the member is besides.
const ROLES: [Role; 2] = [Role::SystemAdministrator, Role::Auditor];

/// A member who is an official as well, a stranger and nobody, with a conversation and a broadcast of the same id.
struct Scene {
    world: World,
    people: [Option<Person>; 3],
    conversation: Conversation,
    /// What the member uploaded to it.
    attachment: String,
    /// What the member backed up.
    backup: String,
    /// From a mail to the member.
    token: String,
    /// What the table held after the last request.
    table: RefCell<Vec<String>>,
    done: Cell<usize>,
    refused: Cell<usize>,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let ann = world.official("ann", &ROLES).await;
        world.person("eve").await;
        let conversation = ann.starts("Ward 4", &[]).await;
        world.broadcast(&conversation.id).await;
        ann.sends(&conversation, "Hello").await.expect(201);
        let attachment = world.attachment(&ann, &conversation, "scan.txt").await;
        let backup = world.backup(&ann, &conversation).await;
        let token = world.unsubscribe_token(&ann).await;
        let table = RefCell::new(world.table_but_presence().await);
        let official = Person { roles: ROLES.to_vec(), ..Person::named("ann") };
        let people = [Some(official), Some(Person::named("eve")), None];
        let (done, refused) = (Cell::new(0), Cell::new(0));
        Self { world, people, conversation, attachment, backup, token, table, done, refused }
    }

    /// Somebody with a new token: they may have signed out with the last one.
    fn signs_in(&self, who: Index) -> Actor {
        match who.get(&self.people) {
            Some(person) => self.world.bearer(&self.world.issuer().mint(person).unwrap().access_token),
            None => self.world.nobody(),
        }
    }

    /// The address of an operation on the conversation, on the message and the attachment in it and on somebody else,
    /// or behind the link in the mail.
    fn address(&self, path: &str, id: &str) -> String {
        let path = path.replace("{id}", id).replace("{seq}", "2").replace("{username}", "eve");
        let path = path.replace("{attachment}", &self.attachment).replace("{backup}", &self.backup);
        path.replace("{token}", &self.token)
    }

    /// Sends the request, and checks that it was done, or refused without a trace.
    async fn meets(&self, who: Index, method: &Method, path: &str, headers: &[(String, String)], body: Vec<u8>) {
        // So that nobody meets a limit on how often.
        self.world.hand().advance(Duration::from_mins(1));
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.signs_in(who).raw(method.clone(), path, &headers, body).await;
        let after = self.world.table_but_presence().await;
        let before = self.table.replace(after.clone());
        if (200..300).contains(&answer.status) {
            self.done.set(self.done.get() + 1);
            // What a token says of its person is written when they ask who they are.
            let reading = *method == Method::GET && !path.starts_with("/v1/me");
            assert!(!reading || before == after, "reading wrote");
        } else {
            self.refused.set(self.refused.get() + 1);
            well_formed(&answer);
            assert!(before == after, "{} wrote", answer.status);
        }
    }
}

/// Checks that an answer is a row of the catalogue, and no failure of ours.
fn well_formed(answer: &Answer) {
    assert!(answer.status < 500, "{} {}", answer.status, answer.body);
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == answer.problem());
    let kind = kind.unwrap_or_else(|| panic!("{} is not in the catalogue: {}", answer.status, answer.body));
    answer.expect_problem(kind.status().as_u16(), kind.slug());
    assert_eq!(answer.body["detail"], kind.detail());
}

/// An operation of the contract, and what it takes.
#[derive(Clone, Debug)]
struct Operation {
    method: Method,
    path: String,
    body: Value,
}

/// Every operation of the contract.
fn operations() -> Vec<Operation> {
    let document = contract::document();
    let taken = |contract::Operation { method, path, says }| {
        let body = example(&document, &says["requestBody"]["content"]["application/json"]["schema"]);
        Operation { method, path, body }
    };
    contract::operations_in(&document).into_iter().map(taken).collect()
}

/// Something that fits a schema of the contract.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(document, document.pointer(name.trim_start_matches('#')).expect("a schema"));
    }
    let said = [&schema["example"], &schema["examples"][0], &schema["enum"][0]];
    if let Some(said) = said.into_iter().find(|said| !said.is_null()) {
        return said.clone();
    }
    if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return example(document, any.last().unwrap_or(&Value::Null));
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match (kind, schema["pattern"].as_str()) {
        (Some("object"), _) => {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            properties.iter().map(|(name, schema)| (name.clone(), example(document, schema))).collect()
        }
        (Some("array"), _) if schema["minItems"].is_null() => json!([]),
        (Some("array"), _) => json!([example(document, &schema["items"])]),
        (Some("boolean"), _) => json!(true),
        (Some("integer"), _) => json!(1),
        // Patterns of the contract list words.
        (Some("string"), Some(words)) => words.trim_matches(['^', '$', '(', ')']).split('|').next().into(),
        (Some("string"), None) => json!("Hello"),
        _ => Value::Null,
    }
}

fn text() -> impl Strategy<Value = String> {
    const NASTY: &[&str] =
        &["", " ", "ann", "\0", "#", "../..", "\u{202e}", "\u{200b}", "'; --", "${7*7}", "@ann", "null", "\r\n"];
    prop_oneof![select(NASTY).prop_map(str::to_owned), "\\PC{0,12}", any::<String>(), "[@a ]{0,200}"]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3_i64..12).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        (0_usize..12_000).prop_map(|length| "x".repeat(length).into()),
    ]
}

/// Names of fields, ours and others.
fn name() -> impl Strategy<Value = String> {
    const FIELDS: &[&str] = &[
        "title",
        "members",
        "history",
        "message",
        "body",
        "important",
        "after",
        "before",
        "seq",
        "query",
        "limit",
        "cursor",
        "role",
        "name",
        "users",
        "projects",
        "audience",
        "until",
        "reason",
        "mail",
        "frequency",
        "timezone",
        "quiet_hours",
        "visible",
        "email",
        "attachments",
        "content_type",
        "size",
        "sha256",
        "pk",
    ];
    prop_oneof![4 => select(FIELDS).prop_map(str::to_owned), 1 => text()]
}

fn anything() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 5, |inner| {
        let object = btree_map(name(), inner.clone(), 0..5);
        prop_oneof![
            vec(inner, 0..5).prop_map(Value::from),
            object.prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// What is done to the body that an operation takes.
#[derive(Clone, Debug)]
enum Body {
    /// Some fields are set or, where nothing is given, left out; in an object within too.
    Changed(Vec<(String, Option<Value>, bool)>),
    /// Some bytes of it are replaced, and it may be cut.
    Spoilt(Vec<(Index, u8)>, Option<Index>),
    /// Something else instead.
    Other(Value),
    /// Bytes instead.
    Bytes(Vec<u8>),
}

impl Body {
    fn strategy() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => vec((name(), proptest::option::of(anything()), any::<bool>()), 0..3).prop_map(Self::Changed),
            2 => (vec((any::<Index>(), any::<u8>()), 0..3), proptest::option::of(any::<Index>()))
                .prop_map(|(bytes, end)| Self::Spoilt(bytes, end)),
            2 => anything().prop_map(Self::Other),
            1 => vec(any::<u8>(), 0..300).prop_map(Self::Bytes),
        ]
    }

    fn of(self, operation: &Operation) -> Vec<u8> {
        let mut good = operation.body.clone();
        match self {
            Self::Changed(changes) => {
                for (name, value, within) in changes {
                    let object = if within && good["message"].is_object() { &mut good["message"] } else { &mut good };
                    let Some(fields) = object.as_object_mut() else { continue };
                    match value {
                        Some(value) => fields.insert(name, value),
                        None => fields.remove(&name),
                    };
                }
                good.to_string().into_bytes()
            }
            Self::Spoilt(changes, end) => {
                let mut bytes = good.to_string().into_bytes();
                for (place, byte) in changes {
                    let place = place.index(bytes.len());
                    bytes[place] = byte;
                }
                bytes.truncate(end.map_or(bytes.len(), |end| end.index(bytes.len())));
                bytes
            }
            Self::Other(value) => value.to_string().into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Bytes as they can stand in an address, escaped.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect()
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).expect("half a byte")
}

/// A piece of an address: characters that may stand there as they are, or any bytes, escaped.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9%._~!$&'()*+,;=:@{}-]{1,40}",
        vec(any::<u8>(), 1..20).prop_map(|bytes| escaped(&bytes)),
        text().prop_map(|text| escaped(text.as_bytes())),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let pair = (
        prop_oneof![3 => name().prop_map(|name| escaped(name.as_bytes())), 1 => piece()],
        prop_oneof![
            3 => (-2_i64..120).prop_map(|n| n.to_string()),
            1 => any::<u64>().prop_map(|n| n.to_string()),
            1 => piece(),
        ],
    );
    prop_oneof![
        2 => Just(String::new()),
        1 => vec(pair, 1..4).prop_map(|pairs| {
            let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("?{}", pairs.join("&"))
        }),
        1 => "[a-zA-Z0-9%._~!$&'()*+,;=:@/?-]{0,60}".prop_map(|text| format!("?{text}")),
    ]
}

/// Headers: mostly those that an operation asks for, and some more.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    const HEADERS: &[&str] = &[
        "content-type",
        "content-encoding",
        "idempotency-key",
        "authorization",
        "content-length",
        "transfer-encoding",
        "if-none-match",
        "if-match",
        "accept",
        "expect",
        "range",
        "x-request-id",
        "host",
    ];
    let name = prop_oneof![select(HEADERS).prop_map(str::to_owned), "[a-z][a-z0-9-]{0,20}"];
    let value = prop_oneof!["[ -~]{0,60}", "\\PC{0,20}", Just("application/json".to_owned()), Just(key())];
    let good =
        || vec![("content-type".to_owned(), "application/json".to_owned()), ("idempotency-key".to_owned(), key())];
    (0_u8..4, vec((name, value), 0..4)).prop_map(move |(kind, more)| match kind {
        0 => more,
        1 => good().into_iter().chain(more).collect(),
        _ => good(),
    })
}

/// Tries many requests in one world; to make one takes longer than to ask it something.
fn in_one_world<S: Strategy>(cases: u32, requests: &S, ask: &impl AsyncFn(&Scene, S::Value)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::new());
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let tried = TestRunner::new(config).run(requests, |request| {
        runtime.block_on(ask(&scene, request));
        Ok(())
    });
    if let Err(error) = tried {
        panic!("{error}");
    }
    assert!(scene.refused.get() > 10, "hardly anything was refused");
    // Most of what is tried is nonsense; were it all refused, nothing would be shown of what is done.
    assert!(scene.done.get() > 3, "hardly anything was good enough to be done");
}

#[test]
fn whatever_is_sent_to_an_operation_is_done_or_refused_without_a_trace() {
    let id = prop_oneof![3 => Just(None), 1 => Just(Some(key())), 1 => piece().prop_map(Some)];
    let requests = (select(operations()), any::<Index>(), id, query(), headers(), Body::strategy());
    in_one_world(400, &requests, &async |scene, (operation, who, id, query, headers, body)| {
        let id = id.unwrap_or_else(|| scene.conversation.id.clone());
        let path = scene.address(&operation.path, &id) + &query;
        let body = body.of(&operation);
        scene.meets(who, &operation.method, &path, &headers, body).await;
    });
}

#[test]
fn whatever_stands_in_an_address_is_found_or_not() {
    let known = select(operations()).prop_map(|operation| operation.path);
    let path = prop_oneof![
        2 => known.clone(),
        1 => (known, piece(), any::<Index>()).prop_map(|(path, piece, place)| {
            let place = place.index(path.len()) + 1;
            format!("{}{piece}{}", &path[..place], &path[place..])
        }),
        1 => vec(prop_oneof![piece(), Just(String::new()), Just("..".to_owned()), Just("v1".to_owned())], 1..6)
            .prop_map(|pieces| format!("/{}", pieces.join("/"))),
    ];
    let method = prop_oneof![
        2 => Just(Method::GET),
        1 => "[A-Z]{1,12}".prop_map(|name| Method::from_bytes(name.as_bytes()).unwrap()),
        1 => select(vec![Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE]),
    ];
    // Two refusals have no body to look at, or no address of this form.
    let method = method.prop_filter("HEAD or CONNECT", |method| *method != Method::HEAD && *method != Method::CONNECT);
    in_one_world(400, &(any::<Index>(), method, path, query(), headers()), &async |scene, request| {
        let (who, method, path, query, headers) = request;
        let path = scene.address(&path, &scene.conversation.id);
        scene.meets(who, &method, &format!("{path}{query}"), &headers, b"{}".to_vec()).await;
    });
}

#[test]
fn the_contracts_own_examples_are_taken() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let scene = Scene::new().await;
        let (ann, eve) = (scene.world.official("ann", &ROLES).await, scene.world.person("eve").await);
        scene.world.project("Hello", &[&ann]).await;
        scene.world.project("heart-study", &[&ann]).await;
        ann.adds(&scene.conversation, &[&eve]).await.expect(200);
        let mut operations = operations();
        // What ends something comes after what needs it.
        let ends = ["withdraw", "archive", "unarchive", "delete"];
        operations.sort_by_key(|operation| {
            let last = operation.path.rsplit('/').next().unwrap();
            let ended = ends.iter().position(|end| *end == last);
            (last == "logout", last == "delete", operation.method == Method::DELETE, ended)
        });
        for operation in operations {
            let path = scene.address(&operation.path, &scene.conversation.id);
            let body = if operation.body.is_null() { None } else { Some(operation.body) };
            let headers = [("idempotency-key", &*key())];
            let answer = ann.call(operation.method, &path, &headers, body).await;
            assert!(matches!(answer.status, 200 | 201 | 202 | 204), "{path}: {}", answer.body);
        }
    });
}

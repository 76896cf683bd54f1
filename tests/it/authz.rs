//! Who may do what: every operation of the contract, for everybody.

use std::collections::BTreeSet;

use http::Method;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::meter::Meter;
use tests::world::World;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Nobody,
    BadToken,
    Stranger,
    Former,
    Member,
    Administrator,
    SystemAdministrator,
    Auditor,
}

use Who::{Administrator, Auditor, BadToken, Former, Member, Nobody, Stranger, SystemAdministrator};

const EVERYBODY: [Who; 8] = [Nobody, BadToken, Stranger, Former, Member, Administrator, SystemAdministrator, Auditor];

/// Who gets which answer.
enum Open {
    /// Without a token.
    ToAll,
    /// To everybody who is signed in.
    ToCallers(u16),
    /// To members only; to everybody else it does not exist.
    ToMembers(u16),
}

impl Open {
    fn status(&self, who: Who) -> u16 {
        match (self, who) {
            (Self::ToAll, _) => 200,
            (_, Nobody | BadToken) => 401,
            (Self::ToCallers(status), _) | (Self::ToMembers(status), Member | Administrator) => *status,
            (Self::ToMembers(_), _) => 404,
        }
    }
}

/// Every operation of the contract: its method, its path, a body, and who gets which answer.
fn operations() -> Vec<(Method, &'static str, Option<Value>, Open)> {
    use Open::{ToAll, ToCallers, ToMembers};
    vec![
        (Method::GET, "/v1/health", None, ToAll),
        (Method::GET, "/v1/me", None, ToCallers(200)),
        (Method::POST, "/v1/users/search", Some(json!({ "query": "ann" })), ToCallers(200)),
        (Method::GET, "/v1/unread", None, ToCallers(200)),
        (Method::GET, "/v1/conversations", None, ToCallers(200)),
        (Method::POST, "/v1/conversations", Some(json!({ "title": "Mine", "members": [] })), ToCallers(201)),
        (Method::GET, "/v1/conversations/{id}", None, ToMembers(200)),
        (Method::GET, "/v1/conversations/{id}/messages", None, ToMembers(200)),
        (Method::POST, "/v1/conversations/{id}/messages", Some(json!({ "body": "hello" })), ToMembers(201)),
        (Method::PUT, "/v1/conversations/{id}/read", Some(json!({ "seq": 1 })), ToMembers(200)),
    ]
}

struct Cast {
    world: World,
    conversation: Conversation,
    people: Vec<(Who, Actor)>,
}

impl Cast {
    fn actor(&self, who: Who) -> &Actor {
        &self.people.iter().find(|(other, _)| *other == who).unwrap().1
    }
}

/// A conversation of an administrator, a member and somebody who was removed.
async fn cast() -> Cast {
    let world = World::new().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let eve = world.person("eve").await;
    let conversation = ann.starts("Ward 4", &[&ben, &cleo]).await;
    world.remove(&format!("U#{}", cleo.username()), &format!("C#{}", conversation.id)).await;
    world.remove(&format!("C#{}", conversation.id), &format!("P#{}", cleo.username())).await;
    let system = world.official("sys", &[Role::SystemAdministrator]).await;
    let auditor = world.official("aud", &[Role::Auditor]).await;
    let people = vec![
        (Nobody, world.nobody()),
        (BadToken, world.bearer("not.a.token")),
        (Stranger, eve),
        (Former, cleo),
        (Member, ben),
        (Administrator, ann),
        (SystemAdministrator, system),
        (Auditor, auditor),
    ];
    Cast { world, conversation, people }
}

async fn ask(actor: &Actor, method: &Method, path: &str, body: Option<&Value>) -> Answer {
    actor.call(method.clone(), path, &[("idempotency-key", &key())], body.cloned()).await
}

#[test]
fn every_operation_of_the_contract_has_a_row_and_every_row_an_operation() {
    let document = serde_json::to_value(local::functions::document()).unwrap();
    let mut contract = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        contract.extend(methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let rows: BTreeSet<String> = operations().iter().map(|(method, path, ..)| format!("{method} {path}")).collect();
    assert_eq!(contract, rows);
}

#[tokio::test]
async fn everybody_gets_what_is_theirs_and_nothing_else() {
    let cast = cast().await;
    let mut wrong = Vec::new();
    for (method, template, body, open) in operations() {
        let path = template.replace("{id}", &cast.conversation.id);
        for who in EVERYBODY {
            let answer = ask(cast.actor(who), &method, &path, body.as_ref()).await;
            if answer.status != open.status(who) {
                wrong.push(format!("{method} {template} for {who:?}: {}, not {}", answer.status, open.status(who)));
            }
            if answer.status == 401 {
                answer.expect_problem(401, "unauthenticated");
                assert_eq!(answer.headers["www-authenticate"], "Bearer");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_one_may_not_see_looks_and_costs_like_what_does_not_exist() {
    let cast = cast().await;
    let meter = &cast.world.wire().meter;
    // A warm process, which remembers the conversation's head, must not answer otherwise.
    cast.actor(Administrator).sends(&cast.conversation, "warm").await.expect(201);
    for (method, template, body, open) in operations() {
        if !matches!(open, Open::ToMembers(_)) {
            continue;
        }
        for who in [Stranger, Former, SystemAdministrator, Auditor] {
            let mut seen = Vec::new();
            for id in [cast.conversation.id.as_str(), "019ca8a0-3e80-7707-8707-070707070707"] {
                meter.take();
                let answer = ask(cast.actor(who), &method, &template.replace("{id}", id), body.as_ref()).await;
                answer.expect_problem(404, "not-found");
                seen.push((answer.without_request_id(), Meter::in_sequence(&meter.take())));
            }
            assert_eq!(seen[0], seen[1], "{method} {template} for {who:?}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_writes_nothing() {
    let cast = cast().await;
    let before = cast.world.table().await;
    for (method, template, body, open) in operations() {
        let path = template.replace("{id}", &cast.conversation.id);
        for who in EVERYBODY {
            if open.status(who) >= 400 {
                ask(cast.actor(who), &method, &path, body.as_ref()).await;
            }
        }
    }
    assert_eq!(cast.world.table().await, before);
}

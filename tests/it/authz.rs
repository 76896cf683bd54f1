//! Who may do what: every operation of the contract, for everybody.

use http::Method;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::{NOTHING, declared};
use tests::contract;
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
    All,
    /// To everybody who is signed in.
    Callers(u16),
    /// To members only; to everybody else it does not exist.
    Members(u16),
    /// To administrators of the conversation; members are told that it is not theirs to do.
    Administrators(u16),
    /// To the author only; other members are told that it is somebody else's.
    Author(u16),
    /// To whoever uploaded it, or asked for it; to everybody else it does not exist.
    Owner(u16),
    /// To people with this role at the institution; to everybody else it is no secret that it is not theirs.
    Officials(Who, u16),
}

impl Open {
    fn status(&self, who: Who) -> u16 {
        match (self, who) {
            (Self::All, _) => 200,
            (_, Nobody | BadToken) => 401,
            (Self::Officials(official, status), who) => {
                if who == *official {
                    *status
                } else {
                    403
                }
            }
            (Self::Callers(status), _)
            | (Self::Members(status), Member | Administrator)
            | (Self::Administrators(status) | Self::Author(status) | Self::Owner(status), Administrator) => *status,
            (Self::Administrators(_) | Self::Author(_), Member) => 403,
            (Self::Members(_) | Self::Administrators(_) | Self::Author(_) | Self::Owner(_), _) => 404,
        }
    }
}

/// Every operation of the contract: its method, its path, a body, and who gets which answer.
fn operations() -> Vec<(Method, &'static str, Option<Value>, Open)> {
    use Open::{Administrators, All, Author, Callers, Members, Owner};
    let mut all = officials();
    all.extend(own());
    let (attachments, attachment) =
        ("/v1/conversations/{id}/attachments", "/v1/conversations/{id}/attachments/{attachment}");
    all.extend(vec![
        (Method::GET, "/v1/health", None, All),
        (Method::GET, "/v1/me", None, Callers(200)),
        (Method::POST, "/v1/users/search", Some(json!({ "query": "ann" })), Callers(200)),
        (Method::GET, "/v1/unread", None, Callers(200)),
        (Method::GET, "/v1/conversations", None, Callers(200)),
        (Method::POST, "/v1/conversations", Some(json!({ "title": "Mine", "members": [] })), Callers(201)),
        (Method::GET, "/v1/conversations/{id}", None, Members(200)),
        (Method::GET, "/v1/conversations/{id}/messages", None, Members(200)),
        (Method::POST, "/v1/conversations/{id}/messages", Some(json!({ "body": "hello" })), Members(201)),
        (Method::PUT, "/v1/conversations/{id}/read", Some(json!({ "seq": 1 })), Members(200)),
        (Method::POST, attachments, Some(declared("scan.txt", "text/plain", b"hello")), Members(201)),
        (Method::POST, "/v1/conversations/{id}/attachments/{attachment}/complete", Some(json!({})), Owner(200)),
        // Before the message that it belongs to is taken back.
        (Method::GET, attachment, None, Members(200)),
        (Method::POST, "/v1/conversations/{id}/backups", Some(json!({})), Members(202)),
        (Method::GET, "/v1/conversations/{id}/backups/{backup}", None, Owner(200)),
        (Method::PATCH, "/v1/conversations/{id}/messages/{seq}", Some(json!({ "body": "hello" })), Author(200)),
        (Method::DELETE, "/v1/conversations/{id}/messages/{seq}", None, Author(204)),
        (Method::PATCH, "/v1/conversations/{id}", Some(json!({ "title": "Ward 4" })), Administrators(200)),
        (Method::PATCH, "/v1/conversations/{id}/settings", Some(json!({ "pinned": true })), Members(200)),
        (Method::GET, "/v1/conversations/{id}/members", None, Members(200)),
        (Method::POST, "/v1/conversations/{id}/members", Some(json!({ "usernames": ["ben"] })), Administrators(200)),
        (
            Method::PATCH,
            "/v1/conversations/{id}/members/{username}",
            Some(json!({ "role": "administrator" })),
            Administrators(200),
        ),
        // Somebody who is in no row of the cast, so that everybody stays what they are.
        (Method::DELETE, "/v1/conversations/{id}/members/{username}", None, Administrators(204)),
        (Method::PUT, "/v1/direct/{username}", Some(json!({})), Callers(201)),
        (Method::POST, "/v1/conversations/{id}/unarchive", Some(json!({})), Administrators(200)),
        (Method::POST, "/v1/conversations/{id}/archive", Some(json!({})), Administrators(200)),
        (Method::POST, "/v1/conversations/{id}/delete", Some(json!({ "title": "Ward 4" })), Administrators(204)),
        // The last: nobody is let in any more.
        (Method::POST, "/v1/me/logout", Some(json!({})), Callers(204)),
    ]);
    all
}

/// What is about oneself and one's mails, and what whoever has the link in a mail can do.
fn own() -> Vec<(Method, &'static str, Option<Value>, Open)> {
    use Open::{All, Callers};
    let preferences = json!({
        "frequency": "2h", "digest_mode": "leading", "instant": true, "instant_when": "offline", "broadcasts": true,
        "daily_at": "08:00", "timezone": "Europe/Madrid", "language": "en",
    });
    vec![
        (Method::GET, "/v1/me/preferences", None, Callers(200)),
        (Method::PUT, "/v1/me/preferences", Some(preferences), Callers(200)),
        (Method::POST, "/v1/me/presence", Some(json!({ "visible": true })), Callers(204)),
        (Method::GET, "/v1/me/notifications", None, Callers(200)),
        (Method::GET, "/v1/unsubscribe/{token}", None, All),
        (Method::POST, "/v1/unsubscribe/{token}", Some(json!({})), All),
    ]
}

/// What is there because of somebody's role at the institution, and what everybody has beside conversations.
fn officials() -> Vec<(Method, &'static str, Option<Value>, Open)> {
    use Open::{Callers, Officials};
    let system = |status| Officials(SystemAdministrator, status);
    let auditors = |status| Officials(Auditor, status);
    let settings = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": true });
    let user = json!({ "name": "Dora", "active": true });
    let address = json!({ "email": "dora@hospital.example" });
    vec![
        (Method::GET, "/v1/users/suggested", None, Callers(200)),
        (Method::GET, "/v1/projects", None, Callers(200)),
        (Method::GET, "/v1/broadcasts", None, Callers(200)),
        (Method::PUT, "/v1/broadcasts/{id}/read", Some(json!({})), Callers(204)),
        (Method::GET, "/v1/admin/settings", None, system(200)),
        (Method::PUT, "/v1/admin/settings", Some(settings), system(200)),
        (Method::PUT, "/v1/admin/users/{username}", Some(user), system(200)),
        (Method::PUT, "/v1/admin/projects/{id}", Some(json!({ "title": "Heart", "members": ["ben"] })), system(201)),
        (Method::POST, "/v1/admin/import", Some(json!({})), system(200)),
        (Method::GET, "/v1/admin/broadcasts", None, system(200)),
        (Method::POST, "/v1/admin/broadcasts", Some(json!({ "kind": "general", "body": "news" })), system(201)),
        (Method::PATCH, "/v1/admin/broadcasts/{id}", Some(json!({ "body": "other news" })), system(200)),
        (Method::POST, "/v1/admin/broadcasts/{id}/withdraw", Some(json!({})), system(200)),
        (Method::GET, "/v1/admin/holds", None, system(200)),
        (Method::PUT, "/v1/admin/holds", Some(json!({ "project_id": "eve", "reason": "a claim" })), system(201)),
        (Method::POST, "/v1/admin/holds/lift", Some(json!({ "project_id": "eve", "reason": "settled" })), system(204)),
        (Method::GET, "/v1/admin/suppressions", None, system(200)),
        (Method::POST, "/v1/admin/suppressions/lift", Some(address), system(204)),
        (Method::GET, "/v1/audit/institution", None, auditors(200)),
        (Method::GET, "/v1/audit/institution/verify", None, auditors(200)),
        (Method::GET, "/v1/conversations/{id}/audit", None, auditors(200)),
        (Method::GET, "/v1/conversations/{id}/audit/verify", None, auditors(200)),
        (
            Method::POST,
            "/v1/conversations/{id}/break-glass",
            Some(json!({ "reason": "a complaint", "case": "2026-17" })),
            auditors(201),
        ),
    ]
}

struct Cast {
    world: World,
    conversation: Conversation,
    /// What the administrator sent with the first message.
    attachment: String,
    /// What the administrator backed up.
    backup: String,
    /// From a mail to the administrator.
    token: String,
    people: Vec<(Who, Actor)>,
}

impl Cast {
    fn actor(&self, who: Who) -> &Actor {
        &self.people.iter().find(|(other, _)| *other == who).unwrap().1
    }

    /// The address of an operation in the conversation, or behind the link in the mail.
    fn at(&self, template: &str) -> String {
        self.elsewhere(template, &self.conversation.id).replace("{token}", &self.token)
    }

    /// The address of an operation in one conversation: at its first message and its attachment, and at the member
    /// nobody else is.
    fn elsewhere(&self, template: &str, id: &str) -> String {
        let path = template.replace("{id}", id).replace("{seq}", "2").replace("{username}", "dora");
        path.replace("{attachment}", &self.attachment).replace("{backup}", &self.backup)
    }
}

/// A conversation of an administrator, a member and somebody who was removed.
async fn cast() -> Cast {
    let world = World::new().await;
    let (ann, ben, cleo) = (world.person("ann").await, world.person("ben").await, world.person("cleo").await);
    let eve = world.person("eve").await;
    let dora = world.person("dora").await;
    let conversation = ann.starts("Ward 4", &[&ben, &cleo, &dora]).await;
    let attachment = world.attachment(&ann, &conversation, "scan.txt").await;
    let first = json!({ "body": "the first", "attachments": [attachment] });
    ann.post(&conversation.messages(), first).await.expect(201);
    let backup = world.backup(&ann, &conversation).await;
    ann.removes(&conversation, &cleo).await.expect(204);
    world.broadcast(&conversation.id).await;
    let token = world.unsubscribe_token(&ann).await;
    let system = world.official("sys", &[Role::SystemAdministrator]).await;
    world.project("eve", &[]).await;
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
    Cast { world, conversation, attachment, backup, token, people }
}

async fn ask(actor: &Actor, method: &Method, path: &str, body: Option<&Value>) -> Answer {
    actor.call(method.clone(), path, &[("idempotency-key", &key())], body.cloned()).await
}

#[test]
fn every_operation_of_the_contract_has_a_row_and_every_row_an_operation() {
    contract::assert_covered(operations().iter().map(|(method, path, ..)| format!("{method} {path}")));
}

#[tokio::test]
async fn everybody_gets_what_is_theirs_and_nothing_else() {
    let cast = cast().await;
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for (method, template, body, open) in operations() {
        let path = cast.at(template);
        for who in EVERYBODY {
            let answer = ask(cast.actor(who), &method, &path, body.as_ref()).await;
            asked += 1;
            if answer.status != open.status(who) {
                wrong.push(format!("{method} {template} for {who:?}: {}, not {}", answer.status, open.status(who)));
            }
            match answer.status {
                401 => answer.expect_problem(401, "unauthenticated"),
                404 => answer.expect_problem(404, "not-found"),
                _ => {}
            }
            assert_eq!(answer.headers.contains_key("www-authenticate"), answer.status == 401);
            let said = String::from_utf8_lossy(&answer.bytes);
            // By their ids the projects and broadcasts here are the conversation; they are no secret.
            let member = matches!(who, Member | Administrator) || template.contains("broadcasts");
            let official = matches!(open, Open::Officials(..));
            assert!(member || !said.contains("Ward 4"), "{said}");
            assert!(member || official || !said.contains(&cast.conversation.id), "{said}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{asked} requests of {} kinds of callers: each gets what is theirs", EVERYBODY.len());
}

/// Ways to ask for what only members have, besides the plain ones: another part of it, more than there is, other people.
fn variants() -> Vec<(Method, &'static str, Option<Value>)> {
    let open_to_members = |open: &Open| !matches!(open, Open::All | Open::Callers(_) | Open::Officials(..));
    let plain = operations().into_iter().filter(|(.., open)| open_to_members(open));
    let mut all: Vec<_> = plain.map(|(method, path, body, _)| (method, path, body)).collect();
    for path in ["?after=0", "?after=99", "?before=2&limit=1", "?before=0"] {
        let path = ["/v1/conversations/{id}/messages", path].concat();
        all.push((Method::GET, String::leak(path), None));
    }
    let sent = json!({ "attachments": [NOTHING] });
    for body in [json!({ "body": "@ann @ben @nobody" }), json!({ "body": "x", "after": 2 }), sent] {
        all.push((Method::POST, "/v1/conversations/{id}/messages", Some(body)));
    }
    for seq in [0, 2, 99] {
        all.push((Method::PUT, "/v1/conversations/{id}/read", Some(json!({ "seq": seq }))));
    }
    for (method, rest) in [(Method::GET, ""), (Method::POST, "/complete")] {
        let path = ["/v1/conversations/{id}/attachments/", NOTHING, rest].concat();
        all.push((method, String::leak(path), None));
    }
    all
}

#[tokio::test]
async fn what_one_may_not_see_looks_and_costs_like_what_does_not_exist() {
    let cast = cast().await;
    // One process remembers the conversation's head, the other never heard of it.
    cast.actor(Administrator).sends(&cast.conversation, "warm").await.expect(201);
    for world in [&cast.world, &cast.world.another_process()] {
        for who in [Stranger, Former, SystemAdministrator, Auditor] {
            let actor = world.bearer(cast.actor(who).token());
            actor.get("/v1/me").await.expect(200);
            for (method, template, body) in variants() {
                let mut seen = Vec::new();
                for id in [cast.conversation.id.as_str(), NOTHING] {
                    world.wire().meter.take();
                    let answer = ask(&actor, &method, &cast.elsewhere(template, id), body.as_ref()).await;
                    answer.expect_problem(404, "not-found");
                    let mut headers = answer.headers.clone();
                    headers.remove("x-request-id");
                    let trips = Meter::in_sequence(&world.wire().meter.take());
                    seen.push((answer.without_request_id(), headers, trips));
                }
                assert_eq!(seen[0], seen[1], "{method} {template} for {who:?}");
                assert!(seen[0].2 > 0, "{method} {template} was decided without the table");
            }
        }
    }
}

#[tokio::test]
async fn neither_a_role_nor_having_been_there_shows_anything() {
    let cast = cast().await;
    let sent = cast.actor(Administrator).sends(&cast.conversation, "for members").await.expect(201);
    for who in [Stranger, Former, SystemAdministrator, Auditor] {
        let actor = cast.actor(who);
        let inbox = json!({ "items": [], "next": null });
        assert_eq!(actor.get("/v1/conversations").await.expect(200), inbox, "{who:?}");
        assert_eq!(actor.unread().await, [0, 0, 0, 0], "{who:?}");
    }
    // The one who is still there sees it: the message was worth hiding.
    assert_eq!(cast.actor(Member).unread().await, [2, 1, 0, 0]);
    assert_eq!(cast.actor(Member).reads(&cast.conversation).await, ["the first", sent["body"].as_str().unwrap()]);
}

#[tokio::test]
async fn whoever_was_removed_learns_nothing_from_repeating_what_they_did() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let (first, second) = (key(), key());
    let start = json!({ "title": "Ward 4", "members": ["ben"] });
    let conversation =
        Conversation::new(&ann.post_with_key("/v1/conversations", start.clone(), &first).await.expect(201));
    let (message, third) = (json!({ "body": "once" }), key());
    ann.post_with_key(&conversation.messages(), message.clone(), &second).await.expect(201);
    let attached = json!({ "body": "look", "attachments": [world.attachment(&ann, &conversation, "scan.txt").await] });
    ann.post_with_key(&conversation.messages(), attached.clone(), &third).await.expect(201);
    ann.makes(&conversation, &ben, "administrator").await.expect(200);
    ben.removes(&conversation, &ann).await.expect(204);
    for world in [&world, &world.another_process()] {
        let ann = world.bearer(ann.token());
        let before = world.table().await;
        ann.post_with_key(&conversation.messages(), message.clone(), &second).await.expect_problem(404, "not-found");
        for (asked, key) in [(&attached, &third), (&attached, &second), (&message, &third)] {
            let again = ann.post_with_key(&conversation.messages(), asked.clone(), key).await;
            again.expect_problem(404, "not-found");
        }
        ann.post_with_key("/v1/conversations", start.clone(), &first).await.expect_problem(404, "not-found");
        assert_eq!(world.table().await, before);
    }
    assert_eq!(ben.reads(&conversation).await, ["once", "look"]);
}

#[tokio::test]
async fn what_is_refused_writes_nothing() {
    let cast = cast().await;
    let before = cast.world.table().await;
    for (method, template, body, open) in operations() {
        let path = cast.at(template);
        for who in EVERYBODY {
            if open.status(who) >= 400 {
                ask(cast.actor(who), &method, &path, body.as_ref()).await;
            }
        }
    }
    assert_eq!(cast.world.table().await, before);
}

//! What clients send by mistake or on purpose, and what they are told.

mod rows;

use http::{HeaderMap, Method};
use local::aws::scanner::eicar;
use local::person::Role;
use serde_json::{Value, json};
use store::Purpose;
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::declared;
use tests::world::World;

use rows::{CANARY, Row};

/// A conversation with two messages, its two members, somebody who is none, and officials.
struct Scene {
    world: World,
    ann: Actor,
    ben: Actor,
    eve: Actor,
    office: Actor,
    auditor: Actor,
    conversation: Conversation,
    attachments: Attachments,
    /// What Ann backed up, of the conversation with the attachments.
    backup: String,
    /// From a mail to ann.
    token: String,
    /// A reference to ann that is for something else.
    reference: String,
}

/// Attachments in another conversation of ann and ben, by what they are. All but one are ann's.
struct Attachments {
    conversation: Conversation,
    pending: String,
    scanning: String,
    clean: String,
    blocked: String,
    sent: String,
    withdrawn: String,
    bens: String,
}

impl Attachments {
    async fn new(world: &World, ann: &Actor, ben: &Actor, conversation: Conversation) -> Self {
        let pending =
            ann.post(&conversation.attachments(), declared("scan.txt", "text/plain", b"hello")).await.expect(201);
        let pending = pending["attachment"]["id"].as_str().unwrap().to_owned();
        let scanning = world.uploads(ann, &conversation, "scan.txt", b"hello").await;
        // Of this one nobody hears.
        world.take_verdicts();
        let blocked = world.uploads(ann, &conversation, "virus.txt", eicar().as_bytes()).await;
        let clean = world.attachment(ann, &conversation, "scan.txt").await;
        let (sent, withdrawn) = (
            world.attachment(ann, &conversation, "sent.txt").await,
            world.attachment(ann, &conversation, "no.txt").await,
        );
        let bens = world.attachment(ben, &conversation, "scan.txt").await;
        let messages = conversation.messages();
        ann.post(&messages, json!({ "attachments": [sent] })).await.expect(201);
        let taken_back = ann.post(&messages, json!({ "attachments": [withdrawn] })).await.expect(201);
        ann.delete(&conversation.message(taken_back["seq"].as_u64().unwrap())).await.expect(204);
        Self { conversation, pending, scanning, clean, blocked, sent, withdrawn, bens }
    }
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (ann, ben, eve) = (world.person("ann").await, world.person("ben").await, world.person("eve").await);
        let conversation = ann.starts("Ward 4", &[&ben]).await;
        for text in ["one", "two"] {
            ann.sends(&conversation, text).await.expect(201);
        }
        let other = ann.starts("Ward 5", &[&ben]).await;
        let attachments = Attachments::new(&world, &ann, &ben, other).await;
        let backup = world.backup(&ann, &attachments.conversation).await;
        let office = world.office().await;
        let auditor = world.official("auditor", &[Role::Auditor]).await;
        let token = world.unsubscribe_token(&ann).await;
        let reference = world.reference(Purpose::Notice, &ann).await;
        Self { world, ann, ben, eve, office, auditor, conversation, attachments, backup, token, reference }
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_its_reason_and_without_its_text_and_changes_nothing() {
    let scene = Scene::new().await;
    let before = scene.world.table_but_presence().await;
    let rows = rows::all(&scene);
    let all = rows.len();
    assert!(all > 900, "{all}");
    let mut wrong = Vec::new();
    for row in rows {
        // So that nobody meets a limit on how often.
        scene.world.hand().advance(std::time::Duration::from_mins(1));
        let Row { name, who, method, path, headers, body, status, slug, pointer } = row;
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let name = format!("{name}: {method} {}", path.chars().take(80).collect::<String>());
        let answer = who.raw(method, &path, &headers, body).await;
        let place = answer.body["errors"][0]["pointer"].as_str();
        if (answer.status, answer.problem(), place) != (status, slug, pointer) {
            wrong.push(format!("{name}: {status} {slug} {pointer:?} expected, {} {}", answer.status, answer.body));
            continue;
        }
        answer.expect_problem(status, slug);
        assert!(!answer.said().to_lowercase().contains(CANARY), "{name}: {}", answer.said());
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{name}");
        assert_eq!(answer.headers.contains_key("allow"), status == 405, "{name}");
        let later = [429, 503].contains(&status) || slug == "attachment-scanning";
        assert_eq!(answer.headers.contains_key("retry-after"), later, "{name}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{name}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{name}");
        let after = scene.world.table_but_presence().await;
        let changed: Vec<_> = before.iter().filter(|item| !after.contains(item)).collect();
        let became: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
        assert!(
            after == before,
            "{name} changed something, or one of these did:\n{}\n{changed:#?} became {became:#?}",
            wrong.join("\n")
        );
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{all} kinds of bad input refused, with nothing written");
}

#[tokio::test]
async fn what_is_not_yours_is_the_same_as_what_does_not_exist_byte_for_byte() {
    let scene = Scene::new().await;
    let random = Conversation { id: key() };
    let before = scene.world.table().await;
    let mut answers = Vec::new();
    for (who, conversation) in
        [(&scene.eve, &scene.conversation), (&scene.eve, &random), (&scene.ann, &random), (&scene.ben, &random)]
    {
        let body = || json!({ "body": "Hello" });
        answers.extend([
            who.get(&conversation.path()).await,
            who.get(&conversation.messages()).await,
            who.get(&format!("{}?after=0&limit=1", conversation.messages())).await,
            who.post(&conversation.messages(), body()).await,
            who.post(&conversation.messages(), json!({ "body": "@ann @ben", "after": 3 })).await,
            who.put(&conversation.read(), json!({ "seq": 1 })).await,
            who.put(&conversation.read(), json!({ "seq": 999 })).await,
            who.post(&conversation.attachments(), declared("scan.txt", "text/plain", b"hello")).await,
            who.post(&conversation.messages(), json!({ "attachments": [scene.attachments.clean] })).await,
            who.get(&conversation.attachment(&scene.attachments.sent)).await,
            who.post(&conversation.backups(), json!({})).await,
            who.get(&format!("{}/{}", conversation.backups(), scene.backup)).await,
            who.post(&format!("{}/complete", conversation.attachment(&scene.attachments.clean)), json!({})).await,
        ]);
    }
    for answer in &answers {
        answer.expect_problem(404, "not-found");
        assert_eq!(answer.said(), answers[0].said());
    }
    assert_eq!(scene.world.table().await, before);
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused_wherever_it_was_used() {
    let scene = Scene::new().await;
    let Scene { ann, conversation, .. } = &scene;
    let (sent, started) = (key(), key());
    ann.post_with_key(&conversation.messages(), json!({ "body": "once" }), &sent).await.expect(201);
    ann.post_with_key("/v1/conversations", json!({ "title": "Ward 6", "members": [] }), &started).await.expect(201);
    let other = ann.starts("Ward 7", &[]).await;
    let before = scene.world.table().await;
    for (path, body, key) in [
        (conversation.messages(), json!({ "body": CANARY }), &sent),
        (conversation.messages(), json!({ "body": "once", "important": true }), &sent),
        ("/v1/conversations".to_owned(), json!({ "title": CANARY, "members": [] }), &started),
        ("/v1/conversations".to_owned(), json!({ "title": "Ward 6", "members": ["ben"] }), &started),
        (
            "/v1/conversations".to_owned(),
            json!({ "title": "Ward 6", "members": [], "message": { "body": "x" } }),
            &started,
        ),
    ] {
        let refused = ann.post_with_key(&path, body, key).await;
        refused.expect_problem(409, "idempotency-key-reuse");
        assert!(!refused.said().contains(CANARY));
    }
    assert_eq!(scene.world.table().await, before);
    // In another conversation it is another act, and it may not answer with what was sent in the first.
    let elsewhere = ann.post_with_key(&other.messages(), json!({ "body": "once" }), &sent).await;
    assert!(matches!(elsewhere.status, 201 | 409), "{}", elsewhere.body);
    assert!(!elsewhere.headers.contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn a_cursor_is_good_only_as_it_was_given() {
    let scene = Scene::new().await;
    let page = scene.ann.get("/v1/conversations?limit=1").await.expect(200);
    let cursor = page["next"].as_str().unwrap();
    let mut bad: Vec<String> = vec![
        String::new(),
        "=".to_owned(),
        "AAAA".to_owned(),
        CANARY.to_owned(),
        "x".repeat(5_000),
        "%00".to_owned(),
        "%F0%9F%91%8D".to_owned(),
        format!("{cursor}="),
        format!("{cursor}{cursor}"),
        format!("%20{cursor}"),
        cursor.to_ascii_uppercase(),
    ];
    bad.extend((0..cursor.len()).map(|end| cursor[..end].to_owned()));
    for place in 0..cursor.len() {
        let other = if &cursor[place..=place] == "A" { "B" } else { "A" };
        bad.push(format!("{}{other}{}", &cursor[..place], &cursor[place + 1..]));
    }
    for bad in bad {
        let refused = scene.ann.get(&format!("/v1/conversations?cursor={bad}")).await;
        refused.expect_problem(400, "invalid-cursor");
        assert!(!refused.said().contains(CANARY));
    }
    let of_another = scene.ben.get(&format!("/v1/conversations?cursor={cursor}")).await;
    of_another.expect_problem(400, "invalid-cursor");
    let for_another = scene.ann.get(&format!("/v1/me/notifications?cursor={cursor}")).await;
    for_another.expect_problem(400, "invalid-cursor");
    let rest = scene.ann.get(&format!("/v1/conversations?cursor={cursor}")).await.expect(200);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn limits_let_through_what_just_fits() {
    let scene = Scene::new().await;
    let Scene { ann, conversation, .. } = &scene;
    for title in ["x".repeat(150), format!("  {}\n", "é".repeat(150)), "👩‍👩‍👧‍👦".repeat(21)] {
        ann.post("/v1/conversations", json!({ "title": title, "members": [] })).await.expect(201);
    }
    for body in ["y".repeat(10_000), "👍".repeat(10_000), format!("a{}", "\u{301}".repeat(63)), "@x ".repeat(50)] {
        ann.post(&conversation.messages(), json!({ "body": body })).await.expect(201);
    }
    // A thousand names for one person.
    let members: Vec<_> = (0..1_000).map(|n| if n % 2 == 0 { "ben" } else { "BEN" }).collect();
    ann.post("/v1/conversations", json!({ "title": "All", "members": members })).await.expect(201);
    let mut largest = json!({ "body": "largest" }).to_string();
    largest.push_str(&" ".repeat(256 * 1024 - largest.len()));
    let headers = [("content-type", "application/json"), ("idempotency-key", &*key())];
    ann.raw(Method::POST, &conversation.messages(), &headers, largest.into_bytes()).await.expect(201);
    let (long, cut) = (format!("{}.txt", "é".repeat(996)), format!("{}.txt", "é".repeat(125)));
    for (name, shown, size) in [
        ("../../etc/passwd", "passwd", 1),
        ("C:\\scans\\bed 12.txt ", "bed 12.txt", 52_428_799),
        ("a\r\nb\u{202e}.txt", "ab.txt", 52_428_800),
        (long.as_str(), cut.as_str(), 1),
    ] {
        let mut wanted = declared(name, "text/plain", b"");
        wanted["size"] = size.into();
        let requested = ann.post(&conversation.attachments(), wanted).await.expect(201);
        assert_eq!(requested["attachment"]["name"], shown);
    }
    for query in ["limit=1", "limit=100", "before=999999999999", "after=0", "after=999999999999"] {
        ann.get(&format!("{}?{query}", conversation.messages())).await.expect(200);
    }
}

#[tokio::test]
async fn the_ways_in_which_clients_write_the_same_thing_are_all_understood() {
    let scene = Scene::new().await;
    let Scene { ann, conversation, .. } = &scene;
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
        "application/json;",
    ] {
        for encoding in [None, Some("identity")] {
            let key = key();
            let mut headers = vec![("content-type", content_type), ("idempotency-key", &key)];
            headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
            let body = b" {\"body\":\"\\u0048ello\",\"important\":false}\r\n".to_vec();
            let sent = ann.raw(Method::POST, &conversation.messages(), &headers, body).await.expect(201);
            assert_eq!(sent["body"], "Hello", "{content_type}");
        }
    }
}

#[tokio::test]
async fn headers_that_try_to_say_something_else_are_ignored() {
    let scene = Scene::new().await;
    let Scene { ann, conversation, .. } = &scene;
    let plain = ann.get(&conversation.path()).await.expect(200);
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("x-header-{n}"), CANARY.to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for headers in [
        vec![("x-http-method-override", "DELETE")],
        vec![("x-http-method", "PUT"), ("x-method-override", "POST")],
        vec![("host", "evil.test"), ("x-forwarded-host", "evil.test"), ("forwarded", "host=evil.test")],
        vec![("x-forwarded-for", "127.0.0.1"), ("x-original-url", "/v1/me"), ("x-rewrite-url", "/v1/me")],
        vec![("x-user", "eve"), ("x-forwarded-user", "eve"), ("x-request-id", CANARY)],
        vec![("accept", "text/html"), ("accept-encoding", "gzip"), ("range", "bytes=0-1")],
        vec![("content-type", "text/plain"), ("idempotency-key", CANARY)],
        many,
    ] {
        let answer = ann.raw(Method::GET, &conversation.path(), &headers, Vec::new()).await;
        assert!(!answer.said().contains(CANARY) && !answer.said().contains("evil.test"), "{headers:?}");
        assert_ne!(answer.headers["x-request-id"], CANARY);
        assert_eq!(answer.expect(200), plain, "{headers:?}");
    }
    let before = scene.world.table().await;
    let form = [("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", &*key())];
    let answer = ann.raw(Method::POST, "/v1/conversations", &form, b"_method=GET".to_vec()).await;
    answer.expect_problem(415, "unsupported-media-type");
    let overridden = [("x-http-method-override", "GET"), ("content-type", "application/json")];
    let answer = ann.raw(Method::POST, "/v1/conversations", &overridden, b"{}".to_vec()).await;
    answer.expect_problem(400, "idempotency-key-required");
    assert_eq!(scene.world.table().await, before);
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let scene = Scene::new().await;
    let Scene { ann, eve, conversation, .. } = &scene;
    let headers = |answer: &Answer| -> HeaderMap {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers.remove("content-length");
        headers
    };
    for (who, path) in [
        (ann, conversation.path()),
        (ann, "/v1/me".to_owned()),
        (eve, conversation.path()),
        (eve, "/v1/conversations/x".to_owned()),
        (eve, "/v1/none".to_owned()),
        (&scene.world.nobody(), "/v1/me".to_owned()),
    ] {
        let (head, get) = (who.raw(Method::HEAD, &path, &[], Vec::new()).await, who.get(&path).await);
        assert_eq!((head.status, headers(&head)), (get.status, headers(&get)), "{path}");
        assert!(head.bytes.is_empty() && !get.bytes.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_lists_what_can_be_done_instead() {
    let scene = Scene::new().await;
    for (path, expected) in [
        ("/v1/conversations".to_owned(), vec!["GET", "HEAD", "POST"]),
        (scene.conversation.path(), vec!["GET", "HEAD", "PATCH"]),
        (scene.conversation.message(2), vec!["DELETE", "PATCH"]),
        (scene.conversation.messages(), vec!["GET", "HEAD", "POST"]),
        (scene.conversation.read(), vec!["PUT"]),
        (scene.conversation.attachments(), vec!["POST"]),
        (scene.conversation.attachment(&key()), vec!["GET", "HEAD"]),
        (format!("{}/complete", scene.conversation.attachment(&key())), vec!["POST"]),
        ("/v1/users/search".to_owned(), vec!["POST"]),
        ("/v1/me/preferences".to_owned(), vec!["GET", "HEAD", "PUT"]),
        ("/v1/me/logout".to_owned(), vec!["POST"]),
        ("/v1/unsubscribe/x".to_owned(), vec!["GET", "HEAD", "POST"]),
    ] {
        let answer = scene.ann.raw(Method::TRACE, &path, &[], Vec::new()).await;
        let mut allowed: Vec<_> = answer.headers["allow"].to_str().unwrap().split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed, expected, "{path}");
    }
}

#[tokio::test]
async fn every_wrong_thing_in_a_list_is_named_by_its_place() {
    let scene = Scene::new().await;
    let asked = json!({ "title": "Ward 6", "members": ["nobody.one", "ben", "nobody.two"] });
    let refused = scene.ann.post("/v1/conversations", asked).await;
    refused.expect_problem(422, "user-not-found");
    let places: Vec<&Value> = refused.body["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(places, ["/members/0", "/members/2"]);
}

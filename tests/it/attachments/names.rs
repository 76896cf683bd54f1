//! What attachments are called: shown to members and to whoever fetches one, and nowhere else.

use std::time::Duration;

use http::Method;
use local::aws::scanner::eicar;
use serde_json::{Value, json};
use tests::actor::{Answer, key};
use tests::beside::declared;
use tests::faults::Fault;
use tests::logs::Logs;
use tests::world::World;

use super::{PDF, Scene, asks, completes, fetches, id_of, items, link, objects, sends, verdict, written};

/// What one of them is called. In no other text of any test.
const MARKER: &str = "quokkazq4";

/// Whether the marker is in a text, as it is or in hexadecimal digits.
fn marked(text: &str) -> bool {
    let digits = MARKER.bytes().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    let text = text.to_lowercase();
    text.contains(MARKER) || text.contains(&digits)
}

#[tokio::test]
async fn a_hostile_name_is_shown_as_one_line_and_saved_under_a_plain_one() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let emojis = |count: usize| format!("{}.png", "\u{1f600}".repeat(count));
    let (long, fitting) = (emojis(300), emojis(62));
    let named =
        |fallback: &str, encoded: &str| format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{encoded}");
    for (called, shown, saved) in [
        ("scan.pdf", "scan.pdf", named("scan.pdf", "scan.pdf")),
        ("../../etc/passwd", "passwd", named("passwd", "passwd")),
        ("C:\\x\\y.pdf", "y.pdf", named("y.pdf", "y.pdf")),
        ("..\\../a.pdf", "a.pdf", named("a.pdf", "a.pdf")),
        (".htaccess", "htaccess", named("htaccess", "htaccess")),
        ("a\u{202e}fdp.exe", "afdp.exe", named("afdp.exe", "afdp.exe")),
        ("\u{2066}a\u{2069}\u{200b}\0.pdf", "a.pdf", named("a.pdf", "a.pdf")),
        (
            "a\r\nSet-Cookie: b=c.pdf",
            "aSet-Cookie: b=c.pdf",
            named("aSet-Cookie: b=c.pdf", "aSet-Cookie%3A%20b%3Dc.pdf"),
        ),
        ("Gr\u{f6}\u{df}e 5%.pdf", "Gr\u{f6}\u{df}e 5%.pdf", named("Gr__e 5_.pdf", "Gr%C3%B6%C3%9Fe%205%25.pdf")),
        (
            "a\"; filename=\"b.exe",
            "a\"; filename=\"b.exe",
            named("a_; filename=_b.exe", "a%22%3B%20filename%3D%22b.exe"),
        ),
        ("<img src=x>.html", "<img src=x>.html", named("<img src=x>.html", "%3Cimg%20src%3Dx%3E.html")),
        (
            "{{7*7}}&amp;+%00.pdf",
            "{{7*7}}&amp;+%00.pdf",
            named("{{7*7}}&amp;+_00.pdf", "%7B%7B7%2A7%7D%7D&amp%3B+%2500.pdf"),
        ),
        (
            long.as_str(),
            fitting.as_str(),
            named(&format!("{}.png", "_".repeat(62)), &format!("{}.png", "%F0%9F%98%80".repeat(62))),
        ),
    ] {
        let scan = declared(called, "application/pdf", PDF);
        let asked = asks(ann, ward, scan).await.expect(201);
        assert_eq!(asked["attachment"]["name"], shown, "{called:?}");
        assert_eq!(world.upload(&asked, PDF).await, 200, "{called:?}");
        let id = id_of(&asked["attachment"]);
        completes(ann, ward, &id).await.expect(200);
        world.settles().await;
        sends(ann, ward, &[&id]).await.expect(201);
        assert_eq!(items(ben, ward).await.last().unwrap()["attachments"][0]["name"], shown, "{called:?}");
        let fetched = fetches(ben, ward, &id).await.expect(200);
        assert_eq!(fetched["attachment"]["name"], shown, "{called:?}");
        let (status, headers, bytes) = world.fetch(link(&fetched)).await;
        assert_eq!((status, &bytes[..]), (200, PDF), "{called:?}");
        assert_eq!(headers["content-disposition"], saved, "{called:?}");
        assert!(!headers.contains_key("set-cookie"), "{called:?}");
    }
}

#[tokio::test]
async fn of_a_name_something_must_be_left_to_see() {
    let Scene { world, ann, ward, .. } = &Scene::new().await;
    let before = written(world).await;
    for name in
        ["", " ", "...", ". . .", "..", "../..", "/", "a/", "a\\", "\\", "\u{202e}\u{200b}", "\r\n", "\0", "\u{3164}"]
    {
        let refused = asks(ann, ward, declared(name, "application/pdf", PDF)).await;
        refused.expect_problem(422, "validation");
        let error = &refused.body["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/name"), &json!("empty")), "{name:?}");
    }
    for name in [json!(5), json!(null), json!(["a.pdf"]), json!({ "name": "a.pdf" })] {
        let mut wrong = declared("a.pdf", "application/pdf", PDF);
        wrong["name"] = name;
        let refused = asks(ann, ward, wrong).await;
        refused.expect_problem(422, "validation");
        assert_eq!(refused.body["errors"][0]["pointer"], "/name");
    }
    assert_eq!(written(world).await, before);
}

/// Everything that can become of an attachment of this name, and what was answered.
async fn fates(scene: &Scene, name: &str) -> Vec<Answer> {
    let Scene { world, ann, ben, ward } = scene;
    let scan = || declared(name, "application/pdf", PDF);
    let mut answers = vec![asks(ann, ward, scan()).await];
    let asked = answers[0].body.clone();
    let id = id_of(&asked["attachment"]);
    assert!(!marked(&asked["upload"].to_string()));
    answers.push(completes(ann, ward, &id).await);
    assert_eq!(world.upload(&asked, PDF).await, 200);
    answers.push(completes(ann, ward, &id).await);
    answers.push(fetches(ann, ward, &id).await);
    answers.push(sends(ann, ward, &[&id]).await);
    let message = ward.message(answers.last().unwrap().body["seq"].as_u64().unwrap());
    world.settles().await;
    let fetched = fetches(ben, ward, &id).await;
    // Only what the storage is to say is told to it, signed, when somebody fetches.
    let (object, signed) = link(&fetched.body).split_once('?').unwrap();
    assert!(!marked(object) && marked(signed));
    answers.push(fetched);
    answers.push(sends(ann, ward, &[&id]).await);
    answers.push(ann.patch(&message, json!({ "body": "edited" })).await);
    answers.push(ann.delete(&message).await);
    answers.push(fetches(ben, ward, &id).await);

    // What is something else than was said, and what is infected.
    let asked = asks(ann, ward, declared(name, "image/png", PDF)).await;
    assert_eq!(world.upload(&asked.body, PDF).await, 200);
    answers.push(completes(ann, ward, &id_of(&asked.body["attachment"])).await);
    answers.push(asked);
    world.settles().await;
    let bytes = eicar().into_bytes();
    let infected = world.uploads_as(ann, ward, declared(name, "text/plain", &bytes), &bytes).await;
    let verdict = verdict(world);
    answers.push(sends(ann, ward, &[&infected]).await);
    world.scan_results().handle(verdict).await.unwrap();
    answers.push(fetches(ben, ward, &infected).await);

    // What is refused as it is asked.
    for field in ["name", "content_type", "size", "sha256", MARKER] {
        for wrong in [json!(name), json!([name]), json!({ MARKER: name })] {
            let mut asked = scan();
            asked[field] = wrong;
            if field == "name" && asked[field].is_string() {
                continue;
            }
            answers.push(asks(ann, ward, asked).await);
        }
    }
    answers.push(ann.post(&ward.messages(), json!({ "attachments": [name] })).await);
    answers.push(fetches(ann, ward, MARKER).await);
    answers
}

/// The table fails in every way.
async fn faults(scene: &Scene, name: &str) -> Vec<Answer> {
    let Scene { world, ann, ward, .. } = scene;
    let id = scene.clean(name).await;
    let mut answers = Vec::new();
    for fault in Fault::ALL {
        world.hand().advance(Duration::from_mins(1));
        let body = json!({ "attachments": [id] });
        for (method, path, body) in [
            (Method::POST, ward.attachments(), Some(declared(name, "application/pdf", PDF))),
            (Method::POST, format!("{}/complete", ward.attachment(&id)), None),
            (Method::GET, ward.attachment(&id), None),
            (Method::POST, ward.messages(), Some(body)),
        ] {
            for operation in ["BatchGetItem", "GetItem", "PutItem", "DeleteItem", "TransactWriteItems"] {
                world.wire().faults.plan(operation, vec![Some(fault); 4]);
            }
            answers.push(ann.call(method, &path, &[("idempotency-key", key().as_str())], body).await);
            world.wire().faults.stop();
        }
    }
    answers
}

/// Items that cannot be read: the name lies where something else belongs.
async fn corruption(scene: &Scene, name: &str) -> Vec<Answer> {
    let Scene { world, ann, ward, .. } = scene;
    world.hand().advance(Duration::from_mins(1));
    let (sent, unsent) = (scene.clean(name).await, scene.clean(name).await);
    sends(ann, ward, &[&sent]).await.expect(201);
    let mut answers = Vec::new();
    for id in [&sent, &unsent] {
        let item = world.item(&format!("A#{id}"), "~").await.unwrap();
        for field in item.as_object().unwrap().keys().filter(|field| !["pk", "sk"].contains(&field.as_str())) {
            let mut spoilt = item.clone();
            spoilt[field] = format!("{name} \"`'").into();
            world.plant(&spoilt).await;
            answers.push(fetches(ann, ward, id).await);
            answers.push(completes(ann, ward, id).await);
            answers.push(ann.get(&ward.messages()).await);
            if *id == unsent {
                // With one that there is not: none is sent.
                answers.push(sends(ann, ward, &[id, &key()]).await);
            }
            world.plant(&item).await;
        }
    }
    answers
}

/// Every key under which something lies in the table, or in one of its indexes.
async fn keys(world: &World) -> Vec<String> {
    let keys = |item: &String| {
        let item: Value = serde_json::from_str(item).unwrap();
        ["pk", "sk", "dk", "ds"].map(|name| item[name].to_string()).join(" ")
    };
    world.table().await.iter().map(keys).collect()
}

#[tokio::test]
async fn a_name_is_in_no_log_line_no_refusal_no_header_no_key_no_object_no_event_and_no_mail() {
    let logs = Logs::keep();
    let scene = Scene::new().await;
    let world = &scene.world;
    let name = format!("{MARKER} of Jane Roe.pdf");
    let mut answers = fates(&scene, &name).await;
    answers.extend(faults(&scene, &name).await);
    answers.extend(corruption(&scene, &name).await);
    world.passes(Duration::from_hours(5)).await;

    for problem in [
        "attachment-not-uploaded",
        "attachment-scanning",
        "attachment-not-usable",
        "attachment-mismatch",
        "attachment-quarantined",
        "attachment-size",
        "unknown-field",
        "validation",
        "not-found",
        "internal",
    ] {
        assert!(answers.iter().any(|answer| answer.problem() == problem), "nobody was told {problem}");
    }
    assert!(answers.iter().any(|answer| answer.status == 503));
    for answer in &answers {
        let mut told = format!("{:?}", answer.headers);
        if answer.status >= 400 {
            told += &String::from_utf8_lossy(&answer.bytes);
        }
        assert!(!marked(&told), "{told}");
    }
    // The control: it is where it belongs.
    assert!(world.table().await.iter().any(|item| marked(item)));
    for key in keys(world).await {
        assert!(!marked(&key), "{key}");
    }
    assert!(!objects(world).is_empty());
    for object in objects(world) {
        assert!(!marked(&object.display().to_string()), "{}", object.display());
    }
    let told = world.bus().take();
    assert!(told.iter().any(|told| told.name == "AttachmentBlocked"));
    assert!(told.iter().all(|told| !marked(&told.detail.to_string())), "{told:?}");
    assert!(world.mails().iter().all(|letter| !marked(&format!("{letter:?}"))));
    let lines = logs.lines();
    assert!(lines.len() > answers.len(), "{} lines of {} answers", lines.len(), answers.len());
    let found: Vec<&String> = lines.iter().filter(|line| marked(line)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn what_an_edit_adds_to_the_log_says_a_name_no_more_than_a_text() {
    let scene = Scene::new().await;
    let Scene { world, ann, ben, ward } = &scene;
    let id = scene.clean(&format!("{MARKER}.pdf")).await;
    let seq = sends(ann, ward, &[&id]).await.expect(201)["seq"].as_u64().unwrap();
    ann.patch(&ward.message(seq), json!({ "body": "second words" })).await.expect(200);
    // Text and name lie beside the message that was edited, and go with it.
    let revision = world.item(&format!("C#{}", ward.id), &format!("E#{:012}", seq + 1)).await.unwrap().to_string();
    assert!(!revision.contains("second words"), "{revision}");
    assert!(!marked(&revision), "{revision}");
    let page = ben.get(&ward.messages()).await.expect(200);
    assert_eq!(page["items"][0]["attachments"][0]["name"], format!("{MARKER}.pdf"));
}

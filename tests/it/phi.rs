//! Nothing that somebody wrote is where it does not belong.
//!
//! A marker goes into every text of every operation, in requests that succeed, are refused and fail; then every line that
//! was logged, every refusal, every header, every link and every key of the table and of the bucket is searched for it.
//! Names of staff have a marker of their own: keys may hold them, log lines and refusals may not. Metrics are made of log
//! lines, so there are no more places to look.
//!
//! One link holds a text by design: that by which an attachment is fetched. It says under which name it is saved, to
//! nobody but whoever may see that name, and works for a minute.
//!
//! What is looked through is all that the functions can be made to log: our own crates at `trace`, other crates at
//! `info`, below which the SDK writes requests and answers as they are; nobody can turn that on.

mod requests;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::Method;
use local::aws::scanner::eicar;
use local::person::Role;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::files_below;
use tests::contract::{self, Operation, operations, template};
use tests::faults::{Fault, OPERATIONS};
use tests::logs::Logs;
use tests::world::World;

use requests::{requests, wrong_bodies, wrong_preferences};

/// What people write. In no other text of any test.
const MARKER: &str = "canaryzq7";

/// What people are called.
const NAME: &str = "okapizq9";

/// A marker, as it is and as the usual encodings write it.
struct Spellings(Vec<String>);

impl Spellings {
    fn of(marker: &str) -> Self {
        let mut all = Vec::new();
        for marker in [marker.to_lowercase(), marker.to_uppercase()] {
            let each = |write: fn(&u8) -> String| marker.as_bytes().iter().map(write).collect::<Vec<_>>();
            all.extend([each(|b| format!("{b:02x}")).concat(), each(|b| format!("%{b:02x}")).concat()]);
            all.push(each(u8::to_string).join(", "));
            for before in 0..3 {
                // The characters at the edges depend on what stands before and after: those between do not.
                let encoded = STANDARD_NO_PAD.encode("x".repeat(before) + &marker);
                let own = (before * 8).div_ceil(6)..(before + marker.len()) * 8 / 6;
                all.push(encoded[own].to_lowercase());
            }
            all.push(marker.to_lowercase());
        }
        Self(all)
    }

    fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|spelling| text.contains(spelling))
    }
}

/// What was answered to requests, each with its operation.
struct Story<'a> {
    conversation: &'a Conversation,
    /// What the one who asks uploaded.
    attachment: &'a str,
    /// What they backed up.
    backup: &'a str,
    /// From a mail to the one who asks.
    token: &'a str,
    contract: Vec<Operation>,
    answers: Vec<(String, Answer)>,
}

impl Story<'_> {
    async fn call(&mut self, who: &Actor, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let key = key();
        let mut all = headers.to_vec();
        if headers.iter().all(|(name, _)| *name != "idempotency-key") {
            all.push(("idempotency-key", &key));
        }
        all.push(("content-type", "application/json"));
        self.raw(who, method, path, &all, body).await
    }

    async fn raw(
        &mut self,
        who: &Actor,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let template = template(path, &self.contract);
        let answer = who.raw(method.clone(), path, headers, body).await;
        self.answers.push((format!("{method} {template}"), answer.clone()));
        answer
    }

    /// The operations that were answered so.
    fn operations(&self, so: impl Fn(u16) -> bool) -> BTreeSet<&str> {
        self.answers.iter().filter(|(_, answer)| so(answer.status)).map(|(operation, _)| operation.as_str()).collect()
    }
}

/// What is wrong about a request, from every side.
async fn refusals(story: &mut Story<'_>, world: &World, ann: &Actor, member: &str) {
    let eve = world.person(&format!("{NAME}.eve")).await;
    for (method, path, wrong) in wrong_preferences() {
        story.call(ann, method, path, &[], wrong).await;
    }
    for (token, method) in [(MARKER, Method::GET), (MARKER, Method::POST), (NAME, Method::POST)] {
        story.call(&eve, method, &format!("/v1/unsubscribe/{token}"), &[], json!({ MARKER: MARKER })).await;
    }
    for (method, path, body) in requests(story, member) {
        // So that nobody meets a limit on how often.
        world.hand().advance(Duration::from_mins(1));
        let said = [("idempotency-key", MARKER), ("x-request-id", MARKER), ("user-agent", MARKER), ("cookie", MARKER)];
        story.call(ann, method.clone(), &path, &said, body.clone()).await;
        let query = format!("{path}?{MARKER}={MARKER}&limit={MARKER}&cursor={MARKER}&before={MARKER}");
        story.call(ann, method.clone(), &query, &[], body.clone()).await;
        story.call(&eve, method.clone(), &path, &[], body.clone()).await;
        for token in [MARKER.to_owned(), format!("{MARKER}.{MARKER}.{MARKER}"), format!("{} {MARKER}", ann.token())] {
            story.call(&world.bearer(&token), method.clone(), &path, &[(MARKER, MARKER)], body.clone()).await;
        }
        story.call(ann, Method::from_bytes(MARKER.as_bytes()).unwrap(), &path, &[], body.clone()).await;
        if body.is_null() {
            continue;
        }
        for wrong in wrong_bodies() {
            story.call(ann, method.clone(), &path, &[], wrong).await;
        }
        let key = key();
        let types = ["application/json", "text/plain", &format!("application/json; charset={MARKER}")];
        for kind in types {
            let headers = [("content-type", kind), ("idempotency-key", &*key)];
            let broken = format!("{{\"body\": \"{MARKER}\"").into_bytes();
            story.raw(ann, method.clone(), &path, &headers, broken).await;
        }
        // The same key with another text.
        let again = [("idempotency-key", &*key)];
        story.call(ann, method.clone(), &path, &again, body).await;
        let other = json!({ "title": MARKER, "members": [], "message": { "body": MARKER } });
        let other = if path == "/v1/conversations" { other } else { json!({ "body": MARKER }) };
        story.call(ann, method, &path, &again, other).await;
    }
    for path in ["", "/conversations/", "/conversations/x/"].map(|path| format!("/v1{path}/{MARKER}")) {
        story.call(ann, Method::GET, &path, &[], Value::Null).await;
    }
}

/// The table fails in every way; what then fails, or is tried again, must not tell either.
async fn faults(story: &mut Story<'_>, world: &World, member: &str) {
    for fault in Fault::ALL {
        let ann = signs_in(world).await;
        for (method, path, body) in requests(story, member) {
            world.hand().advance(Duration::from_mins(1));
            for operation in OPERATIONS {
                world.wire().faults.plan(operation, vec![Some(fault); 4]);
            }
            story.call(&ann, method, &path, &[], body).await;
            world.wire().faults.stop();
        }
    }
}

/// The one who asks, with a new token: whoever has signed out needs one, of a later second.
async fn signs_in(world: &World) -> Actor {
    world.hand().advance(Duration::from_secs(1));
    world.official(&format!("{NAME}.ann"), &[Role::SystemAdministrator, Role::Auditor]).await
}

/// Items that cannot be read: text lies where something else belongs.
async fn corruption(story: &mut Story<'_>, world: &World, ann: &Actor) {
    for item in world.table().await {
        let item: Value = serde_json::from_str(&item).unwrap();
        let own = item["entity"] != "directory" && item["pk"].as_str().unwrap().contains(&story.conversation.id)
            || [format!("U#{}", ann.username()), format!("A#{}", story.attachment)].iter().any(|pk| item["pk"] == **pk);
        let names = item.as_object().unwrap().keys().filter(|name| own && !["pk", "sk"].contains(&name.as_str()));
        for name in names {
            let mut spoilt = item.clone();
            spoilt[name] = format!("{MARKER} \"`'").into();
            world.plant(&spoilt).await;
            let all = ["/v1/me", "/v1/conversations"].map(str::to_owned);
            let conversation = story.conversation;
            let backup = format!("{}/{}", conversation.backups(), story.backup);
            let its = [conversation.path(), conversation.messages(), conversation.attachment(story.attachment), backup];
            for path in all.into_iter().chain(its) {
                story.call(ann, Method::GET, &path, &[], Value::Null).await;
            }
            world.plant(&item).await;
        }
    }
}

#[tokio::test]
async fn what_people_write_is_in_no_log_line_no_refusal_no_header_and_no_key() {
    let logs = Logs::keep();
    let (marker, name) = (Spellings::of(MARKER), Spellings::of(NAME));
    let world = World::new().await;
    let ann = signs_in(&world).await;
    let ben = world.person(&format!("{NAME}.ben")).await;
    world.person(&format!("{NAME}.cleo")).await;
    let conversation = ann.starts(MARKER, &[&ben]).await;
    world.broadcast(&conversation.id).await;
    world.bounces(&format!("{NAME}.{MARKER}@hospital.example")).await;
    let token = world.unsubscribe_token(&ann).await;
    let attachment = world.attachment(&ann, &conversation, &format!("{MARKER}.txt")).await;
    blocked(&world, &ann, &conversation).await;
    let backup = world.backup(&ann, &conversation).await;
    let mut story = Story {
        conversation: &conversation,
        attachment: &attachment,
        backup: &backup,
        token: &token,
        contract: operations(),
        answers: Vec::new(),
    };
    for (method, path, body) in requests(&story, ben.username()) {
        story.call(&ann, method, &path, &[], body).await;
    }
    let ann = signs_in(&world).await;
    // Another one, so that there still is one to be refused.
    let other = ann.starts(&format!("{MARKER} other"), &[&ben]).await;
    let title = json!({ "title": format!("{MARKER} other") });
    story.call(&ann, Method::POST, &format!("{}/delete", other.path()), &[], title).await;
    contract::assert_covered(story.operations(|status| status < 300));
    let all = contract::names();
    refusals(&mut story, &world, &ann, ben.username()).await;
    let refused: BTreeSet<&str> = all.iter().map(String::as_str).filter(|name| *name != "GET /v1/health").collect();
    assert!(story.operations(|status| (400..500).contains(&status)).is_superset(&refused));
    faults(&mut story, &world, ben.username()).await;
    assert!(story.operations(|status| status == 503).is_superset(&refused));
    corruption(&mut story, &world, &signs_in(&world).await).await;
    assert!(story.answers.iter().filter(|(_, answer)| answer.problem() == "internal").count() > 20);

    let mut named = 0;
    for (operation, answer) in &story.answers {
        let mut said = format!("{:?}", answer.headers);
        if answer.status >= 400 {
            said += &String::from_utf8_lossy(&answer.bytes);
        } else {
            let mut body = answer.body.clone();
            let link = body.pointer_mut("/download/url").map(Value::take);
            named += usize::from(link.is_some_and(|link| marker.are_in(&link.to_string())));
            said += &links(&body);
        }
        assert!(!marker.are_in(&said) && !name.are_in(&said), "{operation}: {said}");
    }
    assert!(named > 0, "the one exception needs none");
    for item in world.table().await {
        let item: Value = serde_json::from_str(&item).unwrap();
        let at = format!("{} {} {} {}", item["pk"], item["sk"], item["dk"], item["ds"]);
        assert!(!marker.are_in(&at) && !at.contains("hospital.example"), "{at}");
    }
    let objects: Vec<_> = files_below(&world.bucket()).iter().map(|path| path.display().to_string()).collect();
    assert!(objects.len() > 1 && !objects.iter().any(|key| marker.are_in(key) || name.are_in(key)), "{objects:?}");
    let lines = logs.lines();
    assert!(lines.len() > story.answers.len(), "{} lines of {} answers", lines.len(), story.answers.len());
    let found: Vec<&String> = lines.iter().filter(|line| marker.are_in(line) || name.are_in(line)).collect();
    assert!(found.is_empty(), "{found:#?}");
    eprintln!("{} answers and {} log lines without a word that anybody wrote", story.answers.len(), lines.len());
}

/// An attachment that its members are told of: the scanner found something in it.
async fn blocked(world: &World, ann: &Actor, conversation: &Conversation) {
    let infected = world.uploads(ann, conversation, &format!("{MARKER} virus.txt"), eicar().as_bytes()).await;
    ann.post(&conversation.messages(), json!({ "attachments": [infected] })).await.expect(201);
    world.settles().await;
    let told = ann.get(&conversation.messages()).await.expect(200);
    assert_eq!(told["items"][0]["event"]["type"], "attachment_blocked");
}

/// The links in what was answered.
fn links(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with("http") => format!("{text} "),
        Value::Array(items) => items.iter().map(links).collect(),
        Value::Object(fields) => fields.values().map(links).collect(),
        _ => String::new(),
    }
}

/// The negative control: what this file looks for is found where it is, however it is written.
#[test]
fn a_marker_that_is_logged_is_found_in_every_spelling() {
    const CONTROL: &str = "lemurzq8";
    let (logs, spellings) = (Logs::keep(), Spellings::of(CONTROL));
    let encoded = |before: &str, after: &str| STANDARD_NO_PAD.encode(format!("{before}{CONTROL}{after}"));
    let capitals = CONTROL.to_uppercase();
    let written = [
        CONTROL.to_owned(),
        capitals.clone(),
        encoded("", "?"),
        encoded("a", "b"),
        encoded("ab", "??"),
        encoded("abc", ""),
        STANDARD_NO_PAD.encode(&capitals),
        format!("{:?}", CONTROL.as_bytes()),
        format!("{:?}", capitals.as_bytes()),
        "6c656d75727a7138".to_owned(),
        "%6C%65%6D%75%72%7A%71%38".to_owned(),
    ];
    for text in &written {
        tracing::trace!(text, "This line is made by a test");
    }
    assert_eq!(logs.lines().iter().filter(|line| spellings.are_in(line)).count(), written.len());
    assert!(!spellings.are_in("lemurzq 8, bGVtdXI, 108, 101, 109"));
}

/// What a panic says may hold anything that was written: the slice of a text quotes the text.
#[test]
fn what_a_panic_says_is_not_written_to_where_logs_are_taken_from() {
    let mut function = Command::new(std::env::current_exe().unwrap());
    function.args(["--exact", "phi::a_function_that_panics", "--nocapture", "--test-threads=1"]);
    for name in ["CONFER_TABLE", "CONFER_ISSUER", "CONFER_AUDIENCE", "AWS_REGION", "AWS_ACCESS_KEY_ID"] {
        function.env(name, "test");
    }
    let output = function.env("AWS_SECRET_ACCESS_KEY", "test").output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.contains("Panicked") && said.contains("tests/it/phi.rs:"), "{said}");
    assert!(!Spellings::of(MARKER).are_in(&said), "{said}");
}

/// Does something only in the process that the test above starts, where a function's environment is complete.
#[test]
fn a_function_that_panics() {
    if api::boot("people").is_ok() {
        let text = format!("{MARKER}é");
        let sliced = std::thread::spawn(move || text[..=MARKER.len()].to_owned());
        assert!(sliced.join().is_err());
    }
}

//! What operations cost: trips, and read and write units.
//!
//! Trips are those that wait for each other; requests that are under way together are one.
//! Every test run that passes here writes the figures to `target/figures/cost.json`, from which
//! `cargo xtask figures --cost target/figures/cost.json` makes the table of docs/figures.md.

mod budgets;

use std::fs;
use std::path::Path;
use std::time::Duration;

use api::Boot;
use domain::conversation::Signature;
use domain::text::Username;
use local::person::Role;
use serde::Serialize;
use serde_json::{Value, json};
use tests::actor::{Actor, Answer, Conversation, key};
use tests::beside::{DOT, declared};
use tests::meter::{Meter, Trip};
use tests::world::World;

use budgets::{BUDGETS, Budget};

/// What one operation costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Figure {
    name: &'static str,
    /// Trips to the table that wait for each other.
    trips: usize,
    #[serde(rename = "write_units")]
    wru: f64,
    #[serde(rename = "read_units")]
    rru: f64,
}

/// Notes what acts cost.
struct Ledger<'a> {
    world: &'a World,
    figures: Vec<Figure>,
}

impl Ledger<'_> {
    /// What the requests of `act` cost, which are all of `world`'s from when it is polled.
    async fn note(&mut self, name: &'static str, act: impl Future<Output = Answer>) -> Value {
        self.note_in(self.world, name, act).await
    }

    async fn note_in(&mut self, world: &World, name: &'static str, act: impl Future<Output = Answer>) -> Value {
        world.wire().meter.take();
        let answer = act.await;
        assert!(answer.status < 300, "{name}: {}", answer.body);
        let trips = world.wire().meter.take();
        self.add(name, &trips);
        answer.body
    }

    /// What these trips cost.
    fn add(&mut self, name: &'static str, trips: &[Trip]) {
        // The sum of nothing is a negative zero.
        let units = |of: fn(&Trip) -> f64| trips.iter().map(of).sum::<f64>() + 0.0;
        let (wru, rru) = (units(|trip| trip.wru), units(|trip| trip.rru));
        self.figures.push(Figure { name, trips: Meter::in_sequence(trips), wru, rru });
    }
}

/// About as long as messages are.
const BODY: &str = "Please look at the infusion in bed twelve before the round. It was changed at six, the pump alarmed \
    twice in the night and the line was flushed both times. The family comes at ten and would like to know how it goes \
    on. I am on the ward until four, after that ask the colleague who has the late shift today.";

fn message() -> Value {
    json!({ "body": BODY })
}

/// Measures every operation in a world of its own.
async fn figures() -> Vec<Figure> {
    let world = World::new().await;
    let mut ledger = Ledger { world: &world, figures: Vec::new() };
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    sending(&mut ledger, &ann, &conversation).await;
    reading(&mut ledger, &ann, &ben, &conversation).await;
    people(&mut ledger, &ann).await;
    world.hand().advance(Duration::from_mins(1));
    ann.get("/v1/me").await.expect(200);
    Box::pin(attaching(&mut ledger, &ann)).await;
    Box::pin(making(&mut ledger, &ann)).await;
    Box::pin(institution(&mut ledger, &ann, &conversation)).await;
    Box::pin(large(&mut ledger, &ann)).await;
    Box::pin(keeping(&mut ledger)).await;
    ledger.figures
}

async fn sending(ledger: &mut Ledger<'_>, ann: &Actor, conversation: &Conversation) {
    let (elsewhere, path) = (ledger.world.another_process(), conversation.messages());
    let ann_elsewhere = elsewhere.person("ann").await;
    ann.post(&path, message()).await.expect(201);
    ledger.note("send", ann.post(&path, message())).await;
    ledger.note_in(&elsewhere, "send, first of a process", ann_elsewhere.post(&path, message())).await;
    let key = key();
    ledger.note("send, another process was quicker", ann.post_with_key(&path, message(), &key)).await;
    ledger.note("send, again with the same key", ann.post_with_key(&path, message(), &key)).await;
}

async fn reading(ledger: &mut Ledger<'_>, ann: &Actor, ben: &Actor, conversation: &Conversation) {
    for _ in 0..100 {
        ann.post(&conversation.messages(), message()).await.expect(201);
    }
    let page = ledger.note("open, last 50", ben.get(&conversation.messages())).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    let next = format!("{}?before={}", conversation.messages(), page["next"]);
    assert_eq!(ledger.note("page back, 50", ben.get(&next)).await["items"].as_array().unwrap().len(), 50);
    let newest = page["items"][0]["seq"].as_u64().unwrap();
    for (name, after) in [("follow, nothing new", newest), ("follow, one new", newest - 1)] {
        let path = format!("{}?after={after}", conversation.messages());
        let items = ledger.note(name, ben.get(&path)).await["items"].as_array().unwrap().len();
        assert_eq!(items as u64, newest - after);
    }
    ledger.note("conversation", ben.get(&conversation.path())).await;
    let cleo = ledger.world.person("cleo").await;
    let sent = ann.sends(conversation, "to be changed").await.expect(201)["seq"].as_u64().unwrap();
    ledger.note("edit", ann.patch(&conversation.message(sent), json!({ "body": "changed" }))).await;
    ledger.note("withdraw", ann.delete(&conversation.message(sent))).await;
    ledger.note("rename", ann.patch(&conversation.path(), json!({ "title": "Ward 40" }))).await;
    ledger.note("archive", ann.post(&format!("{}/archive", conversation.path()), json!({}))).await;
    ann.post(&format!("{}/unarchive", conversation.path()), json!({})).await.expect(200);
    ledger.note("add a member", ann.adds(conversation, &[&cleo])).await;
    ledger.note("promote a member", ann.makes(conversation, &cleo, "administrator")).await;
    ledger.note("remove a member", ann.removes(conversation, &cleo)).await;
    ledger.note("list members", ann.get(&conversation.members())).await;
    ledger.note("pin", ben.patch(&format!("{}/settings", conversation.path()), json!({ "pinned": true }))).await;
    let newest = ann.get(&conversation.path()).await.expect(200)["seq"].as_u64().unwrap();
    ledger.note("mark unread", ben.put(&conversation.read(), json!({ "seq": newest - 3, "unread": true }))).await;
    ledger.note("mark read", ben.put(&conversation.read(), json!({ "seq": newest }))).await;
    for n in 1..50 {
        ann.starts(&format!("Ward {n}"), &[ben]).await;
    }
    let inbox = ledger.note("inbox of 50", ben.get("/v1/conversations")).await;
    assert_eq!(inbox["items"].as_array().unwrap().len(), 50);
    ledger.note("unread badge of 50", ben.get("/v1/unread")).await;
    // Nobody starts more than sixty in a minute.
    for name in ["dan", "eva", "finn"] {
        let other = ledger.world.person(name).await;
        for n in 0..50 {
            other.starts(&format!("Ward {n}"), &[ben]).await;
        }
    }
    let inbox = ledger.note("inbox of 200, first 100", ben.get("/v1/conversations?limit=100")).await;
    assert_eq!(inbox["items"].as_array().unwrap().len(), 100);
    ledger.note("unread badge of 200", ben.get("/v1/unread")).await;
}

/// What it costs to bring a message to the inboxes, and what large conversations cost.
async fn large(ledger: &mut Ledger<'_>, ann: &Actor) {
    let world = ledger.world;
    let user = |n: usize| json!({ "username": format!("m{n}"), "name": format!("Member {n}"), "active": true });
    let office = world.office().await;
    for start in [0, 500] {
        let users: Vec<Value> = (start..start + 500).map(user).collect();
        office.post("/v1/admin/import", json!({ "users": users })).await.expect(200);
    }
    let deliver = delivery::App { store: world.metered(), ..world.delivery().clone() };
    // Each time others: of whoever waits for a mail already it is known when to look.
    for (name, first, count) in
        [("deliver to 2", 1, 2), ("deliver to 10", 2, 10), ("deliver to 200", 11, 200), ("deliver to 1,000", 0, 1_000)]
    {
        let members: Vec<String> = (first..first + count - 1).map(|n| format!("m{n}")).collect();
        let started = ann.post("/v1/conversations", json!({ "title": "Ward 4", "members": members })).await.expect(201);
        let conversation = Conversation::new(&started);
        world.settles().await;
        ann.post(&conversation.messages(), message()).await.expect(201);
        let event = appended(&conversation, 2);
        world.wire().meter.take();
        let answer = deliver.handle(event).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        let trips = world.wire().meter.take();
        ledger.add(name, &trips);
    }
    let members: Vec<String> = (0..999).map(|n| format!("m{n}")).collect();
    let asked = json!({ "title": "All", "members": members });
    let all = Conversation::new(&ledger.note("create, 1,000 members", ann.post("/v1/conversations", asked)).await);
    ann.post(&all.messages(), message()).await.expect(201);
    ledger.note("send to 1,000", ann.post(&all.messages(), message())).await;
    ledger.note("open the last 50 of 1,000 members", ann.get(&all.messages())).await;
}

/// An event of the table's stream that tells of an entry.
fn appended(conversation: &Conversation, seq: u64) -> Value {
    json!({ "Records": [{
        "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "eventVersion": "1.1",
        "dynamodb": {
            "Keys": { "pk": { "S": format!("C#{}", conversation.id) }, "sk": { "S": format!("E#{seq:012}") } },
            "SequenceNumber": "1", "StreamViewType": "NEW_AND_OLD_IMAGES", "SizeBytes": 1,
            "ApproximateCreationDateTime": 1_772_355_600,
        },
    }] })
}

/// What attachments cost, and messages that have some.
async fn attaching(ledger: &mut Ledger<'_>, ann: &Actor) {
    const BYTES: &[u8] = b"Room 4 at ten.\n";
    let world = ledger.world;
    let conversation = ann.starts("Ward 4", &[]).await;
    ann.sends(&conversation, "Hello").await.expect(201);
    let wanted = declared("scan.txt", "text/plain", BYTES);
    let requested = ledger.note("request an upload", ann.post(&conversation.attachments(), wanted)).await;
    assert_eq!(world.upload(&requested, BYTES).await, 200);
    let first = requested["attachment"]["id"].as_str().unwrap();
    let path = conversation.attachment(first);
    ledger.note("complete an upload", ann.post(&format!("{path}/complete"), json!({}))).await;
    let hearing = scan_results::App { store: world.metered(), ..world.scan_results().clone() };
    let [verdict] = &world.take_verdicts()[..] else { panic!("one verdict") };
    world.wire().meter.take();
    hearing.handle(verdict.clone()).await.unwrap();
    ledger.add("hear a verdict", &world.wire().meter.take());
    ledger.note("download", ann.get(&path)).await;

    let mut ten = Vec::new();
    for _ in 0..10 {
        ten.push(world.attachment(ann, &conversation, "scan.txt").await);
    }
    let with = |attachments: &[String]| json!({ "body": BODY, "attachments": attachments });
    ledger.note("send with 10 attachments", ann.post(&conversation.messages(), with(&ten))).await;
    let page = ledger.note("open, with 10 attachments", ann.get(&conversation.messages())).await;
    assert_eq!(page["items"][0]["attachments"].as_array().unwrap().len(), 10);
    let ten = conversation.message(page["items"][0]["seq"].as_u64().unwrap());
    ledger.note("withdraw, with 10 attachments", ann.delete(&ten)).await;
    let one = with(&[first.to_owned()]);
    ledger.note("send with an attachment", ann.post(&conversation.messages(), one)).await;
}

/// What is made in the background: back-ups and previews.
async fn making(ledger: &mut Ledger<'_>, ann: &Actor) {
    let world = ledger.world;
    let conversation = ann.starts("Ward 4", &[]).await;
    for _ in 0..100 {
        ann.post(&conversation.messages(), message()).await.expect(201);
        // So that nobody meets a limit on how often.
        world.hand().advance(Duration::from_secs(1));
    }
    ann.get("/v1/me").await.expect(200);
    let asked = ledger.note("ask for a back-up", ann.post(&conversation.backups(), json!({}))).await;
    let one = format!("{}/{}", conversation.backups(), asked["id"].as_str().unwrap());
    ledger.note("look at a back-up", ann.get(&one)).await;
    let due = json!({ "detail": { "conversation_id": conversation.id, "backup_id": asked["id"] } });
    world.wire().meter.take();
    world.metered_jobs().handle(due, None).await.unwrap();
    ledger.add("back up 100 messages", &world.wire().meter.take());
    assert_eq!(ann.get(&one).await.expect(200)["state"], "ready");

    world.delivers().await;
    let picture = declared("dot.png", "image/png", DOT);
    let picture = world.uploads_as(ann, &conversation, picture, DOT).await;
    for verdict in world.take_verdicts() {
        world.scan_results().handle(verdict).await.unwrap();
    }
    let previews = previews::App { store: world.metered(), ..world.previews().clone() };
    world.wire().meter.take();
    previews.handle(json!({ "detail": { "attachment_id": picture } })).await.unwrap();
    ledger.add("note a preview", &world.wire().meter.take());
}

/// What officials do and see.
async fn institution(ledger: &mut Ledger<'_>, ann: &Actor, conversation: &Conversation) {
    let world = ledger.world;
    let office = world.office().await;
    let auditor = world.official("auditor", &[Role::Auditor]).await;
    let account = json!({ "name": "Kim Lee", "active": true });
    ledger.note("make an account", office.put("/v1/admin/users/kim", account)).await;
    let plan = json!({ "title": "Heart", "members": ["ann", "ben", "kim"] });
    ledger.note("make a project of 3", office.put("/v1/admin/projects/heart", plan)).await;
    ledger.note("suggested people", ann.get("/v1/users/suggested")).await;
    ledger.note("my projects", ann.get("/v1/projects")).await;
    let news = json!({ "kind": "general", "body": "The servers rest on Sunday." });
    let sent = ledger.note("announce", office.post("/v1/admin/broadcasts", news)).await;
    ledger.note("broadcasts", ann.get("/v1/broadcasts")).await;
    let read = format!("/v1/broadcasts/{}/read", sent["id"].as_str().unwrap());
    ledger.note("read a broadcast", ann.put(&read, json!({}))).await;
    let settings = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": true });
    ledger.note("change the settings", office.put("/v1/admin/settings", settings)).await;
    // The process looks them up anew.
    auditor.get("/v1/me").await.expect(200);
    ledger.note("institution's log", auditor.get("/v1/audit/institution")).await;
    let path = |rest: &str| format!("{}/{rest}", conversation.path());
    ledger.note("conversation's log", auditor.get(&path("audit"))).await;
    let asked = json!({ "reason": "a complaint" });
    ledger.note("break the glass", auditor.post(&path("break-glass"), asked)).await;
    ledger.note("verify a log of 110", auditor.get(&path("audit/verify"))).await;
    for (site, name) in [("old.example", "import 16 accounts"), ("new.example", "give 16 accounts other addresses")] {
        let user = |n: usize| {
            let (username, email) = (format!("w{n}"), format!("w{n}@{site}"));
            json!({ "username": username, "name": format!("Warden {n}"), "email": email, "active": true })
        };
        let users: Vec<Value> = (0..16).map(user).collect();
        ledger.note(name, office.post("/v1/admin/import", json!({ "users": users }))).await;
    }
}

/// What it costs that something is kept only so long: the last, because a month passes.
async fn keeping(ledger: &mut Ledger<'_>) {
    let world = ledger.world;
    let office = world.office().await;
    let settings = json!({
        "messenger_enabled": true, "protect_admins": false, "break_glass": true, "retention_days": 30,
    });
    office.put("/v1/admin/settings", settings).await.expect(200);
    let ann = world.person("ann").await;
    let (ward, quiet) = (ann.starts("Ward 4", &[]).await, ann.starts("Ward 5", &[]).await);
    for _ in 0..10 {
        ann.post(&ward.messages(), message()).await.expect(201);
    }
    let held = json!({ "conversation_id": quiet.id, "reason": "A claim" });
    ledger.note("place a legal hold", office.put("/v1/admin/holds", held)).await;
    let settled = json!({ "conversation_id": quiet.id, "reason": "Settled" });
    office.post("/v1/admin/holds/lift", settled).await.expect(204);
    let store = world.metered();
    let month = Duration::from_hours(31 * 24);
    world.hand().advance(month);
    // The first look finds what is known of the request that started it.
    store.purge(quiet.id.parse().unwrap(), world.clock().now()).await.unwrap();
    world.hand().advance(month);
    let now = world.clock().now();
    world.wire().meter.take();
    let looked = store.purge(ward.id.parse().unwrap(), now).await.unwrap();
    let store::Looked::Purged(unrecorded) = looked else { panic!("{looked:?}") };
    let signature = Signature { id: Boot::ids(world.clock()).mint(), by: Username::system(), at: now };
    store.record_purges(&signature, &[unrecorded]).await.unwrap();
    ledger.add("remove 10 messages", &world.wire().meter.take());
    store.purge(quiet.id.parse().unwrap(), now).await.unwrap();
    ledger.add("look and remove nothing", &world.wire().meter.take());
}

async fn people(ledger: &mut Ledger<'_>, ann: &Actor) {
    let world = ledger.world;
    let newcomer = world.newcomer("jane.roe").await;
    ledger.note("first call ever", newcomer.get("/v1/me")).await;
    ledger.note("me", newcomer.get("/v1/me")).await;
    let elsewhere = ledger.world.another_process();
    let newcomer_elsewhere = elsewhere.bearer(newcomer.token());
    ledger.note_in(&elsewhere, "me, first of a process in a minute", newcomer_elsewhere.get("/v1/me")).await;
    ledger.note("inbox, empty", newcomer.get("/v1/conversations")).await;
    ledger.note("search", ann.post("/v1/users/search", json!({ "query": "roe" }))).await;
    ledger.note("health", ann.get("/v1/health")).await;
    let mut others = Vec::new();
    for n in 0..44 {
        others.push(world.person(&format!("first.lastname{n}")).await.username().to_owned());
    }
    for (name, members) in [("create, 2 members", 2), ("create, 10 members", 10), ("create, 45 members", 45)] {
        let asked = json!({ "title": "Ward 4", "members": others[..members - 1], "message": message() });
        let started = ledger.note(name, ann.post("/v1/conversations", asked)).await;
        assert_eq!(started["members_count"], members);
    }
    ledger.note("my preferences", ann.get("/v1/me/preferences")).await;
    let wanted = json!({
        "frequency": "2h", "digest_mode": "leading", "instant": true, "instant_when": "offline", "broadcasts": true,
        "daily_at": "08:00", "timezone": "Europe/Madrid", "language": "en",
    });
    ledger.note("set my preferences", ann.put("/v1/me/preferences", wanted)).await;
    ledger.note("notification log", ann.get("/v1/me/notifications")).await;
    ledger.note("sign out", newcomer.post("/v1/me/logout", json!({}))).await;
    world.hand().advance(Duration::from_mins(1));
    ledger.note("heartbeat", ann.post("/v1/me/presence", json!({ "visible": true }))).await;
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "`cargo test -p tests --test it costs -- --nocapture` shows the figures")]
async fn every_operation_costs_what_the_table_says() {
    let figures = figures().await;
    for Figure { name, trips, wru, rru } in &figures {
        println!("{name:<36}{trips:>3} trips{wru:>7} WRU{rru:>7} RRU");
    }
    for Budget { name, costs, aim, why } in BUDGETS {
        let of: Vec<_> = figures.iter().filter(|figure| figure.name == *name).collect();
        let [Figure { trips, wru, rru, .. }] = of[..] else { panic!("{name} was not measured once") };
        assert_eq!((*trips, *wru, *rru), *costs, "{name}");
        let within = *trips <= aim.0 && *wru <= aim.1 && *rru <= aim.2;
        assert_eq!(within, why.is_empty(), "{name}: say why it costs more, or no longer");
    }
    assert_eq!(figures.len(), BUDGETS.len(), "an operation has no budget");

    // Cargo's folder for tests' files is `tmp` below the target folder, wherever that is.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("figures");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("cost.json"), serde_json::to_string_pretty(&json!({ "operations": figures })).unwrap())
        .unwrap();
}

#[tokio::test]
async fn requests_that_are_under_way_together_are_one_trip() {
    let world = World::new().await;
    let (ann, ben) = (world.person("ann").await, world.person("ben").await);
    let conversation = ann.starts("Ward 4", &[&ben]).await;
    ann.sends(&conversation, "Good morning").await.expect(201);
    world.wire().meter.take();
    ben.reads(&conversation).await;
    let trips = world.wire().meter.take();
    let mut steps: Vec<_> = trips.iter().map(|trip| (trip.step, trip.operation.as_str())).collect();
    steps.sort_unstable();
    assert_eq!(steps, [(1, "Query"), (2, "BatchGetItem"), (2, "GetItem")]);
}

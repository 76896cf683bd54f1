//! A world: the whole product, and the people in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api::token::{Keys, Verifier};
use api::{Boot, Identity};
use axum::Router;
use domain::clock::{Clock, Hand};
use local::aws::events::Bus as Events;
use local::aws::{dynamodb, s3};
use local::background::{Background, Functions};
use local::folder::Folder;
use local::functions;
use local::issuer::Issuer;
use local::person::{Person, Role};
use local::schedule::Schedule;
use local::server::{Server, listen, url};
use local::stream::Stream;
use store::{Cloud, Settings, Store, Timing, connect, credentials};

use crate::actor::Actor;
use crate::bus::Bus;
use crate::environment::told;
use crate::post::{Letter, Post};
use crate::wire::Wire;

/// The address by which the tests' issuer is known. Nothing listens there: its keys are handed over.
const ISSUER: &str = "https://issuer.test";

/// Where requests go.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// To the functions in this process.
    Inside(Router),
    /// To an address.
    Outside { client: reqwest::Client, api: String, tokens: String },
}

/// The whole product, and the people in it.
#[derive(Debug)]
pub struct World {
    door: Door,
    inside: Option<Inside>,
}

/// What only a world in this process has.
#[derive(Debug)]
struct Inside {
    issuer: Issuer,
    wire: Wire,
    client: aws_sdk_dynamodb::Client,
    shared: Shared,
}

/// What all processes of a world have in common.
#[derive(Clone, Debug)]
struct Shared {
    hand: Hand,
    /// A way to the table that is not over the wire: looking and delivering must not be counted or spoilt.
    beside: aws_sdk_dynamodb::Client,
    background: Background,
    bus: Bus,
    post: Post,
    /// What the scanner of attachments tells.
    scanner: Arc<Events>,
    /// Where the bucket is.
    cloud: Cloud,
    idle_limit: Option<Duration>,
    dynamodb: String,
    /// The servers of the table and the bucket, and the folder they keep their data in, until nobody needs them.
    kept: Arc<([Server; 2], Folder)>,
}

fn settings(endpoint: &str) -> Settings {
    Settings {
        region: "us-east-1".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        credentials: credentials("test", "test", None),
    }
}

/// The function that mails, with this way to the table.
fn mailing(table: aws_sdk_dynamodb::Client, post: &Post, timing: Timing) -> digest::App {
    let cloud = Cloud { settings: settings("https://mail.test"), http: post.client() };
    let mailer = digest::Mailer::new(&cloud, "Confer <notices@confer.example>", None, 1_000);
    let panel = "https://panel.confer.example/".parse().expect("an address");
    let api = "https://api.confer.example".parse().expect("an address");
    digest::App::new(Store::new(table, functions::TABLE), timing, mailer, panel, api)
}

/// Serves buckets that are kept in `folder`.
async fn serve_buckets(folder: &Path, scanner: &Arc<Events>, clock: &Clock) -> (String, Server) {
    let buckets = s3::Buckets::open(folder, scanner.clone(), clock.clone()).expect("buckets");
    let listener = listen(0, "").await.expect("a port");
    let url = url(listener.local_addr().expect("an address"));
    (url, Server::start(listener, s3::router(buckets)))
}

impl World {
    /// A world of its own in this process, with an empty table and a clock that stands still on a Sunday morning.
    pub async fn new() -> Self {
        Box::pin(Self::signing_out(None)).await
    }

    /// The same, where people must sign in again after doing nothing for so long.
    pub async fn signing_out(idle_limit: Option<Duration>) -> Self {
        let folder = Folder::temporary().expect("a temporary folder");
        // In a file, because in memory the engine cannot be given the index that keeps long histories quick.
        let database = dynamodb::open(&folder.path().join("db.sqlite")).expect("a database");
        let (stream, schedule) = (Stream::new(database.clone(), None), Schedule::new(database.clone()));
        let (dynamodb, table) = dynamodb::serve(database).await.expect("an emulated table");
        let (clock, hand) = Clock::stopped_at("2026-03-01T09:00:00Z".parse().expect("a time"));
        let http = dynamodb::http_client();
        let beside = connect(settings(&dynamodb), http.clone());
        let (bus, post, scanner) = (Bus::default(), Post::new(clock.clone()), Arc::<Events>::default());
        let (s3, buckets) = serve_buckets(&folder.path().join("s3"), &scanner, &clock).await;
        let to_bus = Cloud { settings: settings(&dynamodb), http: bus.client() };
        let cloud = Cloud { settings: functions::settings(&s3), http };
        let store = Store::new(beside.clone(), functions::TABLE);
        let timing = Timing { clock: clock.clone(), ids: Boot::ids(&clock) };
        let functions = Functions {
            delivery: delivery::App {
                store: store.clone(),
                bus: delivery::Bus::new(&to_bus, functions::BUS),
                timing: timing.clone(),
            },
            digest: mailing(beside.clone(), &post, timing),
            mail_events: mail_events::App { store: store.clone() },
            scan_results: scan_results::App { store: store.clone(), clock: clock.clone(), ids: Boot::ids(&clock) },
            trail: trail::App { bucket: bucket::Bucket::new(&cloud, s3::TRAIL) },
            retention: retention::App { store: store.clone(), clock: clock.clone(), ids: Boot::ids(&clock) },
            previews: previews::App { store: store.clone(), bucket: bucket::Bucket::new(&cloud, s3::BUCKET) },
            jobs: jobs::App {
                store,
                clock: clock.clone(),
                ids: Boot::ids(&clock),
                bucket: bucket::Bucket::new(&cloud, s3::BUCKET),
            },
        };
        let (own, feedback, verdicts) = (bus.clone(), post.clone(), scanner.clone());
        let events = move || [own.take_own(), feedback.take_feedback(), untold(&verdicts)].concat();
        let background = Background::new(clock, hand.clone(), stream, schedule, functions, events);
        let kept = Arc::new(([table, buckets], folder));
        let world =
            Self::at(Shared { hand, beside, background, bus, post, scanner, cloud, idle_limit, dynamodb, kept });
        let inside = world.inside.as_ref().expect("a world in this process");
        store::table::create(&inside.client, functions::TABLE).await.expect("a table");
        inside.wire.meter.take();
        world
    }

    fn at(shared: Shared) -> Self {
        let clock = shared.background.clock().clone();
        let wire = Wire::over(dynamodb::http_client());
        let client = connect(settings(&shared.dynamodb), wire.client());
        let issuer = Issuer::load_or_create(&key_file(), ISSUER, clock.clone()).expect("an issuer");
        let keys = serde_json::from_value(issuer.jwks()).expect("a key set");
        let verifier = Verifier::new(functions::rules(ISSUER), Keys::fixed(keys), clock.clone());
        let store = Store::new(client.clone(), functions::TABLE);
        let identity = Identity::Bearer(verifier);
        let router = functions::assemble(store, &shared.cloud, &clock, identity, shared.idle_limit);
        let router = shared.background.before(router);
        Self { door: Door::Inside(router), inside: Some(Inside { issuer, wire, client, shared }) }
    }

    /// The same table seen by another process of the functions: nothing that the first one remembers.
    #[must_use]
    pub fn another_process(&self) -> Self {
        Self::at(self.inside().shared.clone())
    }

    /// What is served when people show who they are in another way, over the same table.
    pub fn router(&self, identity: Identity) -> Router {
        let Inside { client, shared, .. } = self.inside();
        let store = Store::new(client.clone(), functions::TABLE);
        functions::assemble(store, &shared.cloud, self.clock(), identity, None)
    }

    /// The world that the environment names, for stories that can be told anywhere; if it names none, a new one.
    ///
    /// `CONFER_API` is the base URL and `CONFER_TOKENS` an address that mints tokens as the local stack does.
    pub async fn anywhere() -> Self {
        match (told("CONFER_API"), told("CONFER_TOKENS")) {
            (Some(api), Some(tokens)) => {
                let door = Door::Outside { client: reqwest::Client::new(), api, tokens };
                Self { door, inside: None }
            }
            _ => Self::new().await,
        }
    }

    /// Whether people here have names of their own, because others may be in the same world.
    fn shared(&self) -> bool {
        self.inside.is_none()
    }

    /// Somebody with this username who has signed in before.
    pub async fn person(&self, username: &str) -> Actor {
        let actor = self.newcomer(username).await;
        let me = actor.get("/v1/me").await;
        assert_eq!(me.status, 200, "{me:?}");
        actor
    }

    /// Somebody with a token who has never called.
    pub async fn newcomer(&self, username: &str) -> Actor {
        let username = if self.shared() { format!("{username}.{}", fastrand::u32(..)) } else { username.to_owned() };
        let person = Person::named(&username);
        Actor::new(self.door.clone(), &username, Some(self.token(&person).await))
    }

    /// Somebody with roles at the institution.
    pub async fn official(&self, username: &str, roles: &[Role]) -> Actor {
        let mut person = Person::named(username);
        person.roles = roles.to_vec();
        let actor = Actor::new(self.door.clone(), username, Some(self.token(&person).await));
        actor.get("/v1/me").await;
        actor
    }

    /// A system administrator, who signs in anew each time that this is asked.
    pub async fn office(&self) -> Actor {
        self.official("office", &[Role::SystemAdministrator]).await
    }

    /// Somebody with this token, good or bad.
    pub fn bearer(&self, token: &str) -> Actor {
        Actor::new(self.door.clone(), "somebody", Some(token.to_owned()))
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Actor {
        Actor::new(self.door.clone(), "nobody", None)
    }

    async fn token(&self, person: &Person) -> String {
        match &self.door {
            Door::Inside(_) => self.inside().issuer.mint(person).expect("a token").access_token,
            Door::Outside { client, tokens, .. } => {
                let asked = serde_json::json!({ "username": person.username });
                let answer = client.post(tokens).json(&asked).send().await.expect("an issuer");
                let token: serde_json::Value = answer.json().await.expect("a token");
                token["access_token"].as_str().expect("a token").to_owned()
            }
        }
    }

    fn inside(&self) -> &Inside {
        self.inside.as_ref().expect("this can only be done with a world in this process")
    }

    /// Moves the clock.
    pub fn hand(&self) -> &Hand {
        &self.inside().shared.hand
    }

    /// Tells the time.
    pub fn clock(&self) -> &Clock {
        self.inside().shared.background.clock()
    }

    /// Mints tokens.
    pub fn issuer(&self) -> &Issuer {
        &self.inside().issuer
    }

    /// The issuer's private key, as PEM, for tests that sign what it never would.
    pub fn issuer_key(&self) -> String {
        assert!(self.inside.is_some(), "only the issuer of a world in this process");
        std::fs::read_to_string(key_file()).expect("the issuer's key")
    }

    /// The table over the wire, for what no request does.
    pub fn metered(&self) -> Store {
        Store::new(self.inside().client.clone(), functions::TABLE)
    }

    /// What stands between the SDK and the table.
    pub fn wire(&self) -> &Wire {
        &self.inside().wire
    }

    /// The function that mails over the wire, to invoke it by hand.
    pub fn metered_digest(&self) -> digest::App {
        let Inside { client, shared, .. } = self.inside();
        let timing = Timing { clock: self.clock().clone(), ids: Boot::ids(self.clock()) };
        mailing(client.clone(), &shared.post, timing)
    }

    /// The function that cleans up and makes back-ups over the wire, to invoke it by hand.
    pub fn metered_jobs(&self) -> jobs::App {
        let bucket = bucket::Bucket::new(&self.inside().shared.cloud, s3::BUCKET);
        jobs::App { store: self.metered(), bucket, ..self.jobs().clone() }
    }

    /// The function that removes what was kept long enough over the wire, to invoke it by hand.
    pub fn metered_retention(&self) -> retention::App {
        retention::App { store: self.metered(), ..self.retention().clone() }
    }

    /// Delivers what was appended to logs, and looks at what cannot wait. Whoever looks into an inbox need not say so.
    pub async fn settles(&self) {
        self.inside().shared.background.settle().await;
    }

    /// Delivers what was appended to logs. What our own functions are to hear of it is left on the bus.
    pub async fn delivers(&self) {
        self.inside().shared.background.deliver().await;
    }

    /// What other systems are told.
    pub fn bus(&self) -> &Bus {
        &self.inside().shared.bus
    }

    /// Lets time pass: what becomes due meanwhile happens at its minute, or at its hour.
    pub async fn passes(&self, by: Duration) {
        self.inside().shared.background.advance(by).await;
    }

    /// The mail service.
    pub fn post(&self) -> &Post {
        &self.inside().shared.post
    }

    /// The mails that were taken since this was last asked.
    pub fn mails(&self) -> Vec<Letter> {
        self.post().take()
    }

    fn functions(&self) -> &Functions {
        self.inside().shared.background.functions()
    }

    /// The function that delivers, to invoke it by hand.
    pub fn delivery(&self) -> &delivery::App {
        &self.functions().delivery
    }

    /// The function that mails, to invoke it by hand.
    pub fn digest(&self) -> &digest::App {
        &self.functions().digest
    }

    /// The function that hears what became of mails, to invoke it by hand.
    pub fn mail_events(&self) -> &mail_events::App {
        &self.functions().mail_events
    }

    /// The function that hears what was found in attachments, to invoke it by hand.
    pub fn scan_results(&self) -> &scan_results::App {
        &self.functions().scan_results
    }

    /// The function that cleans up by the hour and makes back-ups, to invoke it by hand.
    pub fn jobs(&self) -> &jobs::App {
        &self.functions().jobs
    }

    /// The function that removes what was kept long enough, to invoke it by hand.
    pub fn retention(&self) -> &retention::App {
        &self.functions().retention
    }

    /// The function that makes previews, to invoke it by hand.
    pub fn previews(&self) -> &previews::App {
        &self.functions().previews
    }

    /// What the scanner of attachments told since this was last asked, and no function has heard. None will: whoever
    /// takes it invokes the function by hand, or does not.
    pub fn take_verdicts(&self) -> Vec<serde_json::Value> {
        untold(&self.inside().shared.scanner)
    }

    /// The function that keeps the trail of logs, to invoke it by hand.
    pub fn trail(&self) -> &trail::App {
        &self.functions().trail
    }

    /// The folder with the objects of the trail.
    pub fn trail_bucket(&self) -> PathBuf {
        self.inside().shared.kept.1.path().join("s3").join(s3::TRAIL)
    }

    /// The folder with the objects of the bucket, to look at them and to spoil them.
    pub fn bucket(&self) -> PathBuf {
        self.inside().shared.kept.1.path().join("s3").join(s3::BUCKET)
    }

    /// Every item of the table, as sorted JSON: to see what was written, and that nothing was.
    pub async fn table(&self) -> Vec<String> {
        // So that what is asked next does not find something to deliver.
        self.settles().await;
        let mut pages = self.inside().shared.beside.scan().table_name(functions::TABLE).into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            let item: serde_json::Value = serde_dynamo::from_item(item.expect("an item")).expect("an item");
            items.push(item.to_string());
        }
        items.sort();
        items
    }

    /// One item of the table, as JSON.
    pub async fn item(&self, pk: &str, sk: &str) -> Option<serde_json::Value> {
        use aws_sdk_dynamodb::types::AttributeValue;
        let get = self.inside().shared.beside.get_item().table_name(functions::TABLE).consistent_read(true);
        let get = get.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned()));
        let item = get.send().await.expect("an answer").item;
        item.map(|item| serde_dynamo::from_item(item).expect("an item"))
    }

    /// A project on which these people work, as a system administrator sets it.
    pub async fn project(&self, id: &str, people: &[&Actor]) {
        let system = self.official("project.office", &[Role::SystemAdministrator]).await;
        let members: Vec<&str> = people.iter().map(|person| person.username()).collect();
        let plan = serde_json::json!({ "title": id, "members": members });
        let set = system.put(&format!("/v1/admin/projects/{id}"), plan).await;
        assert!(set.status < 300, "{set:?}");
    }

    /// A broadcast of this id, put into the table by hand: so that one id stands for all there is.
    pub async fn broadcast(&self, id: &str) {
        let at = self.clock().now();
        let broadcast = serde_json::json!({
            "pk": "B#", "sk": id, "entity": "broadcast", "id": id, "by": "sys", "at": at, "kind": "general",
            "content": { "body": "news" }, "important": false, "audience": "everybody", "from": at, "rev": 0,
        });
        self.plant(&broadcast).await;
    }

    /// Takes an item out of the table by hand, as an operation that does not exist yet would.
    pub async fn remove(&self, pk: &str, sk: &str) {
        use aws_sdk_dynamodb::types::AttributeValue;
        let delete = self.inside().shared.beside.delete_item().table_name(functions::TABLE);
        let delete = delete.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned()));
        delete.send().await.expect("an item to remove");
    }

    /// Puts an item into the table by hand, in the form of [`table`](Self::table): one that no function would write.
    pub async fn plant(&self, item: &serde_json::Value) {
        let item = serde_dynamo::to_item(item).expect("an item");
        self.inside()
            .shared
            .beside
            .put_item()
            .table_name(functions::TABLE)
            .set_item(Some(item))
            .send()
            .await
            .expect("a put item");
    }
}

/// What came onto a bus since this was last asked.
fn untold(events: &Events) -> Vec<serde_json::Value> {
    events.take_unrouted().iter().map(|event| serde_json::json!(event)).collect()
}

/// One key pair for all worlds of a process: making one takes longer than most stories.
fn key_file() -> PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("confer-tests-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let file = folder.join("issuer.pem");
        // Made here, where worlds that begin at the same time wait for each other.
        Issuer::load_or_create(&file, ISSUER, Clock::running().0).expect("an issuer");
        file
    })
    .clone()
}

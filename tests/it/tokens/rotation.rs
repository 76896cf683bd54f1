//! The issuer's keys change, are withdrawn, or cannot be had.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::Identity;
use api::token::{Keys, Verifier};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{Request, StatusCode};
use local::functions::rules;
use local::issuer::Issuer;
use local::person::Person;
use local::server::{Server, listen, url};
use serde_json::{Value, json};
use tests::actor::Answer;
use tests::world::World;
use tower::ServiceExt as _;

/// Where keys are published, and how often somebody asked.
#[derive(Clone, Default)]
struct Publisher {
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    async fn start(&self) -> (Server, String) {
        let listener = listen(0, "").await.unwrap();
        let address = url(listener.local_addr().unwrap());
        let router = Router::new().route("/jwks.json", get(async |State(publisher): State<Self>| publisher.answer()));
        let router = router.with_state(self.clone());
        (Server::start(listener, router), format!("{address}/jwks.json"))
    }

    fn answer(&self) -> Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.keys.lock().unwrap().clone() {
            Value::Null => StatusCode::BAD_GATEWAY.into_response(),
            keys => Json(keys).into_response(),
        }
    }

    fn publish(&self, issuers: &[&Issuer]) {
        let keys: Vec<_> = issuers.iter().map(|issuer| issuer.jwks()["keys"][0].clone()).collect();
        *self.keys.lock().unwrap() = json!({ "keys": keys });
    }

    fn fail(&self) {
        *self.keys.lock().unwrap() = Value::Null;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The product with keys from an address, and an issuer whose key was there from the start.
struct Scene {
    world: World,
    publisher: Publisher,
    old: Issuer,
    router: Router,
    server: Server,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let publisher = Publisher::default();
        let (server, address) = publisher.start().await;
        let old = issuer(&world);
        publisher.publish(&[&old]);
        let router = behind(&world, &address);
        Self { world, publisher, old, router, server }
    }

    async fn shows(&self, issuer: &Issuer) -> Answer {
        show(&self.router, issuer).await
    }
}

fn behind(world: &World, address: &str) -> Router {
    let verifier = Verifier::new(rules(world.issuer().url()), Keys::at(address), world.clock().clone());
    world.router(Identity::Bearer(verifier))
}

/// The institution's issuer with another key.
fn issuer(world: &World) -> Issuer {
    Issuer::in_memory(world.issuer().url(), world.clock().clone()).unwrap()
}

async fn show(router: &Router, issuer: &Issuer) -> Answer {
    let token = issuer.mint(&Person::named("ann")).unwrap().access_token;
    let request = Request::get("/v1/me").header("authorization", format!("Bearer {token}"));
    Answer::of(router.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap()).await
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_unknown_key_asks_the_issuer_once_a_minute_and_a_new_one_is_accepted_after_it() {
    let scene = Scene::new().await;
    assert_eq!(scene.publisher.asked(), 0);
    for _ in 0..3 {
        scene.shows(&scene.old).await.expect(200);
    }
    assert_eq!(scene.publisher.asked(), 1);

    // The issuer has a new key, and somebody floods us with keys that never existed.
    let (new, stranger) = (issuer(&scene.world), issuer(&scene.world));
    scene.publisher.publish(&[&scene.old, &new]);
    for _ in 0..20 {
        scene.shows(&stranger).await.expect_problem(401, "unauthenticated");
    }
    scene.shows(&new).await.expect_problem(401, "unauthenticated");
    scene.world.hand().advance(Duration::from_millis(59_999));
    scene.shows(&new).await.expect_problem(401, "unauthenticated");
    assert_eq!(scene.publisher.asked(), 1);

    scene.world.hand().advance(Duration::from_millis(1));
    scene.shows(&new).await.expect(200);
    scene.shows(&scene.old).await.expect(200);
    assert_eq!(scene.publisher.asked(), 2);
    for _ in 0..20 {
        scene.shows(&stranger).await.expect_problem(401, "unauthenticated");
    }
    assert_eq!(scene.publisher.asked(), 2);
}

#[tokio::test]
async fn many_at_once_ask_the_issuer_once() {
    let scene = Scene::new().await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (router, token) = (scene.router.clone(), scene.old.mint(&Person::named("ann")).unwrap().access_token);
        asking.spawn(async move {
            let request = Request::get("/v1/me").header("authorization", format!("Bearer {token}"));
            router.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap().status()
        });
    }
    assert!(asking.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(scene.publisher.asked(), 1);
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_within_the_hour() {
    let scene = Scene::new().await;
    scene.shows(&scene.old).await.expect(200);
    let new = issuer(&scene.world);
    scene.publisher.publish(&[&new]);
    scene.world.hand().advance(60 * MINUTE);
    scene.shows(&scene.old).await.expect_problem(401, "unauthenticated");
    scene.shows(&new).await.expect(200);
    assert_eq!(scene.publisher.asked(), 2);
}

#[tokio::test]
async fn while_the_issuer_cannot_be_asked_known_keys_are_good_for_two_hours_and_nobody_is_turned_away_for_good() {
    let scene = Scene::new().await;
    scene.shows(&scene.old).await.expect(200);
    scene.publisher.fail();
    let new = issuer(&scene.world);
    for minutes in [1, 58, 2, 58] {
        scene.world.hand().advance(minutes * MINUTE);
        scene.shows(&scene.old).await.expect(200);
        // It may be good: nobody can tell as long as the issuer cannot be asked.
        for _ in 0..3 {
            let answer = scene.shows(&new).await;
            answer.expect_problem(503, "temporarily-unavailable");
            assert_eq!(answer.headers["retry-after"], "1");
        }
    }
    // One try each time, whoever asked.
    assert_eq!(scene.publisher.asked(), 5);
    scene.world.hand().advance(MINUTE);
    scene.shows(&scene.old).await.expect_problem(503, "temporarily-unavailable");
    assert_eq!(scene.publisher.asked(), 6);

    scene.publisher.publish(&[&new]);
    scene.world.hand().advance(Duration::from_secs(1));
    scene.shows(&new).await.expect(200);
    scene.shows(&scene.old).await.expect_problem(401, "unauthenticated");
    assert_eq!(scene.publisher.asked(), 7);
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_no_reason_to_turn_anybody_away() {
    let scene = Scene::new().await;
    scene.server.stop().await;
    let answer = show(&scene.router, &scene.old).await;
    answer.expect_problem(503, "temporarily-unavailable");
    assert_eq!(answer.headers["retry-after"], "1");
    assert!(!answer.headers.contains_key("www-authenticate"));
    assert_eq!(scene.world.table().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_key_set_is_no_answer() {
    let scene = Scene::new().await;
    for nonsense in
        [json!({}), json!([]), json!({ "keys": "none" }), json!({ "keys": [{ "kid": "x".repeat(300_000) }] })]
    {
        *scene.publisher.keys.lock().unwrap() = nonsense;
        scene.world.hand().advance(Duration::from_secs(1));
        scene.shows(&scene.old).await.expect_problem(503, "temporarily-unavailable");
    }
    scene.publisher.publish(&[&scene.old]);
    scene.world.hand().advance(Duration::from_secs(1));
    scene.shows(&scene.old).await.expect(200);
}

#[tokio::test]
async fn keys_that_are_not_for_our_signatures_are_stepped_over() {
    let scene = Scene::new().await;
    let new = issuer(&scene.world);
    let kid = new.jwks()["keys"][0]["kid"].clone();
    let ours = scene.old.jwks()["keys"][0].clone();
    for unfit in [
        json!({ "kty": "oct", "k": "c2VjcmV0", "kid": kid }),
        json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "kid": kid }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": kid }),
        {
            let mut encrypting = new.jwks()["keys"][0].clone();
            encrypting["use"] = "enc".into();
            encrypting
        },
    ] {
        *scene.publisher.keys.lock().unwrap() = json!({ "keys": [unfit, ours] });
        scene.world.hand().advance(60 * MINUTE);
        scene.shows(&new).await.expect_problem(401, "unauthenticated");
        scene.shows(&scene.old).await.expect(200);
    }
}

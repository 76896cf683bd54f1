//! Every function: those that serve requests in one router, and those that events invoke.

use std::time::Duration;

use anyhow::Result;
use api::token::{Keys, Rules, Verifier};
use api::{Boot, Edge, Identity};
use axum::Router;
use bucket::Bucket;
use domain::clock::Clock;
use domain::id::Ids;
use store::{Cloud, Settings, Store, Timing, connect, credentials};
use utoipa::openapi::OpenApi;

use crate::aws::s3::{BUCKET, TRAIL};
use crate::aws::{ACCESS_KEY, SECRET_KEY, dynamodb};
use crate::background::Functions;

/// The table's name on the local stack.
pub const TABLE: &str = "confer";

/// The event bus's name on the local stack.
pub const BUS: &str = "confer";

/// In whose name mails go.
const SENDER: &str = "Confer <notices@confer.example>";

/// More mails in a second than anything here sets off.
const MAIL_RATE: u32 = 1_000;

/// For whom the local issuer's tokens are, and what they permit.
pub const AUDIENCE: &str = "confer";

/// Where AWS is, if it is at this address.
pub fn settings(endpoint: &str) -> Settings {
    Settings {
        region: "us-east-1".to_owned(),
        endpoint: Some(endpoint.to_owned()),
        credentials: credentials(ACCESS_KEY, SECRET_KEY, None),
    }
}

/// Creates the table, if it is not there, and returns it.
pub async fn store(dynamodb_url: &str, rate_limits: bool) -> Result<Store> {
    let client = connect(settings(dynamodb_url), dynamodb::http_client());
    store::table::create(&client, TABLE).await?;
    let store = Store::new(client, TABLE);
    Ok(if rate_limits { store } else { store.unlimited() })
}

/// The functions that no request invokes, for a stack that is at this address.
///
/// Mails lead to the stack's page: it shows them, and there is no panel here.
pub fn unasked(store: &Store, clock: &Clock, cloud: &Cloud, api: &str) -> Result<Functions> {
    let timing = Timing { clock: clock.clone(), ids: Boot::ids(clock) };
    let mailer = digest::Mailer::new(cloud, SENDER, None, MAIL_RATE);
    let panel = format!("{api}/_local/").parse()?;
    let bus = delivery::Bus::new(cloud, BUS);
    Ok(Functions {
        delivery: delivery::App { store: store.clone(), bus, timing: timing.clone() },
        digest: digest::App::new(store.clone(), timing, mailer, panel, api.parse()?),
        mail_events: mail_events::App { store: store.clone() },
        scan_results: scan_results::App { store: store.clone(), clock: clock.clone(), ids: Boot::ids(clock) },
        jobs: jobs::App {
            store: store.clone(),
            clock: clock.clone(),
            ids: Boot::ids(clock),
            bucket: Bucket::new(cloud, BUCKET),
        },
        trail: trail::App { bucket: Bucket::new(cloud, TRAIL) },
        retention: retention::App { store: store.clone(), clock: clock.clone(), ids: Boot::ids(clock) },
        previews: previews::App { store: store.clone(), bucket: Bucket::new(cloud, BUCKET) },
    })
}

/// Returns what all functions serve.
///
/// It must not ask the issuer for anything yet: the address is bound, but served only after this returns.
///
/// Nobody is signed out for being idle here: time is moved by hours.
pub fn router(store: Store, cloud: &Cloud, issuer_url: &str, clock: &Clock) -> Router {
    let keys = Keys::at(&format!("{issuer_url}/.well-known/jwks.json"));
    assemble(store, cloud, clock, Identity::Bearer(Verifier::new(rules(issuer_url), keys, clock.clone())), None)
}

/// What tokens of the issuer at this address must say.
pub fn rules(issuer_url: &str) -> Rules {
    Rules {
        issuer: issuer_url.into(),
        audience: AUDIENCE.into(),
        scope: "confer".into(),
        username_claim: "username".into(),
    }
}

/// Puts all functions behind one edge. Attachments are in the bucket of `cloud`.
pub fn assemble(
    store: Store,
    cloud: &Cloud,
    clock: &Clock,
    identity: Identity,
    idle_limit: Option<Duration>,
) -> Router {
    let ids = Boot::ids(clock);
    let routes = all(&store, cloud, clock, &ids);
    let edge = Edge { function: "local", clock: clock.clone(), ids, identity, store, idle_limit };
    edge.around(routes)
}

fn all(store: &Store, cloud: &Cloud, clock: &Clock, ids: &Ids) -> Router {
    let parts = || (store.clone(), clock.clone(), ids.clone());
    macro_rules! serve {
        ($($function:ident),*) => {
            Router::new()$(.merge({
                let (store, clock, ids) = parts();
                $function::router().with_state($function::App { store, clock, ids })
            }))*
        };
    }
    let bucket = Bucket::new(cloud, BUCKET);
    let (store, clock, ids) = parts();
    let attachments = attachments::App { store, clock, ids, bucket: bucket.clone() };
    let (store, clock, ids) = parts();
    let backups = backups::App { store, clock, ids, bucket };
    serve!(conversations, messages, people, broadcasts, audit)
        .merge(attachments::router().with_state(attachments))
        .merge(backups::router().with_state(backups))
}

/// The contract: what all functions serve.
pub fn document() -> OpenApi {
    let mut whole = api::document::base();
    for part in [
        attachments::document(),
        audit::document(),
        backups::document(),
        broadcasts::document(),
        conversations::document(),
        messages::document(),
        people::document(),
    ] {
        whole.merge(part);
    }
    whole
}

//! How a function starts: the environment is read once, and everything missing is said at once.

use std::panic;
use std::time::Duration;

use domain::clock::Clock;
use domain::id::Ids;
use store::{Cloud, Settings, Store, connect, http_client};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::edge::{Edge, Identity};
use crate::token::{Keys, Rules, Verifier};

/// After how long without a request people must sign in again, if nothing is said.
const IDLE_LIMIT: Duration = Duration::from_mins(30);

/// Everything a function needs to start.
#[derive(Debug)]
pub struct Boot {
    /// The table.
    pub store: Store,
    /// The machine's clock.
    pub clock: Clock,
    /// Ids from the machine's clock and randomness.
    pub ids: Ids,
    /// What every request passes.
    pub edge: Edge,
    /// The way to the rest of AWS.
    pub cloud: Cloud,
}

/// The environment is not complete.
#[derive(Debug, thiserror::Error)]
#[error("set these environment variables: {}", .0.join(", "))]
pub struct Missing(Vec<&'static str>);

struct Environment(Vec<&'static str>);

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    fn optional(name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &'static str) -> String {
        Self::optional(name).unwrap_or_else(|| {
            self.0.push(name);
            String::new()
        })
    }
}

/// Starts the function of this name from its environment.
///
/// | variable | what |
/// |---|---|
/// | `CONFER_TABLE` | the table's name |
/// | `CONFER_ISSUER`, `CONFER_AUDIENCE` | whose tokens, and for whom |
/// | `CONFER_SCOPE` | what they must permit; `confer` |
/// | `CONFER_USERNAME_CLAIM` | which claim holds the username; `username` |
/// | `CONFER_IDLE_MINUTES` | after how many minutes without a request people must sign in again; 30; 0 for never |
/// | `CONFER_JWKS_URL` | set where no gateway verifies tokens: the issuer's keys, to verify them here |
/// | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | set by Lambda |
/// | `AWS_ENDPOINT_URL` | another endpoint for AWS, as of an emulator |
/// | `AWS_CA_BUNDLE` | a file of further roots to trust |
/// | `AWS_LAMBDA_LOG_LEVEL` | how much to log: `error`, `warn`, `info`, `debug` or `trace`; `info` |
pub fn boot(function: &'static str) -> Result<Boot, lambda_http::Error> {
    boot_with(function, []).map(|(boot, [])| boot)
}

/// Starts the function of this name from its environment, and from variables that no other function has; returns what
/// they say.
pub fn boot_with<const N: usize>(
    function: &'static str,
    own: [&'static str; N],
) -> Result<(Boot, [String; N]), lambda_http::Error> {
    let mut environment = Environment(Vec::new());
    let own = own.map(|name| environment.required(name));
    let table = environment.required("CONFER_TABLE");
    let issuer = environment.required("CONFER_ISSUER");
    let audience = environment.required("CONFER_AUDIENCE");
    let region = environment.required("AWS_REGION");
    let access_key = environment.required("AWS_ACCESS_KEY_ID");
    let secret = environment.required("AWS_SECRET_ACCESS_KEY");
    if !environment.0.is_empty() {
        return Err(Missing(environment.0).into());
    }
    log(Environment::optional("AWS_LAMBDA_LOG_LEVEL").as_deref().unwrap_or("info"));
    // What a panic says can quote what somebody wrote, and without this it goes to where Lambda takes logs from.
    panic::set_hook(Box::new(|panic| {
        tracing::error!(place = panic.location().map(tracing::field::display), "Panicked");
    }));

    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), random);
    let rules = Rules {
        issuer: issuer.into(),
        audience: audience.into(),
        scope: Environment::optional("CONFER_SCOPE").as_deref().unwrap_or("confer").into(),
        username_claim: Environment::optional("CONFER_USERNAME_CLAIM").as_deref().unwrap_or("username").into(),
    };
    let identity = match Environment::optional("CONFER_JWKS_URL") {
        Some(url) => Identity::Bearer(Verifier::new(rules, Keys::at(&url), clock.clone())),
        None => Identity::Gateway(rules),
    };
    let roots = Environment::optional("AWS_CA_BUNDLE").map(std::fs::read).transpose()?;
    let session = Environment::optional("AWS_SESSION_TOKEN");
    let settings = Settings {
        region,
        endpoint: Environment::optional("AWS_ENDPOINT_URL"),
        credentials: store::credentials(&access_key, &secret, session),
    };
    let cloud = Cloud { settings, http: http_client(roots) };
    let store = Store::new(connect(cloud.settings.clone(), cloud.http.clone()), &table);
    let idle_limit = match Environment::optional("CONFER_IDLE_MINUTES").map(|minutes| minutes.parse::<u64>()) {
        None => Some(IDLE_LIMIT),
        Some(minutes) => Some(Duration::from_mins(minutes?)).filter(|limit| !limit.is_zero()),
    };
    let store_of_edge = store.clone();
    let edge = Edge { function, clock: clock.clone(), ids: ids.clone(), identity, store: store_of_edge, idle_limit };
    Ok((Boot { store, clock, ids, edge, cloud }, own))
}

/// JSON lines, as CloudWatch reads them.
fn log(level: &str) {
    let level = level.to_lowercase().parse().unwrap_or(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_target(false).with_span_list(false);
    // In a test more than one function starts in a process.
    let _ = tracing_subscriber::registry().with(lines).with(log_filter(level)).try_init();
}

/// What is logged at this level: our own crates' events from it on, other crates' from `info` on at most.
///
/// At `trace` the SDK writes requests and answers as they are, with all that people wrote; nobody can turn that on.
pub fn log_filter(level: LevelFilter) -> Targets {
    const OURS: [&str; 20] = [
        "api",
        "attachments",
        "audit",
        "backups",
        "broadcasts",
        "bucket",
        "conversations",
        "delivery",
        "digest",
        "domain",
        "jobs",
        "mail_events",
        "messages",
        "people",
        "previews",
        "retention",
        "scan_results",
        "smoke",
        "store",
        "trail",
    ];
    Targets::new().with_default(level.min(LevelFilter::INFO)).with_targets(OURS.map(|name| (name, level)))
}

/// Bytes from the operating system that nobody can guess.
///
/// # Panics
///
/// If the operating system has no randomness to give: ids would collide.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

impl Boot {
    /// Ids as [`boot`] makes them, from another clock.
    pub fn ids(clock: &Clock) -> Ids {
        Ids::new(clock.clone(), random)
    }
}

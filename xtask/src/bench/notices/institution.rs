//! An institution in this process: an embedded table of its own, and every function over it.
//!
//! People sign in and write over HTTP, as they do with the product. What no request invokes is invoked by hand:
//! delivery when somebody asks to settle, and the mailing of notices by whoever measures it.

use std::sync::Arc;
use std::time::Duration;

use api::token::{Keys, Verifier};
use api::{Boot, Identity};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use domain::clock::{Clock, Hand};
use dynoxide::Database;
use local::aws::dynamodb;
use local::functions;
use local::issuer::{Issuer, Token};
use local::person::Role;
use local::server::{Server, listen, url};
use local::stream::Stream;
use reqwest::Client;
use serde::Deserialize;
use store::Timing;
use tempfile::TempDir;

use super::plant;
use super::services::Bus;
use crate::bench::directory::{self, import};
use crate::bench::names::{Colleague, colleague};
use crate::bench::person::{Person, random_key};
use crate::bench::scratch;

/// The address by which the issuer is known. Nothing listens there: its keys are handed over.
const ISSUER: &str = "https://issuer.example";

/// How many people get the same news: few enough that each has a copy of the conversation's head.
const TOGETHER: usize = 100;

/// Longer than digests are apart.
const APART: Duration = Duration::from_hours(5);

/// Longer than the short delay before a digest.
const SHORT_DELAY: Duration = Duration::from_mins(6);

/// What people write: a short message of every day.
pub(super) const BODY: &str =
    "The porters bring the new beds at two. Please keep the corridor of ward 6 free until they are done.";

/// An institution in this process. Its clock stands still, except where it says so.
pub(super) struct Institution {
    pub(super) clock: Clock,
    /// Imports people, and writes to them.
    pub(super) writer: Person,
    /// Where the table is.
    pub(super) table: String,
    hand: Hand,
    database: Database,
    // In the order of their end: who asks goes before who answers.
    _servers: [Server; 2],
    _folder: TempDir,
}

/// People who get news together.
pub(super) struct Readers {
    conversations: Vec<String>,
    pub(super) people: u32,
}

impl Institution {
    pub(super) async fn found() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(scratch()?)?;
        let database = dynamodb::open(&folder.path().join("db.sqlite"))?;
        let stream = Stream::new(database.clone(), None);
        let (table, table_server) = dynamodb::serve(database.clone()).await?;
        let store = functions::store(&table, false).await?;
        // The present, because the table sweeps away what has expired by the machine's time.
        let (clock, hand) = Clock::stopped_at(Clock::system().now());
        let issuer = Issuer::in_memory(ISSUER, clock.clone())?;
        let keys = Keys::fixed(serde_json::from_value(issuer.jwks())?);
        let identity = Identity::Bearer(Verifier::new(functions::rules(ISSUER), keys, clock.clone()));
        let product = functions::assemble(store.clone(), &Bus.cloud(), &clock, identity, None);
        let timing = Timing { clock: clock.clone(), ids: Boot::ids(&clock) };
        let bus = delivery::Bus::new(&Bus.cloud(), functions::BUS);
        let delivery = Delivery { stream, app: delivery::App { store, bus, timing } };
        let listener = listen(0, "").await?;
        let api = url(listener.local_addr()?);
        let server = Server::start(listener, product.merge(controls(issuer, delivery)));
        let writer = Person::sign_in_as(&Client::new(), &api, "notices-writer", &["system_administrator"]).await?;
        Ok(Self { clock, writer, table, hand, database, _servers: [server, table_server], _folder: folder })
    }

    /// Moves the clock forward.
    pub(super) fn wait(&self, time: Duration) {
        self.hand.advance(time);
    }

    /// Imports these people.
    pub(super) async fn import(&self, people: impl IntoIterator<Item = u32>) -> anyhow::Result<Vec<Colleague>> {
        let people: Vec<Colleague> = people.into_iter().map(colleague).collect();
        for some in people.chunks(directory::AT_ONCE) {
            import(&self.writer, some).await?;
        }
        self.writer.settle().await?;
        Ok(people)
    }

    /// Imports these people, and starts so many conversations with each.
    pub(super) async fn gather(
        &self,
        people: impl IntoIterator<Item = u32>,
        conversations: u32,
    ) -> anyhow::Result<Readers> {
        let colleagues = self.import(people).await?;
        let names: Vec<String> = colleagues.into_iter().map(|colleague| colleague.username).collect();
        let mut readers = Readers { conversations: Vec::new(), people: u32::try_from(names.len())? };
        for some in names.chunks(TOGETHER) {
            for number in 1..=conversations {
                readers.conversations.push(self.writer.create(&format!("Ward {number}"), some).await?);
            }
        }
        Ok(readers)
    }

    /// Writes to them, and lets so much time go by that a digest is due to each, and nobody else.
    pub(super) async fn news(&self, readers: &Readers) -> anyhow::Result<()> {
        self.wait(APART);
        for conversation in &readers.conversations {
            self.writer.send_until_acknowledged(conversation, random_key(), BODY).await?;
        }
        self.writer.settle().await?;
        self.wait(SHORT_DELAY);
        Ok(())
    }

    /// Plants so many people of whom nothing is due.
    pub(super) async fn plant(&self, people: u32) -> anyhow::Result<()> {
        let (database, now) = (self.database.clone(), self.clock.now());
        tokio::task::spawn_blocking(move || plant::people(&database, people, now)).await?
    }
}

/// The table's stream, and what it invokes.
struct Delivery {
    stream: Stream,
    app: delivery::App,
}

/// What a [`Person`] asks of the product besides its API.
fn controls(issuer: Issuer, delivery: Delivery) -> Router {
    let token = Router::new().route("/_local/token", post(token)).with_state(Arc::new(issuer));
    let settle = Router::new().route("/_local/settle", post(settle)).with_state(Arc::new(delivery));
    token.merge(settle)
}

#[derive(Deserialize)]
struct TokenFor {
    username: String,
    roles: Vec<Role>,
}

async fn token(State(issuer): State<Arc<Issuer>>, Json(asked): Json<TokenFor>) -> Result<Json<Token>, StatusCode> {
    let person = local::person::Person { roles: asked.roles, ..local::person::Person::named(&asked.username) };
    issuer.mint(&person).map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn settle(State(delivery): State<Arc<Delivery>>) -> StatusCode {
    match Box::pin(delivery.stream.drain(&delivery.app, None)).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

//! Everything together: one value that is a running Confer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use domain::clock::Clock;
use serde::Serialize;
use serde_json::json;
use store::Cloud;
use tokio::task::JoinHandle;

use crate::aws::events::{Bus, Event};
use crate::aws::{Aws, dynamodb, mail, s3};
use crate::background::Background;
use crate::controls::Controls;
use crate::folder::Folder;
use crate::issuer::Issuer;
use crate::outbox::Outbox;
use crate::schedule::Schedule;
use crate::server::{Server, listen, url};
use crate::stream::Stream;
use crate::{functions, institution};

/// Where the stack keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nowhere: all is gone when it stops.
    Memory,
    /// In a folder, which is created if need be.
    Folder(PathBuf),
}

/// How to start a stack.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of the API; 0 picks a free one.
    pub api_port: u16,
    /// The port of the embedded AWS; 0 picks a free one.
    pub aws_port: u16,
    /// Where data are kept.
    pub data: Data,
    /// Whether people are limited in how much they may send.
    pub rate_limits: bool,
    /// Whether the demonstration institution is loaded.
    pub demonstration: bool,
}

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
pub struct Addresses {
    /// The API.
    pub api: String,
    /// The embedded AWS, for every AWS tool.
    pub aws: String,
    /// The issuer of tokens, as their `iss` names it.
    pub issuer: String,
    /// The folder with the data, if they are kept.
    pub data_dir: Option<PathBuf>,
}

/// A running Confer. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Stack {
    /// The API.
    pub api: String,
    /// The embedded AWS.
    pub aws: String,
    /// The issuer of tokens.
    pub issuer: String,
    /// DynamoDB itself, without the way through the one port.
    pub dynamodb: String,
    embedded: Aws,
    controls: Controls,
    running: JoinHandle<()>,
    // In the order of their end: who asks goes before who answers.
    servers: [Server; 3],
    // Last, so that a temporary folder goes after everything that writes into it.
    folder: Folder,
}

impl Stack {
    /// Starts everything, and tells `progress` about it.
    pub async fn start(options: Options, progress: &dyn Fn(&str)) -> Result<Self> {
        // Ports first: a taken one is the likeliest reason to stop here.
        let api_listener = listen(options.api_port, "--port").await?;
        let aws_listener = listen(options.aws_port, "--aws-port").await?;
        let (api, aws) = (url(api_listener.local_addr()?), url(aws_listener.local_addr()?));
        let issuer_url = format!("{api}/_local/issuer");

        let folder = match &options.data {
            Data::Memory => Folder::temporary()?,
            Data::Folder(path) => Folder::open(path)?,
        };
        let kept = (options.data != Data::Memory).then(|| folder.path());
        let (clock, hand) = Clock::running();

        progress("Starting the embedded AWS");
        let outbox =
            Arc::new(kept.map_or_else(|| Ok(Outbox::in_memory()), |path| Outbox::load(&path.join("outbox.jsonl")))?);
        let database = dynamodb::open(&folder.path().join("db.sqlite"))?;
        let stream = Stream::new(database.clone(), kept.map(|path| path.join("delivered")));
        let schedule = Schedule::new(database.clone());
        let (dynamodb, dynamodb_server) = dynamodb::serve_and_sweep(database).await?;
        let bus = Arc::<Bus>::default();
        let embedded = Aws {
            dynamodb: dynamodb::Upstream::new(&dynamodb)?,
            s3: s3::Buckets::open(&folder.path().join("s3"), bus.clone(), clock.clone())?,
            outbox: outbox.clone(),
            events: bus.clone(),
            identities: Arc::<mail::Identities>::default(),
            clock: clock.clone(),
        };
        let aws_server = Server::start(aws_listener, embedded.clone().router());

        progress("Starting the issuer");
        let issuer = Arc::new(new_issuer(kept, &issuer_url, &clock)?);

        progress("Starting the functions");
        let store = functions::store(&dynamodb, options.rate_limits).await?;
        let cloud = Cloud { settings: functions::settings(&aws), http: dynamodb::http_client() };
        let unasked = functions::unasked(&store, &clock, &cloud, &api)?;
        let events = move || bus.take_unrouted().iter().map(|event| json!(event)).collect::<Vec<_>>();
        let background = Background::new(clock.clone(), hand, stream, schedule, unasked, events);
        let product = functions::router(store, &cloud, &issuer_url, &clock);
        let product = background.before(product);
        let controls = Controls {
            issuer: issuer.clone(),
            outbox,
            background: background.clone(),
            addresses: Arc::new(Addresses {
                api: api.clone(),
                aws: aws.clone(),
                issuer: issuer_url.clone(),
                data_dir: kept.map(Path::to_owned),
            }),
            document: Arc::new(serde_json::to_value(functions::document())?),
        };
        let api_server = Server::start(api_listener, product.merge(controls.clone().router()));

        if options.demonstration {
            progress("Loading the demonstration institution");
            // Someone who has just broken a function still wants a running stack to see it.
            if let Err(error) = institution::load(&api, &issuer, kept).await {
                progress(&format!("The demonstration institution could not be loaded: {error:#}"));
            }
        }
        let running = tokio::spawn(background.run());
        Ok(Self {
            running,
            api,
            aws,
            issuer: issuer_url,
            dynamodb,
            embedded,
            controls,
            servers: [api_server, aws_server, dynamodb_server],
            folder,
        })
    }

    /// Where everything is.
    pub fn addresses(&self) -> &Addresses {
        &self.controls.addresses
    }

    /// Mints tokens that the functions take.
    pub fn tokens(&self) -> &Issuer {
        &self.controls.issuer
    }

    /// What would have been mailed or texted.
    pub fn outbox(&self) -> &Outbox {
        &self.controls.outbox
    }

    /// The newest events on the bus, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.embedded.events.events()
    }

    /// Moves the clock, and runs what that sets off.
    pub fn background(&self) -> &Background {
        &self.controls.background
    }

    /// Lets requests finish, and ends.
    pub async fn stop(self) {
        self.running.abort();
        for server in self.servers {
            server.stop().await;
        }
        drop(self.folder);
    }
}

fn new_issuer(kept: Option<&Path>, url: &str, clock: &Clock) -> Result<Issuer> {
    match kept {
        Some(folder) => Issuer::load_or_create(&folder.join("issuer.pem"), url, clock.clone()),
        None => Issuer::in_memory(url, clock.clone()),
    }
}

#[cfg(test)]
mod tests;

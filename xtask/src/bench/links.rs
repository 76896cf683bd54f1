//! Links to the bucket: what signing one takes. Nothing is asked of a bucket for it.

use std::time::Instant;

use api::Boot;
use bucket::Bucket;
use domain::attachment::{Attachment, Declared, ObjectKey};
use domain::chain::Digest;
use domain::clock::Clock;
use domain::id::AttachmentId;
use serde::{Deserialize, Serialize};
use store::{Cloud, Settings, credentials, http_client};

use super::{as_shipped, report};
use crate::markdown;
use crate::record::Figures;

/// How many links of each kind are signed, and how many before that, so that nothing is done for the first time.
const LINKS: u32 = 20_000;
const BEFORE: u32 = 1_000;

/// Measure what signing a link takes.
///
/// It measures the code in its own process, so build it as it ships:
/// `cargo run --release --package xtask -- bench links`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write the figures into docs/figures.json.
    #[arg(long)]
    record: bool,
}

/// What signing takes, in microseconds of one processor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Links {
    upload_us: f64,
    download_us: f64,
}

impl Figures for Links {
    const NAME: &'static str = "links";
    const COMMAND: &'static str = "cargo run --release --package xtask -- bench links --record";

    fn markdown(&self) -> String {
        let row = |what: &str, took: f64| vec![what.to_owned(), format!("{took:.0} µs")];
        let rows = [row("a link to upload", self.upload_us), row("a link to download", self.download_us)];
        markdown::table(&["signing, without a request to anything", "processor time"], &rows)
    }
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    as_shipped::<Links>(args.record)?;
    let settings = Settings {
        region: "us-east-1".to_owned(),
        endpoint: None,
        credentials: credentials("ASIABENCHBENCHBENCHB", "bench", Some("session".repeat(100))),
    };
    let bucket = Bucket::new(&Cloud { settings, http: http_client(None) }, "confer-bench");
    let attachment = attachment()?;
    let upload_us = microseconds(async || bucket.upload(&attachment).await.map(drop)).await?;
    let download_us = microseconds(async || bucket.download(&attachment).await.map(drop)).await?;
    report(Links { upload_us, download_us }, args.record)
}

/// How long one takes, of many that are signed one after the other.
async fn microseconds(sign: impl AsyncFn() -> Result<(), bucket::BucketError>) -> anyhow::Result<f64> {
    for _ in 0..BEFORE {
        sign().await?;
    }
    let began = Instant::now();
    for _ in 0..LINKS {
        sign().await?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / f64::from(LINKS))
}

fn attachment() -> anyhow::Result<Attachment> {
    let clock = Clock::system();
    let ids = Boot::ids(&clock);
    let declared = Declared {
        name: "Befund Zimmer 4.pdf".to_owned().try_into()?,
        content_type: "application/pdf".to_owned().try_into()?,
        size: 1_048_576.try_into()?,
        sha256: Digest::of(b"scan"),
    };
    let id: AttachmentId = ids.mint();
    let object = ObjectKey::new(id, [7; 16]);
    let asked = Attachment::requested(id, ids.mint(), "ada".parse()?, declared, object, clock.now());
    Ok(Attachment { version: Some("v".repeat(32)), ..asked })
}

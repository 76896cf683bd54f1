//! The function, in a process of its own.

use domain::clock::Clock;
use serde_json::json;
use std::time::Duration;
use store::{Cloud, Store, connect};

use crate::bench::product::memory;

/// Make a back-up in this process, and say how much memory that took. Used by `bench backups`.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// Where the table is.
    #[arg(long)]
    table: String,

    /// Where the bucket is.
    #[arg(long)]
    bucket: String,

    /// Of which conversation.
    #[arg(long)]
    conversation: String,

    /// Which back-up.
    #[arg(long)]
    backup: String,

    /// By how many seconds this process's clock is ahead.
    #[arg(long)]
    later: u64,
}

impl Run {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let later = Duration::from_secs(self.later);
        let clock = Clock::new(move || Clock::system().now().after(later));
        let http = local::aws::dynamodb::http_client();
        let store = Store::new(connect(local::functions::settings(&self.table), http.clone()), local::functions::TABLE);
        let cloud = Cloud { settings: local::functions::settings(&self.bucket), http };
        let bucket = bucket::Bucket::new(&cloud, local::aws::s3::BUCKET);
        let app = jobs::App { store, ids: api::Boot::ids(&clock), clock, bucket };
        let due = json!({ "detail": { "conversation_id": self.conversation, "backup_id": self.backup } });
        app.handle(due, None).await.map_err(|error| anyhow::anyhow!(error))?;
        println!("{}", memory(std::process::id(), "VmHWM:")?);
        Ok(())
    }
}

//! The function that looks whom to mail, as one process of it.

use api::Boot;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use domain::clock::Clock;
use local::functions;
use serde::Deserialize;
use serde_json::json;
use store::{Store, Timing, connect};

use super::institution::Institution;
use super::services::Mails;

/// More mails in a second than one process can make.
const RATE: u32 = 1_000_000;

/// One process of the function that looks whom to mail.
pub(super) struct Worker {
    app: digest::App,
    store: Store,
    clock: Clock,
}

impl Worker {
    /// A process that reaches the table by `table`.
    pub(super) fn start(institution: &Institution, table: SharedHttpClient, mails: &Mails) -> anyhow::Result<Self> {
        let store = Store::new(connect(functions::settings(&institution.table), table), functions::TABLE);
        let clock = institution.clock.clone();
        let timing = Timing { clock: clock.clone(), ids: Boot::ids(&clock) };
        let mailer = digest::Mailer::new(&mails.cloud(), "Confer <notices@confer.example>", None, RATE);
        let panel = "https://panel.example".parse()?;
        let app = digest::App::new(store.clone(), timing, mailer, panel, "https://api.example".parse()?);
        Ok(Self { app, store, clock })
    }

    /// Reads what a process reads once a minute, however much it looks at: no one look has to pay for it.
    pub(super) async fn get_ready(&self) -> anyhow::Result<()> {
        self.store.current_settings(self.clock.now()).await?;
        Ok(())
    }

    /// Looks at everything that is due, and returns how many mails went.
    pub(super) async fn sweep(&self) -> anyhow::Result<u32> {
        #[derive(Deserialize)]
        struct Report {
            sent: u32,
            failed: u32,
            unfinished: bool,
        }
        let tick = json!({ "scheduled_at": self.clock.now() });
        let report = self.app.handle(tick, None).await.map_err(|error| anyhow::anyhow!(error))?;
        let Report { sent, failed, unfinished } = serde_json::from_value(report)?;
        anyhow::ensure!(failed == 0 && !unfinished, "{failed} looks failed after {sent} mails");
        Ok(sent)
    }
}

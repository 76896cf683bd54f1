//! Lambda `digest`.

use api::{Boot, boot_with};
use domain::clock::Timestamp;
use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (boot, [panel, api, from, configuration_set, rate]) = boot_with(
        "digest",
        ["CONFER_PANEL_URL", "CONFER_API_URL", "CONFER_MAIL_FROM", "CONFER_CONFIGURATION_SET", "CONFER_MAIL_RATE"],
    )?;
    let Boot { store, clock, ids, cloud, .. } = boot;
    let mailer = digest::Mailer::new(&cloud, &from, Some(&configuration_set), rate.parse()?);
    let app = digest::App::new(store, store::Timing { clock, ids }, mailer, panel.parse()?, api.parse()?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = i64::try_from(event.context.deadline).map(Timestamp::from_millis).ok();
        app.handle(event.payload, deadline).boxed().await
    }))
    .await
}

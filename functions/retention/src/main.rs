//! Lambda `retention`.

use api::{Boot, boot};
use domain::clock::Timestamp;
use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let Boot { store, clock, ids, .. } = boot("retention")?;
    let app = retention::App { store, clock, ids };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = i64::try_from(event.context.deadline).map(Timestamp::from_millis).ok();
        app.handle(event.payload, deadline).boxed().await
    }))
    .await
}

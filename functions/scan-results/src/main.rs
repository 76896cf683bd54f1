//! Lambda `scan-results`.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let api::Boot { store, clock, ids, .. } = api::boot("scan-results")?;
    let app = scan_results::App { store, clock, ids };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

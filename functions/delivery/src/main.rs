//! Lambda `delivery`.

use api::boot;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let api::Boot { store, .. } = boot("delivery")?;
    let app = delivery::App { store };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

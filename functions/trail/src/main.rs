//! Lambda `trail`.

use api::{Boot, boot_with};
use bucket::Bucket;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (Boot { cloud, .. }, [name]) = boot_with("trail", ["CONFER_TRAIL"])?;
    let app = trail::App { bucket: Bucket::new(&cloud, &name) };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

//! Lambda `previews`.

use api::{Boot, boot_with};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (Boot { store, cloud, .. }, [name]) = boot_with("previews", ["CONFER_BUCKET"])?;
    let app = previews::App { store, bucket: bucket::Bucket::new(&cloud, &name) };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

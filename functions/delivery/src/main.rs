//! Lambda `delivery`.

use api::boot_with;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (api::Boot { store, cloud, .. }, [bus]) = boot_with("delivery", ["CONFER_BUS"])?;
    let app = delivery::App { store, bus: delivery::Bus::new(&cloud, &bus) };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

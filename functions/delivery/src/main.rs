//! Lambda `delivery`.

use api::boot_with;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (api::Boot { store, cloud, clock, ids, .. }, [bus]) = boot_with("delivery", ["CONFER_BUS"])?;
    let timing = store::Timing { clock, ids };
    let app = delivery::App { store, bus: delivery::Bus::new(&cloud, &bus), timing };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

//! Lambda `smoke`.

use api::{Boot, Identity, boot_with};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (Boot { cloud, clock, edge, .. }, [versions]) = boot_with("smoke", ["CONFER_VERSIONS"])?;
    let Identity::Gateway(rules) = edge.identity else {
        return Err("new versions are tried behind a gateway".into());
    };
    let app = smoke::App::new(&cloud, versions.parse()?, rules, clock);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| app.handle(event.payload).await)).await
}

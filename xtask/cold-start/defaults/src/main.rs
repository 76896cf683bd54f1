//! The function `messages`, its client of the table made as the guide of the AWS SDK for Rust shows it.

use api::token::Rules;
use api::{Boot, Edge, Identity};
use aws_config::BehaviorVersion;
use domain::clock::Clock;
use store::Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = aws_sdk_dynamodb::Client::new(&settings);

    // From here on as in the function itself, without what it does to start its own client.
    let store = Store::new(client, &std::env::var("CONFER_TABLE")?);
    let clock = Clock::system();
    let ids = Boot::ids(&clock);
    let identity = Identity::Gateway(Rules {
        issuer: std::env::var("CONFER_ISSUER")?.into(),
        audience: std::env::var("CONFER_AUDIENCE")?.into(),
        scope: "confer".into(),
        username_claim: "username".into(),
    });
    let edge = Edge { function: "messages", clock: clock.clone(), ids: ids.clone(), identity, store: store.clone(), idle_limit: None };
    let app = messages::App { store, clock, ids };
    lambda_http::run(edge.around(messages::router().with_state(app))).await
}

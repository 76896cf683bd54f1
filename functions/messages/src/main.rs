//! Lambda `messages`.

use api::boot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api::Boot { store, clock, ids, edge, .. } = boot("messages")?;
    let app = messages::App { store, clock, ids };
    lambda_http::run(edge.around(messages::router().with_state(app))).await
}

//! Lambda `conversations`.

use api::boot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api::Boot { store, clock, ids, edge, .. } = boot("conversations")?;
    let app = conversations::App { store, clock, ids };
    lambda_http::run(edge.around(conversations::router().with_state(app))).await
}

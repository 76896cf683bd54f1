//! Lambda `broadcasts`.

use api::boot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api::Boot { store, clock, ids, edge, .. } = boot("broadcasts")?;
    let app = broadcasts::App { store, clock, ids };
    lambda_http::run(edge.around(broadcasts::router().with_state(app))).await
}

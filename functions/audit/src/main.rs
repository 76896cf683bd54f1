//! Lambda `audit`.

use api::boot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api::Boot { store, clock, ids, edge, .. } = boot("audit")?;
    let app = audit::App { store, clock, ids };
    lambda_http::run(edge.around(audit::router().with_state(app))).await
}

//! Lambda `people`.

use api::boot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let api::Boot { store, clock, ids, edge, .. } = boot("people")?;
    let app = people::App { store, clock, ids };
    lambda_http::run(edge.around(people::router().with_state(app))).await
}

//! Lambda `attachments`.

use api::boot_with;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let (api::Boot { store, clock, ids, edge, cloud }, [name]) = boot_with("attachments", ["CONFER_BUCKET"])?;
    let bucket = bucket::Bucket::new(&cloud, &name);
    let app = attachments::App { store, clock, ids, bucket };
    lambda_http::run(edge.around(attachments::router().with_state(app))).await
}

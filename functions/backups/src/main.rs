//! Lambda `backups`.

use api::boot_with;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let (api::Boot { store, clock, ids, edge, cloud }, [name]) = boot_with("backups", ["CONFER_BUCKET"])?;
    let bucket = bucket::Bucket::new(&cloud, &name);
    let app = backups::App { store, clock, ids, bucket };
    lambda_http::run(edge.around(backups::router().with_state(app))).await
}

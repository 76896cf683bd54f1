//! The function `messages`, its client of the table made as the guide of the AWS SDK for Rust shows it.

use aws_config::BehaviorVersion;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let settings = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = aws_sdk_dynamodb::Client::new(&settings);
    let boot = api::boot("messages")?.with_client(client);
    lambda_http::run(messages::router(boot)).await
}

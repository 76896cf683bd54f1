//! Tries new versions of the functions behind the API before anybody is served by them.
//!
//! CodeDeploy invokes it, once for each function of which there is a new version, at about the same time. Each time all of
//! them are tried: a message that can be sent and not be read is no message.

mod asking;
mod story;
mod version;

use api::token::Rules;
use aws_sdk_codedeploy::types::LifecycleEventStatus;
use domain::clock::Clock;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Cloud;

pub use version::{Versions, VersionsError};

/// What this function may use.
#[derive(Clone, Debug)]
pub struct App {
    versions: Versions,
    functions: aws_sdk_lambda::Client,
    deployments: aws_sdk_codedeploy::Client,
    /// What the claims of somebody must say to be let in.
    rules: Rules,
    clock: Clock,
}

/// What CodeDeploy asks
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hook {
    deployment_id: String,
    lifecycle_event_hook_execution_id: String,
}

impl App {
    /// What it needs.
    pub fn new(cloud: &Cloud, versions: Versions, rules: Rules, clock: Clock) -> Self {
        let (functions, deployments) = version::clients(cloud);
        Self { versions, functions, deployments, rules, clock }
    }

    /// Tries the new versions, and tells CodeDeploy whether they are good.
    pub async fn handle(&self, event: Value) -> Result<Value, lambda_runtime::Error> {
        let Hook { deployment_id, lifecycle_event_hook_execution_id } = api::event::read(event)?;
        let troubles = self.tell_the_story().await;
        for trouble in &troubles {
            tracing::error!(trouble = %trouble, "A new version is not good");
        }
        let status = if troubles.is_empty() { LifecycleEventStatus::Succeeded } else { LifecycleEventStatus::Failed };
        self.deployments
            .put_lifecycle_event_hook_execution_status()
            .deployment_id(deployment_id)
            .lifecycle_event_hook_execution_id(lifecycle_event_hook_execution_id)
            .status(status.clone())
            .send()
            .await?;
        tracing::info!(status = status.as_str(), "Tried the new versions");
        Ok(json!({ "status": status.as_str(), "troubles": troubles.len() }))
    }
}

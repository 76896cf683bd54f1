//! What officials of the institution do: accounts, projects, settings, and the log of all that.

mod accounts;
mod log;
mod projects;
mod settings;

use local::person::Role;
use serde_json::Value;
use tests::actor::Actor;
use tests::world::World;

/// An auditor.
async fn auditor(world: &World) -> Actor {
    world.official("auditor", &[Role::Auditor]).await
}

/// The institution's log as an auditor reads it, oldest first.
async fn entries(auditor: &Actor) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = "/v1/audit/institution?limit=100".to_owned();
    loop {
        let page = auditor.get(&path).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/v1/audit/institution?limit=100&before={next}");
    }
    all.reverse();
    all
}

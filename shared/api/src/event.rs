//! Events: what AWS invokes functions with that no request invokes.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The event is not what the function is invoked with.
///
/// Whatever calls a function logs its failures, and an event may say what somebody wrote, even in its names: so this says
/// nothing of it. Who wants to see it finds it where events go that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event is not one that this function knows")]
pub struct Unknown;

/// Reads an event.
pub fn read<T: DeserializeOwned>(event: Value) -> Result<T, Unknown> {
    serde_json::from_value(event).map_err(|_| Unknown)
}

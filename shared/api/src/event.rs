//! Events: what AWS invokes functions with that no request invokes.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The event is not what the function is invoked with.
///
/// Whatever calls a function logs its failures, and an event may say what somebody wrote: so this says where the event is
/// different, and not what is there.
#[derive(Debug, thiserror::Error)]
#[error("the event is not as this function knows it, at `{0}`")]
pub struct Unknown(String);

/// Reads an event.
pub fn read<T: DeserializeOwned>(event: Value) -> Result<T, Unknown> {
    serde_path_to_error::deserialize(event).map_err(|error| Unknown(error.path().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, serde::Deserialize)]
    struct Told {
        detail: Vec<u8>,
    }

    #[test]
    fn a_failure_says_where_and_not_what() {
        assert_eq!(read::<Told>(json!({ "detail": [1, 2] })).unwrap().detail, [1, 2]);
        let error = read::<Told>(json!({ "detail": [1, "Jane Roe"] })).unwrap_err();
        assert_eq!(error.to_string(), "the event is not as this function knows it, at `detail[1]`");
        assert!(!format!("{error:?}").contains("Jane"));
    }
}

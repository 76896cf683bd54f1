//! What GuardDuty Malware Protection for S3 tells
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html>).

use domain::attachment::{ObjectKey, Verdict};
use serde::Deserialize;

/// An event of EventBridge.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) detail: Detail,
}

/// What was found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    s3_object_details: Object,
    scan_result_details: Option<Found>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    object_key: String,
    version_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    scan_result_status: String,
}

impl Detail {
    /// Of which object, in which version, it says what; nothing if it is about something else, or says nothing yet.
    pub(crate) fn finding(self) -> Option<(ObjectKey, String, Verdict)> {
        let verdict = match self.scan_result_details?.scan_result_status.as_str() {
            "NO_THREATS_FOUND" => Verdict::Clean,
            "THREATS_FOUND" => Verdict::Infected,
            // What could not be looked into is not said to be clean.
            "UNSUPPORTED" | "ACCESS_DENIED" | "FAILED" => Verdict::Unscannable,
            _ => return None,
        };
        let object: ObjectKey = self.s3_object_details.object_key.parse().ok()?;
        Some((object, self.s3_object_details.version_id.unwrap_or_default(), verdict))
    }
}

#[cfg(test)]
mod tests {
    use domain::id::AttachmentId;
    use serde_json::{Value, json};

    use super::*;

    fn finding(key: &str, status: &Value) -> Option<(ObjectKey, String, Verdict)> {
        let event = json!({ "source": "aws.guardduty", "detail": {
            "scanStatus": "COMPLETED", "resourceType": "S3_OBJECT",
            "s3ObjectDetails": { "bucketName": "b", "objectKey": key, "eTag": "e", "versionId": "v1" },
            "scanResultDetails": { "scanResultStatus": status, "threats": null },
        }});
        let Event { detail } = serde_json::from_value(event).unwrap();
        detail.finding()
    }

    #[test]
    fn what_is_not_known_to_be_clean_is_not_said_to_be() {
        let id: AttachmentId = "019ca8a0-3e80-7707-8707-070707070707".parse().unwrap();
        let object = ObjectKey::new(id, [7; 16]);
        for (status, verdict) in [
            ("NO_THREATS_FOUND", Some(Verdict::Clean)),
            ("THREATS_FOUND", Some(Verdict::Infected)),
            ("UNSUPPORTED", Some(Verdict::Unscannable)),
            ("ACCESS_DENIED", Some(Verdict::Unscannable)),
            ("FAILED", Some(Verdict::Unscannable)),
            ("no_threats_found", None),
            ("", None),
        ] {
            let expected = verdict.map(|verdict| (object.clone(), "v1".to_owned(), verdict));
            assert_eq!(finding(object.as_str(), &json!(status)), expected, "{status}");
        }
        assert_eq!(finding("backups/1.zip", &json!("NO_THREATS_FOUND")), None);
    }
}

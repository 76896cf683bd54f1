//! GuardDuty: looks at each new attachment for malware, and tells what came of it.

use anyhow::Result;
use axum::http::HeaderMap;
use domain::clock::Timestamp;
use serde_json::json;

use super::events::Event;
use super::s3::BUCKET;
use super::{ACCOUNT, REGION};
use crate::issuer::random_id;

/// The objects that are looked at are those under this.
const PREFIX: &str = "a/";

/// In halves, so that no scanner takes this program for what it finds.
const EICAR: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// What every scanner takes for malware, and does no harm (<https://www.eicar.org/download-anti-malware-testfile/>).
pub fn eicar() -> String {
    EICAR.concat()
}

/// An object that was looked at.
#[derive(Debug)]
pub(super) struct Scanned {
    key: String,
    infected: bool,
}

impl Scanned {
    /// Looks at an object, if it is an attachment.
    pub(super) fn of(bucket: &str, key: &str, bytes: &[u8]) -> Option<Self> {
        if bucket != BUCKET || !key.starts_with(PREFIX) {
            return None;
        }
        let eicar = eicar();
        let infected = bytes.windows(eicar.len()).any(|part| part == eicar.as_bytes());
        Some(Self { key: key.to_owned(), infected })
    }

    /// What is told of it, now that it was put with this answer
    /// (<https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html>).
    pub(super) fn event(&self, put: &HeaderMap, at: Timestamp) -> Result<Event> {
        let header = |name: &str| put.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let status = if self.infected { "THREATS_FOUND" } else { "NO_THREATS_FOUND" };
        let threats = self.infected.then(|| json!([{ "name": "EICAR-Test-File (not a virus)" }]));
        Ok(Event {
            version: "0",
            id: random_id()?,
            detail_type: "GuardDuty Malware Protection Object Scan Result".to_owned(),
            source: "aws.guardduty".to_owned(),
            account: ACCOUNT,
            time: at,
            region: REGION,
            resources: vec![format!("arn:aws:guardduty:{REGION}:{ACCOUNT}:malware-protection-plan/local")],
            detail: json!({
                "schemaVersion": "1.0", "scanStatus": "COMPLETED", "resourceType": "S3_OBJECT",
                "s3ObjectDetails": {
                    "bucketName": BUCKET, "objectKey": self.key, "eTag": header("etag").trim_matches('"'),
                    "versionId": header("x-amz-version-id"), "s3Throttled": false,
                },
                "scanResultDetails": { "scanResultStatus": status, "threats": threats },
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Running, start};
    use crate::sigv4::Presign;

    async fn put(running: &Running, path: &'static str, body: String) -> u16 {
        let url = Presign::new(&running.url, "PUT", path).header("if-none-match", "*").url();
        let put = reqwest::Client::new().put(url).header("if-none-match", "*").body(body);
        put.send().await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn each_attachment_is_looked_at_and_nothing_else() {
        let running = start().await;
        let hidden = format!("Dear all, {} regards", eicar());
        for (path, body, found) in [
            ("/confer-attachments/a/1", "hello".to_owned(), Some("NO_THREATS_FOUND")),
            ("/confer-attachments/a/2", eicar(), Some("THREATS_FOUND")),
            ("/confer-attachments/a/3", hidden, Some("THREATS_FOUND")),
            ("/confer-attachments/a/4", eicar()[1..].to_owned(), Some("NO_THREATS_FOUND")),
            ("/confer-attachments/b/1", eicar(), None),
        ] {
            assert_eq!(put(&running, path, body).await, 200);
            let told = json!(running.aws.events.take_unrouted());
            assert_eq!(told[0]["detail"]["scanResultDetails"]["scanResultStatus"].as_str(), found, "{path}");
        }
        assert_eq!(put(&running, "/confer-attachments/a/1", "again".to_owned()).await, 412);
        assert!(running.aws.events.take_unrouted().is_empty(), "what was refused is not there");
    }

    #[tokio::test]
    async fn a_verdict_has_the_shape_of_the_real_ones() {
        let running = start().await;
        put(&running, "/confer-attachments/a/1", "hello".to_owned()).await;
        let [told] = &running.aws.events.take_unrouted()[..] else { panic!("one event") };
        assert_eq!((told.source.as_str(), told.version), ("aws.guardduty", "0"));
        assert_eq!(told.detail_type, "GuardDuty Malware Protection Object Scan Result");
        let expected = json!({
            "schemaVersion": "1.0", "scanStatus": "COMPLETED", "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": "confer-attachments", "objectKey": "a/1", "eTag": "5d41402abc4b2a76b9719d911017c592",
                "versionId": "", "s3Throttled": false,
            },
            "scanResultDetails": { "scanResultStatus": "NO_THREATS_FOUND", "threats": null },
        });
        assert_eq!(told.detail, expected);
    }
}

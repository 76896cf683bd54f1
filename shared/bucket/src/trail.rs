//! What is kept of logs, in a bucket of its own.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use domain::trail::TrailKey;

use crate::{Bucket, BucketError, failed, status};

impl Bucket {
    /// Puts lines of the trail, unless they are there. A bucket with object lock takes nothing without a checksum.
    pub async fn put_trail(&self, key: &TrailKey, lines: Vec<u8>) -> Result<(), BucketError> {
        let put = self.client.put_object().bucket(&*self.name).key(key.as_str()).content_type("application/jsonl");
        let put = put.checksum_algorithm(ChecksumAlgorithm::Sha256).if_none_match("*").body(ByteStream::from(lines));
        match put.send().await {
            Ok(_) => Ok(()),
            // The answer to the first attempt was lost.
            Err(error) if status(&error) == Some(412) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

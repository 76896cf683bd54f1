//! Back-ups, written part by part, and the notes by which one run goes on where another one ended.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use domain::backup::ArchiveKey;
use domain::id::NoteId;
use serde::{Deserialize, Serialize};

use crate::{Bucket, BucketError, failed, is_missing, patient};

/// How large each part of an archive is but the last, in bytes: with at most 10,000 of them an archive has up to 78 GiB
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub const PART: usize = 8 * 1024 * 1024;

/// The name by which parts are put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload(pub String);

/// What the bucket says of a part that it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part(pub String);

impl Bucket {
    /// Begins an archive of several parts.
    pub async fn begin(&self, archive: &ArchiveKey) -> Result<Upload, BucketError> {
        let upload = self.client.create_multipart_upload().bucket(&*self.name).key(archive.as_str());
        let answer = upload.content_type("application/zip").send().await.map_err(failed)?;
        answer.upload_id.map(Upload).ok_or(BucketError::Missing)
    }

    /// Puts a part: the `number`th, counted from 1. Put again, the later one counts.
    pub async fn put_part(
        &self,
        archive: &ArchiveKey,
        upload: &Upload,
        number: usize,
        bytes: Vec<u8>,
    ) -> Result<Part, BucketError> {
        let put = self
            .client
            .upload_part()
            .bucket(&*self.name)
            .key(archive.as_str())
            .upload_id(&upload.0)
            .part_number(i32::try_from(number).unwrap_or(i32::MAX))
            .body(ByteStream::from(bytes));
        let put = put.customize().config_override(patient()).send().await.map_err(failed)?;
        put.e_tag.map(Part).ok_or(BucketError::Missing)
    }

    /// Makes an archive of its parts. If one of them is not the one that is named, there is none.
    pub async fn put_together(&self, archive: &ArchiveKey, upload: &Upload, parts: &[Part]) -> Result<(), BucketError> {
        let numbered =
            parts.iter().zip(1..).map(|(Part(tag), n)| CompletedPart::builder().e_tag(tag).part_number(n).build());
        let parts = CompletedMultipartUpload::builder().set_parts(Some(numbered.collect())).build();
        let complete = self.client.complete_multipart_upload().bucket(&*self.name).key(archive.as_str());
        let complete = complete.upload_id(&upload.0).multipart_upload(parts);
        complete.send().await.map(drop).map_err(failed)
    }

    /// Puts an archive that is no larger than a part.
    pub async fn put_archive(&self, archive: &ArchiveKey, bytes: Vec<u8>) -> Result<(), BucketError> {
        self.put(archive.as_str(), "application/zip", bytes).await
    }

    /// How large an archive is, in bytes; nothing, if there is none.
    pub async fn archive_size(&self, archive: &ArchiveKey) -> Result<Option<u64>, BucketError> {
        match self.client.head_object().bucket(&*self.name).key(archive.as_str()).send().await {
            Ok(head) => Ok(head.content_length.and_then(|size| u64::try_from(size).ok())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Puts a note.
    pub async fn put_note(&self, archive: &ArchiveKey, note: NoteId, bytes: Vec<u8>) -> Result<(), BucketError> {
        self.put(&archive.note(note), "application/octet-stream", bytes).await
    }

    /// What a note says.
    pub async fn note(&self, archive: &ArchiveKey, note: NoteId) -> Result<Vec<u8>, BucketError> {
        let get = self.client.get_object().bucket(&*self.name).key(archive.note(note));
        let got = match get.send().await {
            Ok(got) => got,
            Err(error) if is_missing(&error) => return Err(BucketError::Missing),
            Err(error) => return Err(failed(error)),
        };
        let bytes = got.body.collect().await.map_err(|error| BucketError::Unavailable(error.into()))?;
        Ok(bytes.to_vec())
    }

    /// Takes a note away.
    pub async fn remove_note(&self, archive: &ArchiveKey, note: NoteId) -> Result<(), BucketError> {
        self.delete(&archive.note(note), None).await
    }

    /// Takes an archive away.
    pub async fn remove_archive(&self, archive: &ArchiveKey) -> Result<(), BucketError> {
        self.delete(archive.as_str(), None).await
    }
}

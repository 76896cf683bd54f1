//! A ZIP file that one run begins and another one ends (APPNOTE 6.3.10,
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>).
//!
//! It is written in order and never read again, and all that is kept of it in memory is what is not put yet and the list
//! of its files. That list and what is not put yet make a note from which another process goes on; no library begins in
//! the middle.

use bucket::{Bucket, BucketError, PART, Part, Upload};
use domain::backup::ArchiveKey;
use domain::chain::Digest;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::contents::Stamp;

/// An archive at work.
pub(crate) struct Archive {
    bucket: Bucket,
    key: ArchiveKey,
    stamp: Stamp,
    made: Made,
    /// What is not put yet: less than a part.
    rest: Vec<u8>,
}

/// What was made of an archive so far.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Made {
    /// How many bytes it has.
    size: u64,
    files: Vec<File>,
    upload: Option<Upload>,
    parts: Vec<Part>,
}

/// A file in an archive.
#[derive(Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) size: u32,
    pub(crate) sha256: Digest,
    compressed: u32,
    crc: u32,
    /// Where it begins.
    at: u64,
}

/// A file that comes piece by piece.
pub(crate) struct Streamed {
    name: String,
    at: u64,
    crc: flate2::Crc,
    compressed: u64,
    deflate: DeflateEncoder<Vec<u8>>,
}

const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;

/// Names are in UTF-8.
const UTF_8: u16 = 1 << 11;
/// Sizes follow the bytes.
const SIZES_FOLLOW: u16 = 1 << 3;
const DEFLATED: u16 = 8;
/// A file of Unix, readable by everybody.
const READABLE: u32 = 0o100_644 << 16;
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;

impl Archive {
    /// An archive of which nothing was made yet.
    pub(crate) fn new(bucket: Bucket, key: ArchiveKey, stamp: Stamp) -> Self {
        Self { bucket, key, stamp, made: Made::default(), rest: Vec::new() }
    }

    /// An archive that another run began.
    pub(crate) fn resumed(bucket: Bucket, key: ArchiveKey, stamp: Stamp, made: Made, rest: Vec<u8>) -> Self {
        Self { bucket, key, stamp, made, rest }
    }

    /// What was made so far, and the bytes that are not put yet.
    pub(crate) fn so_far(&self) -> (&Made, &[u8]) {
        (&self.made, &self.rest)
    }

    /// The files that are in it.
    pub(crate) fn files(&self) -> &[File] {
        &self.made.files
    }

    /// Adds a file.
    pub(crate) async fn add(&mut self, name: String, bytes: &[u8]) -> Result<(), BucketError> {
        let mut file = self.begin(name, Compression::default()).await?;
        self.push(&mut file, bytes).await?;
        self.end(file, Digest::of(bytes), bytes.len()).await
    }

    /// Begins a file that comes piece by piece and is compressed enough.
    pub(crate) async fn begin_stream(&mut self, name: String) -> Result<Streamed, BucketError> {
        self.begin(name, Compression::none()).await
    }

    async fn begin(&mut self, name: String, compression: Compression) -> Result<Streamed, BucketError> {
        let at = self.made.size;
        let Stamp { time, date } = self.stamp;
        let header = Bytes::default()
            .u32(LOCAL)
            .u16s([VERSION, UTF_8 | SIZES_FOLLOW, DEFLATED, time, date])
            .u32s([0, 0, 0])
            .u16s([short(name.len()), 0])
            .bytes(name.as_bytes());
        self.write(&header.0).await?;
        let deflate = DeflateEncoder::new(Vec::new(), compression);
        Ok(Streamed { name, at, crc: flate2::Crc::new(), compressed: 0, deflate })
    }

    /// Adds a piece to a file.
    pub(crate) async fn push(&mut self, file: &mut Streamed, piece: &[u8]) -> Result<(), BucketError> {
        use std::io::Write as _;

        file.crc.update(piece);
        // Into memory, where writing never fails.
        file.deflate.write_all(piece).map_err(|error| BucketError::Unavailable(error.into()))?;
        let bytes = std::mem::take(file.deflate.get_mut());
        file.compressed += bytes.len() as u64;
        self.write(&bytes).await
    }

    /// Ends a file that has this hash and this size.
    pub(crate) async fn end(&mut self, file: Streamed, sha256: Digest, size: usize) -> Result<(), BucketError> {
        let Streamed { name, at, crc, compressed, deflate } = file;
        let bytes = deflate.finish().map_err(|error| BucketError::Unavailable(error.into()))?;
        self.write(&bytes).await?;
        let compressed = long(compressed + bytes.len() as u64);
        let (crc, size) = (crc.sum(), long(size as u64));
        self.write(&Bytes::default().u32s([DESCRIPTOR, crc, compressed, size]).0).await?;
        self.made.files.push(File { name, size, sha256, compressed, crc, at });
        Ok(())
    }

    /// Ends the archive: from then on it is there. Returns its size.
    pub(crate) async fn finish(&mut self) -> Result<u64, BucketError> {
        let directory = self.made.size;
        let files = std::mem::take(&mut self.made.files);
        for file in &files {
            self.write(&self.listed(file)).await?;
        }
        let end = ended(files.len() as u64, directory, self.made.size);
        self.write(&end).await?;
        let rest = std::mem::take(&mut self.rest);
        let Some(upload) = self.made.upload.take() else {
            self.bucket.put_archive(&self.key, rest).await?;
            return Ok(self.made.size);
        };
        let last = self.bucket.put_part(&self.key, &upload, self.made.parts.len() + 1, rest).await?;
        self.made.parts.push(last);
        self.bucket.put_together(&self.key, &upload, &self.made.parts).await?;
        Ok(self.made.size)
    }

    /// Writes bytes, and puts what makes a part.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), BucketError> {
        self.made.size += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        while self.rest.len() > PART {
            let upload = match self.made.upload.clone() {
                Some(upload) => upload,
                None => self.bucket.begin(&self.key).await?,
            };
            self.made.upload = Some(upload.clone());
            let rest = self.rest.split_off(PART);
            let part = std::mem::replace(&mut self.rest, rest);
            let part = self.bucket.put_part(&self.key, &upload, self.made.parts.len() + 1, part).await?;
            self.made.parts.push(part);
        }
        Ok(())
    }

    /// A file in the directory at the end. Where it begins may be beyond what 32 bits say.
    fn listed(&self, file: &File) -> Vec<u8> {
        let Stamp { time, date } = self.stamp;
        let far = u32::try_from(file.at).is_err();
        let at = u32::try_from(file.at).unwrap_or(u32::MAX);
        let version = if far { VERSION_64 } else { VERSION };
        let extra = if far { Bytes::default().u16s([1, 8]).u64(file.at).0 } else { Vec::new() };
        Bytes::default()
            .u32(CENTRAL)
            .u16s([(3 << 8) | VERSION_64, version, UTF_8 | SIZES_FOLLOW, DEFLATED, time, date])
            .u32s([file.crc, file.compressed, file.size])
            .u16s([short(file.name.len()), short(extra.len()), 0, 0, 0])
            .u32s([READABLE, at])
            .bytes(file.name.as_bytes())
            .bytes(&extra)
            .0
    }
}

/// The end of an archive of so many files, whose directory lies between these places.
fn ended(files: u64, directory: u64, end: u64) -> Vec<u8> {
    let size = end - directory;
    let mut bytes = Bytes::default();
    let many = files >= u64::from(u16::MAX);
    if many || u32::try_from(end).is_err() {
        bytes = bytes
            .u32(END_64)
            .u64(44)
            .u16s([(3 << 8) | VERSION_64, VERSION_64])
            .u32s([0, 0])
            .u64(files)
            .u64(files)
            .u64(size)
            .u64(directory)
            .u32s([LOCATOR_64, 0])
            .u64(end)
            .u32(1);
    }
    let count = u16::try_from(files).unwrap_or(u16::MAX);
    let or_more = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    bytes.u32(END).u16s([0, 0, count, count]).u32s([or_more(size), or_more(directory)]).u16(0).0
}

/// What is below 64 KiB, because names are.
fn short(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// What is below 4 GiB, because every file is far smaller.
fn long(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Numbers as they are in a ZIP file: the least byte first.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u16(self, n: u16) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    fn u32(self, n: u32) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    fn u64(self, n: u64) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    fn u16s<const N: usize>(self, all: [u16; N]) -> Self {
        all.into_iter().fold(self, Self::u16)
    }

    fn u32s<const N: usize>(self, all: [u32; N]) -> Self {
        all.into_iter().fold(self, Self::u32)
    }
}

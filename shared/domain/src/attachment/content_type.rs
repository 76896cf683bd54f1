//! What an attachment is, as its uploader says, and whether its first bytes contradict that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an attachment is, as its uploader says: `type/subtype` in lower case, without parameters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentType(Box<str>);

/// The text names no type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a type like application/pdf")]
pub struct ContentTypeError;

impl ContentType {
    /// The longest type, in bytes.
    pub const MAX: usize = 100;

    /// The type.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type with which the bytes are given back: one that no browser runs.
    pub fn served_as(&self) -> &str {
        let declared = self.as_str();
        if SERVED.contains(&declared) || OFFICE.contains(&declared) { declared } else { ANYTHING }
    }

    /// Whether it is a picture of which a preview is made.
    pub fn is_picture(&self) -> bool {
        matches!(self.as_str(), "image/gif" | "image/jpeg" | "image/png" | "image/webp")
    }

    /// Whether the first bytes can be those of such a thing.
    ///
    /// A program is nothing else, whatever it is called. What has a magic number must have it, and a text must not have
    /// one. Of types that are not known here nothing more is asked.
    pub fn agrees(&self, first: &[u8]) -> bool {
        let declared = self.as_str();
        if declared == ANYTHING {
            return true;
        }
        if STARTS_OF_PROGRAMS.iter().any(|start| first.starts_with(start)) {
            return PROGRAMS.contains(&declared);
        }
        if OFFICE.contains(&declared) {
            return is_office(declared, first);
        }
        if let Some(alike) = ALIKE.iter().find(|alike| alike.contains(&declared)) {
            return seen(first).is_some_and(|seen| alike.contains(&seen));
        }
        !is_written(declared) || reads(declared, first)
    }
}

impl TryFrom<String> for ContentType {
    type Error = ContentTypeError;

    fn try_from(text: String) -> Result<Self, ContentTypeError> {
        if text.len() > Self::MAX {
            return Err(ContentTypeError);
        }
        // Types are the same in any case (RFC 6838); here they are written in one.
        let text = text.to_ascii_lowercase();
        match text.split_once('/') {
            Some((kind, subtype)) if is_token(kind) && is_token(subtype) => Ok(Self(text.into())),
            _ => Err(ContentTypeError),
        }
    }
}

impl From<ContentType> for String {
    fn from(content_type: ContentType) -> Self {
        content_type.0.into()
    }
}

/// Mute, because it is what a client wrote.
impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentType({} chars)", self.0.len())
    }
}

/// A restricted name of RFC 6838.
fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.bytes().all(allowed)
}

const ANYTHING: &str = "application/octet-stream";
const GIF: &str = "image/gif";
const OLE: &str = "application/x-ole-storage";
const PDF: &str = "application/pdf";
const RTF: &str = "application/rtf";
const SCRIPT: &str = "text/x-shellscript";
const TIFF: &str = "image/tiff";
const ZIP: &str = "application/zip";

/// What is given back as what it was declared to be, beside the office documents.
const SERVED: &[&str] = &[
    "application/dicom",
    "application/pdf",
    "application/zip",
    "audio/mpeg",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
    "video/mp4",
];

const OFFICE: &[&str] = &[
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
];

/// How whoever uploads a program may call it.
const PROGRAMS: &[&str] = &[
    "application/java-vm",
    "application/vnd.android.dex",
    "application/vnd.microsoft.portable-executable",
    "application/wasm",
    "application/x-dosexec",
    "application/x-executable",
    "application/x-mach-binary",
    "application/x-ms-shortcut",
    "application/x-msdos-program",
    "application/x-msdownload",
    "application/x-sharedlib",
];

/// Windows and DOS, Linux, macOS in its five spellings (one is Java's, too), the web, Android, and the shortcut of
/// Windows, which starts what it likes.
const STARTS_OF_PROGRAMS: &[&[u8]] = &[
    b"MZ",
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa\xcf",
    b"\xfe\xed\xfa\xce",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"dex\n0",
    b"L\0\0\0\x01\x14\x02\0",
];

/// Types that have magic numbers, and that are the same thing as far as these tell.
const ALIKE: &[&[&str]] = &[
    &["application/dicom"],
    &["application/gzip", "application/x-gzip"],
    &["application/pdf", "application/x-pdf"],
    &["application/rtf", "text/rtf"],
    &["application/vnd.rar", "application/x-rar", "application/x-rar-compressed"],
    &["application/x-7z-compressed"],
    &["application/zip", "application/x-zip-compressed", "application/epub+zip"],
    &["audio/mpeg", "audio/mp3"],
    &["audio/ogg", "audio/opus", "video/ogg", "application/ogg"],
    &["audio/x-wav", "audio/wav", "audio/wave", "audio/vnd.wave"],
    &["image/bmp", "image/x-ms-bmp"],
    &["image/gif"],
    &["image/jpeg", "image/jpg", "image/pjpeg"],
    &["image/png", "image/apng"],
    &["image/tiff"],
    &["image/webp"],
    // One container for films, sounds and the pictures of phones.
    &[
        "video/mp4",
        "video/quicktime",
        "video/x-m4v",
        "video/3gpp",
        "audio/mp4",
        "audio/m4a",
        "audio/x-m4a",
        "image/avif",
        "image/heic",
        "image/heif",
    ],
    &["video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"],
];

/// Beginnings that nothing else has, not even a text.
const SIGNS: &[(&[u8], &str)] = &[
    (b"#!AMR", "audio/amr"),
    (b"#!", SCRIPT),
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"PK\x03\x04", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"II*\0", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0*", TIFF),
    (b"MM\0+", TIFF),
];

/// What the first bytes are, if they are a sure sign of something.
fn signed(first: &[u8]) -> Option<&'static str> {
    match first {
        [0..=3, _, _, _, b'f', b't', b'y', b'p', ..]
        | [0..=3, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [0..=3, _, _, _, b'm', b'd', b'a', b't', ..]
        | [0..=3, _, _, _, b'w', b'i', b'd', b'e', ..] => Some("video/mp4"),
        // MPEG audio without a tag in front, layer III of each version.
        [0xff, 0xe2 | 0xe3 | 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => Some("audio/mpeg"),
        _ => SIGNS.iter().find(|(start, _)| first.starts_with(start)).map(|(_, seen)| *seen),
    }
}

/// What the first bytes are.
fn seen(first: &[u8]) -> Option<&'static str> {
    signed(first).or_else(|| infer::get(first).map(|found| found.mime_type()))
}

/// They are zips, or, where they are old or encrypted, the other container. Word calls RTF its own, too, and browsers
/// on Windows say that CSV is Excel's.
fn is_office(declared: &str, first: &[u8]) -> bool {
    match signed(first) {
        Some(ZIP | OLE) => true,
        Some(RTF) => declared == "application/msword",
        Some(_) => false,
        None => declared == "application/vnd.ms-excel" && is_plain(first),
    }
}

fn is_written(declared: &str) -> bool {
    let named = ["application/json", "application/javascript", "application/xml"];
    let derived = ["+json", "+xml"];
    declared.starts_with("text/")
        || named.contains(&declared)
        || derived.iter().any(|ending| declared.ends_with(ending))
}

/// Whether the first bytes can be those of a text.
///
/// Some magic numbers are two or three letters, which begin texts, too: `BMI`, `BCG`. What goes on as a text is one.
fn reads(declared: &str, first: &[u8]) -> bool {
    match signed(first) {
        Some(SCRIPT) => is_language(declared),
        Some(_) => false,
        None if first.iter().take(4).all(u8::is_ascii) && is_plain(first) => true,
        None => infer::get(first).is_none_or(|found| found.mime_type().starts_with("text/")),
    }
}

fn is_language(declared: &str) -> bool {
    declared.split_once('/').is_some_and(|(_, subtype)| subtype.starts_with("x-") || subtype == "javascript")
}

/// Has no byte that no text has, be it UTF-8 or an older encoding.
fn is_plain(first: &[u8]) -> bool {
    let control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r');
    !first.iter().any(control)
}

#[cfg(test)]
mod tests;

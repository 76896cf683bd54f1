//! What an attachment is called, what it is said to be, and what its first bytes look like.
#![no_main]

use domain::attachment::{ContentType, DeniedTypes, FileName, TypePattern};
use fuzz::{first_line, tells};
use http::HeaderValue;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((name, rest)) = first_line(input) else { return Corpus::Reject };
    let Some((content_type, first)) = first_line(rest) else { return Corpus::Reject };
    if let Ok(name) = FileName::try_from(name.to_owned()) {
        shown(&name);
    }
    // A name can hold line ends, too.
    if let Ok(name) = std::str::from_utf8(input)
        .map(str::to_owned)
        .map_err(drop)
        .and_then(|text| FileName::try_from(text).map_err(drop))
    {
        shown(&name);
    }
    if let Ok(pattern) = TypePattern::try_from(content_type.to_owned()) {
        denied(&pattern);
    }
    if let Ok(content_type) = ContentType::try_from(content_type.to_owned()) {
        served(&content_type, first);
    }
    Corpus::Keep
});

/// A name is one line that can be seen, names no folder, and is saved as what it is.
fn shown(name: &FileName) {
    let text = name.as_str();
    assert!((1..=FileName::MAX).contains(&text.len()));
    assert!(!text.chars().any(char::is_control) && !text.contains(['/', '\\']), "{text:?}");
    assert!(!text.starts_with(['.', ' ']) && !text.ends_with(['.', ' ']), "{text:?}");
    assert_eq!(FileName::try_from(text.to_owned()).as_ref(), Ok(name), "cleaned again it is another");
    assert!(!tells(&format!("{name:?}")));
    let header = name.disposition();
    assert!(header.is_ascii() && HeaderValue::from_str(&header).is_ok(), "{header}");
    let rest = header.strip_prefix("attachment; filename=\"").expect("something to save");
    let (fallback, rest) = rest.split_once('"').expect("a quoted name");
    assert!(!fallback.contains(['\\', '%', '/']));
    let encoded = rest.strip_prefix("; filename*=UTF-8''").expect("nothing after the quoted name");
    assert_eq!(decoded(encoded), text.as_bytes(), "saved under another name");
}

fn decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        bytes.extend(part[2..].bytes());
    }
    bytes
}

fn denied(pattern: &TypePattern) {
    let written = String::from(pattern.clone());
    assert_eq!(TypePattern::try_from(written.clone()).as_ref(), Ok(pattern));
    assert!(!tells(&format!("{pattern:?}")));
    let denied = DeniedTypes::try_from(vec![pattern.clone()]).expect("few");
    // A pattern keeps out what it names.
    let one = ContentType::try_from(written.replace('*', "x")).expect("a type");
    assert!(denied.include(&one));
}

fn served(content_type: &ContentType, first: &[u8]) {
    let text = content_type.as_str();
    assert_eq!(ContentType::try_from(text.to_uppercase()).as_ref(), Ok(content_type));
    assert!(!tells(&format!("{content_type:?}")) && HeaderValue::from_str(text).is_ok());
    let served = content_type.served_as();
    assert!(served == text || served == "application/octet-stream");
    let run = ["html", "svg", "xml", "javascript", "ecmascript", "json", "wasm"];
    assert!(
        served.contains("officedocument") || !run.iter().any(|kind| served.contains(kind)),
        "a browser runs {served}"
    );
    // Of a program nothing agrees that a browser or an office shows.
    let program = first.starts_with(b"MZ") || first.starts_with(b"\x7fELF");
    assert!(!program || !content_type.agrees(first) || served == "application/octet-stream");
    // A picture is one of these four kinds, by its first bytes, too.
    let begins = [&b"\xff\xd8\xff"[..], b"\x89PNG", b"GIF"].iter().any(|start| first.starts_with(start));
    let picture = begins || first.get(8..12) == Some(b"WEBP");
    assert!(!content_type.is_picture() || picture || !content_type.agrees(first), "{text} of {first:?}");
}

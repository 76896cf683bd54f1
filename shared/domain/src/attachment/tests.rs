//! Hostile names, sizes, types and bytes, and verdicts that come in any order.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;
use crate::text::TextError;

fn name(text: &str) -> Result<FileName, TextError> {
    FileName::try_from(text.to_owned())
}

fn content_type(text: &str) -> Result<ContentType, ContentTypeError> {
    ContentType::try_from(text.to_owned())
}

fn requested() -> Attachment {
    let id = "019ca8a0-3e80-7707-8707-0707070707a1".parse().unwrap();
    let declared = Declared {
        name: name("Scan 4.pdf").unwrap(),
        content_type: content_type("application/pdf").unwrap(),
        size: Size::try_from(1_024).unwrap(),
        sha256: Digest::of(b"scan"),
    };
    let object = ObjectKey::new(id, [7; 16]);
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    Attachment::requested(id, conversation(7), "Ann".parse().unwrap(), declared, object, now)
}

fn conversation(n: u128) -> ConversationId {
    uuid::Uuid::from_u128(n).into()
}

#[test]
fn a_name_is_one_line_that_names_no_place() {
    for (said, cleaned) in [
        ("scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.pdf", "y.pdf"),
        ("/a\\b/c.txt", "c.txt"),
        ("a\u{202e}fdp.exe", "afdp.exe"),
        ("\u{2066}a\u{2069}.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        ("a\u{2028}b\u{2029}c\u{85}d", "abcd"),
        ("x\0.pdf", "x.pdf"),
        ("a\u{200d}b\u{ad}c\u{feff}d\u{fff9}e\u{110bd}f\u{e0041}", "abcdef"),
        (".htaccess", "htaccess"),
        (" . a \u{a0}\u{3000} b .pdf. ", "a b .pdf"),
        ("\"a\"; 100%.pdf", "\"a\"; 100%.pdf"),
    ] {
        assert_eq!(name(said).unwrap().as_str(), cleaned, "{said:?}");
    }
    for blank in ["", " ", "...", ". . .", "a/", "\\", "\u{202e}", "\r\n", "\u{3164}\u{200b}", "../.."] {
        assert_eq!(name(blank), Err(TextError::Blank), "{blank:?}");
    }
}

#[test]
fn a_long_name_keeps_its_ending() {
    let emoji = |n: usize| "\u{1f600}".repeat(n);
    let a = |n: usize| "a".repeat(n);
    for (said, cleaned) in [
        (emoji(300), emoji(63)),
        (format!("{}.png", emoji(300)), format!("{}.png", emoji(62))),
        (format!("{}.{}", a(300), "b".repeat(16)), format!("{}.{}", a(238), "b".repeat(16))),
        (format!("{}.{}", a(300), "b".repeat(17)), a(255)),
        (format!("{}  . {}.pdf", a(250), "b".repeat(50)), format!("{}.pdf", a(250))),
        (a(255), a(255)),
    ] {
        assert_eq!(name(&said).unwrap().as_str(), cleaned);
    }
}

#[test]
fn a_name_in_a_header_is_a_name_in_every_browser() {
    for (said, header) in [
        ("scan.pdf", "attachment; filename=\"scan.pdf\"; filename*=UTF-8''scan.pdf"),
        (
            "Gr\u{f6}\u{df}e 5%.pdf",
            "attachment; filename=\"Gr__e 5_.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%205%25.pdf",
        ),
        (
            "a\"; filename=\"b.exe",
            "attachment; filename=\"a_; filename=_b.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe",
        ),
    ] {
        assert_eq!(name(said).unwrap().disposition(), header);
    }
}

/// What a browser makes of the header: the old name and the new one.
fn read(header: &str) -> Option<(&str, String)> {
    let (old, new) = header.strip_prefix("attachment; filename=\"")?.split_once("\"; filename*=UTF-8''")?;
    let mut pieces = new.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (byte, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(byte, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    Some((old, String::from_utf8(bytes).ok()?))
}

fn hostile() -> impl Strategy<Value = String> {
    let odd = "/\\. .\r\n\t\0\"'%;=*\u{202e}\u{2066}\u{200b}\u{2028}\u{a0}\u{301}\u{1f600}\u{f6}aZ9";
    let c = prop_oneof![3 => select(odd.chars().collect::<Vec<_>>()), 1 => any::<char>()];
    prop::collection::vec(c, 0..400).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn whatever_is_said_is_cleaned_once_and_for_all(said in hostile()) {
        let Ok(name) = name(&said) else { return Ok(()) };
        let text = name.as_str();
        prop_assert!((1..=FileName::MAX).contains(&text.len()));
        let forbidden = |c: char| {
            c.is_control()
                || matches!(c, '/' | '\\' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
                || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        };
        prop_assert!(!text.contains(forbidden), "{text:?}");
        prop_assert!(!text.contains("  ") && text.trim_matches([' ', '.']) == text, "{text:?}");
        prop_assert_eq!(FileName::try_from(text.to_owned()), Ok(name.clone()));
        let stored = serde_json::to_string(&name).unwrap();
        prop_assert_eq!(serde_json::from_str::<FileName>(&stored).unwrap(), name);
    }

    #[test]
    fn no_name_breaks_out_of_its_header(said in hostile()) {
        let Ok(name) = name(&said) else { return Ok(()) };
        let header = name.disposition();
        prop_assert!(header.bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{header:?}");
        let (old, new) = read(&header).expect("two names");
        prop_assert!(!old.contains(['"', '\\', '%']), "{header:?}");
        prop_assert_eq!(old.chars().count(), name.as_str().chars().count());
        prop_assert_eq!(new, name.as_str());
    }
}

#[test]
fn a_size_is_a_whole_number_of_bytes_within_the_limit() {
    for (json, bytes) in [("1", 1), ("52428799", 52_428_799), ("52428800", 52_428_800)] {
        assert_eq!(serde_json::from_str::<Size>(json).unwrap().get(), bytes);
    }
    for json in [
        "0",
        "52428801",
        "2147483648",
        "9223372036854775808",
        "18446744073709551616",
        "-1",
        "1e3",
        "5.0",
        "\"5\"",
        "null",
        "true",
        "[5]",
    ] {
        assert!(serde_json::from_str::<Size>(json).is_err(), "{json}");
    }
    assert_eq!(Size::try_from(52_428_801).unwrap_err().to_string(), "must be 1 to 52,428,800 bytes");
}

#[test]
fn a_content_type_is_two_tokens() {
    let longest = format!("a/{}", "b".repeat(98));
    for (said, kept) in [
        ("application/pdf", "application/pdf"),
        ("IMAGE/Png", "image/png"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/vnd.ms-excel.sheet.macroEnabled.12", "application/vnd.ms-excel.sheet.macroenabled.12"),
        (longest.as_str(), longest.as_str()),
    ] {
        assert_eq!(content_type(said).unwrap().as_str(), kept);
    }
    let too_long = format!("{longest}b");
    for wrong in [
        "",
        "pdf",
        "/",
        "a/",
        "/b",
        "a/b/c",
        "*/*",
        "-a/b",
        " text/plain",
        "text/plain ",
        "text/pl ain",
        "text/plain; charset=utf-8",
        "text/plain\r\nx: y",
        "text/\u{e9}",
        too_long.as_str(),
    ] {
        assert_eq!(content_type(wrong), Err(ContentTypeError), "{wrong:?}");
    }
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

#[test]
fn what_a_browser_could_run_is_served_as_bytes() {
    for kept in ["application/pdf", "image/png", "text/plain", "text/csv", "video/mp4", "application/dicom", DOCX] {
        assert_eq!(content_type(kept).unwrap().served_as(), kept);
    }
    for other in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "text/xml", "a/b"] {
        assert_eq!(content_type(other).unwrap().served_as(), "application/octet-stream");
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0<script>";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\x06\0\x08\0";
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0";
const RTF: &[u8] = b"{\\rtf1\\ansi Discharge}";
const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";
const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0";
const SCRIPT: &[u8] = b"#!/bin/sh\nrm -rf ~\n";
const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
const TEXT: &[u8] = b"Potassium 3.9\n";
const NOISE: &[u8] = b"\x01\x02\x03\x04";

fn agrees(declared: &str, first: &[u8]) -> bool {
    content_type(declared).unwrap().agrees(first)
}

fn each(cases: &[(&str, &[u8])], expected: bool) {
    for (declared, first) in cases {
        assert_eq!(agrees(declared, first), expected, "{declared}: {first:?}");
    }
}

#[test]
fn what_has_a_magic_number_must_have_its_own() {
    let dicom = [&[0_u8; 128][..], b"DICM\x02\0"].concat();
    let right: &[(&str, &[u8])] = &[
        ("application/pdf", PDF),
        ("image/png", PNG),
        ("image/jpeg", JPEG),
        ("image/gif", GIF),
        ("image/webp", WEBP),
        ("video/mp4", MP4),
        ("image/heic", MP4),
        ("audio/mpeg", b"ID3\x04\0\0\0\0\0\0"),
        ("audio/mpeg", b"\xff\xf3\x90\xc4"),
        ("application/zip", ZIP),
        ("application/x-zip-compressed", b"PK\x05\x06\0\0\0\0"),
        ("application/gzip", GZIP),
        ("application/rtf", RTF),
        ("application/dicom", &dicom),
        (DOCX, ZIP),
        (DOCX, OLE),
        ("application/vnd.oasis.opendocument.text", ZIP),
        ("application/msword", OLE),
        ("application/msword", RTF),
        ("application/vnd.ms-excel", OLE),
        ("application/vnd.ms-excel", b"BMI;age\n24;60\n"),
    ];
    each(right, true);
    for (declared, _) in right {
        for other in [EXE, ELF, SCRIPT, NOISE, b"<html>%PDF-1.7\n\0"] {
            each(&[(*declared, other)], false);
        }
    }
    each(
        &[
            ("image/png", GIF),
            ("image/gif", PNG),
            ("image/jpeg", PNG),
            ("image/webp", b"RIFF\x24\0\0\0WAVEfmt "),
            ("application/pdf", TEXT),
            ("application/pdf", HTML),
            ("application/pdf", ZIP),
            ("application/zip", PDF),
            ("application/gzip", ZIP),
            (DOCX, PDF),
            (DOCX, RTF),
            (DOCX, TEXT),
            ("application/vnd.ms-excel", PNG),
            ("video/mp4", JPEG),
        ],
        false,
    );
}

#[test]
fn a_text_is_whatever_is_not_something_else() {
    each(
        &[
            ("text/plain", TEXT),
            ("text/plain", HTML),
            ("text/plain", b"<?xml version=\"1.0\"?>"),
            ("text/plain", b"BCG was given.\n"),
            ("text/plain", b"GIF of the gait\n"),
            ("text/plain", b"Our free and moov and ftyp"),
            ("text/plain", b"\xff\xfeB\0M\0I\0"),
            ("text/plain", b"\xef\xbb\xbfBMI"),
            ("text/plain", NOISE),
            ("text/csv", b"BMI,age\n24,60\n"),
            ("text/csv", b"BMI;Gr\xf6\xdfe\n24;180\n"),
            ("text/x-tex", b"%!TEX root = a.tex\n"),
            ("text/x-python", SCRIPT),
            ("text/javascript", SCRIPT),
            ("application/json", b"{}"),
            ("application/fhir+json", b"{}"),
            ("image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ],
        true,
    );
    for declared in ["text/plain", "text/csv", "application/json", "image/svg+xml"] {
        for first in [EXE, ELF, SCRIPT, PNG, JPEG, GIF, PDF, ZIP, GZIP, OLE, RTF, MP4, WEBP] {
            each(&[(declared, first)], false);
        }
    }
}

#[test]
fn of_other_types_only_programs_are_something_else() {
    for first in [NOISE, TEXT, PNG, ZIP, GZIP, OLE, b"#!AMR\n", SCRIPT] {
        assert!(agrees("application/x-nifti", first), "{first:?}");
    }
    for first in [EXE, ELF, b"\xca\xfe\xba\xbe\0\0\0\x41", b"\0asm\x01\0\0\0", b"L\0\0\0\x01\x14\x02\0"] {
        assert!(!agrees("application/x-nifti", first), "{first:?}");
        assert!(agrees("application/octet-stream", first), "{first:?}");
        assert!(agrees("application/x-msdownload", first), "{first:?}");
    }
}

#[test]
fn what_is_two_things_at_once_is_the_one_it_begins_as() {
    let dicom_program = [&EXE[..2], &[0; 126], b"DICM"].concat();
    assert!(!agrees("application/dicom", &dicom_program));
    let zip_program = [EXE, ZIP].concat();
    assert!(!agrees("application/zip", &zip_program) && !agrees(DOCX, &zip_program));
    let picture_script: &[u8] = b"GIF89a=1;alert(1)//";
    assert!(!agrees("text/javascript", picture_script) && !agrees("text/html", picture_script));
    assert!(agrees("image/gif", picture_script) && !agrees("image/png", picture_script));
    let page_document = [HTML, PDF].concat();
    assert!(!agrees("application/pdf", &page_document));
    // The sizes in it are as large as they can be.
    let hostile_zip = [&b"PK\x03\x04"[..], &[0xff; 26], b"[Content_Types].xml"].concat();
    assert!(agrees(DOCX, &hostile_zip) && !agrees("text/plain", &hostile_zip));
}

proptest! {
    #[test]
    fn any_bytes_are_looked_at(
        declared in select(vec!["text/plain", "image/png", "video/mp4", "application/zip", "a/b", DOCX]),
        start in select(vec![&b""[..], b"PK\x03\x04", b"\x50\x2a\x4d\x18", b"\0\0\0\x18ftyp", b"RIFF", b"MZ"]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let first = [start, &rest[..]].concat();
        prop_assert!(!agrees(declared, &first) || !first.starts_with(b"MZ"));
    }
}

#[test]
fn an_object_key_holds_an_id_and_a_number() {
    let key = requested().object;
    assert_eq!(key.as_str(), format!("a/019ca8a0-3e80-7707-8707-0707070707a1/{}", "07".repeat(16)));
    let (id, number) = ("019ca8a0-3e80-7707-8707-0707070707a1", "0f".repeat(16));
    for wrong in [
        String::new(),
        format!("a/{id}"),
        format!("a/{id}/"),
        format!("a/{id}/{number}0"),
        format!("a/{id}/{}", number.to_uppercase()),
        format!("a/{}/{number}", id.to_uppercase()),
        format!("b/{id}/{number}"),
        format!("/a/{id}/{number}"),
        format!("a/{id}/{number}/x"),
        format!("a/../{number}"),
    ] {
        assert_eq!(wrong.parse::<ObjectKey>(), Err(ObjectKeyError), "{wrong}");
    }
}

proptest! {
    #[test]
    fn an_object_key_leads_back_to_its_attachment(id in any::<u128>(), random in any::<[u8; 16]>()) {
        let id: AttachmentId = uuid::Uuid::from_u128(id).into();
        let key = ObjectKey::new(id, random);
        prop_assert_eq!(key.attachment(), id);
        prop_assert_eq!(key.as_str().parse::<ObjectKey>(), Ok(key));
    }
}

#[test]
fn an_attachment_is_as_far_as_its_upload_and_its_scan() {
    let pending = requested();
    assert_eq!(pending.state(), State::Pending);
    // A bucket without versions has only one of each object.
    for version in ["v1", ""] {
        let scanning = pending.completed(version).unwrap();
        assert_eq!(scanning.state(), State::Scanning);
        assert_eq!(scanning.completed(version), None);
        assert_eq!(scanning.completed("v2"), None);
        assert_eq!(scanning.judged("v2", Verdict::Infected), None);
        for (verdict, state) in [
            (Verdict::Clean, State::Clean),
            (Verdict::Infected, State::Blocked),
            (Verdict::Unscannable, State::Blocked),
        ] {
            let judged = scanning.judged(version, verdict).unwrap();
            assert_eq!((judged.state(), judged.judged(version, verdict)), (state, None));
        }
    }
}

#[test]
fn a_worse_verdict_counts_and_a_second_try() {
    use Verdict::{Clean, Infected, Unscannable};
    for (first, second, last) in [
        (Unscannable, Clean, Clean),
        (Unscannable, Infected, Infected),
        (Clean, Infected, Infected),
        (Clean, Unscannable, Clean),
        (Infected, Clean, Infected),
        (Infected, Unscannable, Infected),
    ] {
        let was = requested().completed("v1").unwrap().judged("v1", first).unwrap();
        let is = was.judged("v1", second);
        assert_eq!(is.is_some(), last != first, "{first:?}, {second:?}");
        assert_eq!(is.unwrap_or(was).verdict, Some(last), "{first:?}, {second:?}");
    }
}

#[test]
fn a_verdict_may_be_there_before_the_upload_is_complete() {
    let early = requested().judged("v1", Verdict::Clean).unwrap().judged("v2", Verdict::Infected).unwrap();
    assert_eq!((early.state(), early.judged("v1", Verdict::Clean)), (State::Pending, None));
    assert_eq!(early.completed("v1").unwrap().state(), State::Clean);
    assert_eq!(early.completed("v2").unwrap().state(), State::Blocked);
    assert_eq!(early.completed("v3").unwrap().state(), State::Scanning);
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Complete,
    Verdict(u8, Verdict),
}

fn told() -> impl Strategy<Value = (Vec<Told>, Vec<Told>)> {
    let verdict = select(vec![Verdict::Clean, Verdict::Infected, Verdict::Unscannable]);
    let verdicts = prop::collection::vec((1_u8..3, verdict), 0..6);
    (verdicts, any::<bool>()).prop_flat_map(|(verdicts, complete)| {
        let mut once: Vec<_> = verdicts.into_iter().map(|(version, verdict)| Told::Verdict(version, verdict)).collect();
        once.extend(complete.then_some(Told::Complete));
        let twice = [once.clone(), once.clone()].concat();
        (Just(once), Just(twice).prop_shuffle())
    })
}

fn after(told: &[Told]) -> Attachment {
    told.iter().fold(requested(), |was, told| {
        let is = match told {
            Told::Complete => was.completed("v1"),
            Told::Verdict(version, verdict) => was.judged(&format!("v{version}"), *verdict),
        };
        is.unwrap_or(was)
    })
}

proptest! {
    #[test]
    fn verdicts_in_any_order_and_twice_come_to_the_same((once, again) in told()) {
        let is = after(&once);
        prop_assert_eq!(&after(&again), &is);
        let stored = serde_json::to_string(&is).unwrap();
        prop_assert_eq!(serde_json::from_str::<Attachment>(&stored).unwrap(), is.clone());
        if is.version.is_some() {
            let worst = once.iter().filter_map(|told| match told {
                Told::Verdict(1, verdict) => Some(*verdict),
                Told::Verdict(..) | Told::Complete => None,
            });
            prop_assert_eq!(is.verdict, worst.max());
        }
    }
}

#[test]
fn only_its_uploader_sends_it_once_and_where_it_is_for() {
    let ann: Username = "ann".parse().unwrap();
    let scanning = requested().completed("v1").unwrap();
    let clean = scanning.judged("v1", Verdict::Clean).unwrap();
    for usable in [&scanning, &clean] {
        assert!(usable.is_usable_by(&ann, conversation(7)));
        assert!(!usable.is_usable_by(&"ben".parse().unwrap(), conversation(7)));
        assert!(!usable.is_usable_by(&ann, conversation(8)));
    }
    for gone in [
        requested(),
        requested().judged("v1", Verdict::Clean).unwrap(),
        scanning.judged("v1", Verdict::Infected).unwrap(),
        scanning.judged("v1", Verdict::Unscannable).unwrap(),
        Attachment { bound: Some(Seq::START.next()), ..clean.clone() },
        Attachment { withdrawn: true, ..clean.clone() },
        Attachment { gone: true, ..scanning },
        Attachment { gone: true, ..clean },
    ] {
        assert!(!gone.is_usable_by(&ann, conversation(7)), "{gone:?}");
    }
}

#[test]
fn what_no_message_has_goes_after_a_day() {
    assert_eq!(requested().expires_at().to_string(), "2026-03-02T09:00:00.000Z");
}

#[test]
fn what_was_given_up_stays_so_whatever_is_still_told_of_it() {
    let gone = Attachment { gone: true, ..requested() };
    assert_eq!(gone.completed("v1"), None);
    let judged = gone.judged("v1", Verdict::Clean).unwrap();
    assert!(judged.gone);
    assert_eq!(judged.completed("v1"), None);
}

#[test]
fn the_stored_shape_is_a_contract() {
    let id = "019ca8a0-3e80-7707-8707-0707070707a1";
    let object = format!("a/{id}/{}", "07".repeat(16));
    let mut stored = json!({
        "id": id, "conversation": conversation(7), "by": "Ann", "name": "Scan 4.pdf", "content_type": "application/pdf",
        "size": 1_024, "sha256": Digest::of(b"scan"), "object": object, "created_at": "2026-03-01T09:00:00.000Z",
        "withdrawn": false,
    });
    assert_eq!(serde_json::to_value(requested()).unwrap(), stored);
    let early = requested().judged("v1", Verdict::Clean).unwrap();
    stored["early"] = json!([{ "version": "v1", "verdict": "clean" }]);
    assert_eq!(serde_json::to_value(&early).unwrap(), stored);
    let sent = Attachment { bound: Some(Seq::START.next()), ..early.completed("v1").unwrap() };
    stored.as_object_mut().unwrap().remove("early");
    (stored["version"], stored["verdict"], stored["bound"]) = (json!("v1"), json!("clean"), json!(1));
    assert_eq!(serde_json::to_value(&sent).unwrap(), stored);
    // Absent while it is false: the table's conditions ask whether it is there.
    stored["gone"] = json!(true);
    let gone = Attachment { gone: true, ..sent };
    assert_eq!(serde_json::to_value(&gone).unwrap(), stored);
    assert_eq!(serde_json::from_value::<Attachment>(stored).unwrap(), gone);
}

#[test]
fn nothing_that_was_said_shows_in_debug() {
    let canary = Declared {
        name: name("Canary.pdf").unwrap(),
        content_type: content_type("canary/canary").unwrap(),
        size: Size::MAX,
        sha256: Digest::default(),
    };
    let Attachment { id, conversation, object, created_at, .. } = requested();
    let canary = Attachment::requested(id, conversation, "Canary".parse().unwrap(), canary, object, created_at);
    let shown = format!("{canary:?} {:?}", canary.attached());
    assert!(!shown.to_lowercase().contains("canary"), "{shown}");
    assert!(!shown.contains(&"07".repeat(16)), "{shown}");
}

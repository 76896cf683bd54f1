//! Hostile types, and bytes that are not what they are said to be.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn content_type(text: &str) -> Result<ContentType, ContentTypeError> {
    ContentType::try_from(text.to_owned())
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

#[test]
fn previews_are_made_of_what_browsers_show_and_phones_make() {
    for (declared, is) in [
        ("image/gif", true),
        ("IMAGE/JPEG", true),
        ("image/png", true),
        ("image/webp", true),
        ("image/svg+xml", false),
        ("image/tiff", false),
        ("application/pdf", false),
    ] {
        assert_eq!(content_type(declared).unwrap().is_picture(), is, "{declared}");
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
        ("video/quicktime", b"\0\0\0\x14ftypqt  "),
        ("video/quicktime", b"\0\0\x01\0moov\0\0\0\x6cmvhd"),
        ("video/quicktime", b"\0\x10\0\0mdat"),
        ("video/quicktime", b"\0\0\0\x08wide\0\0\x01\0mdat"),
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

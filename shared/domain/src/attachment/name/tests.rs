//! Hostile names.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn name(text: &str) -> Result<FileName, TextError> {
    FileName::try_from(text.to_owned())
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
    assert_eq!(name(&emoji(1_000)).unwrap().as_str(), emoji(63), "whatever is left of it");
    assert_eq!(name(&emoji(1_001)), Err(TextError::TooLong { limit: 1_000 }));
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

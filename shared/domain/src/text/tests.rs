use super::*;
use proptest::prelude::*;

fn title(text: &str) -> Result<Title, TextError> {
    Title::try_from(text.to_owned())
}

fn body(text: &str) -> Result<Body, TextError> {
    Body::try_from(text.to_owned())
}

#[test]
fn a_title_is_one_visible_line() {
    for blank in ["", "   ", "\u{200b}\u{200d}", "\u{3164}", "\t\n", "\u{7}", "\u{200b} \u{7}\u{200b}"] {
        assert_eq!(title(blank), Err(TextError::Blank), "{blank:?}");
    }
    for forbidden in ["a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{7}b", "a\u{2028}b"] {
        assert_eq!(title(forbidden), Err(TextError::Forbidden), "{forbidden:?}");
    }
    assert_eq!(title(&"x".repeat(151)), Err(TextError::TooLong { limit: 150 }));
    assert_eq!(title(&format!("  {}  ", "é".repeat(150))).unwrap().as_str(), "é".repeat(150));
}

#[test]
fn a_body_is_anything_one_can_see_up_to_its_limit() {
    assert_eq!(body(" \u{200b} "), Err(TextError::Blank));
    assert_eq!(body(&"y".repeat(10_001)), Err(TextError::TooLong { limit: 10_000 }));
    assert_eq!(body(&"👍".repeat(10_000)).unwrap().as_str().chars().count(), 10_000);
    assert_eq!(body(&format!("a{}", "\u{301}".repeat(1_000))), Err(TextError::TooLong { limit: 10_000 }));
    // One visible character is made of 64 at most, however many bytes these have.
    let stack = |marks| body(&format!("a{}", "\u{301}".repeat(marks)));
    assert!(stack(63).is_ok());
    assert_eq!(stack(64), Err(TextError::TooLong { limit: 10_000 }));
    let hostile = "<script>alert(1)</script> \u{1b}[31m\r\n javascript:x";
    assert_eq!(body(hostile).unwrap().as_str(), hostile);
}

#[test]
fn usernames_are_compared_folded_and_shown_as_written() {
    let a: Username = "J\u{f6}rg.Stra\u{df}e@Site.org".parse().unwrap();
    let b: Username = "jo\u{308}rg.STRASSE@site.ORG".parse().unwrap();
    assert_eq!(a, b);
    assert_eq!(a.as_str(), "J\u{f6}rg.Stra\u{df}e@Site.org");
    assert_eq!(a.folded(), "j\u{f6}rg.strasse@site.org");
    for wrong in ["a b", "a#b", "a/b", "a\u{0}", "a\u{202e}b"] {
        assert_eq!(wrong.parse::<Username>(), Err(TextError::Forbidden));
    }
    assert_eq!("".parse::<Username>(), Err(TextError::Blank));
    for wrong in ["z".repeat(101), "o\u{308}".repeat(101)] {
        assert_eq!(wrong.parse::<Username>(), Err(TextError::TooLong { limit: 100 }));
    }
    for longest in ["z".repeat(100), "o\u{308}".repeat(100)] {
        assert_eq!(longest.parse::<Username>().unwrap().as_str().chars().count(), 100);
    }
}

#[test]
fn the_name_under_which_confer_acts_is_its_own_in_any_spelling() {
    assert!(Username::system().is_system());
    assert_eq!((Username::system().as_str(), Username::system().folded()), ("confer", "confer"));
    for (name, is) in [("confer", true), ("Confer", true), ("confer.", false), ("ann", false)] {
        assert_eq!(name.parse::<Username>().unwrap().is_system(), is, "{name}");
    }
}

#[test]
fn usernames_are_in_the_order_of_what_identifies_them() {
    let mut names = ["ben", "ANN", "Ben.b", "ann.a"].map(|name| name.parse::<Username>().unwrap());
    names.sort();
    assert_eq!(names.each_ref().map(Username::as_str), ["ANN", "ann.a", "ben", "Ben.b"]);
    assert!(names.is_sorted());
}

#[test]
fn every_kind_of_text_has_its_own_limit() {
    fn longest<T: TryFrom<String, Error = TextError>>(read: impl Fn(&T) -> &str, limit: usize) {
        let (long, longer) = ("é".repeat(limit), "é".repeat(limit + 1));
        assert_eq!(T::try_from(format!(" {long} ")).as_ref().map(&read), Ok(long.as_str()));
        assert_eq!(T::try_from(longer).as_ref().map(&read), Err(&TextError::TooLong { limit }));
        assert_eq!(T::try_from(" ".to_owned()).as_ref().map(&read), Err(&TextError::Blank));
    }
    longest(Title::as_str, 150);
    longest(Body::as_str, 10_000);
    longest(DisplayName::as_str, 200);
    longest(ClosedReason::as_str, 200);
    longest(Reason::as_str, 1_000);
    longest(CaseNumber::as_str, 100);
    assert_eq!(Reason::try_from("two\nlines".to_owned()).unwrap().as_str(), "two\nlines");
    assert_eq!(CaseNumber::try_from("two\nlines".to_owned()), Err(TextError::Forbidden));
}

#[test]
fn two_people_who_did_not_say_what_they_talk_of_talk_under_their_names() {
    let name = |text: &str| DisplayName::try_from(text.to_owned()).unwrap();
    assert_eq!(Title::of_two(&name("Ann"), &name("Ben")).as_str(), "Ann, Ben");
    let long = "x".repeat(200);
    let title = Title::of_two(&name(&long), &name(&long));
    assert_eq!(title.as_str(), format!("{0}, {0}", "x".repeat(74)));
    assert_eq!(super::title(title.as_str()), Ok(title.as_str()));
    let cut = name(&format!("{} y", "x".repeat(73)));
    assert_eq!(Title::of_two(&cut, &name("Ben")).as_str(), format!("{}, Ben", "x".repeat(73)));
    assert_eq!(DisplayName::from(&"Ann".parse::<Username>().unwrap()), name("Ann"));
}

#[test]
fn an_address_has_two_sides_and_no_white_space() {
    let longest = format!("{}@site.org", "a".repeat(245));
    for right in ["a@b", "a@b@c", &longest] {
        assert_eq!(Email::try_from(format!(" {right} ")).unwrap().as_str(), right);
    }
    for wrong in ["", "a", "@", "a@", "@b", "a b@c", "a@b c", "a@b\u{0}c", "a\n@b"] {
        assert_eq!(Email::try_from(wrong.to_owned()), Err(TextError::Forbidden), "{wrong:?}");
    }
    assert_eq!(Email::try_from(format!("a{longest}")), Err(TextError::TooLong { limit: 254 }));
}

#[test]
fn the_folded_form_of_a_username_is_a_username() {
    for written in ["İbrahim", "Jörg.Straße", "ŉ", "ΐ", "ﬃ", "\u{345}", &"ß".repeat(50)] {
        let name: Username = written.parse().unwrap();
        assert_eq!(name.folded().parse(), Ok(name.clone()), "{written}");
    }
    assert_eq!("ß".repeat(51).parse::<Username>(), Err(TextError::TooLong { limit: 100 }));
    for wrong in ["\u{307}", "q\u{307}", "i\u{307}\u{307}"] {
        assert_eq!(wrong.parse::<Username>(), Err(TextError::Forbidden));
    }
}

#[test]
fn nothing_that_was_written_shows_in_debug() {
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        title("Canary one").unwrap(),
        body("Canary two").unwrap(),
        "Canary".parse::<Username>().unwrap(),
        Email::try_from("canary@site.org".to_owned()).unwrap(),
    );
    assert!(!shown.to_lowercase().contains("canary"), "{shown}");
}

proptest! {
    #[test]
    fn a_body_has_no_grapheme_that_is_too_long(text in "[a\r\n\u{301}\u{600}\u{200d}\u{1f468}]{0,200}") {
        let text = format!("x{text}x");
        let fits = text.graphemes(true).all(|grapheme| grapheme.chars().count() <= Body::MAX_PER_GRAPHEME);
        prop_assert_eq!(body(&text).is_ok(), fits);
    }

    #[test]
    fn plain_names_are_folded_as_all_others_are(text in "[A-Za-z0-9._@+-]{1,40}") {
        let name: Username = text.parse().unwrap();
        let folded: String = text.nfc().default_case_fold().nfc().collect();
        prop_assert_eq!((name.as_str(), name.folded()), (text.as_str(), folded.as_str()));
    }

    #[test]
    fn whatever_parses_is_within_its_limits(text in "\\PC{0,200}") {
        if let Ok(title) = title(&text) {
            prop_assert!((1..=Title::MAX).contains(&title.as_str().chars().count()));
            prop_assert_eq!(title.as_str().trim(), title.as_str());
            prop_assert_eq!(Title::try_from(String::from(title.clone())).unwrap(), title);
        }
        if let Ok(name) = text.parse::<Username>() {
            prop_assert_eq!(name.folded().parse::<Username>().unwrap(), name);
        }
    }
}

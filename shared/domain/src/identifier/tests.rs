//! What is found in titles, case by case, and as properties.

use proptest::prelude::*;
use proptest::sample::Index;

use super::Identifier::{DateOfBirth, EmailAddress, NhsNumber, RecordNumber, TelephoneNumber};
use super::*;

fn pattern(text: &str) -> Result<RecordPattern, RecordPatternError> {
    text.to_owned().try_into()
}

/// What is found on 1 June 2026.
fn found_with(text: &str, patterns: &[&str]) -> Vec<Identifier> {
    let patterns: Vec<RecordPattern> = patterns.iter().map(|text| pattern(text).unwrap()).collect();
    let title = Title::try_from(text.to_owned()).unwrap();
    identifiers(&title, &patterns, "2026-06-01T09:00:00Z".parse().unwrap())
}

fn found(text: &str) -> Vec<Identifier> {
    found_with(text, &[])
}

#[test]
fn what_titles_usually_hold_is_no_identifier() {
    for text in [
        "Ward 4, beds 10-12",
        "Study 2024-001",
        "Study 2024-001-05, site 3",
        "ICD-10 F32.1",
        "Protocol v2.3.1",
        "Protocol v2.3.61",
        "10:30-11:45",
        "Room 0.113",
        "p < 0.012345678",
        "Rota 2026-11-24",
        "Rota 24.11.2026, 10:30",
        "Call 04-11-2026 10:30, room 12",
        "Meeting 3.12.",
        "Meeting 3.12.26",
        "Meeting 4.1.27",
        "Kick-off 3 Dec 2026, 14:00",
        "3 Dec 10:30",
        "Visit 3 of 12, May 2024",
        "Maybe 3 or 4 2019",
        "EudraCT 2019-001234-56",
        "NCT01234567, ISRCTN01234567",
        "ORCID 0000-0002-1825-0097",
        "23041961",
        "Sites 101, 102 and 1034",
        "CD4+ 12345678",
        "Site 4 + 12345678",
        "Room 12 from 1961",
        "See www.site.org",
        "@jsmith, is 2@10.5 right?",
        "me@work",
        "👍",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn dates_of_birth_are_found_as_people_write_them() {
    for text in [
        "1961-04-23",
        "1961/4/23",
        "Mr X (23/04/1961)",
        "born 23.4.61.",
        "4-23-1961",
        "DOB23/04/1961",
        "23 Apr 1961",
        "23rd April, 1961",
        "23-APR-1961",
        "23-Apr-61",
        "23APR1961",
        "April 23, 1961",
        "Sept. 3rd 1961",
        "1961-Apr-23",
        "29.02.2024",
        "01/06/2025",
        "1900-01-01",
        "\u{ff11}\u{ff19}\u{ff16}\u{ff11}\u{2013}04\u{2013}23",
    ] {
        assert_eq!(found(text), [DateOfBirth], "{text}");
    }
}

#[test]
fn only_real_dates_between_1900_and_a_year_ago_are_those_of_a_birth() {
    for text in ["1961-02-29", "31/04/1961", "13/13/1961", "1899-12-31", "2025-06-02", "2 June 2025", "31.12.2025"] {
        assert_eq!(found(text), [], "{text}");
    }
    for text in
        ["01.02.34.56", "1.01.02.34", "23.04/61", "23 04 1961", "23 Apr 61", "12 ju 1961", "1961-004-23", "1961-04-023"]
    {
        assert!(!found(text).contains(&DateOfBirth), "{text}");
    }
}

#[test]
fn a_number_is_that_of_the_nhs_or_that_of_a_telephone() {
    for text in [
        "943 476 5919",
        "943-476-5919",
        "NHS9434765919",
        "Bed 12 943 476-5919",
        "987\u{a0}654\u{2011}3210",
        "943\u{1680}476\u{1680}5919",
    ] {
        assert_eq!(found(text), [NhsNumber], "{text}");
    }
    for text in ["94347659190", "9434765918", "1111111111", "94 34 76 59 19", "9434 765919"] {
        assert_eq!(found(text), [], "{text}");
    }
    assert_eq!(found("943 476 5919, call 212 555 0123"), [NhsNumber, TelephoneNumber]);
}

#[test]
fn telephone_numbers_are_found_as_people_write_them() {
    for text in [
        "+44 (0)20 7946 0958",
        "+442079460958",
        "+(41) 44.123.45.67",
        "0044 7700 900123",
        "020 7946 0958",
        "(0161) 496-0000",
        "07700900123",
        "01.02.34.56.78",
        "(212) 555-0123",
        "Tel.:020 7946 0958",
        "1-212-555-0123",
        "212.555.0123",
        "+1 943 476 5919",
    ] {
        assert_eq!(found(&format!("Call {text} now")), [TelephoneNumber], "{text}");
    }
    assert_eq!(found("-020 7946 0958"), [TelephoneNumber]);
    for text in ["+1234567", "+1234567890123456", "01234567", "012345678901"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn mail_addresses_are_found() {
    for text in ["a.b@site.org", "Ask <A_B+c@mail.site.co.uk>.", "x\u{ff20}site.org"] {
        assert_eq!(found(text), [EmailAddress], "{text}");
    }
    for text in ["@site.org", "a @site.org", "a@site.o", "a@.org", "a@site..org", "a@site.o1"] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn record_numbers_are_found_as_whole_words_in_either_case() {
    let patterns = ["MRN-@####", "##/###"];
    for text in ["MRN-A1234", "Re: mrn\u{2010}b0000, again", "(12/345)"] {
        assert_eq!(found_with(text, &patterns), [RecordNumber], "{text}");
    }
    for text in ["MRN-11234", "MRN-A12345", "XMRN-A1234", "MRN A1234", "112/345", "12/345a"] {
        assert_eq!(found_with(text, &patterns), [], "{text}");
    }
}

#[test]
fn a_pattern_has_two_digits_and_3_to_40_characters() {
    for text in ["", "##", " ## ", "ABC", "AB#", "#\t#", &"#".repeat(41)] {
        assert_eq!(pattern(text), Err(RecordPatternError), "{text}");
    }
    assert_eq!(pattern(" A## ").unwrap().as_str(), "A##");
    assert!(pattern(&"#".repeat(40)).is_ok());
    assert_eq!(serde_json::from_str::<RecordPattern>("\"M-##\"").unwrap(), pattern("M-##").unwrap());
    assert_eq!(serde_json::to_string(&pattern(" M-## ").unwrap()).unwrap(), "\"M-##\"");
    assert!(serde_json::from_str::<RecordPattern>("\"M-#\"").is_err());
}

#[test]
fn everything_is_reported_once_in_order_and_by_its_word() {
    let all = found_with("R-42 a@b.org c@d.org 020 7946 0958 9434765919 23.4.61 1961-04-23", &["R-##"]);
    assert_eq!(all, [DateOfBirth, NhsNumber, TelephoneNumber, EmailAddress, RecordNumber]);
    for identifier in all {
        assert_eq!(serde_json::to_value(identifier).unwrap(), identifier.as_str());
    }
}

/// Ten digits whose last is the check digit, computed step by step as the data dictionary describes it.
fn nhs_digits() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(0..10_u32, 9).prop_filter_map("not a number that is issued", |mut digits| {
        let sum: u32 = digits.iter().zip([10, 9, 8, 7, 6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
        digits.push(match 11 - sum % 11 {
            11 => 0,
            10 => return None,
            check => check,
        });
        digits.iter().any(|digit| *digit != digits[0]).then_some(digits)
    })
}

fn written(digits: &[u32], separator: &str) -> String {
    let text: String = digits.iter().map(u32::to_string).collect();
    format!("{}{separator}{}{separator}{}", &text[..3], &text[3..6], &text[6..])
}

/// A pattern, and a record number that it describes.
fn record() -> impl Strategy<Value = (String, String)> {
    let literal = "[A-Za-zÄöß/. _-]".prop_map(|text| (text.clone(), text));
    let digit = "[0-9]".prop_map(|text| ("#".to_owned(), text));
    let letter = "[A-Za-z]".prop_map(|text| ("@".to_owned(), text));
    let piece = prop_oneof![literal, digit.clone(), letter];
    (digit.clone(), proptest::collection::vec(piece, 1..30), digit)
        .prop_map(|(first, pieces, last)| std::iter::once(first).chain(pieces).chain([last]).unzip())
}

proptest! {
    #[test]
    fn every_nhs_number_is_found_in_every_grouping(digits in nhs_digits(), place in any::<Index>(), by in 1..10_u32) {
        let mut wrong = digits.clone();
        let place = place.index(wrong.len());
        wrong[place] = (wrong[place] + by) % 10;
        for separator in ["", " ", "-"] {
            for (before, after) in [("", ""), ("Bed 4: ", ", urgent"), ("NHS no. 7 ", " 12")] {
                let title = |digits| format!("{before}{}{after}", written(digits, separator));
                prop_assert_eq!(found(&title(&digits)), [NhsNumber]);
                prop_assert!(!found(&title(&wrong)).contains(&NhsNumber));
            }
        }
    }

    #[test]
    fn every_record_number_is_found((pattern, number) in record(), upper in any::<bool>()) {
        let number = if upper { number.to_uppercase() } else { number };
        for title in [number.clone(), format!("Re: {number}, again"), format!("({number})")] {
            prop_assert!(found_with(&title, &[&pattern]).contains(&RecordNumber), "{}", title);
        }
    }

    #[test]
    fn a_date_is_that_of_a_birth_when_it_is_a_year_old(days in 0..46_900_i32, text in "[a-z ]{0,20}") {
        let date = Date::constant(1900, 1, 1) + jiff::ToSpan::days(days);
        let (year, month, day) = (date.year(), date.month(), date.day());
        let name = MONTHS.split(' ').nth(usize::try_from(month).unwrap() - 1).unwrap();
        let old = date <= Date::constant(2025, 6, 1);
        let forms = [date.to_string(), format!("{day} {} {year}", &name[..3]), format!("{name} {day}, {year}")];
        for form in forms {
            prop_assert_eq!(found(&format!("{text} {form}, {text}")).contains(&DateOfBirth), old, "{}", form);
        }
    }

    #[test]
    fn any_title_has_an_answer(
        text in prop_oneof!["\\PC{1,150}", "[#0-9+(). /@a\u{301}-]{1,150}", "[\u{fdfa}½\u{ff11}٣apr. 1-]{1,150}"],
        pattern in prop_oneof!["##\\PC{0,10}", "[#@\\u{20}\\u{301}-]{3,40}"],
    ) {
        if let (Ok(title), Ok(pattern)) = (Title::try_from(text), RecordPattern::try_from(pattern)) {
            let found = identifiers(&title, &[pattern], "2026-06-01T09:00:00Z".parse().unwrap());
            prop_assert!(found.is_sorted_by(|a, b| a < b));
        }
    }
}

#[test]
fn what_somebody_wrote_as_a_pattern_does_not_show() {
    assert_eq!(format!("{:?}", pattern("943 476 59##").unwrap()), "RecordPattern(12 chars)");
}

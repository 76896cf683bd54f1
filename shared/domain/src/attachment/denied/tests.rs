use super::*;

fn pattern(text: &str) -> Result<TypePattern, ContentTypeError> {
    TypePattern::try_from(text.to_owned())
}

fn denied(patterns: &[&str]) -> DeniedTypes {
    let patterns: Vec<_> = patterns.iter().map(|text| pattern(text).unwrap()).collect();
    patterns.try_into().unwrap()
}

#[test]
fn a_pattern_is_a_type_or_a_kind_with_an_asterisk() {
    for (said, kept) in [
        ("Application/X-MSDownload", "application/x-msdownload"),
        ("VIDEO/*", "video/*"),
        ("image/svg+xml", "image/svg+xml"),
    ] {
        assert_eq!(pattern(said).unwrap().as_str(), kept);
    }
    let longest = format!("{}/*", "a".repeat(ContentType::MAX - 2));
    assert_eq!(pattern(&longest).unwrap().as_str(), longest);
    let too_long = format!("a{longest}");
    for wrong in
        ["", "*", "/*", "*/*", "video", "video/", "video/**", "video/m*", "video/*;", "a/b/*", " video/*", &too_long]
    {
        assert_eq!(pattern(wrong), Err(ContentTypeError), "{wrong:?}");
    }
}

#[test]
fn a_kind_is_all_of_its_types_and_no_other_that_begins_alike() {
    let denied = denied(&["video/*", "application/x-msdownload"]);
    let include = |text: &str| denied.include(&ContentType::try_from(text.to_owned()).unwrap());
    assert!(
        ["video/mp4", "VIDEO/webm", "application/x-msdownload", "Application/X-MSDownload"]
            .map(include)
            .iter()
            .all(|is| *is)
    );
    let others = ["videos/mp4", "application/x-msdownload2", "application/x-ms", "application/octet-stream"];
    assert!(!others.map(include).iter().any(|is| *is));
}

#[test]
fn they_are_a_set_of_at_most_a_hundred() {
    assert_eq!(denied(&["b/c", "A/B", "B/*", "a/b"]), denied(&["a/b", "b/*", "b/c"]));
    let many = |count: usize| (0..count).map(|n| pattern(&format!("a/b{n}")).unwrap()).collect::<Vec<_>>();
    assert_eq!(DeniedTypes::try_from(many(100)).unwrap().iter().len(), 100);
    assert_eq!(DeniedTypes::try_from(many(101)), Err(DeniedTypesError));
}

//! What people write: mentions in a body, and what a title should not hold.
#![no_main]

use domain::clock::Timestamp;
use domain::identifier::{Identifier, RecordPattern, identifiers};
use domain::mention::{MAX_CANDIDATES, MAX_TAGS, resolve, tags, unresolved};
use domain::text::{Body, Title, Username};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(body) = Body::try_from(text.to_owned()) {
        mentions(&body);
    }
    let mut lines = text.lines();
    if let Some(Ok(title)) = lines.next().map(|line| Title::try_from(line.to_owned())) {
        let patterns: Vec<RecordPattern> =
            lines.take(5).filter_map(|line| RecordPattern::try_from(line.to_owned()).ok()).collect();
        identified(&title, &patterns);
    }
});

fn mentions(body: &Body) {
    let Ok(tags) = tags(body) else { return };
    assert!(tags.len() <= MAX_TAGS);
    assert!(tags.iter().map(|tag| tag.candidates().count()).sum::<usize>() <= MAX_CANDIDATES);
    let chars: Vec<char> = body.as_str().chars().collect();
    let found = resolve(&tags, |name| Some(name.clone()));
    let mut before = 0;
    for mention in &found {
        assert!(before <= mention.start && mention.start < mention.end && mention.end <= chars.len());
        before = mention.end;
        assert_eq!(chars[mention.start], '@');
        let named: String = chars[mention.start + 1..mention.end].iter().collect();
        assert_eq!(named.parse::<Username>().as_ref().map(Username::folded), Ok(mention.username.folded()));
    }
    // Who is named is looked up: `members_named` asks for the candidates, and nobody else can be found.
    for (tag, mention) in tags.iter().filter(|tag| tag.candidates().next().is_some()).zip(&found) {
        assert!(tag.candidates().any(|candidate| candidate == mention.username));
    }
    assert!(resolve(&tags, |_| None).is_empty());
    let texts = unresolved(body, &[]);
    for text in &texts {
        assert!(text.starts_with('@') && text.chars().count() > 1 && body.as_str().contains(text.as_str()));
    }
    assert!(unresolved(body, &found).len() <= texts.len() && texts.len() <= tags.len());
}

fn identified(title: &Title, patterns: &[RecordPattern]) {
    let today: Timestamp = "2026-03-01T09:00:00Z".parse().expect("a time");
    let found = identifiers(title, patterns, today);
    assert!(found.is_sorted() && found.windows(2).all(|two| two[0] != two[1]));
    assert!(!patterns.is_empty() || !found.contains(&Identifier::RecordNumber));
    // What a pattern describes is found, wherever it stands.
    for pattern in patterns.iter().filter(|pattern| pattern.as_str().is_ascii()) {
        let number = pattern.as_str().replace('#', "7").replace('@', "x");
        for title in [number.clone(), format!("Re: {number} (new)"), number.to_uppercase()] {
            let Ok(title) = Title::try_from(title) else { continue };
            let found = identifiers(&title, std::slice::from_ref(pattern), today);
            assert!(found.contains(&Identifier::RecordNumber), "{:?} in {:?}", pattern.as_str(), title.as_str());
        }
    }
}

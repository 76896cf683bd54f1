//! The grammar of mentions, case by case, and as properties.

use proptest::prelude::*;

use super::*;

fn body(text: &str) -> Body {
    Body::try_from(text.to_owned()).unwrap()
}

/// The mentions in `text` when the members are `members`, as `username:start-end`.
fn found(text: &str, members: &[&str]) -> Vec<String> {
    let members: Vec<Username> = members.iter().map(|m| m.parse().unwrap()).collect();
    resolve(&tags(&body(text)).unwrap(), |name| members.iter().find(|m| *m == name).cloned())
        .into_iter()
        .map(|m| format!("{}:{}-{}", m.username.as_str(), m.start, m.end))
        .collect()
}

fn not_found(text: &str) -> Vec<String> {
    unresolved(&body(text), &[])
}

#[test]
fn a_name_is_found_where_it_stands_and_without_the_sentence_around_it() {
    assert_eq!(found("Please review this, @jsmith.", &["jsmith"]), ["jsmith:20-27"]);
    assert_eq!(found("@harrisjt, @harrisjt: (@harrisjt)", &["harrisjt"]).len(), 3);
    assert_eq!(found("ask @jo...", &["jo"]), ["jo:4-7"]);
    assert_eq!(found("ask @jo.", &["jo", "jo."]), ["jo.:4-8"]);
    assert_eq!(found("👍 @jo", &["jo"]), ["jo:2-5"]);
}

#[test]
fn usernames_that_are_mail_addresses_can_be_named_but_mail_addresses_name_nobody() {
    assert_eq!(found("@a.b@site.org, please", &["a.b@site.org"]), ["a.b@site.org:0-13"]);
    assert_eq!(found("@a.b@site.org", &["a.b"]), Vec::<String>::new());
    assert_eq!(found("mail me at a@b.org", &["b.org"]), Vec::<String>::new());
    assert_eq!(found("x@jo /@jo -@jo", &["jo"]), Vec::<String>::new());
}

#[test]
fn case_and_composition_do_not_matter_and_the_spelling_of_the_conversation_is_kept() {
    assert_eq!(found("@JSMITH", &["JSmith"]), ["JSmith:0-7"]);
    assert_eq!(found("@J\u{f6}rg", &["jo\u{308}rg"]), ["j\u{f6}rg:0-5"]);
    assert_eq!(found("@jo\u{308}rg!", &["jo", "j\u{f6}rg"]), ["j\u{f6}rg:0-6"]);
}

#[test]
fn code_and_quotes_are_left_alone() {
    for text in [
        "`@jo`",
        "``a ` @jo``",
        "```\n@jo\n```",
        "~~~ sh\n@jo",
        "> @jo wrote",
        "```rust @jo\nx\n```",
        "``` \n@jo\n`` \n@jo",
        "`a\n@jo b`",
        "a ``` @jo``` b",
        "x\n   ```\n@jo",
        "x\n   > @jo",
        "~~~ a`b\n@jo",
        // Only as many of the same, and nothing else on the line, end a block.
        "```\n@jo",
        "```\n\n@jo",
        "```\n~~~\n@jo",
        "````\n```\n@jo",
        "```\n``` x\n@jo",
        "```\n    ```\n@jo",
    ] {
        assert_eq!(found(text, &["jo"]), Vec::<String>::new(), "{text}");
    }
    for text in [
        "` @jo",
        "`a` @jo",
        "`a` @jo `b`",
        "```\nx\n```\n@jo",
        "```\nx\n````\n@jo",
        "a > @jo",
        "`a\n\n@jo b`",
        "`a\n> q\n@jo b`",
        "```x``` @jo",
        "``` a`b @jo",
        "x\n    ```\n@jo",
        "x\n    > @jo",
    ] {
        assert_eq!(found(text, &["jo"]).len(), 1, "{text}");
    }
}

#[test]
fn what_names_no_member_is_told_once_as_somebody_would_read_it() {
    assert_eq!(not_found("@nobody, @nobody. and @...!"), ["@nobody", "@..."]);
    assert_eq!(not_found("@ alone"), Vec::<String>::new());
}

#[test]
fn a_tag_may_mean_a_name_that_ends_like_a_sentence_and_no_longer_one_than_there_are() {
    let candidates = |text: &str| -> Vec<String> {
        tags(&body(text)).unwrap()[0].candidates().map(|name| name.as_str().to_owned()).collect()
    };
    assert_eq!(candidates("ask @j.o.-!"), ["j.o.-", "j.o.", "j.o"]);
    assert_eq!(candidates("@..."), ["...", "..", "."]);
    let longest = "x".repeat(Username::MAX);
    assert_eq!(candidates(&format!("@{longest}.:")), std::slice::from_ref(&longest));
    assert_eq!(candidates(&format!("@{longest}x")), Vec::<String>::new());
}

#[test]
fn text_made_to_cause_work_is_refused() {
    assert!(tags(&body(&"@a ".repeat(50))).is_ok());
    assert_eq!(tags(&body(&"@a ".repeat(51))), Err(TooManyTags));
    assert!(tags(&body(&format!("@a{} ", ".".repeat(99)).repeat(5))).is_ok());
    assert_eq!(tags(&body(&format!("@a{} ", ".".repeat(99)).repeat(6))), Err(TooManyTags));
}

proptest! {
    #[test]
    fn offsets_always_cut_the_name_out_of_the_text(text in "[@a-c.` \n>(~-]{1,80}") {
        let Ok(body) = Body::try_from(text) else { return Ok(()) };
        let Ok(tags) = tags(&body) else { return Ok(()) };
        let mentions = resolve(&tags, |name| (name.folded().len() < 4).then(|| name.clone()));
        let chars: Vec<char> = body.as_str().chars().collect();
        for mention in &mentions {
            prop_assert_eq!(chars[mention.start], '@');
            let named: String = chars[mention.start + 1..mention.end].iter().collect();
            prop_assert_eq!(named.parse::<Username>().unwrap(), mention.username.clone());
        }
        prop_assert!(mentions.windows(2).all(|pair| pair[0].end <= pair[1].start));
        prop_assert!(unresolved(&body, &mentions).len() + mentions.len() <= tags.len());
    }

    #[test]
    fn any_username_is_found_between_spaces(name in "[a-zA-Z0-9][a-zA-Z0-9._@+-]{0,30}") {
        let name: Username = name.parse().unwrap();
        let text = body(&format!("see @{} please", name.as_str()));
        let mentions = resolve(&tags(&text).unwrap(), |candidate| (*candidate == name).then(|| name.clone()));
        prop_assert_eq!(mentions.len(), 1);
        prop_assert_eq!((mentions[0].start, mentions[0].end), (4, 5 + name.as_str().chars().count()));
    }
}

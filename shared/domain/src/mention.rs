//! `@username` in what somebody wrote.
//!
//! What looks like a mention is found by [`tags`]; whom it means is decided by [`resolve`], against the members of the
//! conversation only, so that the answer tells nothing about who else has an account.

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

use crate::text::{Body, Username};

/// The most mentions one message may hold.
pub const MAX_TAGS: usize = 50;

/// The most usernames one message may make us look for; only text made to cause work has more.
pub const MAX_CANDIDATES: usize = 500;

/// A member who is named in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Who.
    pub username: Username,
    /// Where the `@` stands, in Unicode scalar values from the beginning of the body.
    pub start: usize,
    /// Where the mention ends: the place after its last character.
    pub end: usize,
}

/// The message holds more mentions than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_TAGS} mentions")]
pub struct TooManyTags;

/// Text that looks like a mention.
#[derive(Clone, PartialEq, Eq)]
pub struct Tag {
    start: usize,
    run: Vec<char>,
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tag({}, {} chars)", self.start, self.run.len())
    }
}

impl Tag {
    /// The usernames it may mean, the longest first: punctuation at the end may belong to the sentence.
    pub fn candidates(&self) -> impl Iterator<Item = Username> {
        self.endings().filter_map(|end| self.run[..end].iter().collect::<String>().parse().ok())
    }

    fn endings(&self) -> impl Iterator<Item = usize> {
        let kept = self.run.len() - self.run.iter().rev().take_while(|c| trails(**c)).count();
        (kept.max(1)..=self.run.len()).rev().filter(|end| *end <= Username::MAX)
    }

    /// The text as somebody would read it: with its `@`, without the punctuation that ends a sentence.
    fn text(&self) -> String {
        let word = self.run.iter().rev().skip_while(|c| trails(**c)).count();
        let word = if word == 0 { self.run.len() } else { word };
        std::iter::once('@').chain(self.run[..word].iter().copied()).collect()
    }
}

fn trails(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | ':' | '+' | '@')
}

/// Finds what looks like a mention, in the order of the text.
///
/// Code and quoted lines are left out. An `@` counts only at the beginning or after white space or one of
/// `( [ { " ' , : ; <`, so that a mail address is no mention.
pub fn tags(body: &Body) -> Result<Vec<Tag>, TooManyTags> {
    let chars: Vec<char> = body.as_str().chars().collect();
    let hidden = hidden(&chars);
    let mut tags = Vec::new();
    let mut candidates = 0;
    let mut at = 0;
    while at < chars.len() {
        let begins = at == 0 || chars[at - 1].is_whitespace() || "([{\"',:;<".contains(chars[at - 1]);
        if chars[at] != '@' || !begins || hidden[at] {
            at += 1;
            continue;
        }
        // A letter may be written as itself and a mark: the name that it is a part of composes them. What is hidden begins with
        // a backtick or a line, and neither is in a name.
        let in_name = |c: &char| Username::allows(*c) || is_combining_mark(*c);
        let run: Vec<char> = chars[at + 1..].iter().copied().take_while(in_name).collect();
        let next = at + 1 + run.len();
        if !run.is_empty() {
            let tag = Tag { start: at, run };
            candidates += tag.endings().count();
            tags.push(tag);
            if tags.len() > MAX_TAGS || candidates > MAX_CANDIDATES {
                return Err(TooManyTags);
            }
        }
        at = next;
    }
    Ok(tags)
}

/// Says whom the tags mean; `member` returns the member with a username, spelled as the conversation knows it.
pub fn resolve(tags: &[Tag], member: impl Fn(&Username) -> Option<Username>) -> Vec<Mention> {
    tags.iter()
        .filter_map(|tag| {
            let (username, end) = tag.endings().find_map(|end| {
                let candidate = tag.run[..end].iter().collect::<String>().parse().ok()?;
                Some((member(&candidate)?, end))
            })?;
            Some(Mention { username, start: tag.start, end: tag.start + 1 + end })
        })
        .collect()
}

/// The texts that look like mentions and name no member, each once, in the order of the text.
pub fn unresolved(body: &Body, mentions: &[Mention]) -> Vec<String> {
    let mut texts = Vec::new();
    for tag in tags(body).unwrap_or_default() {
        let text = tag.text();
        if !mentions.iter().any(|mention| mention.start == tag.start) && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Which characters stand in fenced code, inline code or quoted lines.
fn hidden(chars: &[char]) -> Vec<bool> {
    let mut hidden = vec![false; chars.len()];
    let mut fence: Option<(char, usize)> = None;
    let mut open = 0..0;
    for line in lines(chars) {
        let text = &chars[line.clone()];
        let indent = text.iter().take_while(|c| **c == ' ').count();
        let mark = text.get(indent).copied().unwrap_or('\n');
        let run = text[indent..].iter().take_while(|c| **c == mark).count();
        let fences = matches!(mark, '`' | '~') && run >= 3 && indent <= 3;
        let rest = &text[indent + run..];
        let covered = match fence {
            Some((c, n)) => {
                if fences && mark == c && run >= n && rest.iter().all(|c| c.is_whitespace()) {
                    fence = None;
                }
                true
            }
            // A line such as ```code``` is inline code, not the beginning of a block.
            None if fences && !(mark == '`' && rest.contains(&'`')) => {
                fence = Some((mark, run));
                true
            }
            None => mark == '>' && indent <= 3,
        };
        if covered {
            hidden[line.clone()].fill(true);
        }
        // Inline code may run over line ends, but not over anything that ends a paragraph.
        if covered || text.iter().all(|c| c.is_whitespace()) {
            hide_inline_code(chars, open, &mut hidden);
            open = line.end..line.end;
        } else {
            open.end = line.end;
        }
    }
    hide_inline_code(chars, open, &mut hidden);
    hidden
}

/// The lines of the text, each with its line end.
fn lines(chars: &[char]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let length = chars[start..].iter().position(|c| *c == '\n').map_or(chars.len() - start, |n| n + 1);
        let line = start..start + length;
        start += length;
        (length > 0).then_some(line)
    })
}

/// Code spans: a run of backticks up to the next run of as many. Runs without a partner are just backticks.
fn hide_inline_code(chars: &[char], paragraph: std::ops::Range<usize>, hidden: &mut [bool]) {
    let mut runs = Vec::new();
    let mut at = paragraph.start;
    for run in chars[paragraph].chunk_by(|one, next| (*one == '`') == (*next == '`')) {
        if run.starts_with(&['`']) {
            runs.push((at, run.len()));
        }
        at += run.len();
    }
    let mut rest = &runs[..];
    while let Some(((start, length), later)) = rest.split_first() {
        match later.iter().position(|(_, n)| n == length) {
            Some(partner) => {
                let (end, _) = later[partner];
                hidden[*start..end].fill(true);
                rest = &later[partner + 1..];
            }
            None => rest = later,
        }
    }
}

#[cfg(test)]
mod tests;

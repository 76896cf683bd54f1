//! People at the institution, and how they are found.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use caseless::Caseless;

use crate::text::{DisplayName, Email, TextError, Username};

/// A role at the institution, given by its identity provider. Neither gives membership in any conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionRole {
    /// Manages people, projects and broadcasts.
    SystemAdministrator,
    /// Reads the audit trail.
    Auditor,
}

/// What is known of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub username: Username,
    /// What people call them.
    pub name: DisplayName,
    /// Where notices go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether they still work here.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A word by which people are found: at least two characters, folded, without accents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(Box<str>);

impl Token {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first two characters.
    pub fn initials(&self) -> &str {
        self.0.char_indices().nth(2).map_or(&self.0, |(end, _)| &self.0[..end])
    }

    fn of(text: &str) -> Option<Self> {
        (text.chars().nth(1).is_some()).then(|| Self(text.into()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({} chars)", self.0.chars().count())
    }
}

/// Case-folded and without accents, as people type names.
fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .default_case_fold()
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

impl Profile {
    /// Somebody of whom nothing is known but the username.
    pub fn gone(username: &Username) -> Self {
        Self { username: username.clone(), name: DisplayName::from(username), email: None, active: false }
    }

    /// The words by which this person is found: the parts of the name, and the username as a whole.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = words(self.name.as_str()).filter_map(|word| Token::of(&word)).collect();
        tokens.extend(Token::of(&fold(self.username.as_str())));
        tokens.sort();
        tokens.dedup();
        tokens
    }
}

/// What somebody types to find a person.
#[derive(Clone)]
pub struct Search {
    whole: String,
    words: Vec<String>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Search({} words)", self.words.len())
    }
}

impl Search {
    /// The most people one search finds.
    pub const MAX_HITS: usize = 20;

    /// Longer than any name.
    const MAX: usize = 200;

    /// The beginnings of directory words to look up; who is found there must still [match](Self::finds).
    ///
    /// What has the shape of a mail address finds usernames only, never the address of a person.
    pub fn lookups(&self) -> Vec<Token> {
        let mut lookups: Vec<Token> = Vec::new();
        if !self.whole.contains(char::is_whitespace) {
            lookups.extend(Token::of(&self.whole));
        }
        if !self.whole.contains('@')
            && let Some(longest) = self.words.iter().max_by_key(|word| word.chars().count())
            && *longest != self.whole
        {
            lookups.extend(Token::of(longest));
        }
        lookups
    }

    /// Whether the search finds this person.
    pub fn finds(&self, username: &Username, name: &DisplayName) -> bool {
        let by_username = fold(username.as_str()).starts_with(&self.whole);
        let by_name = || {
            let parts: Vec<String> = words(name.as_str()).collect();
            !self.words.is_empty() && self.words.iter().all(|word| parts.iter().any(|part| part.starts_with(word)))
        };
        by_username || (!self.whole.contains('@') && by_name())
    }
}

impl TryFrom<String> for Search {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let text = text.trim();
        if text.chars().nth(Self::MAX).is_some() {
            return Err(TextError::TooLong { limit: Self::MAX });
        }
        let search = Self { whole: fold(text), words: words(text).collect() };
        if search.lookups().is_empty() { Err(TextError::Blank) } else { Ok(search) }
    }
}

impl<'de> Deserialize<'de> for Search {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(username: &str, name: &str) -> Profile {
        Profile {
            username: username.parse().unwrap(),
            name: DisplayName::try_from(name.to_owned()).unwrap(),
            email: None,
            active: true,
        }
    }

    /// Whether the directory leads to the person and the person matches.
    fn found(query: &str, person: &Profile) -> bool {
        let Ok(search) = Search::try_from(query.to_owned()) else { return false };
        let led = search
            .lookups()
            .iter()
            .any(|lookup| person.tokens().iter().any(|token| token.as_str().starts_with(lookup.as_str())));
        led && search.finds(&person.username, &person.name)
    }

    #[test]
    fn people_are_found_by_any_part_of_the_name_without_accents_or_case() {
        let zoe = person("zk.larsen", "Zoë Kjær O'Brien-Ångström");
        for query in
            ["zo", "ZOE", "larsen zk", "kjær", "brien", "o'brien", "angstrom zoe", "Ångs", "zk.la", "ZK.LARSEN"]
        {
            assert_eq!(found(query, &zoe), query != "larsen zk", "{query}");
        }
        for query in ["z", "", "  ", "arsen", "zoe larsen", "brienx"] {
            assert!(!found(query, &zoe), "{query}");
        }
    }

    #[test]
    fn what_looks_like_an_address_finds_usernames_only() {
        assert!(found("ada@site.org", &person("ada@site.org", "Ada Voss")));
        assert!(found("ada@", &person("ada@site.org", "Ada Voss")));
        assert!(!found("ada@site.org", &person("avoss", "Ada Site Org")));
    }

    proptest! {
        #[test]
        fn every_beginning_of_every_name_part_finds_its_person(first in "[A-Za-zÀ-ÖØ-öø-ÿ]{2,8}", last in "[A-Za-z]{2,8}", n in 2_usize..8) {
            let person = person("someone.else", &format!("{first} {last}"));
            for part in [&first, &last] {
                let beginning: String = part.chars().take(n).collect();
                prop_assert!(found(&beginning, &person));
                prop_assert!(found(&beginning.to_uppercase(), &person));
            }
        }
    }
}

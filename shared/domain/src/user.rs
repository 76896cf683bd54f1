//! People at the institution, and how they are found.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use caseless::Caseless;

use crate::clock::Timestamp;
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

impl InstitutionRole {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::SystemAdministrator, Self::Auditor];

    /// The word for it, as tokens, the API and the canonical form write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SystemAdministrator => "system_administrator",
            Self::Auditor => "auditor",
        }
    }
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
    /// Their roles at the institution, as their token last said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<InstitutionRole>,
    /// Since when they are known; nothing for those who were known before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How often it was changed: whoever changes it says what they have seen.
    #[serde(default)]
    pub version: u64,
}

/// What the institution's identity provider says of somebody who calls. What it does not say is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Who.
    pub username: Username,
    /// What people call them.
    pub name: Option<DisplayName>,
    /// Where notices go.
    pub email: Option<Email>,
    /// Their roles at the institution.
    pub roles: Vec<InstitutionRole>,
    /// When it was said.
    pub at: Option<Timestamp>,
}

/// An account, as a system administrator sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub username: Username,
    /// What people call them.
    pub name: DisplayName,
    /// Where notices go.
    pub email: Option<Email>,
    /// Whether they may call, and be found.
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
    /// By how many words of their name people are found: more than any name has, and few enough to be written at once.
    const MAX_WORDS: usize = 20;

    /// Somebody of whom nothing is known but the username.
    pub fn gone(username: &Username) -> Self {
        Self {
            username: username.clone(),
            name: DisplayName::from(username),
            email: None,
            active: false,
            roles: Vec::new(),
            since: None,
            version: 0,
        }
    }

    /// Somebody who calls for the first time.
    pub fn introduced(said: &Introduction, now: Timestamp) -> Self {
        Self { active: true, since: Some(now), ..Self::gone(&said.username) }.reintroduced(said)
    }

    /// The same person, as the identity provider now says.
    #[must_use]
    pub fn reintroduced(&self, said: &Introduction) -> Self {
        let is = Self {
            name: said.name.clone().unwrap_or_else(|| self.name.clone()),
            email: said.email.clone().or_else(|| self.email.clone()),
            roles: said.roles.clone(),
            ..self.clone()
        };
        if is == *self { is } else { Self { version: self.version + 1, ..is } }
    }

    /// An account as a system administrator sets it; nothing if it is so already.
    pub fn set(was: Option<&Self>, account: &Account, now: Timestamp) -> Option<Self> {
        let Account { username, name, email, active } = account.clone();
        let is = match was {
            Some(was) => Self { name, email, active, ..was.clone() },
            None => Self { name, email, active, since: Some(now), ..Self::gone(&username) },
        };
        match was {
            Some(was) if is == *was => None,
            Some(was) => Some(Self { version: was.version + 1, ..is }),
            None => Some(Self { version: 1, ..is }),
        }
    }

    /// Whether mail may reach them now that did not before, or did elsewhere.
    pub fn reachable_anew(&self, was: &Self) -> bool {
        self.active && (!was.active || was.email != self.email)
    }

    /// Whether this is somebody who is spared from being written to by everybody, where the institution wants that.
    pub fn is_system_administrator(&self) -> bool {
        self.roles.contains(&InstitutionRole::SystemAdministrator)
    }

    /// The words by which this person is found: the parts of the name, and the username as a whole. Nobody finds whose
    /// account is disabled.
    pub fn tokens(&self) -> Vec<Token> {
        if !self.active {
            return Vec::new();
        }
        let mut tokens: Vec<Token> = Token::of(&fold(self.username.as_str())).into_iter().collect();
        tokens.extend(words(self.name.as_str()).filter_map(|word| Token::of(&word)).take(Self::MAX_WORDS));
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

    /// How many words there are.
    pub fn words(&self) -> usize {
        self.words.len()
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
        let username: Username = username.parse().unwrap();
        let name = DisplayName::try_from(name.to_owned()).unwrap();
        Profile { name, active: true, ..Profile::gone(&username) }
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

    #[test]
    fn nobody_finds_whose_account_is_disabled() {
        let gone = Profile { active: false, ..person("avoss", "Ada Voss") };
        assert!(!found("ada", &gone) && !found("avoss", &gone));
    }

    #[test]
    fn what_a_token_does_not_say_stays_as_it_was() {
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        let username: Username = "avoss".parse().unwrap();
        let name = |text: &str| DisplayName::try_from(text.to_owned()).unwrap();
        let said = |name| Introduction { username: username.clone(), name, email: None, roles: Vec::new(), at: None };
        let first = Profile::introduced(&said(None), now);
        assert_eq!((first.name.as_str(), first.active, first.since), ("avoss", true, Some(now)));
        let account = Account { username: username.clone(), name: name("Ada"), email: None, active: true };
        let named = Profile::set(Some(&first), &account, now).unwrap();
        assert_eq!(named.reintroduced(&said(None)), named);
        assert_eq!(Profile::set(Some(&named), &account, now), None);
        let renamed = named.reintroduced(&said(Some(name("Ada Voss"))));
        assert_eq!((renamed.name.as_str(), renamed.version), ("Ada Voss", named.version + 1));
    }

    #[test]
    fn a_word_by_which_people_are_found_has_two_characters_and_is_kept_under_these() {
        let tokens = |person: &Profile| -> Vec<(String, String)> {
            person.tokens().iter().map(|token| (token.as_str().to_owned(), token.initials().to_owned())).collect()
        };
        let pair = |word: &str, initials: &str| (word.to_owned(), initials.to_owned());
        let expected = [pair("li", "li"), pair("zk.larsen", "zk"), pair("þora", "þo")];
        assert_eq!(tokens(&person("ZK.Larsen", "Þóra X. Li, li")), expected);
        let many: Vec<String> = (10..40).map(|n| format!("n{n}")).collect();
        assert_eq!(person("someone.else", &many.join(" ")).tokens().len(), 1 + 20);
    }

    #[test]
    fn somebody_of_whom_only_the_name_was_kept_works_here() {
        let stored = r#"{"username":"avoss","name":"Ada Voss"}"#;
        assert_eq!(serde_json::from_str::<Profile>(stored).unwrap(), person("avoss", "Ada Voss"));
    }

    #[test]
    fn an_account_is_as_it_was_last_set_and_counts_its_changes() {
        let [first, later] = ["2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"].map(|at| at.parse().unwrap());
        let email = |text: &str| Email::try_from(text.to_owned()).ok();
        let account = Account {
            username: "avoss".parse().unwrap(),
            name: DisplayName::try_from("Ada Voss".to_owned()).unwrap(),
            email: email("ada@site.org"),
            active: true,
        };
        let set = Profile::set(None, &account, first).unwrap();
        let expected =
            Profile { email: email("ada@site.org"), since: Some(first), version: 1, ..person("avoss", "Ada Voss") };
        assert_eq!(set, expected);
        assert_eq!(Profile::set(Some(&set), &account, later), None);
        let roles = vec![InstitutionRole::SystemAdministrator];
        let known = Profile { roles, ..set };
        let other = Account { email: None, active: false, ..account };
        let expected = Profile { email: None, active: false, version: 2, ..known.clone() };
        assert_eq!(Profile::set(Some(&known), &other, later), Some(expected));
    }

    #[test]
    fn mail_reaches_anew_who_is_active_again_or_has_another_address() {
        let here = Profile { email: Email::try_from("ada@site.org".to_owned()).ok(), ..person("avoss", "Ada Voss") };
        let gone = Profile { active: false, ..here.clone() };
        let elsewhere = Profile { email: Email::try_from("ada@other.org".to_owned()).ok(), ..here.clone() };
        assert!(here.reachable_anew(&gone) && elsewhere.reachable_anew(&here));
        assert!(!here.reachable_anew(&here) && !gone.reachable_anew(&here) && !gone.reachable_anew(&elsewhere));
    }

    #[test]
    fn roles_are_those_of_the_last_token_and_an_address_is_kept_until_there_is_another() {
        let email = |text: &str| Email::try_from(text.to_owned()).ok();
        let said = |email, roles: &[InstitutionRole]| Introduction {
            username: "avoss".parse().unwrap(),
            name: None,
            email,
            roles: roles.to_vec(),
            at: None,
        };
        let administrator = &[InstitutionRole::SystemAdministrator];
        let first = person("avoss", "Ada Voss").reintroduced(&said(email("ada@site.org"), administrator));
        assert_eq!((&first.email, first.version), (&email("ada@site.org"), 1));
        assert!(first.is_system_administrator());
        let second = first.reintroduced(&said(None, &[InstitutionRole::Auditor]));
        assert_eq!((&second.email, second.version), (&email("ada@site.org"), 2));
        assert!(!second.is_system_administrator());
        assert_eq!(second.reintroduced(&said(None, &[InstitutionRole::Auditor])), second);
    }

    #[test]
    fn what_is_looked_up_is_the_whole_if_it_is_one_word_and_the_longest_part_of_a_name() {
        for (query, expected, words) in [
            ("Ada", vec!["ada"], 1),
            (" ada voss ", vec!["voss"], 2),
            ("margit li", vec!["margit"], 2),
            ("O'Brien-Li", vec!["o'brien-li", "brien"], 3),
            ("ada@site.org", vec!["ada@site.org"], 3),
            ("ada@site.org x", vec![], 4),
            ("--", vec!["--"], 0),
            ("a b", vec![], 2),
            ("é", vec![], 1),
            ("", vec![], 0),
        ] {
            let search = Search { whole: fold(query.trim()), words: super::words(query).collect() };
            let lookups = search.lookups();
            assert_eq!(lookups.iter().map(Token::as_str).collect::<Vec<_>>(), expected, "{query}");
            assert_eq!(search.words(), words, "{query}");
            assert_eq!(Search::try_from(query.to_owned()).is_err(), expected.is_empty(), "{query}");
        }
        let longest = "x".repeat(200);
        assert!(serde_json::from_str::<Search>(&format!("\"{longest}\"")).is_ok());
        assert!(serde_json::from_str::<Search>(&format!("\"{longest}x\"")).is_err());
    }

    #[test]
    fn every_word_has_to_be_the_beginning_of_a_part_of_the_name_or_all_of_the_username() {
        let ada = person("avoss.2", "Ada Marie Voss");
        for (query, finds) in [
            ("ada voss", true),
            ("vo ad", true),
            ("ada vossa", false),
            ("ada ben", false),
            ("avoss.2", true),
            ("avoss.2 ada", false),
            ("--", false),
            ("ada@voss", false),
        ] {
            let search = Search::try_from(query.to_owned()).unwrap();
            assert_eq!(search.finds(&ada.username, &ada.name), finds, "{query}");
        }
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

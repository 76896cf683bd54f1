//! Projects: groups of people who work together, as the institution names them. A label grants and removes no access.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identifier::RecordPattern;
use crate::retention::Period;
use crate::text::{TextError, Title, Username};

/// Names a project, in the institution's own words: 1 to 64 letters, digits, `-`, `_` and `.`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectId(Box<str>);

impl ProjectId {
    /// The longest id.
    pub const MAX: usize = 64;

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProjectId({} chars)", self.0.len())
    }
}

impl TryFrom<String> for ProjectId {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Blank);
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            return Err(TextError::Forbidden);
        }
        if text.len() > Self::MAX {
            return Err(TextError::TooLong { limit: Self::MAX });
        }
        Ok(Self(text.into()))
    }
}

impl From<ProjectId> for String {
    fn from(id: ProjectId) -> Self {
        id.0.into()
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Which.
    pub id: ProjectId,
    /// What people call it.
    pub title: Title,
    /// How its records are numbered, so that titles can be checked for such numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record_patterns: Vec<RecordPattern>,
    /// How long the messages of conversations are kept that are labelled with it, if not as long as all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Period>,
}

/// Who works on a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collaborator {
    /// On which.
    pub project: ProjectId,
    /// Who.
    pub username: Username,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_word_of_the_institution() {
        let longest = "x".repeat(64);
        for id in ["a", "STUDY-1", "2026_heart.b", &longest] {
            let is = ProjectId::try_from(id.to_owned()).unwrap();
            assert_eq!((is.as_str(), String::from(is.clone())), (id, id.to_owned()));
        }
        assert_eq!(ProjectId::try_from(String::new()), Err(TextError::Blank));
        for wrong in ["a b", "a/b", "a#b", "\u{e9}", "a\n"] {
            assert_eq!(ProjectId::try_from(wrong.to_owned()), Err(TextError::Forbidden), "{wrong}");
        }
        assert_eq!(ProjectId::try_from("x".repeat(65)), Err(TextError::TooLong { limit: 64 }));
    }
}

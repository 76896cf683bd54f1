//! What an institution does not take.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ContentType, ContentTypeError};

/// The types of attachments that nobody may upload.
///
/// It is about what a thing is said to be. What something is whose type has no magic number, nobody can tell: whoever
/// wants to keep it out has to deny `application/octet-stream`, too, which anything may be called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TypePattern>")]
pub struct DeniedTypes(BTreeSet<TypePattern>);

/// There are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {}", DeniedTypes::MAX)]
pub struct DeniedTypesError;

impl DeniedTypes {
    /// The most patterns: every request reads them.
    pub const MAX: usize = 100;

    /// Whether this is one of them.
    pub fn include(&self, content_type: &ContentType) -> bool {
        self.0.iter().any(|pattern| pattern.matches(content_type))
    }

    /// The patterns, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &TypePattern> {
        self.0.iter()
    }
}

impl TryFrom<Vec<TypePattern>> for DeniedTypes {
    type Error = DeniedTypesError;

    fn try_from(patterns: Vec<TypePattern>) -> Result<Self, DeniedTypesError> {
        if patterns.len() > Self::MAX { Err(DeniedTypesError) } else { Ok(Self(patterns.into_iter().collect())) }
    }
}

/// One type, as `application/pdf`, or all of a kind, as `video/*`; in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypePattern(Box<str>);

impl TypePattern {
    /// The pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn matches(&self, content_type: &ContentType) -> bool {
        let said = content_type.as_str();
        // No type has an asterisk.
        self.0.strip_suffix('*').map_or(said == &*self.0, |kind| said.starts_with(kind))
    }
}

impl TryFrom<String> for TypePattern {
    type Error = ContentTypeError;

    fn try_from(text: String) -> Result<Self, ContentTypeError> {
        let Some(kind) = text.strip_suffix("/*") else {
            return Ok(Self(String::from(ContentType::try_from(text)?).into()));
        };
        // What is a kind is one with any subtype.
        ContentType::try_from(format!("{kind}/x"))?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl From<TypePattern> for String {
    fn from(pattern: TypePattern) -> Self {
        pattern.0.into()
    }
}

/// Mute, because it is what a client wrote.
impl fmt::Debug for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TypePattern({} chars)", self.0.len())
    }
}

#[cfg(test)]
mod tests;

//! Tags: names and values that users give to their resources.
//!
//! The one rule: tags are kept beside what they tag, by its ARN, so that one set of rules serves every kind of resource.
//! Facts: *TagResource*, *UntagResource* and *CreateInstance* in the Amazon Connect API Reference; *Tag naming limits and
//! requirements* in the AWS General Reference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most tags of one resource.
pub const TAGS_MAX: usize = 50;

/// The longest key, in characters.
const KEY_MAX: usize = 128;

/// The longest value, in characters.
const VALUE_MAX: usize = 256;

/// Keys that begin so belong to AWS.
const RESERVED: &str = "aws:";

/// The tags of one resource, in the order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, String>);

/// The tags cannot be set so: an `InvalidParameterException` (`CreateInstance`: an `InvalidRequestException`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// An empty or overlong key.
    #[error("A tag key must be 1 to {KEY_MAX} characters.")]
    KeyLength,
    /// A key of AWS's.
    #[error("The tag key {0:?} must not begin with \"aws:\".")]
    Reserved(String),
    /// A character that keys cannot hold.
    #[error("The tag key {0:?} may hold only letters, digits, spaces and _ . : / = + - @.")]
    KeyCharacters(String),
    /// An overlong value.
    #[error("The value of the tag {0:?} must be at most {VALUE_MAX} characters.")]
    ValueLength(String),
    /// Too many of them.
    #[error("A resource can have at most {TAGS_MAX} tags.")]
    TooMany,
}

impl Tags {
    /// The tags of a request.
    ///
    /// # Errors
    /// [`TagError`] says which tag breaks which rule.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, TagError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            check_key(&key)?;
            if value.chars().count() > VALUE_MAX {
                return Err(TagError::ValueLength(key));
            }
            tags.insert(key, value);
        }
        if tags.len() > TAGS_MAX { Err(TagError::TooMany) } else { Ok(Self(tags)) }
    }

    /// These with `added` put in, which replaces the values of keys that are there.
    ///
    /// # Errors
    /// [`TagError::TooMany`] when together they are more than a resource can have.
    pub fn with(&self, added: Self) -> Result<Self, TagError> {
        let mut tags = self.0.clone();
        tags.extend(added.0);
        if tags.len() > TAGS_MAX { Err(TagError::TooMany) } else { Ok(Self(tags)) }
    }

    /// As they are kept.
    #[must_use]
    pub const fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl From<BTreeMap<String, String>> for Tags {
    /// Tags that are kept already, and so were checked before.
    fn from(kept: BTreeMap<String, String>) -> Self {
        Self(kept)
    }
}

/// Whether `key` may be the key of a tag.
///
/// # Errors
/// [`TagError`].
pub fn check_key(key: &str) -> Result<(), TagError> {
    if !(1..=KEY_MAX).contains(&key.chars().count()) {
        return Err(TagError::KeyLength);
    }
    if key.starts_with(RESERVED) {
        return Err(TagError::Reserved(key.to_owned()));
    }
    if key.chars().all(is_key_character) { Ok(()) } else { Err(TagError::KeyCharacters(key.to_owned())) }
}

/// AWS's pattern is `[\p{L}\p{Z}\p{N}_.:/=+\-@]`. The standard library's letters and digits also take in the marks that
/// belong to letters, which errs on the side of the user.
fn is_key_character(character: char) -> bool {
    let is_separator = character.is_whitespace() && !character.is_control();
    character.is_alphanumeric() || is_separator || "_.:/=+-@".contains(character)
}

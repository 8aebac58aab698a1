//! Changing a contact's record from outside: attributes, name, references, tags.
//!
//! The rule: these work on a contact whether or not it has ended, and the limits hold for what the contact would have
//! afterwards, not for the request alone. Sources: *UpdateContactAttributes*, *UpdateContact*, *Reference*,
//! *TagContact*, *UntagContact* of the API reference.

use std::collections::BTreeMap;

use super::contact::{Contact, Reference, ReferenceType};
use super::limits::Limits;
use super::segment_attributes::{self, SegmentAttributeError, SegmentValue};
use crate::Time;

/// What `UpdateContact` asks for; what is `None` or empty stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactUpdate {
    /// `Name`.
    pub name: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `References`; added to those there are.
    pub references: Option<BTreeMap<String, Reference>>,
    /// `SegmentAttributes`; added to those there are.
    pub segment_attributes: Option<BTreeMap<String, SegmentValue>>,
    /// A member that only external audio contacts have was given: `QueueInfo`, `UserInfo`, an endpoint.
    pub audio_only: Option<&'static str>,
}

/// The contact cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// An attribute's key has a character it must not have.
    #[error("Attributes key {0:?} may hold only letters, digits, '-' and '_'")]
    AttributeKey(String),
    /// The attributes are too many or too long.
    #[error("Attributes must be at most {max_bytes} bytes in all, they would be {bytes}")]
    AttributesTooLarge {
        /// Bytes they would have.
        bytes: usize,
        /// Bytes they may have.
        max_bytes: usize,
    },
    /// Nothing is to be changed.
    #[error("at least one field to be updated must be present")]
    Nothing,
    /// Chats have no such member.
    #[error("{0} can be updated for external audio contacts only")]
    AudioOnly(&'static str),
    /// The reference is of a kind that only the system makes.
    #[error("References {name:?}: type {} cannot be set on a chat contact", kind.as_str())]
    ReferenceType {
        /// Its name.
        name: String,
        /// Its kind.
        kind: ReferenceType,
    },
    /// The reference has no value, or one of the wrong form.
    #[error("References {0:?}: Value is missing or does not fit its Type")]
    ReferenceValue(String),
    /// The references are too many or too long.
    #[error("References must be at most {max_bytes} bytes in all, they would be {bytes}")]
    ReferencesTooLarge {
        /// Bytes they would have.
        bytes: usize,
        /// Bytes they may have.
        max_bytes: usize,
    },
    /// A segment attribute may not be.
    #[error(transparent)]
    SegmentAttribute(#[from] SegmentAttributeError),
    /// A tag's key is the system's.
    #[error("Tags key {0:?} must not begin with 'aws:'")]
    TagKey(String),
    /// There would be too many tags.
    #[error("a contact may have at most {0} tags")]
    TooManyTags(usize),
}

/// Whether a user's attribute may be called so.
pub(super) fn is_attribute_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Checks the attributes that a contact would have.
pub(super) fn check_attributes(attributes: &BTreeMap<String, String>, limits: &Limits) -> Result<(), EditError> {
    if let Some(key) = attributes.keys().find(|key| !is_attribute_key(key)) {
        return Err(EditError::AttributeKey(key.clone()));
    }
    let bytes = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    let max_bytes = limits.attributes_bytes;
    if bytes > max_bytes { Err(EditError::AttributesTooLarge { bytes, max_bytes }) } else { Ok(()) }
}

impl Contact {
    /// `UpdateContactAttributes`: adds to and overwrites what there is. To be called on the chat's first contact.
    ///
    /// # Errors
    /// The rule that the attributes would break.
    pub fn update_attributes(
        &mut self,
        given: BTreeMap<String, String>,
        limits: &Limits,
        now: Time,
    ) -> Result<(), EditError> {
        let mut attributes = self.attributes.clone();
        attributes.extend(given);
        check_attributes(&attributes, limits)?;
        self.attributes = attributes;
        self.updated_at = now;
        Ok(())
    }

    /// `UpdateContact`.
    ///
    /// # Errors
    /// The rule that the contact would break; then nothing has changed.
    pub fn update(&mut self, request: ContactUpdate, limits: &Limits, now: Time) -> Result<(), EditError> {
        if let Some(member) = request.audio_only {
            return Err(EditError::AudioOnly(member));
        }
        let ContactUpdate { name, description, references, segment_attributes, .. } = request;
        if name.is_none() && description.is_none() && references.is_none() && segment_attributes.is_none() {
            return Err(EditError::Nothing);
        }

        let references = self.with_references(references.unwrap_or_default(), limits)?;
        let segment_attributes = segment_attributes.unwrap_or_default();
        segment_attributes::at_update(&segment_attributes)?;

        self.references = references;
        self.segment_attributes.extend(segment_attributes);
        self.name = name.or(self.name.take());
        self.description = description.or(self.description.take());
        self.updated_at = now;
        Ok(())
    }

    /// `TagContact`: adds to and overwrites what there is.
    ///
    /// # Errors
    /// The rule that the tags would break; then nothing has changed.
    pub fn tag(&mut self, given: BTreeMap<String, String>, limits: &Limits, now: Time) -> Result<(), EditError> {
        if let Some(key) = given.keys().find(|key| key.starts_with("aws:")) {
            return Err(EditError::TagKey(key.clone()));
        }
        let more = given.keys().filter(|key| !self.tags.contains_key(*key)).count();
        if self.tags.len() + more > limits.tags_per_contact {
            return Err(EditError::TooManyTags(limits.tags_per_contact));
        }
        self.tags.extend(given);
        self.updated_at = now;
        Ok(())
    }

    /// `UntagContact`: takes away those there are of these.
    pub fn untag<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>, now: Time) {
        for key in keys {
            self.tags.remove(key);
        }
        self.updated_at = now;
    }

    fn with_references(
        &self,
        given: BTreeMap<String, Reference>,
        limits: &Limits,
    ) -> Result<BTreeMap<String, Reference>, EditError> {
        given.iter().try_for_each(|(name, reference)| check_reference(name, reference))?;
        let mut all = self.references.clone();
        all.extend(given);

        let of =
            |(name, reference): (&String, &Reference)| name.len() + reference.value.as_ref().map_or(0, String::len);
        let (bytes, max_bytes) = (all.iter().map(of).sum(), limits.references_bytes);
        if bytes > max_bytes { Err(EditError::ReferencesTooLarge { bytes, max_bytes }) } else { Ok(all) }
    }
}

fn check_reference(name: &str, reference: &Reference) -> Result<(), EditError> {
    let wrong_value = || EditError::ReferenceValue(name.to_owned());
    let value = reference.value.as_deref().ok_or_else(wrong_value)?;
    let fits = match reference.kind {
        ReferenceType::Url | ReferenceType::String | ReferenceType::Email => true,
        ReferenceType::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
        ReferenceType::Date => value.parse::<i64>().is_ok(),
        // AWS does not say which types a caller may set: those that need nothing but a value.
        kind => return Err(EditError::ReferenceType { name: name.to_owned(), kind }),
    };
    if fits { Ok(()) } else { Err(wrong_value()) }
}

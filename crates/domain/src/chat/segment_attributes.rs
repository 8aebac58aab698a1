//! Segment attributes: what the system and its users note on one segment of a chat.
//!
//! The rule: a user's key is letters, digits, `-` and `_`, and its value a text; the system's keys begin with
//! `connect:`. Sources: *SegmentAttributeValue*, *StartChatContact* and *UpdateContact* of the API reference, *Pre-chat
//! authentication* of the Administrator Guide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{ContentTypes, MessageType};

/// The key that says what kind of chat it is.
pub const SUBTYPE: &str = "connect:Subtype";

/// The key that says when a contact expires.
pub const EXPIRY: &str = "connect:ContactExpiry";

/// The key that says how the customer signed in before the chat began.
pub const CUSTOMER_AUTHENTICATION: &str = "connect:CustomerAuthentication";

/// The subtype of a chat that is nothing else.
const CHAT: &str = "connect:Chat";

/// The subtype of a step-by-step guide.
const GUIDE: &str = "connect:Guide";

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SegmentValue {
    /// `ValueString`.
    String(String),
    /// `ValueMap`.
    Map(BTreeMap<String, SegmentValue>),
    /// `ValueInteger`.
    Integer(i64),
    /// `ValueList`.
    List(Vec<SegmentValue>),
    /// `ValueArn`.
    Arn(String),
}

/// Segment attributes that may not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SegmentAttributeError {
    /// The key has a character it must not have.
    #[error("SegmentAttributes key {0:?} may hold only letters, digits, '-' and '_'")]
    Key(String),
    /// The system has no such key, or it cannot be set here.
    #[error("SegmentAttributes key {0:?} cannot be set by this operation")]
    SystemKey(String),
    /// The value has the wrong form.
    #[error("SegmentAttributes {0:?} must be a ValueString")]
    NotAString(String),
    /// The value has the wrong form.
    #[error("SegmentAttributes {0:?} must be a ValueMap of ValueStrings")]
    NotAMap(String),
    /// The expiry has the wrong form.
    #[error(
        "SegmentAttributes connect:ContactExpiry must be a ValueMap whose ExpiryDuration is minutes, a ValueInteger"
    )]
    Expiry,
    /// The subtype is no chat's.
    #[error("SegmentAttributes connect:Subtype {0:?} is not one that can be set")]
    Subtype(String),
    /// A guide shows templates and takes answers to them.
    #[error("connect:Guide needs both interactive types in SupportedMessagingContentTypes")]
    GuideNeedsInteractive,
}

/// Checks what `StartChatContact` was given, and adds the subtype that every chat has.
pub(super) fn at_start(
    mut given: BTreeMap<String, SegmentValue>,
    content_types: &ContentTypes,
) -> Result<BTreeMap<String, SegmentValue>, SegmentAttributeError> {
    for (key, value) in &given {
        match key.as_str() {
            SUBTYPE => check_subtype(value, content_types)?,
            CUSTOMER_AUTHENTICATION => check_authentication(value)?,
            _ => check_user_defined(key, value)?,
        }
    }
    given.entry(SUBTYPE.to_owned()).or_insert_with(|| SegmentValue::String(CHAT.to_owned()));
    Ok(given)
}

/// Checks what `UpdateContact` was given: the expiry, and users' own.
pub(super) fn at_update(given: &BTreeMap<String, SegmentValue>) -> Result<(), SegmentAttributeError> {
    given.iter().try_for_each(|(key, value)| match key.as_str() {
        EXPIRY => check_expiry(value),
        _ => check_user_defined(key, value),
    })
}

fn check_subtype(value: &SegmentValue, content_types: &ContentTypes) -> Result<(), SegmentAttributeError> {
    let SegmentValue::String(subtype) = value else {
        return Err(SegmentAttributeError::NotAString(SUBTYPE.to_owned()));
    };
    match subtype.as_str() {
        CHAT => Ok(()),
        GUIDE
            if [MessageType::Interactive, MessageType::InteractiveResponse]
                .into_iter()
                .all(|kind| content_types.contains(kind)) =>
        {
            Ok(())
        }
        GUIDE => Err(SegmentAttributeError::GuideNeedsInteractive),
        _ => Err(SegmentAttributeError::Subtype(subtype.clone())),
    }
}

/// A map with the minutes after which the contact expires.
///
/// AWS does not say: whether that ends a chat. Ours keeps it, and the chat ends when `ChatDurationInMinutes` says.
fn check_expiry(value: &SegmentValue) -> Result<(), SegmentAttributeError> {
    let SegmentValue::Map(values) = value else { return Err(SegmentAttributeError::Expiry) };
    match values.get("ExpiryDuration") {
        Some(SegmentValue::Integer(minutes)) if *minutes > 0 && values.len() == 1 => Ok(()),
        _ => Err(SegmentAttributeError::Expiry),
    }
}

/// A map with the `Status`, of which the guide shows `AUTHENTICATED`.
///
/// AWS does not say: what else may stand in it. Ours keeps whatever texts there are, for flows to read.
fn check_authentication(value: &SegmentValue) -> Result<(), SegmentAttributeError> {
    match value {
        SegmentValue::Map(values) if values.values().all(|value| matches!(value, SegmentValue::String(_))) => Ok(()),
        _ => Err(SegmentAttributeError::NotAMap(CUSTOMER_AUTHENTICATION.to_owned())),
    }
}

fn check_user_defined(key: &str, value: &SegmentValue) -> Result<(), SegmentAttributeError> {
    if key.starts_with("connect:") {
        return Err(SegmentAttributeError::SystemKey(key.to_owned()));
    }
    if !super::contact_edit::is_attribute_key(key) {
        return Err(SegmentAttributeError::Key(key.to_owned()));
    }
    match value {
        SegmentValue::String(_) => Ok(()),
        _ => Err(SegmentAttributeError::NotAString(key.to_owned())),
    }
}

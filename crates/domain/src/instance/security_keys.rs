//! The public keys that encrypt what customers enter on their keypads.
//!
//! The one rule: only the form is checked here, not the mathematics: nothing in the domain encrypts with the key.
//! Facts: *AssociateSecurityKey* (`Key` is PEM, at most 1,024 characters); RFC 7468 sections 2, 5 and 13 for PEM.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::associations::admit;
use crate::{
    Ids, ResourceId, Time,
    instance::{AssociationError, Family, Limits},
};

/// The longest key, in characters.
const KEY_MAX: usize = 1_024;

/// What the PEM block of a key may be called.
const LABELS: [&str; 3] = ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"];

/// A public key in PEM, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(String);

/// A key that an instance has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityKey {
    /// `AssociationId`.
    pub association_id: ResourceId,
    /// `Key`.
    pub key: PublicKey,
    /// `CreationTime`.
    pub created: Time,
}

/// Not a public key: an `InvalidParameterException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Key must be one public key in PEM format, at most {KEY_MAX} characters.")]
pub struct NotAPublicKey;

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`NotAPublicKey`].
    pub fn parse(text: &str) -> Result<Self, NotAPublicKey> {
        let is_key = |body: &str| {
            let body: String = body.split_ascii_whitespace().collect();
            is_base64(&body) && begins_a_sequence(&body)
        };
        let fits = text.len() <= KEY_MAX && LABELS.iter().any(|label| pem_body(text, label).is_some_and(is_key));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAPublicKey) }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same key, however their lines are broken.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        fn characters(key: &PublicKey) -> impl Iterator<Item = char> {
            key.0.chars().filter(|c| !c.is_ascii_whitespace())
        }
        characters(self).eq(characters(other))
    }
}

impl SecurityKey {
    /// The association of `key` with an instance that has `present`.
    ///
    /// # Errors
    /// [`AssociationError::AlreadyAssociated`] and [`AssociationError::QuotaExceeded`].
    pub fn associate(
        key: PublicKey,
        present: &[Self],
        limits: &Limits,
        now: Time,
        ids: &mut dyn Ids,
    ) -> Result<Self, AssociationError> {
        if let Some(same) = present.iter().find(|other| other.key.is_same(&key)) {
            return Err(AssociationError::AlreadyAssociated(same.to_string()));
        }
        admit(Family::SecurityKeys, present.len() as u64, limits)?;
        Ok(Self { association_id: ResourceId::new(ids), key, created: now })
    }
}

impl fmt::Display for SecurityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The security key {}", self.association_id)
    }
}

/// What stands between the first and last line of the one block in `text`.
fn pem_body<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.trim().strip_prefix(&format!("-----BEGIN {label}-----"))?.strip_suffix(&format!("-----END {label}-----"))
}

fn is_base64(body: &str) -> bool {
    let digits = body.trim_end_matches('=');
    !digits.is_empty()
        && body.len().is_multiple_of(4)
        && body.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Whether the first octet is that of an ASN.1 SEQUENCE, 0x30, as keys and certificates begin. In base64 that octet is
/// `M` and a digit below 16.
fn begins_a_sequence(body: &str) -> bool {
    matches!(body.as_bytes(), [b'M', b'A'..=b'P', ..])
}

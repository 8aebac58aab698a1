//! Ids of stages and of what belongs to them: short texts, as AWS makes them, not UUIDs.
//!
//! The one rule: an id sorts as its list is read. Records are listed in the order of their ids, so a session's id begins
//! with the time counted backwards (newest first), and a participant's with the time its token was made (oldest first).
//!
//! Facts: the ids in the samples of the Amazon IVS Real-Time API Reference and its command line examples, and the
//! patterns of the model.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Ids, Time};

/// In the order of their bytes, so that texts of equal length sort as the numbers they write.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The last digits of `number` in base 62, the most significant first.
pub(super) fn base62<const N: usize>(mut number: u128) -> [u8; N] {
    let mut text = [b'0'; N];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 62).unwrap_or_default()];
        number /= 62;
    }
    text
}

/// The text is no id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

macro_rules! short_id {
    ($($(#[$doc:meta])* $name:ident[$length:literal] begins $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                // It is made of ASCII only, here and in `from_str`.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let rest = text.strip_prefix($prefix).ok_or(NotAnId)?;
                if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    return Err(NotAnId);
                }
                text.as_bytes().try_into().map(Self).map_err(|_| NotAnId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

short_id! {
    /// A stage: the last part of its ARN, and the `topic` of its tokens.
    StageId[12] begins "",
    /// A public key, or an encoder, storage or ingest configuration: the last part of its ARN.
    ResourceId[12] begins "",
    /// One session of a stage.
    SessionId[16] begins "st-",
}

impl StageId {
    /// A fresh one.
    pub fn fresh(ids: &mut dyn Ids) -> Self {
        Self(base62(ids.next().as_u128()))
    }
}

impl ResourceId {
    /// A fresh one.
    pub fn fresh(ids: &mut dyn Ids) -> Self {
        Self(base62(ids.next().as_u128()))
    }
}

impl SessionId {
    /// A fresh one for a session that begins at `now`: it sorts before those of earlier sessions.
    pub fn fresh(now: Time, ids: &mut dyn Ids) -> Self {
        const LAST_MS: u128 = 62_u128.pow(8) - 1;
        let backwards: [u8; 8] = base62(LAST_MS.saturating_sub(millis(now)));
        let chance: [u8; 5] = base62(ids.next().as_u128());
        let mut text = [0; 16];
        text[..3].copy_from_slice(b"st-");
        text[3..11].copy_from_slice(&backwards);
        text[11..].copy_from_slice(&chance);
        Self(text)
    }
}

/// Somebody on a stage, and the `jti` of their token: made by us, or by whoever signs tokens with a key of their own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ParticipantId(String);

impl ParticipantId {
    /// The longest.
    pub const MAX: usize = 64;

    /// A fresh one for a token made at `now`: it sorts after those of earlier tokens.
    pub fn fresh(now: Time, ids: &mut dyn Ids) -> Self {
        let when: [u8; 7] = base62(millis(now));
        let chance: [u8; 5] = base62(ids.next().as_u128());
        Self([&when[..], &chance[..]].concat().into_iter().map(char::from).collect())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ParticipantId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let fits = (1..=Self::MAX).contains(&text.len());
        let is_id = fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_id { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
    }
}

impl<'de> Deserialize<'de> for ParticipantId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn millis(now: Time) -> u128 {
    u128::from(now.as_millis().max(0).unsigned_abs())
}

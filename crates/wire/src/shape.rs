//! Rust types of the models' simple shapes.

use std::collections::BTreeMap;

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

/// A map with text keys.
pub type Map<V> = BTreeMap<String, V>;

/// Bytes; base64 text inside JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

/// A moment in milliseconds since the Unix epoch, written as epoch seconds (a JSON number).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpochTimestamp(pub i64);

/// A moment in milliseconds since the Unix epoch, written as ISO 8601 text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IsoTimestamp(pub i64);

impl From<i64> for EpochTimestamp {
    fn from(millis: i64) -> Self {
        Self(millis)
    }
}

impl From<i64> for IsoTimestamp {
    fn from(millis: i64) -> Self {
        Self(millis)
    }
}

/// `2026-01-02T03:04:05.678Z`: exactly three decimals, as the Participant Service writes every time.
///
/// Moments outside the years 0 to 9999 are written as the epoch.
#[must_use]
pub fn iso_millis(millis: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(format)
        .unwrap_or_else(|_| "1970-01-01T00:00:00.000Z".to_owned())
}

/// Reads ISO 8601 text (RFC 3339 profile) to milliseconds since the Unix epoch.
#[must_use]
pub fn parse_iso(text: &str) -> Option<i64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?.to_offset(UtcOffset::UTC);
    i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// What every generated enum does besides `as_str`.
macro_rules! text_enum {
    ($name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or(())
            }
        }
        impl $crate::decode::Choice for $name {
            fn values() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.as_str()).collect()
            }
        }
        impl $crate::Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                self.as_str().encode(out);
            }
        }
    };
}
pub(crate) use text_enum;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_text_has_three_decimals_and_reads_back() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (1_767_323_045_000, "2026-01-02T03:04:05.000Z"),
        ] {
            assert_eq!(iso_millis(millis), text);
            assert_eq!(parse_iso(text), Some(millis));
        }
        assert_eq!(parse_iso("2026-01-02T05:04:05.678+02:00"), Some(1_767_323_045_678));
        assert_eq!(parse_iso("yesterday"), None);
    }
}

//! `Range` of a GET: which bytes a client wants (RFC 9110, section 14).
//!
//! The one rule: as S3 does, which the real URLs lead to. One range of bytes is given; several, another unit and what
//! cannot be read count as no range at all. Players need it to begin in the middle of a film.

use std::ops::Range;

/// What is to be given of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, of which there is at least one.
    Part(Range<u64>),
    /// Bytes that are not there.
    Nothing,
}

/// What the header asks for of so many bytes.
pub(super) fn wanted(header: Option<&str>, size_bytes: u64) -> Wanted {
    let Some((first, last)) = header.and_then(one_range) else { return Wanted::Whole };
    let range = match (first, last) {
        (Some(first), Some(last)) if last < first => return Wanted::Whole,
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size_bytes),
        (Some(first), None) => first..size_bytes,
        (None, Some(suffix)) => size_bytes.saturating_sub(suffix)..size_bytes,
        (None, None) => return Wanted::Whole,
    };
    if range.is_empty() { Wanted::Nothing } else { Wanted::Part(range) }
}

/// The two numbers of `bytes=FIRST-LAST`, either of which may be missing.
fn one_range(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    Some((number(first)?, number(last)?))
}

/// Nothing is `None`, and what is no number is not a range.
fn number(text: &str) -> Option<Option<u64>> {
    match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_given() {
        for (header, range) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-4", 2..5),
            ("bytes=2-99", 2..10),
            ("bytes=2-18446744073709551615", 2..10),
            ("bytes=9-", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
        ] {
            assert_eq!(wanted(Some(header), 10), Wanted::Part(range), "{header}");
        }
    }

    #[test]
    fn what_is_no_single_range_means_everything() {
        for header in ["bytes=4-2", "bytes=-", "bytes=0-1,3-4", "items=0-1", "bytes", "bytes=a-b", "bytes=+1-2", ""] {
            assert_eq!(wanted(Some(header), 10), Wanted::Whole, "{header}");
        }
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }

    #[test]
    fn what_is_not_there_cannot_be_given() {
        for header in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(wanted(Some(header), 10), Wanted::Nothing, "{header}");
        }
    }
}

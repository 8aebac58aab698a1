//! The date of a signature: ISO 8601 basic format, `20150830T123600Z`, or an HTTP date that is turned into it.

use std::fmt;

use time::{Date, Month, OffsetDateTime, Time, format_description::well_known::Rfc2822};

/// A moment and the way it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    seconds: i64,
    basic: [u8; 16],
}

impl Timestamp {
    /// Reads `X-Amz-Date` or `Date`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        parse_basic(text).or_else(|| OffsetDateTime::parse(text, &Rfc2822).ok().map(Self::from_moment))
    }

    /// Seconds since the Unix epoch; a time in no year of four digits is the epoch.
    pub(super) fn from_seconds(seconds: i64) -> Self {
        Self::from_moment(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// Seconds since the Unix epoch.
    pub(super) const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// `YYYYMMDDTHHMMSSZ`.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.basic
    }

    /// `YYYYMMDD`.
    pub(super) fn day(&self) -> &str {
        std::str::from_utf8(&self.basic[..8]).unwrap_or_default()
    }

    fn from_moment(moment: OffsetDateTime) -> Self {
        let utc = moment.to_offset(time::UtcOffset::UTC);
        let mut basic = *b"00000000T000000Z";
        let year = u32::try_from(utc.year()).unwrap_or_default();
        put(&mut basic[0..4], year);
        put(&mut basic[4..6], u32::from(u8::from(utc.month())));
        put(&mut basic[6..8], u32::from(utc.day()));
        put(&mut basic[9..11], u32::from(utc.hour()));
        put(&mut basic[11..13], u32::from(utc.minute()));
        put(&mut basic[13..15], u32::from(utc.second()));
        Self { seconds: utc.unix_timestamp(), basic }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.basic).unwrap_or_default())
    }
}

/// Writes `value` in decimal, filling `place` from the right.
fn put(place: &mut [u8], mut value: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let basic: [u8; 16] = text.as_bytes().try_into().ok()?;
    if basic[8] != b'T' || basic[15] != b'Z' {
        return None;
    }
    let number = |from: usize, to: usize| {
        basic[from..to]
            .iter()
            .try_fold(0_u16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
    };
    let small = |from: usize| number(from, from + 2).and_then(|value| u8::try_from(value).ok());
    let month = Month::try_from(small(4)?).ok()?;
    let date = Date::from_calendar_date(i32::from(number(0, 4)?), month, small(6)?).ok()?;
    let time = Time::from_hms(small(9)?, small(11)?, small(13)?).ok()?;
    Some(Timestamp { seconds: OffsetDateTime::new_utc(date, time).unix_timestamp(), basic })
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn reads_what_the_sdks_write() {
        let date = Timestamp::parse("20150830T123600Z").unwrap();
        assert_eq!((date.seconds(), date.day()), (1_440_938_160, "20150830"));
        assert_eq!(date.to_string(), "20150830T123600Z");
        assert_eq!(Timestamp::from_seconds(1_440_938_160), date);
        for http in ["Sun, 30 Aug 2015 12:36:00 GMT", "Sun, 30 Aug 2015 12:36:00 -0000"] {
            assert_eq!(Timestamp::parse(http), Some(date), "{http}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "20150830T123600",
            "20150830t123600z",
            "2015-08-30T12:36:00Z",
            "20151330T123600Z",
            "20150230T123600Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "+0150830T123600Z",
            "2015083éT12360Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}

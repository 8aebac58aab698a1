//! The time of day, for those who are told it.
//!
//! The one rule: nobody here looks at a clock. What the time of day was at one moment is given once; later it has gone on
//! by as much as moments have. So reports to a viewer never jump, whatever is done to the system's clock meanwhile.
//!
//! Source: RFC 3550 §4 (NTP timestamps: seconds since 1900 in 32 bits, and a fraction in 32 more).

use std::time::{Duration, Instant};

/// From the first of January 1900 to that of 1970.
const SECONDS_BEFORE_1970: u64 = 2_208_988_800;

/// What the time of day was at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// The moment.
    pub at: Instant,
    /// The time since the first of January 1970, UTC.
    pub since_1970: Duration,
}

impl TimeOfDay {
    /// As reports tell it.
    pub(crate) fn ntp(&self, now: Instant) -> u64 {
        let before = self.at.saturating_duration_since(now);
        let since = (self.since_1970 + now.saturating_duration_since(self.at)).saturating_sub(before);
        let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        // The seconds go round in 2036, as receivers expect.
        (since.as_secs() + SECONDS_BEFORE_1970) << 32 | fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    #[test]
    fn as_ntp_has_it() {
        // 2026-01-01T00:00:00Z is 3,976,214,400 seconds after 1900.
        let day = TimeOfDay { at: at_ms(1_000), since_1970: Duration::from_secs(1_767_225_600) };
        let cases = [(1_000, 3_976_214_400, 0), (2_250, 3_976_214_401, 1 << 30), (500, 3_976_214_399, 1 << 31)];
        for (ms, seconds, fraction) in cases {
            assert_eq!(day.ntp(at_ms(ms)), seconds << 32 | fraction, "at {ms} ms");
        }
    }
}

//! How often something may be done: so many times a second, and so many at once after a rest.
//!
//! The one rule: what is kept is one moment (the generic cell rate algorithm, ITU-T I.371), from which both the rate
//! and the burst follow; nothing has to be refilled.

use crate::Time;

/// A rate and the burst that is allowed on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    per_second: u32,
    burst: u32,
}

impl Rate {
    /// `per_second` times a second, and `burst` times at once after a rest. Neither is less than one.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second.max(1), burst: burst.max(1) }
    }
}

/// How much of a rate is used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meter {
    /// When all that was done would have been done at the plain rate, in microseconds since the Unix epoch.
    paid_until_us: i64,
}

impl Meter {
    /// Counts one more, unless it would be one too many at `now`.
    pub fn admit(&mut self, rate: Rate, now: Time) -> bool {
        let now_us = now.as_millis().saturating_mul(1_000);
        let each_us = 1_000_000 / i64::from(rate.per_second);
        let owed_us = self.paid_until_us.saturating_sub(now_us).max(0);
        if owed_us > each_us * (i64::from(rate.burst) - 1) {
            return false;
        }
        self.paid_until_us = now_us.saturating_add(owed_us + each_us);
        true
    }

    /// Whether it is as good as new at `now`.
    #[must_use]
    pub fn is_rested(&self, now: Time) -> bool {
        self.paid_until_us <= now.as_millis().saturating_mul(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(meter: &mut Meter, rate: Rate, at_ms: i64, asked: usize) -> usize {
        (0..asked).filter(|_| meter.admit(rate, Time(1_800_000_000_000 + at_ms))).count()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let (rate, mut meter) = (Rate::new(10, 15), Meter::default());
        assert_eq!(admitted(&mut meter, rate, 0, 100), 15);
        assert_eq!(admitted(&mut meter, rate, 99, 100), 0);
        assert_eq!(admitted(&mut meter, rate, 100, 100), 1);
        assert_eq!(admitted(&mut meter, rate, 600, 100), 5);
    }

    #[test]
    fn a_rest_restores_the_burst_and_no_more() {
        let (rate, mut meter) = (Rate::new(2, 5), Meter::default());
        assert_eq!(admitted(&mut meter, rate, 0, 100), 5);
        assert!(!meter.is_rested(Time(1_800_000_000_000)));
        assert!(meter.is_rested(Time(1_800_000_002_500)));
        assert_eq!(admitted(&mut meter, rate, 3_600_000, 100), 5);
    }

    #[test]
    fn whoever_keeps_the_rate_is_never_refused() {
        let (rate, mut meter) = (Rate::new(5, 1), Meter::default());
        assert!((0..1_000).all(|nth| admitted(&mut meter, rate, nth * 200, 1) == 1));
    }
}

//! How much a second brings, by a stream's own clock.
//!
//! The one rule: arrival does not count. What a network held back and then delivers at once is no more than was sent, so
//! frames a second and bits a second of a codec are told by the timestamps.
//!
//! Source: RFC 3550 §5.1 (timestamps).

/// What a stream amounts to over spans of its clock, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    rate_hz: u32,
    span_ticks: u32,
    /// The first and the newest timestamp of the present span.
    span: Option<(u32, u32)>,
    amount: u64,
}

impl Pace {
    /// Of a stream whose clock ticks so often a second, over so many seconds at a time.
    pub(crate) fn new(rate_hz: u32, seconds: u32) -> Self {
        Self { rate_hz, span_ticks: rate_hz * seconds, span: None, amount: 0 }
    }

    /// Whether a timestamp is later than all before it.
    pub(crate) fn is_news(&self, timestamp: u32) -> bool {
        self.span.is_none_or(|(_, newest)| self.leap(newest, timestamp) != Some(0))
    }

    /// Adds so much at that timestamp. At the end of a span: how much it was per second.
    pub(crate) fn add(&mut self, timestamp: u32, amount: u64) -> Option<u64> {
        let leap = self.span.and_then(|(first, newest)| Some((first, newest, self.leap(newest, timestamp)?)));
        let Some((first, newest, ahead)) = leap else {
            (self.span, self.amount) = (Some((timestamp, timestamp)), amount);
            return None;
        };
        let newest = newest.wrapping_add(ahead);
        let passed = newest.wrapping_sub(first);
        if passed < self.span_ticks {
            self.span = Some((first, newest));
            self.amount += amount;
            return None;
        }
        let per_second = self.amount * u64::from(self.rate_hz) / u64::from(passed);
        (self.span, self.amount) = (Some((newest, newest)), amount);
        Some(per_second)
    }

    /// How far a timestamp is ahead: 0 for one that is late, `None` for one that cannot belong to the same clock.
    fn leap(&self, newest: u32, timestamp: u32) -> Option<u32> {
        let ahead = timestamp.wrapping_sub(newest) as i32;
        (ahead.unsigned_abs() < self.span_ticks).then_some(ahead.max(0) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_second() {
        for (ticks, expected) in [(1_500, 60), (1_501, 59), (1_400, 64), (3_000, 30)] {
            let mut pace = Pace::new(90_000, 2);
            let told: Vec<_> = (0..200_u32).filter_map(|nth| pace.add((nth * ticks).wrapping_sub(9_999), 1)).collect();
            assert!(!told.is_empty() && told.iter().all(|rate| *rate == expected), "{ticks}: {told:?}");
        }
    }

    #[test]
    fn late_ones_are_no_news_and_another_clock_begins_anew() {
        let mut pace = Pace::new(48_000, 1);
        assert!(pace.is_news(0));
        pace.add(0, 10);
        pace.add(24_000, 10);
        assert!(!pace.is_news(24_000) && !pace.is_news(23_000) && pace.is_news(24_001));
        assert_eq!(pace.add(12_000, 10), None, "late, and counted all the same");
        assert_eq!(pace.add(48_000, 10), Some(30));
        assert!(pace.is_news(9_000_000));
        assert_eq!(pace.add(9_000_000, 10), None, "another clock");
        assert_eq!(pace.add(9_048_000, 10), None, "as far as a span is taken for another clock too");
    }
}

//! How many bits a second went by lately.
//!
//! The one rule: the answer is about a short time that the user of the meter chooses: a second for limits, which peaks
//! must hit, and more for layers, whose key frames must not make them look larger than they are.

use std::time::{Duration, Instant};

const BUCKET: Duration = Duration::from_millis(100);

/// Bits of the last `BUCKETS` tenths of a second.
#[derive(Debug)]
pub(crate) struct Meter<const BUCKETS: usize> {
    start: Instant,
    first: u64,
    newest: u64,
    bytes: [u32; BUCKETS],
}

impl<const BUCKETS: usize> Meter<BUCKETS> {
    pub(crate) fn new(now: Instant) -> Self {
        Self { start: now, first: 0, newest: 0, bytes: [0; BUCKETS] }
    }

    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        self.roll(now);
        let bucket = &mut self.bytes[self.newest as usize % BUCKETS];
        *bucket = bucket.saturating_add(bytes as u32);
    }

    /// Bits per second over that time, or over as long as it has been counting.
    pub(crate) fn bits_per_second(&mut self, now: Instant) -> u64 {
        self.roll(now);
        let counted = (self.newest - self.first + 1).min(BUCKETS as u64);
        let bits = self.bytes.iter().map(|bytes| u64::from(*bytes) * 8).sum::<u64>();
        bits * 1_000 / (counted.max(2) * BUCKET.as_millis() as u64)
    }

    fn roll(&mut self, now: Instant) {
        let bucket = (now.saturating_duration_since(self.start).as_millis() / BUCKET.as_millis()) as u64;
        if bucket <= self.newest {
            return;
        }
        if bucket - self.newest >= BUCKETS as u64 {
            // Silence all that time: what comes now is a new start, not an average with nothing.
            self.bytes = [0; BUCKETS];
            self.first = bucket;
        } else {
            for emptied in self.newest + 1..=bucket {
                self.bytes[emptied as usize % BUCKETS] = 0;
            }
        }
        self.newest = bucket;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    #[test]
    fn a_steady_stream() {
        let mut meter = Meter::<10>::new(at_ms(0));
        for ms in (0..3_000).step_by(10) {
            meter.add(at_ms(ms), 1_250);
        }
        let rate = meter.bits_per_second(at_ms(2_990));
        assert!((950_000..=1_050_000).contains(&rate), "{rate}");
    }

    #[test]
    fn what_stopped_is_forgotten() {
        let mut meter = Meter::<10>::new(at_ms(0));
        meter.add(at_ms(0), 100_000);
        assert!(meter.bits_per_second(at_ms(500)) > 0);
        assert_eq!(meter.bits_per_second(at_ms(1_500)), 0);
    }
}

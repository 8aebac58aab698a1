//! What is counted while a window is open, and the distribution of delays.

use std::time::Duration;

/// Steps within a doubling: a value is known to one percent or two.
const STEPS: u64 = 64;
const STEPS_LOG2: u32 = STEPS.ilog2();

/// Delays by length, each bucket a little longer than the one before.
#[derive(Clone, Default)]
pub(super) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    /// Counts a delay in nanoseconds.
    pub(super) fn add(&mut self, value_ns: u64) {
        let at = bucket(value_ns);
        if self.buckets.len() <= at {
            self.buckets.resize(at + 1, 0);
        }
        self.buckets[at] += 1;
        self.count += 1;
    }

    /// How many were counted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.buckets.resize(self.buckets.len().max(other.buckets.len()), 0);
        for (sum, count) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum += count;
        }
        self.count += other.count;
    }

    /// The delay that so large a part of all does not exceed, in milliseconds.
    pub(super) fn quantile_ms(&self, part: f64) -> f64 {
        let wanted = (self.count as f64 * part).ceil().max(1.0) as u64;
        let mut sum = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            sum += count;
            if sum >= wanted {
                return middle_ns(at) / 1e6;
            }
        }
        f64::NAN
    }

    /// The part of all that lies between two delays, in milliseconds.
    pub(super) fn share(&self, from_ms: f64, to_ms: f64) -> f64 {
        let inside = |at: usize| (from_ms..to_ms).contains(&(middle_ns(at) / 1e6));
        let sum: u64 = self.buckets.iter().enumerate().filter(|(at, _)| inside(*at)).map(|(_, count)| count).sum();
        sum as f64 / self.count.max(1) as f64
    }
}

/// Small values have a bucket each; then every doubling has as many as the one before.
fn bucket(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let shift = value.ilog2() - STEPS_LOG2;
    (u64::from(shift) * STEPS + (value >> shift)) as usize
}

fn middle_ns(bucket: usize) -> f64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket as f64;
    }
    let shift = bucket / STEPS - 1;
    let low = (bucket - shift * STEPS) << shift;
    low as f64 + (1_u64 << shift) as f64 / 2.0
}

/// What the clients count as they go.
#[derive(Clone, Default)]
pub(super) struct Tally {
    /// Packets of media that viewers got and opened.
    pub(super) delivered: u64,
    /// Packets that are not media: probes, and what was sent again.
    pub(super) beside: u64,
    /// Packets of media that could not be opened.
    pub(super) unopened: u64,
    /// Packets that publishers sent.
    pub(super) published: u64,
    /// From a publisher to the kernel of a viewer that was there when the window was opened.
    pub(super) delay: Histogram,
    /// How late the load itself sent its frames.
    pub(super) late: Histogram,
}

/// What a window brought.
#[derive(Clone, Default)]
pub(super) struct Window {
    pub(super) length: Duration,
    pub(super) tally: Tally,
    /// Viewers that were there when it was opened, and what they should have got and got.
    pub(super) viewers: u64,
    pub(super) expected: u64,
    pub(super) received: u64,
    /// How long viewers that came meanwhile waited for their first packet.
    pub(super) joins: Histogram,
    /// Viewers that came meanwhile and have got nothing.
    pub(super) waiting: u64,
}

impl Window {
    /// The part of the packets that did not come, by their numbers.
    pub(super) fn loss(&self) -> f64 {
        self.expected.saturating_sub(self.received) as f64 / self.expected.max(1) as f64
    }

    /// Adds another window of the same kind.
    pub(super) fn merge(&mut self, other: &Self) {
        self.length += other.length;
        self.viewers = self.viewers.max(other.viewers);
        self.expected += other.expected;
        self.received += other.received;
        self.waiting += other.waiting;
        self.joins.merge(&other.joins);
        let (sum, more) = (&mut self.tally, &other.tally);
        sum.delivered += more.delivered;
        sum.beside += more.beside;
        sum.unopened += more.unopened;
        sum.published += more.published;
        sum.delay.merge(&more.delay);
        sum.late.merge(&more.late);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_two_percent() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|value| histogram.add(value * 10_000));
        for (part, expected_ms) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            let found = histogram.quantile_ms(part);
            assert!((found / expected_ms - 1.0).abs() < 0.02, "{part}: {found} instead of {expected_ms}");
        }
        assert!((histogram.share(0.0, 5.0) - 0.5).abs() < 0.01);
    }

    #[test]
    fn every_value_lies_in_its_bucket() {
        for value in [0, 1, 63, 64, 65, 127, 128, 1_000, 123_456_789] {
            let middle = middle_ns(bucket(value));
            assert!((middle - value as f64).abs() <= value as f64 / 64.0, "{value}: {middle}");
        }
    }
}

//! At what rate data reach the receiver, by the receiver's clock.
//!
//! The one rule: a short window, since after a drop the rate must soon be the new one alone. libwebrtc takes 150 ms and
//! smooths; a stream of pictures comes in bursts 33 ms apart, so 300 ms without smoothing say as much.

const BUCKET_US: i64 = 20_000;
const BUCKETS: i64 = 15;
/// A rate over less than this is a guess.
const LEAST: i64 = 8;
const LATEST: i64 = 6;

/// Bytes of the last 300 ms.
#[derive(Debug, Default)]
pub(super) struct Acked {
    bytes: [u32; BUCKETS as usize],
    /// The bucket in which counting began, and the newest one.
    span: Option<(i64, i64)>,
}

impl Acked {
    pub(super) fn add(&mut self, arrival_us: i64, bytes: usize) {
        let bucket = arrival_us.div_euclid(BUCKET_US);
        let Some((first, newest)) = self.span else {
            self.bytes = [0; BUCKETS as usize];
            self.span = Some((bucket, bucket));
            return self.count(bucket, bytes);
        };
        if bucket - newest > 2 * BUCKETS || bucket < newest - 2 * BUCKETS {
            // After a silence, or a jump of the clock, an average would mean nothing.
            self.span = None;
            return self.add(arrival_us, bytes);
        }
        for emptied in newest + 1..=bucket {
            self.bytes[emptied.rem_euclid(BUCKETS) as usize] = 0;
        }
        let newest = newest.max(bucket);
        self.span = Some((first, newest));
        if bucket > newest - BUCKETS {
            self.count(bucket, bytes);
        }
    }

    fn count(&mut self, bucket: i64, bytes: usize) {
        let slot = &mut self.bytes[bucket.rem_euclid(BUCKETS) as usize];
        *slot = slot.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    /// `None` until there is enough to tell.
    pub(super) fn bits_per_second(&self) -> Option<f64> {
        let (first, newest) = self.span?;
        let buckets = (newest - first + 1).min(BUCKETS);
        (buckets >= LEAST).then(|| self.sum(newest, buckets))
    }

    /// The rate of the last moment alone: while a queue grows packets come evenly, and this is what the bottleneck
    /// lets through.
    pub(super) fn latest_bits_per_second(&self) -> Option<f64> {
        let (first, newest) = self.span?;
        // The newest bucket is not full yet.
        (newest - first > LATEST).then(|| self.sum(newest - 1, LATEST))
    }

    fn sum(&self, newest: i64, buckets: i64) -> f64 {
        let bytes = |bucket: i64| f64::from(self.bytes[bucket.rem_euclid(BUCKETS) as usize]);
        let bits = (0..buckets).map(|back| bytes(newest - back) * 8.0).sum::<f64>();
        bits * 1e6 / (buckets * BUCKET_US) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(acked: &mut Acked, from_ms: i64, to_ms: i64, bits_per_second: i64) {
        for ms in (from_ms..to_ms).step_by(5) {
            acked.add(ms * 1_000, (bits_per_second / 8 / 200) as usize);
        }
    }

    #[test]
    fn a_new_rate_is_known_after_the_window() {
        let mut acked = Acked::default();
        steady(&mut acked, -100, 20, 1_000_000);
        assert_eq!(acked.bits_per_second(), None);
        steady(&mut acked, 20, 1_000, 1_000_000);
        assert!((acked.bits_per_second().unwrap() / 1e6 - 1.0).abs() < 0.02);
        steady(&mut acked, 1_000, 1_320, 300_000);
        assert!((acked.bits_per_second().unwrap() / 3e5 - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_silence_is_not_averaged_in() {
        let mut acked = Acked::default();
        steady(&mut acked, 0, 1_000, 1_000_000);
        steady(&mut acked, 9_000, 9_100, 1_000_000);
        assert_eq!(acked.bits_per_second(), None);
        steady(&mut acked, 9_100, 9_400, 1_000_000);
        assert!((acked.bits_per_second().unwrap() / 1e6 - 1.0).abs() < 0.02);
    }
}

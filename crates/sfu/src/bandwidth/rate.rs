//! The rate that the delays allow: up while nothing speaks against it, down to what arrives when a queue grows.
//!
//! The one rule: nobody is believed to carry more than half as much again as was seen to arrive, unless a probe showed
//! it. What a probe showed stays, however little is sent afterwards: an SFU often sends less than a connection carries.
//!
//! Source: draft-ietf-rmcat-gcc-02 section 5.5 (increase by 8 % a second far from the rate at which queues began to grow
//! before, and by about a packet per response time near it; decrease to 0.85 of what arrives; hold while a queue drains).
//!
//! Otherwise than there: overuse counts only if packets do stand in a queue, and in a longer one while much less is sent
//! than the connection is believed to carry. Jitter alone would otherwise take the estimate down to the little that is
//! sent.

use super::delay::Usage;

const DECREASE: f64 = 0.85;
/// So that a long queue is gone in a second or two.
const DECREASE_TO_DRAIN: f64 = 0.75;
const DRAIN_QUEUE_MS: f64 = 200.0;
const INCREASE_PER_SECOND: f64 = 1.08;
const PROVEN: f64 = 1.5;
const PROVEN_MORE_BPS: f64 = 10_000.0;
const PACKET_BITS: f64 = 1_200.0 * 8.0;
/// Where a packet per response time is next to nothing, this share of the rate per second.
const NEAR_INCREASE: f64 = 0.02;
/// What the receiver and the detector need before they respond, besides the way there and back.
const RESPONSE_US: f64 = 100_000.0;
const DEFAULT_RTT_US: u64 = 200_000;
/// Below this share of the estimate a stream does not fill the connection.
const FILLS: f64 = 0.65;
/// Overuse counts from this queue on: less is noise.
const FILLED_QUEUE_MS: f64 = 8.0;
const QUEUE_MS: f64 = 20.0;
const LONG_QUEUE_MS: f64 = 100.0;
/// Between two decreases, so that the first can take effect.
const SETTLE_US: std::ops::RangeInclusive<u64> = 10_000..=200_000;

/// What an update goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signs {
    pub(super) usage: Usage,
    pub(super) queue_ms: f64,
    pub(super) acked_bps: Option<f64>,
    /// Of the last moment alone.
    pub(super) latest_bps: Option<f64>,
    pub(super) rtt_us: Option<u64>,
}

/// Increases, holds and decreases.
#[derive(Debug)]
pub(super) struct Rate {
    bps: f64,
    holds: bool,
    updated_us: Option<u64>,
    decreased_us: Option<u64>,
    capacity: Capacity,
}

impl Rate {
    pub(super) fn new(start_bps: f64) -> Self {
        Self { bps: start_bps, holds: false, updated_us: None, decreased_us: None, capacity: Capacity::default() }
    }

    pub(super) const fn bps(&self) -> f64 {
        self.bps
    }

    /// What was proven, or found out to be the most.
    pub(super) fn set(&mut self, bps: f64) {
        self.bps = bps;
        if self.capacity.is_below(bps) {
            self.capacity = Capacity::default();
        }
    }

    pub(super) const fn clamp(&mut self, least_bps: f64, most_bps: f64) {
        self.bps = self.bps.clamp(least_bps, most_bps);
    }

    /// Returns whether the rate was decreased.
    pub(super) fn update(&mut self, now_us: u64, signs: Signs) -> bool {
        let since_us = now_us.saturating_sub(self.updated_us.replace(now_us).unwrap_or(now_us)).min(1_000_000);
        match signs.usage {
            Usage::Over => return self.decrease(now_us, signs),
            Usage::Under => self.holds = true,
            Usage::Normal if self.holds => self.holds = false,
            Usage::Normal => self.increase(since_us as f64 / 1e6, signs),
        }
        false
    }

    fn increase(&mut self, seconds: f64, signs: Signs) {
        let Some(acked_bps) = signs.acked_bps else { return };
        if self.capacity.is_below(acked_bps) {
            self.capacity = Capacity::default();
        }
        let risen = if self.capacity.is_known() {
            let response_s = (signs.rtt_us.unwrap_or(DEFAULT_RTT_US) as f64 + RESPONSE_US) / 1e6;
            self.bps + seconds * (PACKET_BITS / response_s).max(self.bps * NEAR_INCREASE)
        } else {
            self.bps * INCREASE_PER_SECOND.powf(seconds)
        };
        let proven = acked_bps * PROVEN + PROVEN_MORE_BPS;
        self.bps = risen.min(proven).max(self.bps);
    }

    fn decrease(&mut self, now_us: u64, signs: Signs) -> bool {
        let Some(acked_bps) = signs.acked_bps else { return false };
        let fills = acked_bps > FILLS * self.bps;
        if signs.queue_ms < if fills { FILLED_QUEUE_MS } else { QUEUE_MS } {
            return false;
        }
        let settle_us = signs.rtt_us.unwrap_or(DEFAULT_RTT_US).clamp(*SETTLE_US.start(), *SETTLE_US.end());
        let settled = self.decreased_us.is_none_or(|at| now_us.saturating_sub(at) >= settle_us);
        if !settled && fills {
            return false;
        }
        // The longer window may reach back to before the drop.
        let queued = signs.queue_ms > LONG_QUEUE_MS;
        let acked_bps = signs.latest_bps.filter(|_| queued).map_or(acked_bps, |latest| latest.min(acked_bps));
        let factor = if signs.queue_ms > DRAIN_QUEUE_MS { DECREASE_TO_DRAIN } else { DECREASE };
        let mut reduced = acked_bps * factor;
        if reduced > self.bps {
            reduced = self.capacity.mean_bps().map_or(reduced, |mean| mean * DECREASE);
        }
        self.bps = reduced.min(self.bps);
        self.capacity.overused_at(acked_bps);
        self.decreased_us = Some(now_us);
        self.holds = true;
        true
    }
}

/// At which rate queues began to grow, in the mean, and how much that varies.
#[derive(Debug, Default)]
struct Capacity {
    /// Mean in kbit/s and the variance divided by it.
    known: Option<(f64, f64)>,
}

const NEW_SHARE: f64 = 0.05;
const FIRST_VARIANCE: f64 = 0.4;
const VARIANCE: std::ops::RangeInclusive<f64> = 0.4..=2.5;

impl Capacity {
    const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    fn mean_bps(&self) -> Option<f64> {
        self.known.map(|(mean, _)| mean * 1e3)
    }

    fn overused_at(&mut self, bps: f64) {
        let kbps = bps / 1e3;
        if self.known.is_some_and(|(mean, variance)| kbps < mean - 3.0 * (variance * mean).sqrt()) {
            self.known = None;
        }
        let (mean, variance) = self.known.unwrap_or((kbps, FIRST_VARIANCE));
        let mean = mean + NEW_SHARE * (kbps - mean);
        let deviation = (mean - kbps).powi(2) / mean.max(1.0);
        let variance = variance + NEW_SHARE * (deviation - variance);
        self.known = Some((mean, variance.clamp(*VARIANCE.start(), *VARIANCE.end())));
    }

    /// Whether this much shows that there is more room than there used to be.
    fn is_below(&self, bps: f64) -> bool {
        self.known.is_some_and(|(mean, variance)| bps / 1e3 > mean + 3.0 * (variance * mean).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn signs(usage: Usage, queue_ms: f64, acked_bps: f64) -> Signs {
        Signs { usage, queue_ms, acked_bps: Some(acked_bps), latest_bps: Some(acked_bps), rtt_us: Some(50_000) }
    }

    fn run(rate: &mut Rate, seconds: u64, signs: Signs) {
        let start_us = rate.updated_us.unwrap_or(0);
        for tenth in 1..=seconds * 10 {
            rate.update(start_us + tenth * 100_000, signs);
        }
    }

    #[test]
    fn half_as_much_again_as_arrives_is_the_most() {
        let mut rate = Rate::new(300_000.0);
        run(&mut rate, 60, signs(Usage::Normal, 0.0, 400_000.0));
        assert!((rate.bps() - 610_000.0).abs() < 1.0, "{}", rate.bps());
        rate.set(5e6);
        run(&mut rate, 60, signs(Usage::Normal, 0.0, 100_000.0));
        assert!((rate.bps() - 5e6).abs() < 1.0, "what a probe showed stays");
    }

    #[test]
    fn down_to_what_arrives_and_slowly_up_again() {
        let mut rate = Rate::new(1e6);
        run(&mut rate, 1, signs(Usage::Normal, 0.0, 9e5));
        assert!(rate.update(1_100_000, signs(Usage::Over, 80.0, 8e5)));
        assert!((rate.bps() - 6.8e5).abs() < 1.0);
        assert!(!rate.update(1_120_000, signs(Usage::Over, 80.0, 7e5)), "the first has not taken effect yet");
        run(&mut rate, 1, signs(Usage::Normal, 0.0, 6.8e5));
        assert!((6.85e5..7.6e5).contains(&rate.bps()), "{}", rate.bps());
    }

    #[test]
    fn jitter_does_not_take_the_estimate_from_one_who_sends_little() {
        let mut rate = Rate::new(2e6);
        assert!(!rate.update(0, signs(Usage::Over, 5.0, 2e5)));
        assert!((rate.bps() - 2e6).abs() < 1.0);
        assert!(rate.update(100_000, signs(Usage::Over, 90.0, 2e5)));
        assert!((rate.bps() - 1.7e5).abs() < 1.0);
    }
}

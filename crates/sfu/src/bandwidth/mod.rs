//! How much a viewer's connection carries, found out by the sender from the receiver's transport-wide feedback.
//!
//! The one rule: no clock, no sockets, nothing allocated after the start. [`Estimator`] is told what is sent and what is
//! reported, and says how much to send and when to try for more. It takes some nine kilobytes per viewer.
//!
//! Two estimates, and the smaller counts: what the delays allow ([`delay`], [`rate`]) and what the losses allow
//! ([`loss`]). [`probe`] raises the first beyond what is being sent, when more is desired.
//!
//! Sources: draft-ietf-rmcat-gcc-02 (delay and loss controllers); draft-holmer-rmcat-transport-wide-cc-extensions-01
//! (feedback); libwebrtc, where it went on from the drafts. Each module says where it goes another way.

mod acked;
mod delay;
mod feedback;
mod groups;
mod history;
mod loss;
mod probe;
mod rate;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

pub use feedback::{Arrival, Arrivals, Feedback};
pub use probe::Probe;

use acked::Acked;
use delay::{Delay, Usage};
use history::History;
use loss::Loss;
use probe::{Found, Prober, Received};
use rate::{Rate, Signs};

/// Not even sound gets through with less.
const LEAST_BPS: f64 = 20_000.0;
const MOST_BPS: f64 = 1e9;
const TICK_US: i64 = 250;
const REFERENCE_TICKS: i64 = 256;
const MOST_STEPS: i64 = 1 << 40;
/// With so many packets standing in queues, or so many lost, nothing is tried out.
const QUIET_QUEUE_MS: f64 = 60.0;
const QUIET_LOSS: f64 = 0.1;
/// Data under way of which nothing was heard for so long: something is wrong, and half as much is sent from then on.
const SILENCE_US: u64 = 1_500_000;

/// A guess that did no harm for so long may pass for an estimate.
const SURVIVED_US: u64 = 3_000_000;

/// The estimate for one viewer's connection.
#[derive(Debug)]
pub struct Estimator {
    epoch: Instant,
    history: History,
    clock: ReceiverClock,
    delay: Delay,
    acked: Acked,
    loss: Loss,
    rate: Rate,
    prober: Prober,
    rtt_us: Option<u64>,
    /// When the receiver was last heard of, or the first packet since was sent.
    heard_us: u64,
    first_heard_us: Option<u64>,
    is_proven: bool,
}

impl Estimator {
    /// `start_bps` is a guess, until something has been measured.
    pub fn new(start_bps: u64, now: Instant) -> Self {
        let start_bps = (start_bps as f64).clamp(LEAST_BPS, MOST_BPS);
        Self {
            epoch: now,
            history: History::new(),
            clock: ReceiverClock::default(),
            delay: Delay::new(),
            acked: Acked::default(),
            loss: Loss::new(0),
            rate: Rate::new(start_bps),
            prober: Prober::new(now, start_bps),
            rtt_us: None,
            heard_us: 0,
            first_heard_us: None,
            is_proven: false,
        }
    }

    /// Tells what one would like to be able to send. The connection is tried out for no more than that, and not at all
    /// before this was called.
    pub fn desire(&mut self, now: Instant, bits_per_second: u64) {
        let now_us = self.us(now);
        self.prober.desire(now_us, bits_per_second as f64, self.estimate());
    }

    /// A packet with this transport-wide number left: media, retransmission or padding. `bytes` are those of the
    /// datagram; estimates are in the same measure.
    pub fn on_sent(&mut self, now: Instant, sequence: u16, bytes: usize) {
        let now_us = self.us(now);
        if self.history.under_way_bytes() == 0 {
            self.heard_us = self.heard_us.max(now_us);
        }
        let index = self.history.sent(now_us, sequence, bytes, self.prober.current_id());
        self.prober.sent(now_us, index, bytes);
    }

    /// The receiver's report came.
    pub fn on_feedback(&mut self, now: Instant, feedback: &Feedback<'_>) {
        let now_us = self.us(now);
        self.heard_us = now_us;
        let first_us = *self.first_heard_us.get_or_insert(now_us);
        self.is_proven |= now_us.saturating_sub(first_us) >= SURVIVED_US;
        let base_us = self.clock.unwrap(feedback.reference());
        let mut newest_sent_us = None;
        for arrival in feedback.arrivals() {
            let Some(sent) = self.history.acknowledge(now_us, arrival.sequence) else { continue };
            let arrival_us = base_us + arrival.ticks * TICK_US;
            self.arrived(sent, arrival_us);
            newest_sent_us = newest_sent_us.max(Some(sent.sent_us));
        }
        if let Some(sent_us) = newest_sent_us {
            self.measure_rtt(now_us.saturating_sub(sent_us));
        }
        let range = (feedback.first(), feedback.count());
        let loss = &mut self.loss;
        let reported = self.history.reported(now_us, range, |missing| {
            // What a probe loses says something about the probe.
            if missing.cluster == 0 {
                loss.missing();
            }
        });
        let found = reported.and_then(|last| self.prober.reported(now_us, last));
        self.update(now_us, found);
    }

    fn arrived(&mut self, sent: history::Sent, arrival_us: i64) {
        let sent_us = sent.sent_us as i64;
        self.acked.add(arrival_us, sent.bytes);
        if sent.cluster != 0 {
            // The queue that a probe makes is meant, and no sign of overuse.
            return self.prober.received(sent.cluster, Received { sent_us, arrival_us, bytes: sent.bytes });
        }
        self.loss.came(sent.was_missing);
        self.delay.arrived(sent_us, arrival_us);
    }

    fn measure_rtt(&mut self, sample_us: u64) {
        // The receiver may wait before it reports: the smaller ones are closer to the truth.
        self.rtt_us =
            Some(self.rtt_us.map_or(sample_us, |rtt| sample_us.min(rtt + sample_us.saturating_sub(rtt) / 16)));
    }

    fn update(&mut self, now_us: u64, found: Option<Found>) {
        let acked_bps = self.acked.bits_per_second();
        let usage = self.delay.usage();
        let latest_bps = self.acked.latest_bits_per_second();
        let signs = Signs { usage, queue_ms: self.delay.queue_ms(), acked_bps, latest_bps, rtt_us: self.rtt_us };
        if self.rate.update(now_us, signs) {
            self.is_proven = true;
            self.prober.overused(now_us);
        } else if let Some(found) = found.filter(|_| usage != Usage::Over) {
            self.learn(found, acked_bps);
        }
        self.loss.update(now_us, self.rate.bps(), acked_bps);
        self.rate.clamp(LEAST_BPS, MOST_BPS);
    }

    fn learn(&mut self, found: Found, acked_bps: Option<f64>) {
        if !found.is_limit {
            self.loss.proven(found.bps);
        }
        if found.bps > self.rate.bps() {
            self.rate.set(found.bps);
        } else if found.is_limit && !self.is_proven {
            self.rate.set(found.bps.max(acked_bps.unwrap_or(0.0)));
        }
        self.is_proven = true;
    }

    /// How much may be sent now, in bits per second.
    pub fn estimate_bps(&self) -> u64 {
        self.estimate() as u64
    }

    fn estimate(&self) -> f64 {
        self.loss.bound_bps().map_or(self.rate.bps(), |bound| bound.min(self.rate.bps())).max(LEAST_BPS)
    }

    /// Whether something was measured yet; before, the estimate is the guess of the start.
    pub const fn is_measured(&self) -> bool {
        self.is_proven
    }

    /// Padding that should be sent now to try the connection out. To be called with every flush and at the
    /// [`Estimator::deadline`]; answers once per moment.
    pub fn poll_probe(&mut self, now: Instant) -> Option<Probe> {
        let now_us = self.us(now);
        self.mind_silence(now_us);
        let quiet = self.delay.usage() == Usage::Normal
            && self.delay.queue_ms() < QUIET_QUEUE_MS
            && self.loss.share() < QUIET_LOSS;
        self.prober.poll(now_us, self.estimate(), quiet)
    }

    fn mind_silence(&mut self, now_us: u64) {
        if self.history.under_way_bytes() == 0 || now_us.saturating_sub(self.heard_us) < SILENCE_US {
            return;
        }
        self.heard_us = now_us;
        self.rate.set(self.rate.bps() / 2.0);
        self.rate.clamp(LEAST_BPS, MOST_BPS);
        self.prober.overused(now_us);
    }

    /// When to call [`Estimator::poll_probe`] next at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let silence = (self.history.under_way_bytes() > 0).then_some(self.heard_us + SILENCE_US);
        let probe = self.prober.deadline_us(self.estimate());
        silence.into_iter().chain(probe).min().map(|us| self.epoch + Duration::from_micros(us))
    }

    /// From sending a packet to the report of it, as short as it was lately.
    pub fn rtt(&self) -> Option<Duration> {
        self.rtt_us.map(Duration::from_micros)
    }

    /// Of a thousand packets so many were lost lately.
    pub fn loss_permille(&self) -> u16 {
        (self.loss.share() * 1e3) as u16
    }

    /// How long packets are thought to stand in queues on the way.
    pub fn queue(&self) -> Duration {
        Duration::from_micros((self.delay.queue_ms() * 1e3) as u64)
    }

    /// Bytes that are under way, as far as is known.
    pub const fn under_way_bytes(&self) -> usize {
        self.history.under_way_bytes()
    }

    fn us(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.epoch).as_micros() as u64
    }
}

/// The receiver's clock, whose 24 bits of 64 ms wrap every twelve days.
#[derive(Debug, Default)]
struct ReceiverClock {
    last: Option<(u32, i64)>,
}

impl ReceiverClock {
    /// The time of a report in microseconds.
    fn unwrap(&mut self, reference: u32) -> i64 {
        let steps = match self.last {
            // Shifted up so that the sign of 24 bits is the sign of 32.
            Some((before, steps)) => steps + i64::from((reference.wrapping_sub(before) << 8) as i32 >> 8),
            None => i64::from(reference),
        };
        // Nobody stays for two thousand years; one who pretends to begins anew, before the numbers overflow.
        let steps = if steps.abs() < MOST_STEPS { steps } else { i64::from(reference) };
        self.last = Some((reference, steps));
        steps * REFERENCE_TICKS * TICK_US
    }
}

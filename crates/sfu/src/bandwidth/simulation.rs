//! A connection with a bottleneck, and at its ends a sender that goes by an [`Estimator`] and a receiver that reports
//! with real bytes, in simulated time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, Instant};

use super::{Estimator, Feedback};
use crate::testing::instant;

/// Numbers that look random and come again with the same seed (SplitMix64).
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn chance(&mut self, permille: u64) -> bool {
        self.below(1_000) < permille
    }
}

/// The way to the receiver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) capacity_bps: u64,
    pub(super) latency_ms: u64,
    pub(super) jitter_ms: u64,
    pub(super) loss_permille: u64,
    /// What the bottleneck holds before it drops.
    pub(super) queue_ms: u64,
    /// What others send over it, in bursts.
    pub(super) cross_bps: u64,
}

impl Link {
    pub(super) const fn of(capacity_bps: u64) -> Self {
        Self { capacity_bps, latency_ms: 20, jitter_ms: 2, loss_permille: 0, queue_ms: 600, cross_bps: 0 }
    }
}

/// What a sender would send if it could.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// An encoder that follows the estimate up to this rate.
    Adaptive(u64),
    /// A stream of this rate, whatever the estimate.
    Fixed(u64),
    /// The best of these layers that fits, as a selector chooses.
    Layers(&'static [u64]),
}

const STEP_US: u64 = 1_000;
const PACKET: u64 = 1_100;

pub(super) struct Simulation {
    pub(super) estimator: Estimator,
    pub(super) link: Link,
    pub(super) source: Source,
    pub(super) dice: Dice,
    pub(super) now_us: u64,
    /// The longest any packet waited in the queue in each tenth of a second.
    pub(super) queues_ms: Vec<u64>,
    pub(super) probe_bytes: u64,
    pub(super) media_bytes: u64,
    pub(super) feedback_every_ms: u64,
    free_us: u64,
    last_arrival_us: u64,
    sequence: u16,
    frame_us: u64,
    sound_us: u64,
    key_frame_us: u64,
    cross_us: u64,
    under_way: BinaryHeap<Reverse<(u64, u16)>>,
    received: BTreeMap<i64, u64>,
    next_report_us: u64,
    expected: i64,
    last_index: i64,
    reports: BinaryHeap<Reverse<(u64, Vec<u8>)>>,
}

impl Simulation {
    pub(super) fn new(seed: u64, start_bps: u64, link: Link, source: Source) -> Self {
        let mut dice = Dice(seed);
        let first = dice.next() as u16;
        Self {
            estimator: Estimator::new(start_bps, instant()),
            link,
            source,
            now_us: 0,
            queues_ms: Vec::new(),
            probe_bytes: 0,
            media_bytes: 0,
            feedback_every_ms: 100,
            free_us: 0,
            last_arrival_us: 0,
            sequence: first,
            frame_us: dice.below(33_000),
            sound_us: 0,
            key_frame_us: 0,
            cross_us: 0,
            under_way: BinaryHeap::new(),
            received: BTreeMap::new(),
            next_report_us: 100_000,
            expected: i64::from(first),
            last_index: i64::from(first),
            reports: BinaryHeap::new(),
            dice,
        }
    }

    pub(super) fn now(&self) -> Instant {
        instant() + Duration::from_micros(self.now_us)
    }

    pub(super) fn bps(&self) -> f64 {
        self.estimator.estimate_bps() as f64
    }

    pub(super) fn run_ms(&mut self, ms: u64) {
        for _ in 0..ms {
            self.step();
        }
    }

    /// Runs and returns the mean of the estimate.
    pub(super) fn mean_bps(&mut self, ms: u64) -> f64 {
        let sum: f64 = (0..ms)
            .map(|_| {
                self.step();
                self.bps()
            })
            .sum();
        sum / ms as f64
    }

    /// How many milliseconds pass until something is so.
    pub(super) fn time_ms(&mut self, most_ms: u64, mut is_so: impl FnMut(&Self) -> bool) -> u64 {
        for ms in 0..most_ms {
            if is_so(self) {
                return ms;
            }
            self.step();
        }
        most_ms
    }

    /// The longest wait in the queue from some moment on.
    pub(super) fn longest_queue_ms(&self, from_us: u64) -> u64 {
        self.queues_ms[(from_us / 100_000) as usize..].iter().copied().max().unwrap_or(0)
    }

    fn step(&mut self) {
        self.now_us += STEP_US;
        if self.now_us.is_multiple_of(100_000) || self.queues_ms.is_empty() {
            self.queues_ms.push(0);
        }
        self.cross_traffic();
        self.deliver();
        self.media();
        let now = self.now();
        if let Some(probe) = self.estimator.poll_probe(now) {
            let mut due = probe.due_bytes as u64;
            while due > 0 {
                let bytes = due.clamp(60, PACKET);
                self.probe_bytes += bytes;
                self.send(bytes);
                due = due.saturating_sub(bytes);
            }
        }
        assert!(self.estimator.poll_probe(now).is_none(), "asked once");
        assert!(self.estimator.deadline().is_none_or(|at| at > now), "a deadline that cannot be met");
    }

    fn media(&mut self) {
        let estimate = self.estimator.estimate_bps();
        let (rate, desired) = match self.source {
            Source::Adaptive(most) => (estimate.min(most), most * 3 / 2),
            Source::Fixed(bps) => (bps, bps),
            Source::Layers(layers) => {
                let fits = |layer: &&u64| **layer * 115 / 100 <= estimate;
                let layer = layers.iter().filter(fits).max().or(layers.first());
                (layer.copied().unwrap_or(0), layers.iter().max().map_or(0, |top| top * 3 / 2))
            }
        };
        self.estimator.desire(self.now(), desired);
        if self.now_us >= self.sound_us {
            self.sound_us += 20_000;
            self.send(120);
        }
        if self.now_us < self.frame_us {
            return;
        }
        self.frame_us += 33_333;
        let picture = rate.saturating_sub(48_000) / 30 / 8;
        let mut bytes = picture * (80 + self.dice.below(41)) / 100;
        if self.now_us >= self.key_frame_us {
            self.key_frame_us = self.now_us + 10_000_000;
            bytes *= 3;
        }
        self.media_bytes += bytes;
        while bytes > 0 {
            self.send(bytes.min(PACKET));
            bytes -= bytes.min(PACKET);
        }
    }

    fn cross_traffic(&mut self) {
        if self.link.cross_bps == 0 || self.now_us < self.cross_us {
            return;
        }
        // Packets at random times; three on average every 3 ms of the rate.
        let every_us = 1_200 * 8 * 1_000_000 / self.link.cross_bps;
        self.cross_us = self.now_us + self.dice.below(2 * every_us);
        let _ = self.through_bottleneck(1_200);
    }

    fn through_bottleneck(&mut self, bytes: u64) -> Option<u64> {
        let start_us = self.free_us.max(self.now_us);
        let waits_us = start_us - self.now_us;
        if waits_us > self.link.queue_ms * 1_000 {
            return None;
        }
        if let Some(longest) = self.queues_ms.last_mut() {
            *longest = (*longest).max(waits_us / 1_000);
        }
        self.free_us = start_us + bytes * 8 * 1_000_000 / self.link.capacity_bps;
        Some(self.free_us)
    }

    fn send(&mut self, bytes: u64) {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.estimator.on_sent(self.now(), sequence, bytes as usize);
        if self.dice.chance(self.link.loss_permille) {
            return;
        }
        let Some(through_us) = self.through_bottleneck(bytes) else { return };
        let jitter_us = self.dice.below(self.link.jitter_ms * 1_000 + 1);
        // A radio holds packets up, but does not turn them round.
        let arrival_us = (through_us + self.link.latency_ms * 1_000 + jitter_us).max(self.last_arrival_us);
        self.last_arrival_us = arrival_us;
        self.under_way.push(Reverse((arrival_us, sequence)));
    }

    fn deliver(&mut self) {
        while let Some(Reverse((at, sequence))) =
            self.under_way.peek().copied().filter(|Reverse((at, _))| *at <= self.now_us)
        {
            self.under_way.pop();
            let index = self.last_index + i64::from(sequence.wrapping_sub(self.last_index as u16) as i16);
            self.last_index = self.last_index.max(index);
            self.received.insert(index, at);
        }
        if self.now_us >= self.next_report_us {
            self.next_report_us = self.now_us + self.feedback_every_ms * 1_000;
            self.report();
        }
        while self.reports.peek().is_some_and(|Reverse((at, _))| *at <= self.now_us) {
            let Some(Reverse((_, bytes))) = self.reports.pop() else { return };
            let feedback = Feedback::parse(&bytes).expect("the simulation writes whole reports");
            self.estimator.on_feedback(self.now(), &feedback);
        }
    }

    fn report(&mut self) {
        let received = std::mem::take(&mut self.received);
        let (Some((first, _)), Some((last, _))) = (received.first_key_value(), received.last_key_value()) else {
            return;
        };
        let first = self.expected.min(*first);
        let statuses: Vec<_> = (first..=*last).map(|index| received.get(&index).copied()).collect();
        self.expected = last + 1;
        let bytes = write(first as u16, &statuses);
        if !self.dice.chance(self.link.loss_permille) {
            self.reports.push(Reverse((self.now_us + self.link.latency_ms * 1_000, bytes)));
        }
    }
}

/// A report of these packets, in vectors of two bits.
pub(super) fn write(first: u16, arrivals_us: &[Option<u64>]) -> Vec<u8> {
    // The receiver's clock began long ago, and will wrap soon.
    let shift_us = 0xff_ff00 * 64_000;
    let base = arrivals_us.iter().flatten().next().map_or(0, |at| (at + shift_us) / 64_000);
    let mut ticks = base * 256;
    let (mut symbols, mut deltas) = (Vec::new(), Vec::new());
    for at in arrivals_us {
        let Some(at) = at else {
            symbols.push(0_u16);
            continue;
        };
        let delta = ((at + shift_us) / 250) as i64 - ticks as i64;
        ticks = ticks.saturating_add_signed(delta);
        if let Ok(small) = u8::try_from(delta) {
            symbols.push(1);
            deltas.push(small);
        } else {
            symbols.push(2);
            deltas.extend((delta as i16).to_be_bytes());
        }
    }
    let mut bytes = vec![0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    bytes.extend(first.to_be_bytes());
    bytes.extend((arrivals_us.len() as u16).to_be_bytes());
    bytes.extend(&(base as u32).to_be_bytes()[1..]);
    bytes.push(0);
    for chunk in symbols.chunks(7) {
        let bits = chunk.iter().enumerate().fold(0xc000, |bits, (place, symbol)| bits | symbol << (12 - 2 * place));
        bytes.extend(bits.to_be_bytes());
    }
    bytes.extend(deltas);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let words = (bytes.len() / 4 - 1) as u16;
    bytes[2..4].copy_from_slice(&words.to_be_bytes());
    bytes
}

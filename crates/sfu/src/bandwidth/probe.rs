//! Trying a connection out: for a moment more is sent than is believed to get through, and one looks at how it arrives.
//!
//! The one rule: only for somebody who would use it. Nothing is tried while no more is desired than the estimate allows,
//! nor above what is desired. A probe that shows more is followed by a larger one at once; one that shows the limit makes
//! the next wait longer.
//!
//! Sources: draft-ietf-rmcat-gcc-02 names no probing; this follows libwebrtc's probe controller and bitrate estimator:
//! a few packets at an even rate, measured from the first to the last by both clocks; the smaller of the two rates
//! counts, a little less of it if the receiving one fell behind, and nothing if packets came much faster than they left.

use std::time::{Duration, Instant};

/// Padding to send now, as part of trying the connection out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The rate that is tried.
    pub target_bps: u64,
    /// So many bytes more are due now, in packets as large as the sender likes.
    pub due_bytes: usize,
    /// When the probe ends.
    pub until: Instant,
}

/// How long a probe lasts; a slow one longer, for it must have enough packets.
const LENGTH_US: u64 = 30_000;
const LONGEST_US: u64 = 120_000;
const FEWEST_PACKETS: u32 = 6;
const FEWEST_BYTES: u64 = 1_200;
/// A slower one says nothing that a single layer of picture could use.
const LEAST_BPS: f64 = 100_000.0;
/// Between two bursts of padding.
const STEP_US: u64 = 3_000;
/// No probe is of use before that much is missing.
const WORTHWHILE: f64 = 1.05;
const FIRST_FACTOR: f64 = 3.0;
const FACTOR: f64 = 2.0;
/// A probe that shows this much of its target did not find the limit.
const GOT_THROUGH: f64 = 0.7;
const SATURATED: f64 = 0.9;
const OF_SATURATED: f64 = 0.95;
/// Packets that come so much faster than they left were held up on the way, and tell nothing.
const BUNCHED: f64 = 2.0;
const ENOUGH_CAME: f64 = 0.8;
const FIRST_PAUSE_US: u64 = 2_000_000;
const LONGEST_PAUSE_US: u64 = 8_000_000;
const AFTER_OVERUSE_US: u64 = 1_000_000;
/// While the connection is not quiet enough.
const LOOK_AGAIN_US: u64 = 100_000;
/// A report that has not come by then will not come.
const GIVE_UP_US: u64 = 1_500_000;

/// A measured rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) bps: f64,
    /// The receiving side fell behind: this is the limit.
    pub(super) is_limit: bool,
}

/// One packet of a probe, as sent and received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub(super) sent_us: i64,
    pub(super) arrival_us: i64,
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Cluster {
    id: u8,
    target_bps: f64,
    started_us: u64,
    sent_bytes: u64,
    sent_packets: u32,
    /// Once it is whole: when, and the number of its last packet.
    closed_us: Option<u64>,
    last_index: u64,
    measure: Measure,
}

impl Cluster {
    fn planned_bytes(&self) -> u64 {
        ((self.target_bps * LENGTH_US as f64 / 8e6) as u64).max(FEWEST_BYTES)
    }

    fn length_us(&self) -> u64 {
        ((self.planned_bytes() as f64 * 8e6 / self.target_bps) as u64).clamp(LENGTH_US, LONGEST_US)
    }

    /// What should have been sent by now, beginning with one step.
    fn due_bytes(&self, now_us: u64) -> u64 {
        let elapsed_us = now_us.saturating_sub(self.started_us) + STEP_US;
        let due = (self.target_bps * elapsed_us as f64 / 8e6) as u64;
        due.min(self.planned_bytes()).saturating_sub(self.sent_bytes)
    }

    fn is_whole(&self, now_us: u64) -> bool {
        let elapsed_us = now_us.saturating_sub(self.started_us);
        self.sent_bytes >= self.planned_bytes() && self.sent_packets >= FEWEST_PACKETS
            || elapsed_us >= 2 * self.length_us()
    }
}

/// What came of a cluster.
#[derive(Debug, Default)]
struct Measure {
    packets: u32,
    bytes: usize,
    /// The first and the last to be sent, and the first and the last to come.
    sent: Option<(Received, Received)>,
    came: Option<(Received, Received)>,
}

impl Measure {
    fn take(&mut self, packet: Received) {
        self.packets += 1;
        self.bytes += packet.bytes;
        let span = |span: Option<(Received, Received)>, key: fn(&Received) -> i64| {
            let (mut first, mut last) = span.unwrap_or((packet, packet));
            if key(&packet) < key(&first) {
                first = packet;
            }
            if key(&packet) >= key(&last) {
                last = packet;
            }
            Some((first, last))
        };
        self.sent = span(self.sent, |packet| packet.sent_us);
        self.came = span(self.came, |packet| packet.arrival_us);
    }

    fn result(&self, sent_packets: u32) -> Option<Found> {
        if f64::from(self.packets) < ENOUGH_CAME * f64::from(sent_packets) || self.packets < FEWEST_PACKETS / 2 {
            return None;
        }
        let (first_sent, last_sent) = self.sent?;
        let (first_came, last_came) = self.came?;
        // The last packet's bytes left after the time that is measured, the first one's came before it.
        let sent_bps = rate(self.bytes - last_sent.bytes, last_sent.sent_us - first_sent.sent_us)?;
        let came_bps = rate(self.bytes - first_came.bytes, last_came.arrival_us - first_came.arrival_us)?;
        if came_bps > BUNCHED * sent_bps {
            return None;
        }
        let is_limit = came_bps < SATURATED * sent_bps;
        let bps = if is_limit { OF_SATURATED * came_bps } else { came_bps.min(sent_bps) };
        Some(Found { bps, is_limit })
    }
}

fn rate(bytes: usize, span_us: i64) -> Option<f64> {
    (span_us > 0).then(|| bytes as f64 * 8e6 / span_us as f64)
}

/// Decides when to try what.
#[derive(Debug)]
pub(super) struct Prober {
    epoch: Instant,
    desired_bps: f64,
    cluster: Option<Cluster>,
    last_id: u8,
    tries: u32,
    next_us: u64,
    pause_us: u64,
    /// What the next one tries, where that follows from the one before.
    next_bps: Option<f64>,
    asked_us: Option<u64>,
}

impl Prober {
    pub(super) const fn new(epoch: Instant, start_bps: f64) -> Self {
        Self {
            epoch,
            desired_bps: 0.0,
            cluster: None,
            last_id: 0,
            tries: 0,
            next_us: 0,
            pause_us: FIRST_PAUSE_US,
            next_bps: Some(start_bps * FIRST_FACTOR),
            asked_us: None,
        }
    }

    pub(super) fn desire(&mut self, now_us: u64, bps: f64, estimate_bps: f64) {
        if bps > self.desired_bps * WORTHWHILE && bps > estimate_bps * WORTHWHILE {
            // A new wish need not wait until old ones would have been tried again.
            self.pause_us = FIRST_PAUSE_US;
            self.next_us = self.next_us.min(now_us + FIRST_PAUSE_US);
        }
        self.desired_bps = bps;
    }

    /// A queue grows: this is not the time.
    pub(super) fn overused(&mut self, now_us: u64) {
        self.next_bps = None;
        self.pause_us = FIRST_PAUSE_US;
        self.next_us = self.next_us.clamp(now_us + AFTER_OVERUSE_US, now_us + FIRST_PAUSE_US);
    }

    /// The probe that a packet belongs to which is sent now; 0 is none.
    pub(super) fn current_id(&self) -> u8 {
        self.cluster.as_ref().filter(|cluster| cluster.closed_us.is_none()).map_or(0, |cluster| cluster.id)
    }

    pub(super) fn sent(&mut self, now_us: u64, index: u64, bytes: usize) {
        let Some(cluster) = self.cluster.as_mut().filter(|cluster| cluster.closed_us.is_none()) else { return };
        cluster.sent_bytes += bytes as u64;
        cluster.sent_packets += 1;
        cluster.last_index = index;
        if cluster.is_whole(now_us) {
            cluster.closed_us = Some(now_us);
        }
    }

    pub(super) fn received(&mut self, id: u8, packet: Received) {
        if let Some(cluster) = self.cluster.as_mut().filter(|cluster| cluster.id == id) {
            cluster.measure.take(packet);
        }
    }

    /// News came of all packets up to this one.
    pub(super) fn reported(&mut self, now_us: u64, last_index: u64) -> Option<Found> {
        let done = |cluster: &mut Cluster| cluster.closed_us.is_some() && last_index >= cluster.last_index;
        let cluster = self.cluster.take_if(done)?;
        // A burst of media that fell into it can make it look faster than was meant: on nobody's demand.
        let found = cluster.measure.result(cluster.sent_packets);
        let found = found.map(|found| Found { bps: found.bps.min(cluster.target_bps), ..found });
        self.plan(now_us, cluster.target_bps, found);
        found
    }

    fn plan(&mut self, now_us: u64, target_bps: f64, found: Option<Found>) {
        let through = found.filter(|found| !found.is_limit && found.bps >= GOT_THROUGH * target_bps);
        if let Some(found) = through {
            self.pause_us = FIRST_PAUSE_US;
            self.next_us = now_us;
            self.next_bps = Some(found.bps * FACTOR);
            return;
        }
        self.next_bps = None;
        self.next_us = now_us + self.pause_us;
        self.pause_us = (self.pause_us * 2).min(LONGEST_PAUSE_US);
    }

    /// What is due now. `may_start` is whether the connection is quiet enough to begin.
    pub(super) fn poll(&mut self, now_us: u64, estimate_bps: f64, may_start: bool) -> Option<Probe> {
        self.give_up(now_us);
        if self.cluster.is_none() && now_us >= self.next_us {
            if may_start {
                self.start(now_us, estimate_bps);
            } else {
                self.next_us = now_us + LOOK_AGAIN_US;
            }
        }
        // Once per moment: a sender that has nothing to send must not be asked for ever.
        if self.asked_us.replace(now_us) == Some(now_us) {
            return None;
        }
        let cluster = self.cluster.as_ref().filter(|cluster| cluster.closed_us.is_none())?;
        let due_bytes = cluster.due_bytes(now_us) as usize;
        let until = self.epoch + Duration::from_micros(cluster.started_us + cluster.length_us());
        (due_bytes > 0).then_some(Probe { target_bps: cluster.target_bps as u64, due_bytes, until })
    }

    fn give_up(&mut self, now_us: u64) {
        let Some(cluster) = &mut self.cluster else { return };
        if cluster.closed_us.is_none() && cluster.is_whole(now_us) {
            cluster.closed_us = Some(now_us);
        }
        let Some(closed_us) = cluster.closed_us else { return };
        if cluster.sent_packets == 0 {
            // There was nothing to send yet: that says nothing about the connection.
            self.cluster = None;
            self.tries -= 1;
            self.next_us = now_us + LOOK_AGAIN_US;
        } else if now_us.saturating_sub(closed_us) >= GIVE_UP_US {
            let target_bps = cluster.target_bps;
            self.cluster = None;
            self.plan(now_us, target_bps, None);
        }
    }

    fn wanted_bps(&self, estimate_bps: f64) -> Option<f64> {
        let more = self.desired_bps > estimate_bps * WORTHWHILE;
        // The first estimate is a guess: what it says is tried even if no more is desired.
        let untried = self.tries == 0 && self.desired_bps > 0.0;
        let target = self.next_bps.unwrap_or(estimate_bps * FACTOR).min(self.desired_bps).max(LEAST_BPS);
        (more || untried).then_some(target)
    }

    fn start(&mut self, now_us: u64, estimate_bps: f64) {
        let Some(target_bps) = self.wanted_bps(estimate_bps) else { return };
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        self.tries = self.tries.saturating_add(1);
        self.cluster = Some(Cluster {
            id: self.last_id,
            target_bps,
            started_us: now_us,
            sent_bytes: 0,
            sent_packets: 0,
            closed_us: None,
            last_index: 0,
            measure: Measure::default(),
        });
    }

    /// When to poll next.
    pub(super) fn deadline_us(&self, estimate_bps: f64) -> Option<u64> {
        let Some(cluster) = &self.cluster else {
            return self.wanted_bps(estimate_bps).map(|_| self.next_us);
        };
        Some(match cluster.closed_us {
            Some(at) => at + GIVE_UP_US,
            None => self.asked_us.map_or(cluster.started_us, |at| at + STEP_US),
        })
    }
}

//! What one viewer sees of a publisher's numbers: one unbroken stream, whatever it is made from.
//!
//! A viewer gets sound and picture each on one RTP stream, while the packets come from changing places: another
//! simulcast layer, another connection of the same publisher, again after a pause. A [`Rewriter`] gives every packet
//! the viewer's sequence number and timestamp, and knows the way back from the viewer's number to the packet, so that a
//! retransmission can be served from the publisher's ring.
//!
//! The one rule: what goes out is decided by the packet and by the stretches before it, never by the order of arrival
//! inside a stretch. Gaps and late packets of the publisher stay gaps and late packets for the viewer.
//!
//! Sources: RFC 3550 §5.1 (sequence numbers and timestamps), RFC 3711 §3.3.1 (a stream must start below 65,536, for
//! its receiver counts the wraps), RFC 7741 §4.2 (PictureID and its kin).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::packet::Packet;
use crate::payload::keyframe::Vp8Ids;

/// Stretches that are remembered. A viewer asks again for packets of the last second or two.
const STRETCHES_KEPT: usize = 16;

/// Where packets come from: the publisher's place and the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The publisher.
    pub source: crate::id::Key,
    /// Its layer, 0 being the smallest.
    pub layer: u8,
}

/// A packet's numbers for one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Extended sequence number.
    pub sequence: u64,
    /// Timestamp.
    pub timestamp: u32,
    /// By how many ticks that is later than it should be, since the time before was taken.
    pub late_ticks: u32,
    /// VP8's own numbers, when they differ from those in the payload.
    pub vp8: Option<Vp8Ids>,
}

/// A stretch that would have to begin this much before the end of the last one begins at that end instead.
const MOST_SQUEEZED_S: u32 = 1;
/// Where a stretch begins too early, its first frames are squeezed together to so small a part of their distance.
const SQUEEZE_SHIFT: u32 = 6;
/// So long after its beginning nobody asks for a stretch's first packets again.
const BEGINNING_S: u32 = 60;

/// Packets of one origin with the same shift of all numbers.
#[derive(Debug)]
struct Stretch {
    origin: Origin,
    /// The first number that belongs here, theirs and ours.
    first: u64,
    first_out: u64,
    /// The highest number that came by; for a stretch that is over, its end.
    highest: u64,
    times: Times,
    vp8: Vp8Shift,
}

/// How timestamps of a stretch are made.
#[derive(Clone, Copy, Debug)]
struct Times {
    shift: u32,
    /// The first one, theirs.
    first: u32,
    /// By how much the first one would be too early: in the time of what went out before. Time never goes back, so the
    /// first frames are later than they should be, each by less than the one before it, until all is as it should be.
    early_ticks: u32,
}

impl Times {
    fn late_ticks(self, timestamp: u32) -> u32 {
        let since = timestamp.wrapping_sub(self.first);
        self.early_ticks.saturating_sub(since - (since >> SQUEEZE_SHIFT))
    }

    fn out(self, timestamp: u32) -> u32 {
        timestamp.wrapping_add(self.shift).wrapping_add(self.late_ticks(timestamp))
    }
}

impl Stretch {
    fn out(&self, sequence: u64) -> u64 {
        self.first_out + (sequence - self.first)
    }
}

/// What is added to VP8's numbers, each in its own width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Vp8Shift {
    picture_id: u16,
    tl0_picture: u8,
    key_index: u8,
}

/// The last thing that went out, from which the next stretch goes on.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// As it should have been, and as it was sent.
    timestamp: u32,
    sent: u32,
    taken: Instant,
    vp8: Vp8Ids,
}

/// The numbers of one stream to one viewer.
#[derive(Debug)]
pub struct Rewriter {
    clock_rate_hz: u32,
    next: u64,
    last: Option<Last>,
    stretches: VecDeque<Stretch>,
}

impl Rewriter {
    /// A stream that will start at `first_sequence`.
    pub fn new(first_sequence: u16, clock_rate_hz: u32) -> Self {
        Self {
            clock_rate_hz,
            next: u64::from(first_sequence),
            last: None,
            stretches: VecDeque::with_capacity(STRETCHES_KEPT),
        }
    }

    /// Where packets come from now.
    pub fn origin(&self) -> Option<Origin> {
        self.stretches.back().map(|stretch| stretch.origin)
    }

    /// Goes on with packets of `origin`, from this one.
    pub fn switch(&mut self, origin: Origin, packet: &Packet) {
        let stretch = Stretch {
            origin,
            first: packet.sequence,
            first_out: self.next,
            highest: packet.sequence,
            times: self.next_times(packet),
            vp8: self.last.map_or_else(Vp8Shift::default, |last| vp8_shift(last.vp8, packet.vp8)),
        };
        self.push(stretch);
    }

    /// The viewer's numbers for a packet; `None` for one that has no place in its stream.
    pub fn forward(&mut self, origin: Origin, packet: &Packet) -> Option<Rewritten> {
        let current = self.stretches.back_mut()?;
        if current.origin != origin || packet.sequence < current.first {
            return self.forward_late(origin, packet);
        }
        let sequence = current.out(packet.sequence);
        let (timestamp, late_ticks) = (current.times.out(packet.timestamp), current.times.late_ticks(packet.timestamp));
        let vp8 = current.vp8.apply(packet.vp8);
        if packet.sequence >= current.highest {
            current.highest = packet.sequence;
            // Timestamps come round to the first one again.
            if packet.timestamp.wrapping_sub(current.times.first) > BEGINNING_S * self.clock_rate_hz {
                current.times.early_ticks = 0;
            }
            self.next = sequence + 1;
            let vp8 = vp8.unwrap_or(packet.vp8);
            self.last =
                Some(Last { timestamp: timestamp.wrapping_sub(late_ticks), sent: timestamp, taken: packet.taken, vp8 });
        }
        Some(Rewritten { sequence, timestamp, late_ticks, vp8 })
    }

    /// Leaves a packet out without a gap. Only the next one in order can be left out so; any other leaves its gap.
    pub fn skip(&mut self, origin: Origin, packet: &Packet) {
        let Some(current) = self.stretches.back() else { return };
        if current.origin != origin || packet.sequence != current.highest + 1 {
            return;
        }
        let (times, vp8) = (current.times, current.vp8);
        self.push(Stretch {
            origin,
            first: packet.sequence + 1,
            first_out: self.next,
            highest: packet.sequence,
            times,
            vp8,
        });
    }

    /// Which packet the viewer knows by this number.
    pub fn original(&self, sequence: u16) -> Option<(Origin, u64)> {
        let out = self.extend(sequence)?;
        let stretch = self.stretches.iter().rev().find(|stretch| stretch.first_out <= out)?;
        let theirs = stretch.first + (out - stretch.first_out);
        (theirs <= stretch.highest).then_some((stretch.origin, theirs))
    }

    /// The numbers that a packet had when it went out.
    pub fn again(&self, origin: Origin, packet: &Packet) -> Option<Rewritten> {
        let stretch = self.stretches.iter().rev().find(|stretch| stretch.holds(origin, packet.sequence))?;
        Some(stretch.rewrite(packet))
    }

    fn push(&mut self, stretch: Stretch) {
        if self.stretches.len() == STRETCHES_KEPT {
            self.stretches.pop_front();
        }
        self.stretches.push_back(stretch);
    }

    /// A late packet of a stretch that is over still fills its gap there.
    fn forward_late(&self, origin: Origin, packet: &Packet) -> Option<Rewritten> {
        let stretch = self.stretches.iter().rev().skip(1).find(|stretch| stretch.holds(origin, packet.sequence))?;
        Some(stretch.rewrite(packet))
    }

    /// The number closest below what goes out next that has these low 16 bits.
    fn extend(&self, sequence: u16) -> Option<u64> {
        let newest = self.next.checked_sub(1)?;
        let back = (newest as u16).wrapping_sub(sequence);
        newest.checked_sub(u64::from(back))
    }

    /// How a new stretch's timestamps are made: its first is as much later than the last one as it was taken later, so that
    /// timestamps stay tied to one clock over all changes.
    fn next_times(&self, packet: &Packet) -> Times {
        let first = packet.timestamp;
        let Some(last) = self.last else { return Times { shift: 0, first, early_ticks: 0 } };
        let later = self.ticks(packet.taken.saturating_duration_since(last.taken));
        let earlier = self.ticks(last.taken.saturating_duration_since(packet.taken));
        let exact = last.timestamp.wrapping_add(later).wrapping_sub(earlier);
        // Never back in time, even if the new layer's picture was taken before the last one that was sent.
        let least = last.sent.wrapping_add(1);
        let early_ticks = (least.wrapping_sub(exact) as i32).max(0) as u32;
        if early_ticks > MOST_SQUEEZED_S * self.clock_rate_hz {
            return Times { shift: least.wrapping_sub(first), first, early_ticks: 0 };
        }
        Times { shift: exact.wrapping_sub(first), first, early_ticks }
    }

    fn ticks(&self, duration: Duration) -> u32 {
        (duration.as_secs_f64() * f64::from(self.clock_rate_hz)).round() as u64 as u32
    }
}

impl Stretch {
    fn holds(&self, origin: Origin, sequence: u64) -> bool {
        self.origin == origin && (self.first..=self.highest).contains(&sequence)
    }

    fn rewrite(&self, packet: &Packet) -> Rewritten {
        Rewritten {
            sequence: self.out(packet.sequence),
            timestamp: self.times.out(packet.timestamp),
            late_ticks: self.times.late_ticks(packet.timestamp),
            vp8: self.vp8.apply(packet.vp8),
        }
    }
}

impl Vp8Shift {
    fn apply(self, ids: Vp8Ids) -> Option<Vp8Ids> {
        if self == Self::default() {
            return None;
        }
        Some(Vp8Ids {
            picture_id: ids.picture_id.map(|id| id.wrapping_add(self.picture_id) & 0x7fff),
            tl0_picture: ids.tl0_picture.map(|id| id.wrapping_add(self.tl0_picture)),
            key_index: ids.key_index.map(|id| id.wrapping_add(self.key_index) & 0x1f),
        })
    }
}

/// What must be added to the new layer's numbers so that they follow the last ones.
fn vp8_shift(last: Vp8Ids, new: Vp8Ids) -> Vp8Shift {
    let after = |last: Option<u16>, new: Option<u16>| match (last, new) {
        (Some(last), Some(new)) => last.wrapping_add(1).wrapping_sub(new),
        _ => 0,
    };
    Vp8Shift {
        picture_id: after(last.picture_id, new.picture_id),
        tl0_picture: after(last.tl0_picture.map(u16::from), new.tl0_picture.map(u16::from)) as u8,
        key_index: after(last.key_index.map(u16::from), new.key_index.map(u16::from)) as u8,
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;

//! The picture that is published: nothing to see, but VP8 by its looks.
//!
//! The one rule: 1.5 Mbit/s of 1200-byte packets in 30 frames a second, the packets of a frame all at once, as browsers
//! send them. A key frame is longer, and the frames after it pay for it. Each packet ends with the time at which it was
//! sent, by the clock that the kernel stamps arrivals with.
//!
//! Sources: RFC 7741 §4.2 (payload descriptor), RFC 6386 §9.1 (frame header).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::time::TimeSpec;

/// A whole RTP packet, header and all, before it is sealed.
pub(super) const PACKET_BYTES: usize = 1_200;
/// From one frame to the next.
pub(super) const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// The same on the RTP clock.
pub(super) const FRAME_TICKS: u32 = 3_000;
/// 1.5 Mbit/s in packets.
const PACKETS_PER_FRAME: f64 = 1_500_000.0 / 8.0 / PACKET_BYTES as f64 / 30.0;
const KEY_FRAME_PACKETS: usize = 10;
/// Frames that pay for a key frame are no shorter than this.
const SHORTEST_FRAME_PACKETS: usize = 3;
const MARK_BYTES: usize = 8;

/// What films.
pub(super) struct Camera {
    picture: u16,
    credit: f64,
    wants_key: bool,
}

/// What is to be sent at once.
pub(super) struct Frame {
    pub(super) packets: usize,
    key: bool,
    picture: u16,
}

impl Camera {
    pub(super) fn new() -> Self {
        Self { picture: 0, credit: 0.0, wants_key: true }
    }

    /// The next frame is to be a key frame.
    pub(super) fn want_key(&mut self) {
        self.wants_key = true;
    }

    pub(super) fn shoot(&mut self) -> Frame {
        self.picture = (self.picture + 1) & 0x7fff;
        self.credit += PACKETS_PER_FRAME;
        let key = std::mem::take(&mut self.wants_key);
        let packets = if key { KEY_FRAME_PACKETS } else { (self.credit as usize).max(SHORTEST_FRAME_PACKETS) };
        self.credit -= packets as f64;
        Frame { packets, key, picture: self.picture }
    }
}

impl Frame {
    /// Writes the payload of its packet at that place, but for the mark.
    pub(super) fn fill(&self, place: usize, payload: &mut [u8]) {
        let [high, low] = self.picture.to_be_bytes();
        // Extended, start of a partition or not; a picture number of 15 bits.
        payload[..4].copy_from_slice(&[if place == 0 { 0x90 } else { 0x80 }, 0x80, 0x80 | high, low]);
        if place > 0 {
            return;
        }
        // Shown, of 640×360 if it is a key frame; an interframe has the lowest bit set.
        let tag = [if self.key { 0x10 } else { 0x11 }, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
        let length = if self.key { tag.len() } else { 3 };
        payload[4..4 + length].copy_from_slice(&tag[..length]);
    }
}

/// Writes the time into the end of a payload.
pub(super) fn mark(payload: &mut [u8], time_ns: u64) {
    let from = payload.len() - MARK_BYTES;
    payload[from..].copy_from_slice(&time_ns.to_be_bytes());
}

/// The time at the end of a payload.
pub(super) fn read_mark(payload: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*payload.last_chunk()?))
}

/// The clock that the kernel stamps arrivals with, in nanoseconds.
pub(super) fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// A stamp of the kernel's, in nanoseconds.
pub(super) fn stamp_ns(stamp: TimeSpec) -> u64 {
    stamp.tv_sec() as u64 * 1_000_000_000 + stamp.tv_nsec() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_megabit_and_a_half_also_after_key_frames() {
        let mut camera = Camera::new();
        let mut packets = 0;
        for number in 0..300 {
            if number == 100 {
                camera.want_key();
            }
            packets += camera.shoot().packets;
        }
        assert_eq!(packets, 1_562);
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mut payload = [0; 100];
        mark(&mut payload, 1_763_700_000_123_456_789);
        assert_eq!(read_mark(&payload), Some(1_763_700_000_123_456_789));
    }
}

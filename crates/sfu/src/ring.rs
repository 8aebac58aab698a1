//! The last packets of one layer of a publisher, from which lost ones are sent again to whoever asks.
//!
//! The one rule: one ring per publisher's layer, however many viewers there are; a viewer costs it nothing.
//!
//! Sources: RFC 4585 §6.2.1 (generic NACK), RFC 4588 (retransmission).

use std::time::{Duration, Instant};

use crate::packet::Packet;

/// Packets by sequence number, the oldest overwritten.
#[derive(Debug)]
pub struct Ring {
    slots: Box<[Option<Packet>]>,
    keep: Duration,
}

impl Ring {
    /// Keeps at most `packets` (rounded up to a power of two), each for no longer than `keep`.
    pub fn new(packets: usize, keep: Duration) -> Self {
        Self { slots: (0..packets.max(1).next_power_of_two()).map(|_| None).collect(), keep }
    }

    fn slot(&self, sequence: u64) -> usize {
        (sequence as usize) & (self.slots.len() - 1)
    }

    /// Keeps a packet, unless a newer one has its place.
    pub fn push(&mut self, packet: &Packet) {
        let slot = self.slot(packet.sequence);
        if self.slots[slot].as_ref().is_some_and(|kept| kept.sequence > packet.sequence) {
            return;
        }
        self.slots[slot] = Some(packet.clone());
    }

    /// The packet with this number, if it is still here and not too old to be of use.
    pub fn get(&self, sequence: u64, now: Instant) -> Option<&Packet> {
        let packet = self.slots[self.slot(sequence)].as_ref()?;
        let fresh = now.saturating_duration_since(packet.arrival) <= self.keep;
        (packet.sequence == sequence && fresh).then_some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at_ms, packet};

    #[test]
    fn the_last_packets_are_kept() {
        let mut ring = Ring::new(3, Duration::from_secs(1));
        for sequence in 100..106 {
            ring.push(&packet(sequence));
        }
        let kept: Vec<_> = (98..108).filter(|sequence| ring.get(*sequence, at_ms(0)).is_some()).collect();
        assert_eq!(kept, [102, 103, 104, 105]);
    }

    #[test]
    fn a_very_late_packet_does_not_displace_a_newer_one() {
        let mut ring = Ring::new(4, Duration::from_secs(1));
        ring.push(&packet(104));
        ring.push(&packet(100));
        assert!(ring.get(104, at_ms(0)).is_some());
        assert!(ring.get(100, at_ms(0)).is_none());
    }

    #[test]
    fn an_old_packet_helps_nobody() {
        let mut ring = Ring::new(4, Duration::from_secs(1));
        ring.push(&packet(104));
        assert!(ring.get(104, at_ms(1_000)).is_some());
        assert!(ring.get(104, at_ms(1_001)).is_none());
    }
}

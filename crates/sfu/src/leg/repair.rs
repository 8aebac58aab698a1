//! How much is sent again.
//!
//! The one rule: who loses packets gets them again, but no viewer can make the server send much more than it sends
//! anyway. Of what was sent a share may be sent again; a packet asked for twice within one round trip is sent once.
//!
//! Source: RFC 4585 §6.2.1 and RFC 8085 §3.1 (a sender under loss must not send more and more); libwebrtc holds back
//! repeated requests for a round trip too.

use std::time::{Duration, Instant};

// AWS does not say: how much may be sent to a viewer again.
/// One byte again for so many sent: enough for a network that loses a fifth, where the rest is bandwidth estimation.
const SENT_PER_AGAIN: usize = 4;
/// What may be sent again at once: a key frame of many packets.
const MOST_CREDIT: usize = 96 * 1024;
/// Numbers remembered. A number that shares another's place costs one packet more than needed.
const REMEMBERED: usize = 256;
/// Before the round trip is known, and within these bounds once it is.
const USUAL_ROUND_TRIP: Duration = Duration::from_millis(60);
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(250);

/// What one viewer may have again.
#[derive(Debug)]
pub(super) struct Repairs {
    credit: usize,
    /// When a number was last sent again, by its low bits. None of it before the first loss.
    again: Vec<Option<(u16, Instant)>>,
}

impl Repairs {
    pub(super) fn new() -> Self {
        Self { credit: MOST_CREDIT / 2, again: Vec::new() }
    }

    /// So many bytes were sent for the first time.
    pub(super) fn earn(&mut self, bytes: usize) {
        self.credit = (self.credit + bytes / SENT_PER_AGAIN).min(MOST_CREDIT);
    }

    /// Whether a packet is sent again; then it counts as sent.
    pub(super) fn grant(&mut self, now: Instant, sequence: u16, bytes: usize, round_trip: Option<Duration>) -> bool {
        if bytes > self.credit {
            return false;
        }
        if self.again.is_empty() {
            self.again = vec![None; REMEMBERED];
        }
        let wait = round_trip.unwrap_or(USUAL_ROUND_TRIP).clamp(SHORTEST, LONGEST);
        let place = &mut self.again[usize::from(sequence) % REMEMBERED];
        if place.is_some_and(|(other, at)| other == sequence && now < at + wait) {
            return false;
        }
        *place = Some((sequence, now));
        self.credit -= bytes;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    #[test]
    fn once_per_round_trip() {
        let mut repairs = Repairs::new();
        let trip = Some(Duration::from_millis(50));
        let cases = [(0, 7, true), (10, 7, false), (10, 8, true), (49, 7, false), (50, 7, true), (51, 8, false)];
        for (ms, sequence, expected) in cases {
            assert_eq!(repairs.grant(at_ms(ms), sequence, 1_000, trip), expected, "{sequence} at {ms} ms");
        }
        assert!(repairs.grant(at_ms(51), 7 + 256, 1_000, trip), "another one in the same place");
    }

    #[test]
    fn a_share_of_what_is_sent() {
        let mut repairs = Repairs::new();
        let mut again = 0;
        for sequence in 0..60_000_u16 {
            repairs.earn(1_000);
            again += u32::from(repairs.grant(at_ms(u64::from(sequence)), sequence, 1_000, None));
        }
        assert!((15_000..15_100).contains(&again), "{again} of 60,000");
    }
}
